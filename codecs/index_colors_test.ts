import assert from "node:assert/strict";
import { indexColors } from "./index_colors.ts";

Deno.test("indexColors() numbers colours in the order in which they come", () => {
  const { indexes, palette } = indexColors(Uint32Array.of(7, 7, 0xff000009, 7, 0xffffff, 9))!;
  assert.deepEqual([...indexes], [0, 0, 1, 0, 2, 1]);
  assert.deepEqual([...palette], [7, 9, 0xffffff]);
});

Deno.test("indexColors() takes 256 colours and no more", () => {
  const pixels = Uint32Array.from({ length: 1000 }, (_, i) => (i % 256) * 0x10101);
  const { indexes, palette } = indexColors(pixels)!;
  assert.equal(palette.length, 256);
  assert.ok(pixels.every((pixel, i) => palette[indexes[i]!] === pixel));
  pixels[999] = 0xabcdef;
  assert.equal(indexColors(pixels), null);
});
