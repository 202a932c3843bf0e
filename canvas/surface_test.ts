import assert from "node:assert/strict";
import { CanvasError } from "./errors.ts";
import {
  createSurface,
  readRgba,
  rgb32To555,
  rgb555To32,
  type SurfaceFormat,
  surfaceFormatOf,
  surfaceSource,
  toSurfaceFormat,
} from "./surface.ts";

const code = (wanted: string) => (error: unknown) => error instanceof CanvasError && error.code === wanted;

Deno.test("surfaceFormatOf() knows four formats and refuses the others by code", () => {
  assert.deepEqual([8, 16, 32, 96].map(surfaceFormatOf), ["8_A", "16_555", "32_xRGB", "32_ARGB"]);
  for (const wire of [0, 1, 80, 33, -1]) assert.throws(() => surfaceFormatOf(wire), code("unsupported"));
});

Deno.test("createSurface() checks its size before it allocates", () => {
  assert.equal(createSurface(3, 2, "8_A", 6).pixels.length, 6);
  for (const [width, height] of [[0, 1], [1, 0], [-1, -1], [7, 1], [0xffffffff, 0xffffffff], [NaN, 1]] as const) {
    assert.throws(() => createSurface(width, height, "32_xRGB", 6), code("bad-size"));
  }
});

Deno.test("rgb555To32() is undone by rgb32To555() for every value", () => {
  for (let value = 0; value < 0x8000; value++) {
    const wide = rgb555To32(value);
    assert.equal(rgb32To555(wide), value);
    assert.equal(rgb555To32(value | 0x8000), wide);
    for (const shift of [0, 8, 16]) assert.equal(wide >> shift & 7, wide >> shift + 5 & 7);
  }
  assert.equal(rgb32To555(0xff0f_f8_07 >>> 0), 0x1f << 5 | 1 << 10 | 0);
});

Deno.test("toSurfaceFormat() keeps 32 bits, cuts 16_555, and takes alpha for 8_A", () => {
  const converted = (format: SurfaceFormat, alpha: boolean) => {
    const pixels = Uint32Array.of(0x80ffffff, 0x7f010203);
    toSurfaceFormat(format, pixels, alpha);
    return [...pixels];
  };
  assert.deepEqual(converted("32_xRGB", false), [0x80ffffff, 0x7f010203]);
  assert.deepEqual(converted("32_ARGB", true), [0x80ffffff, 0x7f010203]);
  assert.deepEqual(converted("16_555", false), [0x7fff, 0]);
  assert.deepEqual(converted("8_A", true), [0x80, 0x7f]);
  assert.deepEqual(converted("8_A", false), [0xff, 0xff]);
});

Deno.test("surfaceSource() shares 32-bit pixels and widens the others", () => {
  const of = (format: SurfaceFormat, value: number) => {
    const surface = createSurface(1, 1, format, 1);
    surface.pixels[0] = value;
    return surface;
  };
  const xrgb = of("32_xRGB", 0x12345678), argb = of("32_ARGB", 0x12345678);
  assert.equal(surfaceSource(xrgb).pixels, xrgb.pixels);
  assert.deepEqual([surfaceSource(xrgb).alpha, surfaceSource(argb).alpha], [false, true]);
  assert.deepEqual([surfaceSource(xrgb, true).alpha, surfaceSource(of("16_555", 1), true).alpha], [true, false]);
  const wide = surfaceSource(of("16_555", 0x4010)), mask = surfaceSource(of("8_A", 0x9a));
  assert.deepEqual([wide.pixels[0], wide.alpha], [0x840084, false]);
  assert.deepEqual([mask.pixels[0], mask.alpha], [0x9a000000, true]);
});

Deno.test("readRgba() gives opaque R, G, B, A bytes of the part inside the surface", () => {
  const surface = createSurface(2, 2, "32_xRGB", 4);
  surface.pixels.set([0x77010203, 0x040506, 0x070809, 0x0a0b0c]);
  assert.deepEqual([...readRgba(surface).rgba], [1, 2, 3, 255, 4, 5, 6, 255, 7, 8, 9, 255, 10, 11, 12, 255]);
  const part = readRgba(surface, { left: 1, top: -9, right: 99, bottom: 1 });
  assert.deepEqual([part.width, part.height, ...part.rgba], [1, 1, 4, 5, 6, 255]);
  const none = readRgba(surface, { left: 5, top: 5, right: 6, bottom: 6 });
  assert.deepEqual([none.width, none.height, none.rgba.length], [0, 0, 0]);
  const low = createSurface(1, 1, "16_555", 1);
  low.pixels[0] = 0xfc00;
  assert.deepEqual([...readRgba(low).rgba], [255, 0, 0, 255]);
});
