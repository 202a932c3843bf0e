import assert from "node:assert/strict";
import { InputArbiter } from "./input_arbiter.ts";
import type { MachineInput } from "./vdi.ts";

function arbiter(): { arbiter: InputArbiter; passed: MachineInput[] } {
  const passed: MachineInput[] = [];
  return { arbiter: new InputArbiter((input) => passed.push(input)), passed };
}

const key = (scancode: number, down: boolean) => ({ kind: "key", scancode, down }) as const;
const left = (down: boolean) => ({ kind: "button", button: "LEFT", down }) as const;

Deno.test("a key that two viewers hold comes up when the last lets go", () => {
  const { arbiter: both, passed } = arbiter();
  both.input(1, key(0x1e, true));
  both.input(2, key(0x1e, true));
  both.input(1, key(0x1e, false));
  assert.deepEqual(passed, [key(0x1e, true), key(0x1e, true)]);
  both.input(2, key(0x1e, false));
  assert.deepEqual(passed.at(-1), key(0x1e, false));
});

Deno.test("a button that two viewers hold goes down once and comes up once", () => {
  const { arbiter: both, passed } = arbiter();
  for (const down of [true, false]) for (const viewer of [1, 2]) both.input(viewer, left(down));
  assert.deepEqual(passed, [left(true), left(false)]);
});

Deno.test("a viewer that vanishes lets go of what it alone held", () => {
  const { arbiter: both, passed } = arbiter();
  both.input(1, key(0x2a, true));
  both.input(1, key(0x1e, true));
  both.input(1, left(true));
  both.input(2, key(0x2a, true));
  passed.length = 0;
  both.leave(1);
  assert.deepEqual(passed, [left(false), key(0x1e, false)]);
  both.leave(1);
  assert.equal(passed.length, 2);
});

Deno.test("steps of the wheel and releases of keys that nobody pressed pass", () => {
  const { arbiter: one, passed } = arbiter();
  const up = { kind: "button", button: "UP", down: true } as const;
  one.input(1, up);
  one.input(1, up);
  one.input(1, key(0x1e, false));
  assert.deepEqual(passed, [up, up, key(0x1e, false)]);
});
