import assert from "node:assert/strict";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing bitmap
import {
  BitmapFormat,
  type BitmapLayout,
  bitmapRowBytes,
  decodeBitmap,
  encodeBitmap,
  encodeBitmap32,
} from "./bitmap.ts";
import { CodecError, type CodecErrorCode } from "./errors.ts";

const maxPixels = 1 << 20;
const layoutOf = (
  format: number,
  width: number,
  height: number,
  strideBytes: number,
  topDown = true,
): BitmapLayout => ({
  format,
  width,
  height,
  strideBytes,
  topDown,
});
const pixelsOf = (bytes: number[], layout: BitmapLayout, palette?: Uint32Array) => [
  ...decodeBitmap(Uint8Array.from(bytes), layout, { maxPixels, palette }).pixels,
];

function refuses(run: () => unknown, code: CodecErrorCode): void {
  assert.throws(run, (error) => {
    assert(error instanceof CodecError, String(error));
    assert.equal(error.code, code);
    return true;
  });
}

Deno.test("decodeBitmap() reads 1BIT rows from either end of a byte and skips padding", () => {
  const palette = Uint32Array.of(0xaa, 0xbb);
  const bytes = [0b1000_0011, 0b0100_0000, 0xff, 0b0000_0000, 0b1000_0000];
  const bits = (...row: number[]) => row.map((bit) => bit ? 0xbb : 0xaa);
  assert.deepEqual(
    pixelsOf(bytes, layoutOf(BitmapFormat["1BIT_BE"], 10, 2, 3), palette),
    [...bits(1, 0, 0, 0, 0, 0, 1, 1, 0, 1), ...bits(0, 0, 0, 0, 0, 0, 0, 0, 1, 0)],
  );
  assert.deepEqual(
    pixelsOf(bytes, layoutOf(BitmapFormat["1BIT_LE"], 10, 2, 3), palette),
    [...bits(1, 1, 0, 0, 0, 0, 0, 1, 0, 0), ...bits(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
  );
});

Deno.test("decodeBitmap() reads 4BIT rows from either half, odd widths included", () => {
  const palette = Uint32Array.from({ length: 16 }, (_, i) => i * 0x111111);
  assert.deepEqual(pixelsOf([0x12, 0x3f], layoutOf(BitmapFormat["4BIT_BE"], 3, 1, 2), palette), [
    0x111111,
    0x222222,
    0x333333,
  ]);
  assert.deepEqual(pixelsOf([0x12, 0xf3], layoutOf(BitmapFormat["4BIT_LE"], 3, 1, 2), palette), [
    0x222222,
    0x111111,
    0x333333,
  ]);
});

Deno.test("decodeBitmap() looks 8BIT indexes up", () => {
  assert.deepEqual(
    pixelsOf([2, 0, 9, 1, 2, 9], layoutOf(BitmapFormat["8BIT"], 2, 2, 3, false), Uint32Array.of(7, 8, 0xffffff)),
    [8, 0xffffff, 0xffffff, 7],
  );
});

Deno.test("decodeBitmap() widens 16BIT and ignores its top bit", () => {
  assert.deepEqual(
    pixelsOf([0xff, 0x7f, 0x00, 0x80, 0x00, 0x40, 0x10, 0x02], layoutOf(BitmapFormat["16BIT"], 4, 1, 8)),
    [0xffffff, 0, 0x840000, 0x008484],
  );
});

Deno.test("decodeBitmap() reads 24BIT, 32BIT, RGBA and 8BIT_A", () => {
  assert.deepEqual(pixelsOf([3, 2, 1, 6, 5, 4], layoutOf(BitmapFormat["24BIT"], 2, 1, 8)), [0x010203, 0x040506]);
  const options = { maxPixels };
  const four = Uint8Array.of(3, 2, 1, 0x80, 6, 5, 4, 0xff);
  const opaque = decodeBitmap(four, layoutOf(BitmapFormat["32BIT"], 2, 1, 8), options);
  assert.deepEqual([[...opaque.pixels], opaque.alpha], [[0x80010203, 0xff040506], false]);
  const alpha = decodeBitmap(four, layoutOf(BitmapFormat.RGBA, 1, 2, 4, false), options);
  assert.deepEqual([[...alpha.pixels], alpha.alpha], [[0xff040506, 0x80010203], true]);
  const mask = decodeBitmap(Uint8Array.of(1, 0xff), layoutOf(BitmapFormat["8BIT_A"], 2, 1, 4), options);
  assert.deepEqual([[...mask.pixels], mask.alpha], [[0x01000000, 0xff000000], true]);
});

Deno.test("decodeBitmap() reads bytes at any address", () => {
  for (let shift = 0; shift < 4; shift++) {
    const bytes = Uint8Array.from({ length: shift + 16 }, (_, i) => i - shift).subarray(shift);
    const { pixels } = decodeBitmap(bytes, layoutOf(BitmapFormat["32BIT"], 2, 2, 8), { maxPixels });
    assert.deepEqual([...pixels], [0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c]);
  }
});

Deno.test("decodeBitmap() of any format: bottom-up is top-down with the rows turned over, padding never shows", () => {
  const anything = fc.record({
    format: fc.integer({ min: 1, max: 10 }),
    width: fc.integer({ min: 1, max: 20 }),
    height: fc.integer({ min: 1, max: 6 }),
    padding: fc.integer({ min: 0, max: 5 }),
    noise: fc.uint8Array({ minLength: 600, maxLength: 600 }),
    fill: fc.nat(255),
  });
  const palette = Uint32Array.from({ length: 256 }, (_, i) => i * 0x010203);
  fc.assert(
    fc.property(anything, ({ format, width, height, padding, noise, fill }) => {
      const row = Math.ceil(width * [0, 1, 1, 4, 4, 8, 16, 24, 32, 32, 8][format]! / 8), stride = row + padding;
      const layout = layoutOf(format, width, height, stride);
      const src = noise.slice(0, height * stride);
      const down = decodeBitmap(src, layout, { maxPixels, palette }).pixels;
      const other = src.slice();
      for (let y = 0; y < height; y++) other.fill(fill, y * stride + row, (y + 1) * stride);
      assert.deepEqual(decodeBitmap(other, layout, { maxPixels, palette }).pixels, down);
      const up = decodeBitmap(src, { ...layout, topDown: false }, { maxPixels, palette }).pixels;
      for (let y = 0; y < height; y++) {
        assert.deepEqual(
          up.subarray((height - 1 - y) * width, (height - y) * width),
          down.subarray(y * width, (y + 1) * width),
        );
      }
    }),
    { numRuns: 500, seed: 1 },
  );
});

Deno.test("decodeBitmap() cut anywhere before the last pixel throws truncated", () => {
  const palette = new Uint32Array(256);
  for (const [name, format] of Object.entries(BitmapFormat)) {
    const row = Math.ceil(9 * [0, 1, 1, 4, 4, 8, 16, 24, 32, 32, 8][format]! / 8), stride = row + 3;
    const layout = layoutOf(format, 9, 3, stride), needed = 2 * stride + row;
    for (let length = 0; length < needed; length++) {
      refuses(() => decodeBitmap(new Uint8Array(length), layout, { maxPixels, palette }), "truncated");
    }
    assert.equal(decodeBitmap(new Uint8Array(needed), layout, { maxPixels, palette }).height, 3, name);
  }
});

Deno.test("decodeBitmap() checks format, size and stride before it allocates", () => {
  const src = new Uint8Array(64), palette = new Uint32Array(256);
  const decode = (layout: BitmapLayout, limit = maxPixels) => decodeBitmap(src, layout, { maxPixels: limit, palette });
  refuses(() => decode(layoutOf(0, 1, 1, 4)), "bad-header");
  refuses(() => decode(layoutOf(11, 1, 1, 4)), "bad-header");
  refuses(() => decode(layoutOf(8, 0, 1, 4)), "bad-size");
  refuses(() => decode(layoutOf(8, 1, 0, 4)), "bad-size");
  refuses(() => decode(layoutOf(8, 3, 1, 12), 2), "bad-size");
  refuses(() => decode(layoutOf(8, 0xffffffff, 0xffffffff, 0xffffffff)), "bad-size");
  refuses(() => decode(layoutOf(8, 2, 1, 7)), "bad-size");
  refuses(() => decode(layoutOf(8, 1, 0xffffffff, 0xffffffff), 1e30), "truncated");
});

Deno.test("decodeBitmap() refuses a missing palette and an index without a colour", () => {
  const layout = layoutOf(BitmapFormat["8BIT"], 2, 1, 2);
  refuses(() => decodeBitmap(Uint8Array.of(0, 1), layout, { maxPixels }), "bad-palette");
  refuses(() => decodeBitmap(Uint8Array.of(0, 1), layout, { maxPixels, palette: Uint32Array.of(5) }), "bad-palette");
});

Deno.test("encodeBitmap32() is undone by decodeBitmap()", () => {
  fc.assert(
    fc.property(fc.uint32Array({ minLength: 1, maxLength: 100 }), (pixels) => {
      const bytes = encodeBitmap32(pixels);
      assert.equal(bytes[0], pixels[0]! & 255);
      const layout = layoutOf(BitmapFormat.RGBA, pixels.length, 1, pixels.length * 4);
      assert.deepEqual([...decodeBitmap(bytes, layout, { maxPixels }).pixels], [...pixels]);
    }),
    { seed: 2 },
  );
});

Deno.test("encodeBitmap() writes whole strides, padding zero", () => {
  const pixels = new Uint32Array(5 * 3).fill(0xffffffff), palette = Uint32Array.of(0, 0xffffff);
  for (const format of Object.values(BitmapFormat)) {
    const row = bitmapRowBytes(format, 5), layout = layoutOf(format, 5, 3, row + 4);
    const bytes = encodeBitmap(pixels, layout, palette);
    assert.equal(bytes.length, 3 * (row + 4));
    for (let y = 0; y < 3; y++) {
      assert.deepEqual(bytes.slice(y * (row + 4) + row, (y + 1) * (row + 4)), new Uint8Array(4), `${format}`);
    }
  }
});

Deno.test("encodeBitmap() puts indexes where each format has them", () => {
  const palette = Uint32Array.of(0xaaaaaa, 0xbbbbbb, 0xaaaaaa);
  const [a, b] = [0xffaaaaaa, 0x00bbbbbb], row = Uint32Array.of(b, a, a, a, a, a, b, b, a, b);
  const encode = (format: number, strideBytes: number) => [
    ...encodeBitmap(row, layoutOf(format, 10, 1, strideBytes), palette),
  ];
  assert.deepEqual(encode(BitmapFormat["1BIT_BE"], 3), [0b1000_0011, 0b0100_0000, 0]);
  assert.deepEqual(encode(BitmapFormat["1BIT_LE"], 2), [0b1100_0001, 0b0000_0010]);
  assert.deepEqual(encode(BitmapFormat["4BIT_BE"], 5), [0x10, 0, 0, 0x11, 0x01]);
  assert.deepEqual(encode(BitmapFormat["4BIT_LE"], 5), [0x01, 0, 0, 0x11, 0x10]);
  assert.deepEqual(encode(BitmapFormat["8BIT"], 10), [1, 0, 0, 0, 0, 0, 1, 1, 0, 1]);
});

Deno.test("encodeBitmap() refuses what does not fit", () => {
  const pixels = Uint32Array.of(1, 2), palette = Uint32Array.of(1, 3, 2);
  refuses(() => encodeBitmap(pixels, layoutOf(0, 2, 1, 8)), "bad-header");
  refuses(() => encodeBitmap(pixels, layoutOf(11, 2, 1, 8)), "bad-header");
  refuses(() => encodeBitmap(pixels, layoutOf(8, 1, 1, 8)), "bad-size");
  refuses(() => encodeBitmap(pixels, layoutOf(8, -2, -1, 8)), "bad-size");
  refuses(() => encodeBitmap(pixels, layoutOf(8, 2, 1, 7)), "bad-size");
  refuses(() => encodeBitmap(pixels, layoutOf(5, 2, 1, 2)), "bad-palette");
  refuses(() => encodeBitmap(pixels, layoutOf(1, 2, 1, 1), palette), "bad-palette"); // 2 is the third entry
  assert.deepEqual([...encodeBitmap(pixels, layoutOf(3, 2, 1, 1), palette)], [0x20]);
});
