import assert from "node:assert/strict";
import { intersectRects, isEmptyRect, type Rect, rectOfSize, uniteRects } from "./rect.ts";

const rect = (left: number, top: number, right: number, bottom: number): Rect => ({ top, left, bottom, right });

Deno.test("intersectRects() gives the shared pixels", () => {
  assert.deepEqual(intersectRects(rect(0, 0, 10, 10), rect(5, -3, 20, 4)), rect(5, 0, 10, 4));
});

Deno.test("intersectRects() of rectangles that only touch is empty", () => {
  assert(isEmptyRect(intersectRects(rect(0, 0, 5, 5), rect(5, 0, 9, 5))));
  assert(isEmptyRect(intersectRects(rect(0, 0, 5, 5), rect(0, 5, 5, 9))));
});

Deno.test("intersectRects() holds at the ends of int32", () => {
  const all = rect(-(2 ** 31), -(2 ** 31), 2 ** 31 - 1, 2 ** 31 - 1);
  assert.deepEqual(intersectRects(all, rectOfSize(3, 4)), rect(0, 0, 3, 4));
});

Deno.test("isEmptyRect() takes crossed edges for empty", () => {
  assert(isEmptyRect(rect(5, 0, 4, 1)));
  assert(isEmptyRect(rect(0, 1, 1, 0)));
  assert(!isEmptyRect(rect(0, 0, 1, 1)));
});

Deno.test("uniteRects() goes around both and ignores empty ones", () => {
  assert.deepEqual(uniteRects(rect(0, 0, 1, 1), rect(5, 6, 7, 8)), rect(0, 0, 7, 8));
  assert.deepEqual(uniteRects(rect(9, 9, 9, 9), rect(5, 6, 7, 8)), rect(5, 6, 7, 8));
  assert.deepEqual(uniteRects(rect(5, 6, 7, 8), rect(100, 0, 0, 100)), rect(5, 6, 7, 8));
});
