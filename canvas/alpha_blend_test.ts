import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing blend
import { blendAlpha } from "./alpha_blend.ts";
import type { Rect } from "./rect.ts";
import { createSurface, type PixelSource, type Surface, type SurfaceFormat, surfaceSource } from "./surface.ts";

type Area = [left: number, top: number, width: number, height: number];

interface Case {
  source: SurfaceFormat;
  sourceSize: [number, number];
  sourceHasAlpha: boolean;
  surface: SurfaceFormat;
  surfaceSize: [number, number];
  destHasAlpha: boolean;
  multiplied: boolean;
  seed: number;
  alpha: number;
  srcArea: Area;
  box: Area;
  clip: Area[] | null;
  sha256: string;
}

const { cases }: { cases: Case[] } = JSON.parse(
  Deno.readTextFileSync(new URL("../conformance/vectors/canvas/alpha_blend.json", import.meta.url)),
);

const rectOf = ([left, top, width, height]: Area): Rect => ({ left, top, right: left + width, bottom: top + height });

function noise(surface: Surface, seed: number, multiplied: boolean): void {
  const mask = { "32_xRGB": -1, "32_ARGB": -1, "16_555": 0x7fff, "8_A": 0xff }[surface.format];
  for (let i = 0, s = seed; i < surface.pixels.length; i++) {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    let pixel = i % 3 === 0 ? s | 0xff000000 : i % 7 === 0 ? s & 0xffffff : s;
    const alpha = pixel >>> 24, by = (shift: number) => Math.floor((pixel >>> shift & 255) * alpha / 255) << shift;
    if (multiplied) pixel = alpha << 24 | by(16) | by(8) | by(0);
    surface.pixels[i] = pixel & mask;
  }
}

Deno.test("blendAlpha() blends as pixman does, between all formats, scaled and not", () => {
  const seen = new Set<string>();
  for (const one of cases) {
    const from = createSurface(...one.sourceSize, one.source, 1 << 20);
    const to = createSurface(...one.surfaceSize, one.surface, 1 << 20);
    noise(from, one.seed, one.multiplied);
    noise(to, one.seed + 1, one.multiplied);
    blendAlpha(to, {
      box: rectOf(one.box),
      clip: one.clip === null ? null : one.clip.map(rectOf),
      source: surfaceSource(from, one.sourceHasAlpha),
      srcArea: rectOf(one.srcArea),
      alpha: one.alpha,
      destHasAlpha: one.destHasAlpha,
    });
    const bytes = new DataView(new ArrayBuffer(to.pixels.length * 4));
    const mask = one.surface === "32_xRGB" && !one.destHasAlpha ? 0xffffff : -1;
    to.pixels.forEach((pixel, i) => bytes.setUint32(i * 4, pixel & mask, true));
    const got = createHash("sha256").update(new Uint8Array(bytes.buffer)).digest("hex");
    assert.equal(got, one.sha256, JSON.stringify(one));
    seen.add(`${one.source} ${one.sourceHasAlpha} ${one.surface} ${one.destHasAlpha}`);
  }
  assert.deepEqual([seen.size, cases.length], [25, 200]);
});

/** One channel over another, by the formula. */
const over = (channel: number, under: number, alpha: number) =>
  Math.min(255, channel + Math.round(under * (255 - alpha) / 255));

const channelsOf = (pixel: number) => [24, 16, 8, 0].map((shift) => pixel >>> shift & 255);

Deno.test("blendAlpha() divides by 255 and rounds, whatever the channels and alphas are", () => {
  const byte = fc.integer({ min: 0, max: 255 }), pixel = fc.integer({ min: 0, max: 0xffffffff });
  const box = rectOf([0, 0, 1, 1]);
  fc.assert(
    fc.property(pixel, pixel, byte, (pixel, under, alpha) => {
      const surface = createSurface(1, 1, "32_ARGB", 1);
      surface.pixels[0] = under;
      const source: PixelSource = { width: 1, height: 1, pixels: Uint32Array.of(pixel), alpha: true };
      blendAlpha(surface, { box, clip: null, source, srcArea: box, alpha });
      const faded = channelsOf(pixel).map((channel) => Math.round(channel * alpha / 255));
      const wanted = channelsOf(under).map((below, i) => over(faded[i]!, below, faded[0]!));
      assert.deepEqual(channelsOf(surface.pixels[0]!), wanted);
    }),
    { numRuns: 5000, seed: 1 },
  );
});

Deno.test("blendAlpha() of a picture without alpha copies it, and fades it by the alpha of the message", () => {
  const box = rectOf([0, 0, 1, 1]);
  const blended = (alpha: number) => {
    const surface = createSurface(1, 1, "32_xRGB", 1);
    surface.pixels[0] = 0x102030;
    const source: PixelSource = { width: 1, height: 1, pixels: Uint32Array.of(0x00ff8000), alpha: false };
    return [surface, blendAlpha(surface, { box, clip: null, source, srcArea: box, alpha })] as const;
  };
  assert.equal(blended(255)[0].pixels[0], 0xff8000);
  assert.equal(blended(51)[0].pixels[0], 0x40_34_26);
  const [untouched, region] = blended(0);
  assert.deepEqual([untouched.pixels[0], region.length], [0x102030, 0]);
});

Deno.test("blendAlpha() of a surface onto itself reads it as it was", () => {
  const surface = createSurface(4, 1, "32_xRGB", 4);
  surface.pixels.set([1, 2, 3, 4]);
  const [box, srcArea] = [rectOf([1, 0, 3, 1]), rectOf([0, 0, 3, 1])];
  blendAlpha(surface, { box, clip: null, source: surfaceSource(surface), srcArea, alpha: 255 });
  assert.deepEqual([...surface.pixels], [1, 1, 2, 3]);
});

Deno.test("blendAlpha() takes any coordinates, and writes inside box, clip and surface alone", () => {
  const edge = fc.oneof(fc.integer({ min: -4, max: 14 }), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1));
  const rects = fc.tuple(edge, edge, edge, edge).map(([left, top, right, bottom]) => ({ left, top, right, bottom }));
  const clips = fc.option(fc.array(rects, { maxLength: 4 }), { nil: null });
  const has = (r: Rect, x: number, y: number) => x >= r.left && x < r.right && y >= r.top && y < r.bottom;
  const source: PixelSource = { width: 2, height: 2, pixels: new Uint32Array(4).fill(0xffffff), alpha: false };
  fc.assert(
    fc.property(rects, rects, clips, (box, srcArea, clip) => {
      const surface = createSurface(9, 9, "32_xRGB", 81);
      const region = blendAlpha(surface, { box, clip, source, srcArea, alpha: 200 });
      for (let i = 0; i < 81; i++) {
        const x = i % 9, y = Math.floor(i / 9);
        if (surface.pixels[i] === 0) continue;
        assert.equal(surface.pixels[i], 0xc8c8c8);
        assert(has(box, x, y) && (clip === null || clip.some((one) => has(one, x, y))));
        assert(region.length > 0);
      }
    }),
    { numRuns: 2000, seed: 2 },
  );
});
