import assert from "node:assert/strict";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing copy
import { copyImage } from "./copy.ts";
import type { Rect } from "./rect.ts";
import { Rop } from "./rop.ts";
import { ScaleMode } from "./scale.ts";
import { createSurface, type PixelSource, type SurfaceFormat, surfaceSource } from "./surface.ts";

const rect = (left: number, top: number, right: number, bottom: number): Rect => ({ top, left, bottom, right });
const lowest = -(2 ** 31), highest = 2 ** 31 - 1;

function numbered(width: number, height: number, alpha = false): PixelSource {
  return { width, height, pixels: Uint32Array.from({ length: width * height }, (_, i) => i + 1), alpha };
}

Deno.test("copyImage() takes the part of the picture that the source area names", () => {
  const surface = createSurface(4, 3, "32_xRGB", 12);
  const region = copyImage(surface, {
    box: rect(1, 1, 3, 3),
    clip: null,
    source: numbered(5, 5),
    srcArea: rect(2, 3, 4, 5),
  });
  assert.deepEqual([...surface.pixels], [0, 0, 0, 0, 0, 18, 19, 0, 0, 23, 24, 0]);
  assert.deepEqual([...region], [1, 1, 3, 3]);
});

Deno.test("copyImage() agrees with a pixel by pixel model, any coordinates and every operation", () => {
  const edge = fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: -4, max: 14 }) },
    { weight: 1, arbitrary: fc.constantFrom(lowest, highest) },
  );
  const rects = fc.tuple(edge, edge, edge, edge).map((edges) => rect(...edges));
  const rops = fc.constantFrom(...Object.values(Rop));
  const clips = fc.option(fc.array(rects, { maxLength: 4 }), { nil: null });
  const has = (r: Rect, x: number, y: number) => x >= r.left && x < r.right && y >= r.top && y < r.bottom;
  fc.assert(
    fc.property(rects, edge, edge, rops, clips, fc.nat(), (box, left, top, rop, clip, seed) => {
      const surface = createSurface(10, 9, "32_ARGB", 90), source = numbered(7, 8, true);
      for (let i = 0; i < 90; i++) surface.pixels[i] = seed * (i + 3);
      const before = surface.pixels.slice();
      const srcArea = rect(left, top, left + box.right - box.left, top + box.bottom - box.top);
      copyImage(surface, { box, clip, source, srcArea, rop });
      for (let i = 0; i < 90; i++) {
        const x = i % 10, y = Math.floor(i / 10), sx = x - box.left + left, sy = y - box.top + top;
        const writes = has(box, x, y) && (clip === null || clip.some((r) => has(r, x, y))) &&
          has(rect(0, 0, 7, 8), sx, sy);
        let wanted = before[i]!;
        if (writes) {
          const s = source.pixels[sy * 7 + sx]!, d = wanted;
          wanted = 0;
          if (rop & 1) wanted |= s & d;
          if (rop & 2) wanted |= s & ~d;
          if (rop & 4) wanted |= ~s & d;
          if (rop & 8) wanted |= ~s & ~d;
        }
        assert.equal(surface.pixels[i], wanted >>> 0, `${x},${y}`);
      }
    }),
    { numRuns: 2000, seed: 1 },
  );
});

Deno.test("copyImage() converts to the format of the surface before it combines", () => {
  const source: PixelSource = { width: 2, height: 1, pixels: Uint32Array.of(0x80ffffff, 0x40080808), alpha: true };
  const drawn = (format: SurfaceFormat, rop: Rop, alpha = true) => {
    const surface = createSurface(2, 1, format, 2);
    const box = rect(0, 0, 2, 1);
    copyImage(surface, { box, clip: null, source: { ...source, alpha }, srcArea: box, rop });
    return [...surface.pixels];
  };
  assert.deepEqual(drawn("32_xRGB", Rop.COPY, false), [0x80ffffff, 0x40080808]);
  assert.deepEqual(drawn("16_555", Rop.COPY), [0x7fff, 1 << 10 | 1 << 5 | 1]);
  assert.deepEqual(drawn("16_555", Rop.COPY_INVERTED), [0x8000, 0xffff & ~(1 << 10 | 1 << 5 | 1)]);
  assert.deepEqual(drawn("8_A", Rop.COPY), [0x80, 0x40]);
  assert.deepEqual(drawn("8_A", Rop.COPY, false), [0xff, 0xff]);
});

Deno.test("copyImage() of a surface onto itself reads it as it was", () => {
  const surface = createSurface(4, 1, "32_xRGB", 4);
  surface.pixels.set([1, 2, 3, 4]);
  copyImage(surface, {
    box: rect(1, 0, 4, 1),
    clip: [rect(1, 0, 2, 1), rect(2, 0, 4, 1)],
    source: surfaceSource(surface),
    srcArea: rect(0, 0, 3, 1),
  });
  assert.deepEqual([...surface.pixels], [1, 1, 2, 3]);
});

Deno.test("copyImage() between surfaces of one format changes no bit", () => {
  for (
    const [format, values] of [["16_555", [0x1234, 0x7fff]], ["8_A", [7, 255]], ["32_ARGB", [7, 0xfedcba98]]] as const
  ) {
    const from = createSurface(2, 1, format, 2), to = createSurface(2, 1, format, 2), box = rect(0, 0, 2, 1);
    from.pixels.set(values);
    copyImage(to, { box, clip: null, source: surfaceSource(from), srcArea: box });
    assert.deepEqual([...to.pixels], [...values], format);
  }
});

Deno.test("copyImage() scaled: what lies beyond the picture counts as 0, and operations apply", () => {
  const surface = createSurface(4, 1, "32_xRGB", 4);
  surface.pixels.fill(0xffffff);
  const source: PixelSource = { width: 1, height: 1, pixels: Uint32Array.of(0x0000ff), alpha: false };
  const operation = { box: rect(0, 0, 4, 1), clip: null, source, srcArea: rect(0, 0, 2, 1) };
  copyImage(surface, { ...operation, scaleMode: ScaleMode.NEAREST, rop: Rop.AND });
  assert.deepEqual([...surface.pixels], [0xff, 0xff, 0, 0]);
});

Deno.test("copyImage() scaled takes any coordinates", () => {
  const edge = fc.oneof(fc.integer({ min: -4, max: 14 }), fc.constantFrom(lowest, highest, lowest + 1, highest - 1));
  const rects = fc.tuple(edge, edge, edge, edge).map((edges) => rect(...edges));
  const known = new Set([0xabcdef, 1, 2, 3, 4, 0].flatMap((pixel) => [pixel, (pixel | 0xff000000) >>> 0]));
  fc.assert(
    fc.property(rects, rects, fc.constantFrom(0, 1), (box, srcArea, scaleMode) => {
      const surface = createSurface(9, 9, "32_xRGB", 81);
      surface.pixels.fill(0xabcdef);
      copyImage(surface, { box, clip: null, source: numbered(2, 2), srcArea, scaleMode });
      assert.equal(surface.pixels.length, 81);
      if (scaleMode === ScaleMode.NEAREST) {
        surface.pixels.forEach((pixel) => assert(known.has(pixel), pixel.toString(16)));
      }
    }),
    { numRuns: 2000, seed: 2 },
  );
});
