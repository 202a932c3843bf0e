import assert from "node:assert/strict";
import { flipRows } from "./flip_rows.ts";

Deno.test("flipRows() reverses an odd number of rows and keeps the middle one", () => {
  const pixels = Uint32Array.of(1, 2, 3, 4, 5, 6);
  flipRows(pixels, 2, 3);
  assert.deepEqual([...pixels], [5, 6, 3, 4, 1, 2]);
});

Deno.test("flipRows() reverses an even number of rows", () => {
  const pixels = Uint32Array.of(1, 2, 3, 4);
  flipRows(pixels, 1, 4);
  assert.deepEqual([...pixels], [4, 3, 2, 1]);
});

Deno.test("flipRows() leaves a single row alone", () => {
  const pixels = Uint32Array.of(7, 8, 9);
  flipRows(pixels, 3, 1);
  assert.deepEqual([...pixels], [7, 8, 9]);
});
