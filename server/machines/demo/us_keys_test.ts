import assert from "node:assert/strict";
import { Keyboard } from "./keyboard.ts";
import { keyName, keyStroke } from "./us_keys.ts";

function keyboard(...held: number[]): Keyboard {
  const made = new Keyboard();
  for (const scancode of held) made.key(scancode, true);
  return made;
}

Deno.test("keyStroke() types what a US keyboard bears", () => {
  const typed = (codes: number[], held: number[] = []) => codes.map((code) => keyStroke(code, keyboard(...held)));
  assert.deepEqual(typed([0x1e, 0x02, 0x0d, 0x1a, 0x28, 0x29, 0x2b, 0x35, 0x39]), [..."a1=['`\\/ "]);
  assert.deepEqual(typed([0x1e, 0x02, 0x0d, 0x1a, 0x28, 0x29, 0x2b, 0x35], [0x36]), [...'A!+{"~|?']);
  assert.deepEqual(typed([0x0e, 0x1c, 0xe01c, 0xe048]), ["Backspace", "Enter", "Enter", "Up"]);
  assert.deepEqual(typed([0x1e], [0x1d]), [null]);
});

Deno.test("keyStroke() obeys Caps Lock for letters and Num Lock for the keypad", () => {
  const caps = keyboard(0x3a), num = keyboard(0x45), shifted = keyboard(0x3a, 0x2a);
  assert.deepEqual([0x1e, 0x02].map((code) => keyStroke(code, caps)), ["A", "1"]);
  assert.deepEqual([0x1e, 0x02].map((code) => keyStroke(code, shifted)), ["a", "!"]);
  assert.deepEqual([0x47, 0x53, 0x4a].map((code) => keyStroke(code, num)), ["7", ".", "-"]);
  assert.deepEqual([0x47, 0x53, 0x4c].map((code) => keyStroke(code, keyboard())), ["Home", "Delete", null]);
});

Deno.test("keyName() names every key that it can", () => {
  assert.deepEqual([0x1e, 0x3b, 0x44, 0x57, 0x4f, 0xe01d, 0x7e].map(keyName), [
    ...["A", "F1", "F10", "F11", "Keypad 1", "Right Ctrl", "unknown"],
  ]);
});
