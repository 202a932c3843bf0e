import assert from "node:assert/strict";
import { BitmapFormat, decodeBitmap, encodeBitmap } from "./bitmap.ts";
import type { DecodedImage, DecodeOptions } from "./image.ts";
import { decodeJpeg, encodeJpeg } from "./jpeg.ts";
import { decodeJpegAlpha, encodeJpegAlpha } from "./jpeg_alpha.ts";
import { decodeLz, encodeLz, LzType } from "./lz.ts";
import { decodeLz4, encodeLz4 } from "./lz4.ts";
import { decodeQuic, encodeQuic, QuicType } from "./quic.ts";

const WIDTH = 37, HEIGHT = 11, COUNT = WIDTH * HEIGHT;
const pixels = Uint32Array.from({ length: COUNT }, (_, i) => i % 5 === 0 ? 0 : Math.imul(i, 0x9e3779b1) >>> 0);
const palette = Uint32Array.of(0x112233, 0x445566), bits = new Uint8Array(5 * HEIGHT).fill(0b01101001);

/** A decoder and a stream. */
const decoders: Readonly<Record<string, (options: DecodeOptions) => DecodedImage>> = Object.fromEntries([
  ...Object.values(QuicType).map((type) => {
    const stream = encodeQuic(pixels, WIDTH, HEIGHT, type);
    return [`QUIC ${type}`, (options: DecodeOptions) => decodeQuic(stream, options)];
  }),
  ...[LzType.RGB24, LzType.RGB32, LzType.RGBA, LzType.XXXA].map((type) => {
    const stream = encodeLz({ type, width: WIDTH, height: HEIGHT, pixels, topDown: false });
    return [`LZ ${type}`, (options: DecodeOptions) => decodeLz(stream, options)];
  }),
  ["LZ PLT1", (options: DecodeOptions) => {
    const stream = encodeLz({ type: LzType.PLT1_BE, width: WIDTH, height: HEIGHT, pixels: bits });
    return decodeLz(stream, { ...options, palette });
  }],
  ["LZ A8", (options: DecodeOptions) => {
    const stream = encodeLz({ type: LzType.A8, width: WIDTH, height: HEIGHT, pixels: new Uint8Array(COUNT).fill(9) });
    return decodeLz(stream, options);
  }],
  ...[BitmapFormat["16BIT"], BitmapFormat["24BIT"], BitmapFormat["32BIT"], BitmapFormat.RGBA].flatMap((format) => {
    const stream = encodeLz4(pixels, WIDTH, HEIGHT, { format, topDown: false }), strideBytes = WIDTH * 4 + 3;
    const layout = { format, width: WIDTH, height: HEIGHT, strideBytes, topDown: false };
    const rows = encodeBitmap(pixels, layout);
    return [
      [`LZ4 ${format}`, (options: DecodeOptions) => decodeLz4(stream, WIDTH, HEIGHT, options)],
      [`BITMAP ${format}`, (options: DecodeOptions) => decodeBitmap(rows, layout, options)],
    ];
  }),
  ["JPEG", (options: DecodeOptions) => decodeJpeg(encodeJpeg(pixels, WIDTH, HEIGHT), options)],
  ["JPEG_ALPHA", (options: DecodeOptions) => {
    const { bytes, ...layout } = encodeJpegAlpha(pixels, WIDTH, HEIGHT, {
      topDown: false,
      encodeXxxa: (pixels, width, height, topDown) => encodeLz({ type: LzType.XXXA, width, height, topDown, pixels }),
    });
    return decodeJpegAlpha(bytes, layout, options);
  }],
]);

for (const [name, decode] of Object.entries(decoders)) {
  Deno.test(`${name} is decoded into pixels that are there, whatever they hold, or into its own where they are too few`, () => {
    const own = decode({ maxPixels: COUNT });
    const into = new Uint32Array(COUNT + 3).fill(0xdeadbeef).subarray(1);
    const kept = decode({ maxPixels: COUNT, into });
    assert.deepEqual(kept, own);
    assert.ok(kept.pixels.buffer === into.buffer && kept.pixels.byteOffset === into.byteOffset);
    assert.deepEqual(into.subarray(COUNT), Uint32Array.of(0xdeadbeef, 0xdeadbeef));
    const few = new Uint32Array(COUNT - 1), other = decode({ maxPixels: COUNT, into: few });
    assert.deepEqual(other, own);
    assert.ok(few.every((pixel) => pixel === 0));
  });
}
