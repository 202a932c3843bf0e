import assert from "node:assert/strict";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing sequence
import { intersectRects, isEmptyRect, type Point, type Rect, rectOfSize } from "../../canvas/rect.ts";
import { DirtyRegion } from "./dirty_region.ts";

const rect = (left: number, top: number, right: number, bottom: number): Rect => ({ top, left, bottom, right });
const area = (r: Rect) => (r.right - r.left) * (r.bottom - r.top);

/** Everything that is lacking, in the order in which it is taken. */
function takeAll(region: DirtyRegion, maxPixels = Infinity): Rect[] {
  const taken: Rect[] = [];
  for (let next = region.take(maxPixels); next !== null; next = region.take(maxPixels)) taken.push(next);
  return taken;
}

Deno.test("DirtyRegion gives back what was added, as one rectangle", () => {
  const region = new DirtyRegion(1920, 1080);
  for (const one of [rect(0, 0, 1920, 1080), rect(7, 3, 8, 4), rect(100, 50, 903, 77), rect(640, 0, 642, 1080)]) {
    region.add(one);
    assert.equal(region.pixels, area(one));
    assert.deepEqual(takeAll(region), [one]);
    assert(region.isEmpty && region.pixels === 0);
  }
  region.add(rect(-50, 1070, 10, 5000));
  assert.deepEqual(takeAll(region), [rect(0, 1070, 10, 1080)]);
  region.add(rect(5, 5, 5, 9));
  region.add(rect(1920, 0, 1930, 9));
  assert(region.isEmpty);
});

Deno.test("DirtyRegion cuts a full picture into whole rows from the top down", () => {
  const region = new DirtyRegion(1920, 1080);
  region.add(rectOfSize(1920, 1080));
  const taken = takeAll(region, 65536);
  assert.deepEqual(taken[0], rect(0, 0, 1920, 32));
  assert.deepEqual(taken.at(-1), rect(0, 1056, 1920, 1080));
  assert.equal(taken.length, 34);
});

Deno.test("DirtyRegion keeps a line of text together, though its letters differ in height", () => {
  const region = new DirtyRegion(800, 600);
  for (let x = 20; x < 420; x += 10) region.add(rect(x, x % 20 === 0 ? 100 : 103, x + 9, 112));
  assert.deepEqual(takeAll(region), [rect(20, 100, 419, 112)]);
});

Deno.test("DirtyRegion keeps places apart that are far from each other", () => {
  const region = new DirtyRegion(1920, 1080), corners = [rect(0, 0, 9, 9), rect(1900, 1000, 1909, 1009)];
  corners.forEach((corner) => region.add(corner));
  assert.deepEqual(takeAll(region), corners);
  // Neighbouring tiles, but most of what is around both is not lacking.
  region.add(rect(0, 15, 320, 16));
  region.add(rect(0, 31, 320, 32));
  assert.equal(takeAll(region).length, 2);
});

Deno.test("DirtyRegion lets what is small overtake, and large things have their turn", () => {
  const region = new DirtyRegion(1920, 1080), typed = rect(1000, 1000, 1008, 1016);
  region.add(rectOfSize(1920, 500));
  const served: string[] = [];
  for (let i = 0; i < 8; i++) {
    region.add(typed);
    const { top } = region.take(65536)!;
    served.push(top === 1000 ? "small" : "large");
  }
  assert.deepEqual(served, ["small", "small", "small", "large", "small", "small", "small", "large"]);
});

Deno.test("DirtyRegion serves each place before it serves one again", () => {
  const region = new DirtyRegion(640, 480), bands = [0, 160, 320].map((top) => rect(0, top, 640, top + 64));
  bands.forEach((band) => region.add(band));
  const tops: number[] = [];
  for (let i = 0; i < 6; i++) {
    tops.push(region.take(41000)!.top);
    region.add(bands[0]!); // a moving picture at the top
  }
  assert.deepEqual(tops, [0, 160, 320, 0, 0, 0]);
});

Deno.test("DirtyRegion does not call everything small", () => {
  const region = new DirtyRegion(1920, 1080);
  for (let y = 0; y < 1080; y += 8) for (let x = 0; x < 1920; x += 64) region.add(rect(x, y, x + 64, y + 8));
  assert.equal(region.pixels, 1920 * 1080);
  let turns = 0;
  while (region.take(512) !== null) turns++;
  assert.equal(turns, 60 * 67 + 30, "tile by tile, each once; two of the half tiles at the bottom at a time");
});

Deno.test("DirtyRegion.clear() forgets everything", () => {
  const region = new DirtyRegion(100, 100);
  region.add(rect(0, 0, 100, 100));
  region.clear();
  assert(region.isEmpty && region.pixels === 0 && region.take(1000) === null);
  region.add(rect(50, 50, 60, 60));
  assert.deepEqual(takeAll(region), [rect(50, 50, 60, 60)]);
});

Deno.test("DirtyRegion.addMoved() moves a strip with the text above it", () => {
  const region = new DirtyRegion(640, 480);
  region.add(rect(0, 464, 640, 480));
  region.addMoved(rect(0, 0, 640, 464), { x: 0, y: 16 });
  assert.deepEqual(takeAll(region), [rect(0, 448, 640, 480)]);
  region.add(rect(10, 10, 20, 20));
  region.addMoved(rect(0, 0, 100, 100), { x: 200, y: 200 });
  assert(region.isEmpty, "what was lacking is overwritten with what the viewer has");
});

type Action =
  | { do: "add" | "subtract"; area: Rect; small?: boolean }
  | { do: "move"; area: Rect; from: Point }
  | { do: "take"; maxPixels: number };

const WIDTH = 150, HEIGHT = 90;

Deno.test("DirtyRegion never forgets a pixel that is lacking", () => {
  const wild = fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, -40, 0, 32, 64, 160);
  const near = fc.tuple(
    fc.integer({ min: -9, max: WIDTH }),
    fc.integer({ min: -9, max: HEIGHT }),
    fc.nat(80),
    fc.nat(60),
  )
    .map(([left, top, width, height]) => rect(left, top, left + width, top + height));
  const rects = fc.oneof(
    { weight: 12, arbitrary: near },
    { weight: 1, arbitrary: fc.tuple(wild, wild, wild, wild).map((edges) => rect(...edges)) },
  );
  const from = fc.record({ x: fc.integer({ min: -9, max: WIDTH }), y: fc.integer({ min: -9, max: HEIGHT }) });
  const action: fc.Arbitrary<Action> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant("add" as const), area: rects, small: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("subtract" as const), area: rects }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("move" as const), area: rects, from }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("take" as const), maxPixels: fc.nat(9000) }) },
  );
  let taken = 0;
  fc.assert(
    fc.property(fc.array(action, { maxLength: 25 }), (actions) => {
      const region = new DirtyRegion(WIDTH, HEIGHT);
      let lacking = new Uint8Array(WIDTH * HEIGHT);
      for (const act of actions) {
        if (act.do === "take") {
          const pixels = region.pixels, got = region.take(act.maxPixels);
          if (got === null) {
            assert(region.isEmpty && pixels === 0);
            continue;
          }
          assert(area(got) <= Math.max(act.maxPixels, 512) && region.pixels < pixels);
          assert(area(got) <= (pixels - region.pixels) * 1.25 + 256);
          paint(lacking, got, 0);
          taken++;
        } else if (act.do === "move") {
          region.addMoved(act.area, act.from);
          lacking = moved(lacking, act.area, act.from);
        } else {
          if (act.do === "add") region.add(act.area, act.small);
          else region.subtract(act.area);
          paint(lacking, act.area, act.do === "add" ? 1 : 0);
        }
        assert(count(lacking) <= region.pixels && region.isEmpty === (region.pixels === 0));
      }
      for (let next = region.take(5000); next !== null; next = region.take(5000)) paint(lacking, next, 0);
      assert.equal(count(lacking), 0);
      assert.equal(region.pixels, 0);
    }),
    { numRuns: 3000, seed: 1 },
  );
  assert(taken > 1000, `${taken} rectangles taken`);
});

function paint(pixels: Uint8Array, where: Rect, value: number): void {
  const { left, top, right, bottom } = intersectRects(where, rectOfSize(WIDTH, HEIGHT));
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) pixels[y * WIDTH + x] = value;
}

/** Pixel by pixel, from a picture of before. */
function moved(pixels: Uint8Array<ArrayBuffer>, where: Rect, from: Point): Uint8Array<ArrayBuffer> {
  const after = pixels.slice(), { left, top, right, bottom } = intersectRects(where, rectOfSize(WIDTH, HEIGHT));
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const source = { x: x - where.left + from.x, y: y - where.top + from.y };
      const at = rect(source.x, source.y, source.x + 1, source.y + 1);
      if (!isEmptyRect(intersectRects(at, rectOfSize(WIDTH, HEIGHT)))) {
        after[y * WIDTH + x] = pixels[source.y * WIDTH + source.x]!;
      }
    }
  }
  return after;
}

function count(pixels: Uint8Array): number {
  return pixels.reduce((sum, pixel) => sum + pixel, 0);
}

Deno.test("DirtyRegion.pixelsIn() counts what is lacking inside a rectangle", () => {
  const region = new DirtyRegion(200, 100);
  region.add({ left: 10, top: 10, right: 110, bottom: 60 });
  assert.equal(region.pixelsIn({ left: -5, top: -5, right: 500, bottom: 500 }), 100 * 50);
  assert.equal(region.pixelsIn({ left: 100, top: 50, right: 200, bottom: 100 }), 10 * 10);
  assert.equal(region.pixelsIn({ left: 110, top: 0, right: 200, bottom: 100 }), 0);
  assert.equal(region.pixels, 100 * 50);
});
