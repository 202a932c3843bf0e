import assert from "node:assert/strict";
import { DOM_KEYS } from "./dom_keys.ts";

Deno.test("DOM_KEYS has the keys of a US keyboard once each", () => {
  const codes = [...DOM_KEYS.values()].map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
  assert.equal(codes.length, 104);
  assert.deepEqual(DOM_KEYS.get(0x1e), { code: "KeyA", keyCode: 65, modifier: 0 });
  assert.deepEqual(DOM_KEYS.get(0x32), { code: "KeyM", keyCode: 77, modifier: 0 });
  assert.deepEqual(DOM_KEYS.get(0xe01d), { code: "ControlRight", keyCode: 17, modifier: 2 });
  assert.deepEqual(DOM_KEYS.get(0xe050), { code: "ArrowDown", keyCode: 40, modifier: 0 });
});
