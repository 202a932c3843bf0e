import assert from "node:assert/strict";
import { rectOfSize } from "../../canvas/rect.ts";
import { createSurface } from "../../canvas/surface.ts";
import { comparePixels } from "./compare_pixels.ts";
import { findMove } from "./find_move.ts";

const WIDTH = 320, HEIGHT = 240;

/** Colours that do not repeat. */
const noise = (x: number, y: number) => {
  const mixed = Math.imul(x * 7919 + y * 104729 + 1, 0x9e3779b1);
  return Math.imul(mixed ^ mixed >>> 15, 0x85ebca6b) >>> 8;
};

function find(before: (x: number, y: number) => number, after: (x: number, y: number) => number) {
  const surface = createSurface(WIDTH, HEIGHT, "32_xRGB", 100_000), pixels = new Uint32Array(WIDTH * HEIGHT);
  for (let i = 0; i < pixels.length; i++) {
    const x = i % WIDTH, y = Math.floor(i / WIDTH);
    surface.pixels[i] = before(x, y);
    pixels[i] = after(x, y);
  }
  const patch = { area: rectOfSize(WIDTH, HEIGHT), pixels, offset: 0, stride: WIDTH };
  return findMove(surface, patch, comparePixels(surface, patch, () => {}));
}

Deno.test("findMove() finds exactly what moved", () => {
  assert.deepEqual(find(noise, (x, y) => noise(x, y + 7)), {
    area: { left: 0, top: 0, right: WIDTH, bottom: HEIGHT - 7 },
    from: { x: 0, y: 7 },
  });
  const inside = (x: number, y: number) => x >= 64 && x < 288 && y >= 20 && y < 200;
  // Rows 20 to 29 would come from above the picture.
  assert.deepEqual(find(noise, (x, y) => inside(x, y) ? noise(x, y - 30) : noise(x, y)), {
    area: { left: 64, top: 30, right: 288, bottom: 200 },
    from: { x: 64, y: 0 },
  });
});

Deno.test("findMove() leaves alone what moved sideways, what is new, what is small and what is flat", () => {
  assert.equal(find(noise, (x, y) => noise(x + 7, y)), null);
  assert.equal(find(noise, (x, y) => noise(x, y + 5000)), null);
  assert.equal(find(noise, (x, y) => x < 60 && y < 60 ? noise(x, y + 7) : noise(x, y)), null);
  assert.equal(find(() => 1, () => 2), null);
  assert.equal(find(noise, noise), null);
});
