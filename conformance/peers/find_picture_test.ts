import assert from "node:assert/strict";
import { findPicture } from "./find_picture.ts";

const WHOLE = { width: 4, height: 3, pixels: Uint32Array.of(1, 1, 1, 2, 1, 1, 2, 3, 1, 2, 3, 4) };
const picture = (width: number, ...pixels: number[]) => ({
  width,
  height: pixels.length / width,
  pixels: Uint32Array.from(pixels),
});

Deno.test("findPicture() finds the first place that shows all pixels", () => {
  assert.deepEqual(findPicture(WHOLE, picture(2, 1, 2, 2, 3)), { x: 2, y: 0 });
  assert.deepEqual(findPicture(WHOLE, picture(2, 2, 3, 3, 4)), { x: 2, y: 1 });
  assert.deepEqual(findPicture(WHOLE, WHOLE), { x: 0, y: 0 });
});

Deno.test("findPicture() looks at colours only", () => {
  assert.deepEqual(findPicture(WHOLE, picture(1, 0xff000004)), { x: 3, y: 2 });
});

Deno.test("findPicture() finds nothing across edges, and nothing larger", () => {
  assert.equal(findPicture(WHOLE, picture(2, 2, 1)), null);
  assert.equal(findPicture(WHOLE, picture(5, 1, 1, 1, 2, 1)), null);
});
