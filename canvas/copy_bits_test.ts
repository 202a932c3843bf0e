import assert from "node:assert/strict";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing move
import { copyBits } from "./copy_bits.ts";
import type { Point, Rect } from "./rect.ts";
import { createSurface, type Surface } from "./surface.ts";

const rect = (left: number, top: number, right: number, bottom: number): Rect => ({ top, left, bottom, right });
const lowest = -(2 ** 31), highest = 2 ** 31 - 1;

function numbered(width: number, height: number): Surface {
  const surface = createSurface(width, height, "32_xRGB", 1000);
  for (let i = 0; i < surface.pixels.length; i++) surface.pixels[i] = i + 1;
  return surface;
}

/** What copyBits() has to do, pixel by pixel, from a picture of before. */
function moved(surface: Surface, box: Rect, clip: readonly Rect[] | null, srcPos: Point): number[] {
  const { width, height } = surface, before = surface.pixels.slice();
  const has = (r: Rect, x: number, y: number) => x >= r.left && x < r.right && y >= r.top && y < r.bottom;
  return [...before.keys()].map((i) => {
    const x = i % width, y = Math.floor(i / width);
    const fromX = x - box.left + srcPos.x, fromY = y - box.top + srcPos.y;
    const writes = has(box, x, y) && (clip === null || clip.some((r) => has(r, x, y)));
    return writes && has(rect(0, 0, width, height), fromX, fromY) ? before[fromY * width + fromX]! : before[i]!;
  });
}

Deno.test("copyBits() scrolls up and down", () => {
  const up = numbered(2, 3);
  copyBits(up, rect(0, 0, 2, 2), null, { x: 0, y: 1 });
  assert.deepEqual([...up.pixels], [3, 4, 5, 6, 5, 6]);
  const down = numbered(2, 3);
  copyBits(down, rect(0, 1, 2, 3), null, { x: 0, y: 0 });
  assert.deepEqual([...down.pixels], [1, 2, 1, 2, 3, 4]);
});

Deno.test("copyBits() reads pixels as they were, whatever the overlap, clip and coordinates", () => {
  const wild = fc.constantFrom(lowest, highest, -3, 0, 5, 15);
  const near = fc.tuple(fc.nat(9), fc.nat(9), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
    .map(([left, top, width, height]) => rect(left - 1, top - 1, left - 1 + width, top - 1 + height));
  const rects = fc.oneof(
    { weight: 9, arbitrary: near },
    { weight: 1, arbitrary: fc.tuple(wild, wild, wild, wild).map((edges) => rect(...edges)) },
  );
  const boxes = fc.oneof({ weight: 3, arbitrary: fc.constant(rect(1, 1, 11, 10)) }, { weight: 2, arbitrary: rects });
  const clips = fc.option(fc.array(rects, { minLength: 1, maxLength: 6 }), { nil: null, freq: 9 });
  const step = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -2, max: 4 }) }, { weight: 1, arbitrary: wild });
  const points = fc.record({ x: step, y: step });
  let changed = 0;
  fc.assert(
    fc.property(boxes, clips, points, (box, clip, srcPos) => {
      const surface = numbered(12, 11);
      const wanted = moved(surface, box, clip, srcPos);
      const before = [...surface.pixels];
      const region = copyBits(surface, box, clip, srcPos);
      assert.deepEqual([...surface.pixels], wanted);
      const touched = new Set<number>();
      for (let i = 0; i < region.length; i += 4) {
        for (let y = region[i + 1]!; y < region[i + 3]!; y++) {
          for (let x = region[i]!; x < region[i + 2]!; x++) touched.add(y * 12 + x);
        }
      }
      wanted.forEach((pixel, i) => assert(pixel === before[i] || touched.has(i)));
      if (region.length > 4) changed++;
    }),
    { numRuns: 3000, seed: 1 },
  );
  assert(changed > 1000, `${changed} moves of several boxes`);
});

Deno.test("copyBits() onto its own place touches nothing", () => {
  const surface = numbered(3, 3);
  assert.equal(copyBits(surface, rect(1, 1, 3, 3), null, { x: 1, y: 1 }).length, 0);
});
