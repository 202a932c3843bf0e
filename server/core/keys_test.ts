import assert from "node:assert/strict";
import { bytesOfCode, KeyReader } from "./keys.ts";

Deno.test("KeyReader reads plain, extended and Pause keys, in any split", () => {
  const bytes = [0x1e, 0x9e, 0xe0, 0x48, 0xe0, 0xc8, 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5];
  const expected = [
    { scancode: 0x1e, down: true },
    { scancode: 0x1e, down: false },
    { scancode: 0xe048, down: true },
    { scancode: 0xe048, down: false },
    { scancode: 0xe046, down: true },
    { scancode: 0xe046, down: false },
  ];
  assert.deepEqual(new KeyReader().read(bytes), expected);
  const reader = new KeyReader();
  assert.deepEqual(bytes.flatMap((byte) => reader.read([byte])), expected);
});

Deno.test("KeyReader passes over bytes that are no key", () => {
  assert.deepEqual(new KeyReader().read([0x00, 0x80, 0xe0, 0x00, 0x1e]), [{ scancode: 0x1e, down: true }]);
});

Deno.test("bytesOfCode() ends at the first byte that is 0", () => {
  assert.deepEqual(bytesOfCode(0x1e), [0x1e]);
  assert.deepEqual(bytesOfCode(0xc8e0), [0xe0, 0xc8]);
  assert.deepEqual(bytesOfCode(0), []);
  assert.deepEqual(bytesOfCode(0x451d9de1), [0xe1, 0x9d, 0x1d, 0x45]);
});
