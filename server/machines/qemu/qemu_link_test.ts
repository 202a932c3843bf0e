import assert from "node:assert/strict";
import { modesOf, uuidBytes } from "./qemu_link.ts";

Deno.test("mouse modes: the device in use says absolute, any mouse takes steps", () => {
  const mouse = { name: "PS/2", index: 2, current: false, absolute: false };
  const tablet = { name: "tablet", index: 3, current: true, absolute: true };
  assert.deepEqual(modesOf([tablet, mouse], false), { absolute: true, relative: true });
  assert.deepEqual(modesOf([tablet], false), { absolute: true, relative: false });
  const idle = [{ ...mouse, current: true }, { ...tablet, current: false }];
  assert.deepEqual(modesOf(idle, false), { absolute: false, relative: true });
  assert.deepEqual(modesOf(idle, true), { absolute: true, relative: true });
  for (const nonsense of [undefined, null, 5, {}, [], [null, 1, "x"]]) {
    assert.deepEqual(modesOf(nonsense, false), { absolute: false, relative: false });
  }
});

Deno.test("a UUID is its digits in order; zeros and nonsense are none", () => {
  assert.equal(uuidBytes("12345678-9ABC-def0-1234-56789abcdef0")?.toHex(), "123456789abcdef0123456789abcdef0");
  for (const none of ["00000000-0000-0000-0000-000000000000", "", "x".repeat(32), undefined, 7]) {
    assert.equal(uuidBytes(none), null);
  }
});
