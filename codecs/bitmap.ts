/**
 * BITMAP, all formats, decoder and encoder: uncompressed rows of `stride` bytes, top-down or bottom-up.
 *
 * ```text
 * 1BIT_LE/BE   palette index, leftmost pixel in the lowest / highest bit
 * 4BIT_LE/BE   palette index, leftmost pixel in the low / high half
 * 8BIT         palette index
 * 16BIT        little-endian x1r5g5b5
 * 24BIT        B G R
 * 32BIT        B G R and a byte that means nothing, kept as it came
 * RGBA         B G R A
 * 8BIT_A       A
 * ```
 *
 * Source: spice-common common/pixman_utils.c spice_bitmap_to_pixman (which has no 1BIT_LE and 4BIT_LE);
 * canvas_16bpp_to_32bpp in common/canvas_base.c.
 */

import { CodecError } from "./errors.ts";
import { type DecodedImage, type DecodeOptions, roomForPixels } from "./image.ts";

/** Bitmap formats on the wire. Source: spice.proto bitmap_fmt. */
export const BitmapFormat = {
  "1BIT_LE": 1,
  "1BIT_BE": 2,
  "4BIT_LE": 3,
  "4BIT_BE": 4,
  "8BIT": 5,
  "16BIT": 6,
  "24BIT": 7,
  "32BIT": 8,
  RGBA: 9,
  "8BIT_A": 10,
} as const;

/** One of {@link BitmapFormat}. */
export type BitmapFormat = typeof BitmapFormat[keyof typeof BitmapFormat];

/** What the message says about the bytes. */
export interface BitmapLayout {
  /** A {@link BitmapFormat}; any other number is refused. */
  readonly format: number;
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Bytes from one row to the next, padding included. */
  readonly strideBytes: number;
  /** Whether the first row is the top one (bitmap flag TOP_DOWN). */
  readonly topDown: boolean;
}

const CODEC = "BITMAP";
/** Bits a pixel, by format number. */
const BITS: readonly number[] = [0, 1, 1, 4, 4, 8, 16, 24, 32, 32, 8];
const HOST_IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/**
 * Decode a bitmap to 32-bit pixels.
 *
 * Palette entries are taken as they are: on a 16-bit surface the wire carries 16-bit entries, which the caller widens
 * first. The padding of the last row may be missing. 8BIT_A gives black with alpha.
 *
 * @param src The rows, joined if they came in chunks. Bytes after the last row are ignored.
 * @param layout Format, size, stride and order of the rows.
 * @param options Pixel limit; palette for the 1, 4 and 8 bit formats.
 * @returns The picture, rows from the top down whatever the order of the stream.
 * @throws {CodecError} `bad-header` (no such format), `bad-size`, `truncated`, `bad-palette`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { BitmapFormat, decodeBitmap } from "../mod.ts";
 *
 * const rows = Uint8Array.of(0b10000000, 0b01000000); // two rows of two pixels, each in a byte of its own
 * const layout = { format: BitmapFormat["1BIT_BE"], width: 2, height: 2, strideBytes: 1, topDown: true };
 * const { pixels } = decodeBitmap(rows, layout, { maxPixels: 1e6, palette: Uint32Array.of(0x000000, 0xffffff) });
 * assert.deepEqual(pixels, Uint32Array.of(0xffffff, 0x000000, 0x000000, 0xffffff));
 * ```
 */
export function decodeBitmap(src: Uint8Array, layout: BitmapLayout, options: DecodeOptions): DecodedImage {
  const { format, width, height, strideBytes, topDown } = layout;
  const rowBytes = bitmapRowBytes(format, width);
  if (!(width >= 1 && height >= 1 && width * height <= options.maxPixels)) {
    throw new CodecError(CODEC, "bad-size", 0, `${width} × ${height} pixels, the limit is ${options.maxPixels}`);
  }
  if (!(strideBytes >= rowBytes)) {
    throw new CodecError(CODEC, "bad-size", 0, `stride is ${strideBytes}, a row takes ${rowBytes} bytes`);
  }
  const needed = (height - 1) * strideBytes + rowBytes;
  if (!(src.length >= needed)) {
    throw new CodecError(CODEC, "truncated", src.length, `need ${needed} bytes, ${src.length} left`);
  }
  const pixels = roomForPixels(width * height, options);
  // INVARIANT: row y of the stream is inside src and goes to pixels at first + y * step.
  const first = topDown ? 0 : (height - 1) * width, step = topDown ? width : -width;
  switch (format) {
    case BitmapFormat["32BIT"]:
    case BitmapFormat.RGBA:
      rows32(src, strideBytes, pixels, width, height, first, step);
      break;
    case BitmapFormat["24BIT"]:
      rows24(src, strideBytes, pixels, width, height, first, step);
      break;
    case BitmapFormat["16BIT"]:
      rows16(src, strideBytes, pixels, width, height, first, step);
      break;
    case BitmapFormat["8BIT_A"]:
      rowsAlpha(src, strideBytes, pixels, width, height, first, step);
      break;
    default: {
      if (options.palette === undefined) throw new CodecError(CODEC, "bad-palette", 0, "a palette is missing");
      const bigEndian = format === BitmapFormat["1BIT_BE"] || format === BitmapFormat["4BIT_BE"];
      rowsIndexed(src, strideBytes, pixels, width, height, first, step, BITS[format]!, bigEndian, options.palette);
    }
  }
  return { width, height, pixels, alpha: format === BitmapFormat.RGBA || format === BitmapFormat["8BIT_A"] };
}

/**
 * Encode pixels as a 32BIT or RGBA bitmap: top-down, stride 4 × width.
 *
 * @param pixels 0xAARRGGBB, rows tightly packed from the top down.
 * @returns 4 bytes a pixel: B, G, R and bits 24 to 31.
 */
export function encodeBitmap32(pixels: Uint32Array): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(pixels);
  if (!HOST_IS_LITTLE_ENDIAN) swapBytes(words);
  return new Uint8Array(words.buffer);
}

/**
 * Encode pixels as a bitmap of any format; padding is zero.
 *
 * 16BIT keeps the upper five bits of each channel, 8BIT_A bits 24 to 31 alone; 32BIT and RGBA keep all 32 bits. Colours
 * of the indexed formats are looked up without bits 24 to 31, and the first entry of a colour is taken.
 *
 * @param pixels 0xAARRGGBB, rows tightly packed from the top down.
 * @param layout Format, size, stride and order of the rows to write; width × height is the length of `pixels`.
 * @param palette Colours of the 1, 4 and 8 bit formats, 0x00RRGGBB; entries that the format cannot number are unused.
 * @returns strideBytes × height bytes.
 * @throws {CodecError} `bad-header` (no such format), `bad-size`, `bad-palette` (missing, or without a pixel's colour).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { BitmapFormat, encodeBitmap } from "../mod.ts";
 *
 * const layout = { format: BitmapFormat["4BIT_BE"], width: 3, height: 1, strideBytes: 4, topDown: true };
 * const bytes = encodeBitmap(Uint32Array.of(0, 0xff0000, 0xff0000), layout, Uint32Array.of(0xff0000, 0));
 * assert.deepEqual(bytes, Uint8Array.of(0x10, 0, 0, 0));
 * ```
 */
export function encodeBitmap(
  pixels: Uint32Array,
  layout: BitmapLayout,
  palette?: Uint32Array,
): Uint8Array<ArrayBuffer> {
  const { format, width, height, strideBytes, topDown } = layout;
  const rowBytes = bitmapRowBytes(format, width);
  if (!(width >= 1 && height >= 1 && width * height === pixels.length)) {
    throw new CodecError(CODEC, "bad-size", 0, `${width} × ${height} is not ${pixels.length} pixels`);
  }
  if (!(strideBytes >= rowBytes)) {
    throw new CodecError(CODEC, "bad-size", 0, `stride is ${strideBytes}, a row takes ${rowBytes} bytes`);
  }
  const dst = new Uint8Array(strideBytes * height);
  const first = topDown ? 0 : (height - 1) * width, step = topDown ? width : -width;
  switch (format) {
    case BitmapFormat["32BIT"]:
    case BitmapFormat.RGBA:
      putRows32(pixels, width, height, first, step, dst, strideBytes);
      break;
    case BitmapFormat["24BIT"]:
      putRows24(pixels, width, height, first, step, dst, strideBytes);
      break;
    case BitmapFormat["16BIT"]:
      putRows16(pixels, width, height, first, step, dst, strideBytes);
      break;
    case BitmapFormat["8BIT_A"]:
      putRowsAlpha(pixels, width, height, first, step, dst, strideBytes);
      break;
    default: {
      if (palette === undefined) throw new CodecError(CODEC, "bad-palette", 0, "a palette is missing");
      const bigEndian = format === BitmapFormat["1BIT_BE"] || format === BitmapFormat["4BIT_BE"];
      putRowsIndexed(pixels, width, height, first, step, dst, strideBytes, BITS[format]!, bigEndian, palette);
    }
  }
  return dst;
}

/**
 * Bytes that the pixels of a row take, padding not counted.
 *
 * @param format A {@link BitmapFormat}.
 * @param width Pixels a row.
 * @throws {CodecError} `bad-header` for any other format.
 */
export function bitmapRowBytes(format: number, width: number): number {
  const bits = BITS[format];
  if (!isBitmapFormat(format) || bits === undefined) {
    throw new CodecError(CODEC, "bad-header", 0, `no bitmap format ${format}`);
  }
  return Math.ceil(width * bits / 8);
}

function isBitmapFormat(format: number): format is BitmapFormat {
  return format >= BitmapFormat["1BIT_LE"] && format <= BitmapFormat["8BIT_A"];
}

function rows32(
  src: Uint8Array,
  stride: number,
  dst: Uint32Array,
  width: number,
  height: number,
  first: number,
  step: number,
): void {
  const out = new Uint8Array(dst.buffer, dst.byteOffset, dst.byteLength);
  if (stride === width * 4 && step > 0) {
    out.set(src.subarray(0, out.length));
  } else {
    for (let y = 0, at = 0; y < height; y++, at += stride) {
      out.set(src.subarray(at, at + width * 4), (first + y * step) * 4);
    }
  }
  if (!HOST_IS_LITTLE_ENDIAN) swapBytes(dst);
}

function rows24(
  src: Uint8Array,
  stride: number,
  dst: Uint32Array,
  width: number,
  height: number,
  first: number,
  step: number,
): void {
  for (let y = 0; y < height; y++) {
    let at = y * stride, out = first + y * step;
    for (const end = out + width; out < end; at += 3) dst[out++] = src[at]! | src[at + 1]! << 8 | src[at + 2]! << 16;
  }
}

function rows16(
  src: Uint8Array,
  stride: number,
  dst: Uint32Array,
  width: number,
  height: number,
  first: number,
  step: number,
): void {
  for (let y = 0; y < height; y++) {
    let at = y * stride, out = first + y * step;
    for (const end = out + width; out < end; at += 2) {
      const value = src[at]! | src[at + 1]! << 8;
      const wide = (value & 0x7c00) << 9 | (value & 0x3e0) << 6 | (value & 0x1f) << 3;
      dst[out++] = wide | wide >>> 5 & 0x070707;
    }
  }
}

function rowsAlpha(
  src: Uint8Array,
  stride: number,
  dst: Uint32Array,
  width: number,
  height: number,
  first: number,
  step: number,
): void {
  for (let y = 0; y < height; y++) {
    let at = y * stride, out = first + y * step;
    for (const end = out + width; out < end;) dst[out++] = src[at++]! << 24;
  }
}

function rowsIndexed(
  src: Uint8Array,
  stride: number,
  dst: Uint32Array,
  width: number,
  height: number,
  first: number,
  step: number,
  bits: number,
  bigEndian: boolean,
  palette: Uint32Array,
): void {
  const perByte = 8 / bits, shift = perByte === 8 ? 3 : perByte === 2 ? 1 : 0, mask = (1 << bits) - 1;
  const flip = bigEndian ? perByte - 1 : 0, known = palette.length;
  for (let y = 0; y < height; y++) {
    const row = y * stride;
    let out = first + y * step;
    for (let x = 0; x < width; x++) {
      const index = src[row + (x >> shift)]! >> ((x & perByte - 1) ^ flip) * bits & mask;
      if (!(index < known)) {
        throw new CodecError(CODEC, "bad-palette", row + (x >> shift), `index ${index} of ${known} colours`);
      }
      dst[out++] = palette[index]!;
    }
  }
}

function putRows32(
  src: Uint32Array,
  width: number,
  height: number,
  first: number,
  step: number,
  dst: Uint8Array<ArrayBuffer>,
  stride: number,
): void {
  if (HOST_IS_LITTLE_ENDIAN) {
    const bytes = new Uint8Array(src.buffer, src.byteOffset, src.byteLength);
    if (stride === width * 4 && step > 0) {
      dst.set(bytes);
      return;
    }
    for (let y = 0; y < height; y++) {
      const from = (first + y * step) * 4;
      dst.set(bytes.subarray(from, from + width * 4), y * stride);
    }
    return;
  }
  const view = new DataView(dst.buffer);
  for (let y = 0; y < height; y++) {
    const from = first + y * step;
    for (let x = 0; x < width; x++) view.setUint32(y * stride + x * 4, src[from + x]!, true);
  }
}

function putRows24(
  src: Uint32Array,
  width: number,
  height: number,
  first: number,
  step: number,
  dst: Uint8Array,
  stride: number,
): void {
  for (let y = 0; y < height; y++) {
    let at = first + y * step, out = y * stride;
    for (const end = at + width; at < end; out += 3) {
      const pixel = src[at++]!;
      dst[out] = pixel;
      dst[out + 1] = pixel >> 8;
      dst[out + 2] = pixel >> 16;
    }
  }
}

function putRows16(
  src: Uint32Array,
  width: number,
  height: number,
  first: number,
  step: number,
  dst: Uint8Array,
  stride: number,
): void {
  for (let y = 0; y < height; y++) {
    let at = first + y * step, out = y * stride;
    for (const end = at + width; at < end; out += 2) {
      const pixel = src[at++]!;
      const value = pixel >> 9 & 0x7c00 | pixel >> 6 & 0x3e0 | pixel >> 3 & 0x1f;
      dst[out] = value;
      dst[out + 1] = value >> 8;
    }
  }
}

function putRowsAlpha(
  src: Uint32Array,
  width: number,
  height: number,
  first: number,
  step: number,
  dst: Uint8Array,
  stride: number,
): void {
  for (let y = 0; y < height; y++) {
    let at = first + y * step, out = y * stride;
    for (const end = at + width; at < end;) dst[out++] = src[at++]! >>> 24;
  }
}

function putRowsIndexed(
  src: Uint32Array,
  width: number,
  height: number,
  first: number,
  step: number,
  dst: Uint8Array,
  stride: number,
  bits: number,
  bigEndian: boolean,
  palette: Uint32Array,
): void {
  const perByte = 8 / bits, shift = perByte === 8 ? 3 : perByte === 2 ? 1 : 0;
  const flip = bigEndian ? perByte - 1 : 0;
  const indexes = new Map<number, number>();
  for (let i = Math.min(palette.length, 1 << bits) - 1; i >= 0; i--) indexes.set(palette[i]! & 0xffffff, i);
  let colour = -1, index = 0;
  for (let y = 0; y < height; y++) {
    const row = y * stride, from = first + y * step;
    for (let x = 0; x < width; x++) {
      const pixel = src[from + x]! & 0xffffff;
      if (pixel !== colour) {
        const found = indexes.get(pixel);
        if (found === undefined) {
          throw new CodecError(CODEC, "bad-palette", 0, `no colour 0x${pixel.toString(16).padStart(6, "0")}`);
        }
        colour = pixel;
        index = found;
      }
      const at = row + (x >> shift);
      dst[at] = dst[at]! | index << ((x & perByte - 1) ^ flip) * bits;
    }
  }
}

function swapBytes(words: Uint32Array): void {
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
  for (let i = 0; i < words.length; i++) words[i] = view.getUint32(i * 4, true);
}
