import assert from "node:assert/strict";
import { rectOfSize } from "../../canvas/rect.ts";
import { createSurface } from "../../canvas/surface.ts";
import { comparePixels } from "./compare_pixels.ts";

Deno.test("comparePixels() finds every single pixel that differs, wherever the patch lies", () => {
  const surface = createSurface(100, 20, "32_xRGB", 10_000);
  for (const [left, span] of [[0, 100], [1, 9], [31, 2], [30, 70], [64, 7]] as const) {
    const area = { left, top: 3, right: left + span, bottom: 19 }, stride = span + 5, offset = 2;
    for (let y = area.top; y < area.bottom; y++) {
      for (let x = left; x < area.right; x++) {
        const pixels = new Uint32Array(offset + stride * 16).fill(9); // around the patch nothing is looked at
        for (let row = 0; row < 16; row++) pixels.fill(0, offset + row * stride, offset + row * stride + span);
        pixels[offset + (y - 3) * stride + x - left] = 0x010000;
        const found: number[][] = [];
        const difference = comparePixels(surface, { area, pixels, offset, stride }, (...edges) => found.push(edges));
        assert.deepEqual(found, [[x, y, x + 1, y + 1]]);
        assert.deepEqual(difference.bounds, { left: x, top: y, right: x + 1, bottom: y + 1 });
        const cell = (y - 3) * difference.columns + (x >> 5) - (left >> 5);
        assert.deepEqual([...difference.cells.keys()].filter((at) => difference.cells[at] === 1), [cell]);
      }
    }
  }
});

Deno.test("comparePixels() gives exact edges tile by tile", () => {
  const surface = createSurface(64, 32, "32_xRGB", 10_000), pixels = new Uint32Array(64 * 32);
  for (const [x, y] of [[3, 2], [20, 9], [63, 15], [40, 16]] as const) pixels[y * 64 + x] = 1;
  const found: number[][] = [];
  const patch = { area: rectOfSize(64, 32), pixels, offset: 0, stride: 64 };
  const { bounds } = comparePixels(surface, patch, (...edges) => found.push(edges));
  assert.deepEqual(found, [[3, 2, 21, 10], [63, 15, 64, 16], [40, 16, 41, 17]]);
  assert.deepEqual(bounds, { left: 3, top: 2, right: 64, bottom: 17 });
  const same = { ...patch, pixels: new Uint32Array(64 * 32) };
  assert.equal(comparePixels(surface, same, () => assert.fail("nothing differs")).bounds, null);
});
