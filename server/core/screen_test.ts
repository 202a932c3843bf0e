import assert from "node:assert/strict";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing sequence
import { copyBits } from "../../canvas/copy_bits.ts";
import { intersectRects, type Point, type Rect, rectOfSize } from "../../canvas/rect.ts";
import { createSurface, type Surface } from "../../canvas/surface.ts";
import { GlzDictionary } from "../../codecs/glz.ts";
import { DirtyRegion } from "./dirty_region.ts";
import { type Change, Screen } from "./screen.ts";
import type { Drawable } from "./vdi.ts";

const rect = (left: number, top: number, right: number, bottom: number): Rect => ({ top, left, bottom, right });
const areaOf = (r: Rect) => (r.right - r.left) * (r.bottom - r.top);

/** A drawable with a colour for each pixel. */
function pixels(area: Rect, color: (x: number, y: number) => number): Drawable {
  const found: number[] = [];
  for (let y = area.top; y < area.bottom; y++) for (let x = area.left; x < area.right; x++) found.push(color(x, y));
  return { kind: "pixels", area, pixels: Uint32Array.from(found) };
}

/** Something like a line of text: different for each line, alike in its colours. */
const text = (x: number, y: number) => {
  const letter = Math.imul((x >> 3) * 31 + (y >> 4) * 1009 + 7, 0x9e3779b1) >>> 0;
  const inside = y % 16 < 12 && x % 8 < 6;
  return inside && (letter >>> ((x % 8) * 3 + (y % 16)) % 32 & 1) === 1 ? 0xffffff : 0x202020;
};

/** A screen with something on it. */
function screenOf(width: number, height: number, color: (x: number, y: number) => number): Screen {
  const screen = new Screen(width, height, 4_000_000);
  screen.draw(pixels(rectOfSize(width, height), color));
  return screen;
}

const damage = (changes: readonly Change[]) =>
  changes.reduce((sum, change) => sum + (change.kind === "damage" ? areaOf(change.area) : 0), 0);

Deno.test("Screen says nothing of pixels that do not change", () => {
  const screen = screenOf(300, 200, text);
  assert.deepEqual(screen.draw(pixels(rectOfSize(300, 200), text)), []);
  assert.deepEqual(screen.draw(pixels(rect(-20, 50, 77, 260), text)), []);
  assert.deepEqual(screen.draw({ kind: "copy", area: rect(9, 9, 90, 90), from: { x: 9, y: 9 } }), []);
  assert.deepEqual(screen.draw({ kind: "copy", area: rect(9, 9, 90, 90), from: { x: 309, y: 9 } }), []);
  assert.deepEqual(screen.draw({ kind: "fill", area: rect(50, 12, 60, 16), color: 0x202020 }), []);
  assert.deepEqual(screen.draw({ kind: "fill", area: rect(400, 12, 500, 16), color: 1 }), []);
});

Deno.test("Screen finds the pixels that change", () => {
  const screen = screenOf(300, 200, text);
  const with_ = (x: number, y: number) => x === 77 && y === 33 || x === 290 && y >= 150 ? 0xff00ff : text(x, y);
  assert.deepEqual(screen.draw(pixels(rectOfSize(300, 200), with_)), [
    { kind: "damage", area: rect(77, 33, 78, 34) },
    { kind: "damage", area: rect(290, 150, 291, 200) },
  ]);
  assert.deepEqual(screen.draw(pixels(rect(70, 30, 90, 40), () => 5)), [
    { kind: "damage", area: rect(70, 30, 90, 40) },
  ]);
});

Deno.test("Screen cuts pixels to the head and takes the right ones", () => {
  const screen = new Screen(10, 8, 1000);
  const changes = screen.draw(pixels(rect(-3, -2, 14, 11), (x, y) => (y + 2) * 100 + x + 4));
  assert.deepEqual(changes, [{ kind: "damage", area: rect(0, 0, 10, 8) }]);
  const wanted = Array.from({ length: 80 }, (_, i) => (Math.floor(i / 10) + 2) * 100 + i % 10 + 4);
  assert.deepEqual([...screen.surface.pixels], wanted);
});

Deno.test("Screen fills once, around what has another colour", () => {
  const screen = new Screen(100, 100, 10000);
  const fill = (area: Rect, color: number) => screen.draw({ kind: "fill", area, color });
  assert.deepEqual(fill(rect(10, 10, 50, 50), 0xff112233), [{ kind: "damage", area: rect(10, 10, 50, 50) }]);
  assert.equal(screen.surface.pixels[1010], 0x112233);
  assert.deepEqual(fill(rect(20, 20, 60, 30), 0x112233), [{ kind: "damage", area: rect(50, 20, 60, 30) }]);
  assert.deepEqual(fill(rect(10, 10, 50, 50), 0x112233), []);
});

Deno.test("Screen passes a copy on, cut to what it changes", () => {
  const screen = new Screen(100, 100, 10000);
  screen.draw({ kind: "fill", area: rect(20, 20, 30, 30), color: 7 });
  const changes = screen.draw({ kind: "copy", area: rect(-10, 40, 60, 110), from: { x: 0, y: 10 } });
  assert.deepEqual(changes, [{ kind: "copy", area: rect(10, 50, 20, 60), from: { x: 20, y: 20 } }]);
  assert.equal(screen.surface.pixels[5515], 7);
});

Deno.test("Screen finds out that text scrolled, up and down, in a part of a picture", () => {
  for (const dy of [16, -16, 3, -50]) {
    const inWindow = (x: number, y: number) => x >= 40 && x < 400 && y >= 30 && y < 330;
    const at = (move: number) => (x: number, y: number) => inWindow(x, y) ? text(x, y + 1000 + move) : noise(x, y);
    const screen = screenOf(480, 360, at(0));
    const changes = screen.draw(pixels(rectOfSize(480, 360), at(dy)));
    const [first] = changes;
    assert(first?.kind === "copy", `by ${dy}: ${changes.length} changes, ${damage(changes)} pixels`);
    assert.equal(first.from.y - first.area.top, dy);
    assert.equal(first.from.x, first.area.left);
    assert(damage(changes) < 360 * (Math.abs(dy) + 16) + 300 * 64, `by ${dy}: ${damage(changes)} pixels`);
  }
});

Deno.test("Screen finds two things that scroll", () => {
  const at = (move: number) => (x: number, y: number) =>
    x < 320 ? text(x, y + move + 2000) : text(x, y - move * 2 + 5000);
  const screen = screenOf(640, 300, at(0));
  const changes = screen.draw(pixels(rectOfSize(640, 300), at(8)));
  assert.deepEqual(changes.slice(0, 2).map((change) => change.kind), ["copy", "copy"]);
  assert(damage(changes) < 640 * 40, `${damage(changes)} pixels`);
});

Deno.test("Screen sees no move where there is none", () => {
  const screen = screenOf(400, 300, noise);
  assert.deepEqual(screen.draw(pixels(rectOfSize(400, 300), (x, y) => noise(x + 999, y))), [
    { kind: "damage", area: rectOfSize(400, 300) },
  ]);
  assert(screenOf(400, 300, () => 1).draw(pixels(rectOfSize(400, 300), () => 2)).every((c) => c.kind === "damage"));
});

Deno.test("Screen refuses edges that are no numbers, and too few pixels", () => {
  const screen = new Screen(10, 10, 100), three = new Uint32Array(3);
  assert.throws(() => screen.draw({ kind: "pixels", area: rect(0, 0, 2, 2), pixels: three }), /need 4, got 3/);
  assert.throws(() => screen.draw({ kind: "fill", area: rect(0, NaN, 2, 2), color: 1 }), RangeError);
  assert.throws(() => screen.draw({ kind: "fill", area: rect(0, 0.5, 2, 2), color: 1 }), RangeError);
  const from = { x: Infinity, y: 0 };
  assert.throws(() => screen.draw({ kind: "copy", area: rect(0, 0, 2, 2), from }), RangeError);
  assert.deepEqual([...screen.surface.pixels], [...new Uint32Array(100)]);
});

const WIDTH = 200, HEIGHT = 150;

/** A viewer: moves what it is told to move, or takes the new pixels instead, whichever the server can. */
class Viewer {
  readonly surface = createSurface(WIDTH, HEIGHT, "32_xRGB", 100_000);
  readonly lacks = new DirtyRegion(WIDTH, HEIGHT);

  told(changes: readonly Change[], canSend: boolean): void {
    for (const change of changes) {
      if (change.kind === "copy" && canSend) {
        this.lacks.addMoved(change.area, change.from);
        copyBits(this.surface, change.area, null, change.from);
      } else this.lacks.add(change.area);
    }
  }

  take(truth: Surface, maxPixels: number): boolean {
    const area = this.lacks.take(maxPixels);
    if (area === null) return false;
    for (let y = area.top; y < area.bottom; y++) {
      const from = y * WIDTH + area.left, to = y * WIDTH + area.right;
      this.surface.pixels.set(truth.pixels.subarray(from, to), from);
    }
    return true;
  }
}

/** Draws without any cleverness, pixel by pixel. */
function drawPlainly(surface: Surface, drawable: Drawable): void {
  const { area } = drawable, before = surface.pixels.slice(), stride = area.right - area.left;
  const { left, top, right, bottom } = intersectRects(area, rectOfSize(WIDTH, HEIGHT));
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const at = y * WIDTH + x;
      if (drawable.kind === "fill") surface.pixels[at] = drawable.color;
      else if (drawable.kind === "pixels") {
        surface.pixels[at] = drawable.pixels[(y - area.top) * stride + x - area.left]!;
      } else {
        const fromX = x - area.left + drawable.from.x, fromY = y - area.top + drawable.from.y;
        const inside = fromX >= 0 && fromX < WIDTH && fromY >= 0 && fromY < HEIGHT;
        if (inside) surface.pixels[at] = before[fromY * WIDTH + fromX]!;
      }
    }
  }
}

type Step =
  | { do: "draw"; drawable: Drawable; canSend: boolean }
  /** Scrolls a window of what is there; the drawable holds more around it, some of it new. */
  | { do: "scroll"; window: Rect; by: number; speck: Point; canSend: boolean }
  | { do: "take"; maxPixels: number };

Deno.test("A viewer that follows a screen's changes has its picture in the end, whatever is drawn and when it takes", () => {
  const rects = fc.tuple(
    fc.integer({ min: -9, max: WIDTH }),
    fc.integer({ min: -9, max: HEIGHT }),
    fc.nat(220),
    fc.nat(160),
  )
    .map(([left, top, width, height]) => rect(left, top, left + width, top + height));
  const point = fc.record({ x: fc.integer({ min: -9, max: WIDTH }), y: fc.integer({ min: -9, max: HEIGHT }) });
  const fill = fc.record({ kind: fc.constant("fill" as const), area: rects, color: fc.nat(3) });
  const copy = fc.record({ kind: fc.constant("copy" as const), area: rects, from: point });
  const paint = fc.tuple(rects, fc.nat(999), fc.constantFrom(text, noise, (x: number) => x >> 5))
    .map(([area, seed, color]) => pixels(area, (x, y) => color(x, y + seed)));
  const drawable: fc.Arbitrary<Drawable> = fc.oneof(fill, copy, paint);
  const canSend = fc.boolean(), by = fc.integer({ min: -40, max: 40 });
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant("draw" as const), drawable, canSend }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant("scroll" as const), window: rects, by, speck: point, canSend }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("take" as const), maxPixels: fc.nat(20000) }) },
  );
  let movesFound = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const screen = new Screen(WIDTH, HEIGHT, 100_000), viewer = new Viewer();
      const plain = createSurface(WIDTH, HEIGHT, "32_xRGB", 100_000);
      const first = pixels(rectOfSize(WIDTH, HEIGHT), text);
      viewer.told(screen.draw(first), true);
      drawPlainly(plain, first);
      for (const act of steps) {
        if (act.do === "take") {
          viewer.take(screen.surface, act.maxPixels);
          continue;
        }
        const drawn = act.do === "draw" ? act.drawable : scrolled(plain, act.window, act.by, act.speck);
        const changes = screen.draw(drawn);
        drawPlainly(plain, drawn);
        if (drawn.kind === "pixels" && changes[0]?.kind === "copy") movesFound++;
        viewer.told(changes, act.canSend);
        assert.deepEqual(screen.surface.pixels, plain.pixels);
      }
      while (viewer.take(screen.surface, 6000));
      assert.deepEqual(viewer.surface.pixels, plain.pixels);
    }),
    { numRuns: 250, seed: 1 },
  );
  assert(movesFound > 30, `${movesFound} moves found`);
});

/** The whole picture with a window of it scrolled, and one pixel that is new. */
function scrolled(surface: Surface, window: Rect, by: number, speck: Point): Drawable {
  return pixels(rectOfSize(WIDTH, HEIGHT), (x, y) => {
    const inside = x >= window.left && x < window.right && y >= window.top && y < window.bottom;
    const from = inside && y + by >= window.top && y + by < window.bottom ? y + by : y;
    return x === speck.x && y === speck.y ? 0xabcdef : surface.pixels[from * WIDTH + x]!;
  });
}

/** Colours that do not repeat. */
function noise(x: number, y: number): number {
  const mixed = Math.imul(x * 7919 + y * 104729 + 1, 0x9e3779b1);
  return Math.imul(mixed ^ mixed >>> 15, 0x85ebca6b) >>> 8;
}

const LZ = { drawings: "lz", photos: "lz", zlib: false } as const;

Deno.test("Screen.encode() shares a message until the picture changes", () => {
  const screen = new Screen(8, 8, 64), area = rectOfSize(8, 8);
  screen.draw({ kind: "fill", area: rectOfSize(4, 4), color: 1 });
  const first = screen.encode(area, LZ);
  assert.equal(screen.encode(area, LZ), first);
  assert.notEqual(screen.encode(area, { ...LZ, drawings: "bitmap" }), first);
  screen.draw({ kind: "fill", area, color: 5 });
  const second = screen.encode(area, LZ);
  assert.ok("brush" in second.value.data);
  assert.deepEqual(second.value.data.brush.paint, { is: "SOLID", value: 5 });
});

Deno.test("Screen.encode() shares no GLZ, but a photograph and a fill between viewers that have GLZ", () => {
  const screen = new Screen(64, 64, 4096), area = rectOfSize(64, 64);
  const coding = { drawings: "glz", photos: "quic", zlib: false } as const;
  const dictionary = () => new GlzDictionary(1 << 16);
  assert.equal(screen.encode(area, coding, dictionary()), screen.encode(area, coding, dictionary()));
  const draw = (color: (i: number) => number) => {
    screen.draw({ kind: "pixels", area, pixels: Uint32Array.from({ length: 4096 }, (_, i) => color(i)) });
  };
  draw((i) => (i & 63) * 2 + (i >> 6) << 8);
  assert.equal(screen.encode(area, coding, dictionary()), screen.encode(area, coding, dictionary()));
  assert.equal(screen.encodedAreas(coding).length, 1);
  draw((i) => i % 3 === 0 ? 0 : 0xffffff);
  assert.notEqual(screen.encode(area, coding, dictionary()), screen.encode(area, coding, dictionary()));
  assert.equal(screen.encodedAreas(coding).length, 0);
});
