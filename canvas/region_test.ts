import assert from "node:assert/strict";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing region
import type { Rect } from "./rect.ts";
import { CanvasError } from "./errors.ts";
import { clipRegion } from "./region.ts";

const rect = (left: number, top: number, right: number, bottom: number): Rect => ({ top, left, bottom, right });
const lowest = -(2 ** 31), highest = 2 ** 31 - 1;
const everything = rect(lowest, lowest, highest, highest);

Deno.test("clipRegion() without a clip is the box inside the surface", () => {
  assert.deepEqual([...clipRegion(10, 8, rect(-5, 2, 4, 99), null)], [0, 2, 4, 8]);
  assert.deepEqual([...clipRegion(10, 8, everything, null)], [0, 0, 10, 8]);
});

Deno.test("clipRegion() of a box outside, empty or crossed has no boxes", () => {
  for (
    const box of [
      rect(10, 0, 20, 8),
      rect(0, 8, 10, 9),
      rect(-9, 0, 0, 8),
      rect(3, 3, 3, 5),
      rect(5, 5, 3, 3),
      rect(highest, highest, lowest, lowest),
    ]
  ) assert.equal(clipRegion(10, 8, box, null).length, 0);
});

Deno.test("clipRegion() with an empty list clips all away", () => {
  assert.equal(clipRegion(10, 8, everything, []).length, 0);
  assert.equal(clipRegion(10, 8, everything, [rect(4, 4, 4, 9), rect(20, 0, 30, 8)]).length, 0);
});

Deno.test("clipRegion() cuts overlapping rectangles into bands and joins equal ones", () => {
  assert.deepEqual(
    [...clipRegion(10, 10, everything, [rect(0, 0, 4, 4), rect(2, 2, 6, 6)])],
    [[0, 0, 4, 2], [0, 2, 6, 4], [2, 4, 6, 6]].flat(),
  );
  assert.deepEqual(
    [...clipRegion(10, 10, everything, [rect(0, 0, 4, 3), rect(0, 3, 4, 5), rect(0, 1, 4, 2)])],
    [0, 0, 4, 5],
  );
  // Equal bands with a gap between them stay apart.
  assert.deepEqual([...clipRegion(9, 9, everything, [rect(0, 0, 4, 1), rect(0, 2, 4, 3)])], [0, 0, 4, 1, 0, 2, 4, 3]);
});

Deno.test("clipRegion() covers each pixel of the clip once and no other, in band order", () => {
  const edge = fc.oneof(fc.integer({ min: -3, max: 23 }), fc.constantFrom(lowest, highest));
  const rects = fc.array(fc.tuple(edge, edge, edge, edge), { maxLength: 12 });
  fc.assert(
    fc.property(fc.tuple(edge, edge, edge, edge), rects, (b, list) => {
      const box = rect(...b), clip = list.map((r) => rect(...r));
      const region = clipRegion(20, 20, box, clip);
      const covered = new Uint8Array(400);
      for (let i = 0; i < region.length; i += 4) {
        const left = region[i]!, top = region[i + 1]!, right = region[i + 2]!, bottom = region[i + 3]!;
        assert(left < right && top < bottom);
        for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) covered[y * 20 + x]!++;
        if (i > 0) {
          const sameBand = region[i - 3] === top && region[i - 1] === bottom;
          assert(sameBand ? region[i - 2]! < left : region[i - 1]! <= top, String([...region]));
        }
      }
      const has = (r: Rect, x: number, y: number) => x >= r.left && x < r.right && y >= r.top && y < r.bottom;
      for (let y = 0; y < 20; y++) {
        for (let x = 0; x < 20; x++) {
          const wanted = has(box, x, y) && clip.some((r) => has(r, x, y));
          assert.equal(covered[y * 20 + x], wanted ? 1 : 0, `${x},${y}`);
        }
      }
    }),
    { numRuns: 1000, seed: 1 },
  );
});

Deno.test("clipRegion() stays in bounds with very many rectangles", () => {
  // 200 000 rectangles over everything: a pairwise cut would need 4 × 10^10 steps.
  const clip = Array.from({ length: 200_000 }, (_, i) => rect(i % 97, i % 89, 640 - i % 101, 480 - i % 103));
  assert.deepEqual([...clipRegion(640, 480, everything, [...clip, rect(0, 0, 640, 480)])], [0, 0, 640, 480]);
});

Deno.test("clipRegion() refuses stripes that cross into more boxes than memory should hold", () => {
  const crossing = (stripes: number) => {
    const clip: Rect[] = [];
    for (let i = 0; i < stripes; i++) {
      clip.push(rect(2 * i, 0, 2 * i + 1, 8192), rect(8191, 2 * i, 8192, 2 * i + 1));
    }
    return clipRegion(8192, 8192, rect(0, 0, 8192, 8192), clip);
  };
  assert.equal(crossing(512).length / 4, 512 * (2 * 512 + 1));
  assert.throws(() => crossing(4096), (error) => error instanceof CanvasError && error.code === "unsupported");
});
