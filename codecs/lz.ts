/**
 * LZ, all image types (images LZ_RGB and LZ_PLT, the alpha part of JPEG_ALPHA): decoder, and encoder for RGB32.
 *
 * ```text
 * header, seven big-endian u32: magic "  ZL" 0x20205a4c, version 0x00010001, type, width, height, stride, top_down
 * then one pass of tokens, or two (RGBA: colours, then alpha):
 *   ctrl < 32  literal: ctrl + 1 units follow
 *   ctrl ≥ 32  match: length = (ctrl >> 5) + bias, where 7 adds following bytes up to and including the first < 255;
 *              distance = ((ctrl & 31) << 8 | next) + 1, where 31 and 255 escape to big-endian u16 + 8192
 *
 * pass      unit on the wire                     bias  types
 * rgb32     B G R                                0     RGB24, RGB32, RGBA (first pass)
 * rgb16     high byte, low byte, x1r5g5b5        1     RGB16
 * alpha     A                                    2     RGBA (second pass), XXXA
 * bytes     one byte: 8, 2 or 1 indexes, or A    2     PLT1_*, PLT4_*, PLT8, A8
 * ```
 *
 * A row of a palette image is `stride` whole bytes: pixels beyond `width` are padding.
 * Source: spice-common common/lz.c, common/lz_common.h, common/lz_decompress_tmpl.c, common/lz_compress_tmpl.c.
 */

import { CodecError } from "./errors.ts";
import { flipRows } from "./flip_rows.ts";
import type { DecodedImage, DecodeOptions } from "./image.ts";

/** Image types of the LZ header. Source: lz_common.h LzImageType. */
export const LzType = {
  PLT1_LE: 1,
  PLT1_BE: 2,
  PLT4_LE: 3,
  PLT4_BE: 4,
  PLT8: 5,
  RGB16: 6,
  RGB24: 7,
  RGB32: 8,
  RGBA: 9,
  XXXA: 10,
  A8: 11,
} as const;

/** One of {@link LzType}. */
export type LzType = typeof LzType[keyof typeof LzType];

/** The fields of the LZ header, checked. */
export interface LzHeader {
  /** What the pixels are. */
  readonly type: LzType;
  /** Pixels a row, 1 to 2³¹ − 1. */
  readonly width: number;
  /** Rows, 1 to 2³¹ − 1. */
  readonly height: number;
  /** Bytes a row before compression. Only palette images need it. */
  readonly strideBytes: number;
  /** Whether the first row is the top one. */
  readonly topDown: boolean;
}

/** Bytes of the LZ header. */
export const LZ_HEADER_BYTES = 28;

const MAGIC = 0x20205a4c;
const VERSION = 0x00010001;
const CODEC = "LZ";
const HASH_SIZE = 8192;
/** Distances of the encoder end before this one. Source: lz.c MAX_FARDISTANCE. */
const MAX_DISTANCE = 65535 + 8191 - 1;

/**
 * Read the header of an LZ stream.
 *
 * @param src The stream, from its magic on.
 * @returns The header; its numbers agree with each other as the reference demands.
 * @throws {CodecError} `truncated`, `bad-header`, `bad-size`.
 * Source: lz.c lz_decode_begin, lz_set_sizes.
 */
export function decodeLzHeader(src: Uint8Array): LzHeader {
  if (src.length < LZ_HEADER_BYTES) {
    throw new CodecError(CODEC, "truncated", src.length, `need ${LZ_HEADER_BYTES} bytes of header, ${src.length} left`);
  }
  const words = new DataView(src.buffer, src.byteOffset, LZ_HEADER_BYTES);
  const magic = words.getUint32(0), version = words.getUint32(4), type = words.getUint32(8);
  const width = words.getUint32(12), height = words.getUint32(16), strideBytes = words.getUint32(20);
  if (magic !== MAGIC) throw new CodecError(CODEC, "bad-header", 0, `magic is 0x${magic.toString(16)}`);
  if (version !== VERSION) throw new CodecError(CODEC, "bad-header", 4, `version is 0x${version.toString(16)}`);
  if (!isLzType(type)) throw new CodecError(CODEC, "bad-header", 8, `no image type ${type}`);
  if (width === 0 || width > 0x7fffffff) throw new CodecError(CODEC, "bad-size", 12, `width is ${width}`);
  if (height === 0 || height > 0x7fffffff) throw new CodecError(CODEC, "bad-size", 16, `height is ${height}`);
  const wanted = rowBytes(type, width);
  if (strideBytes !== wanted) {
    throw new CodecError(CODEC, "bad-size", 20, `stride is ${strideBytes}, ${width} pixels take ${wanted}`);
  }
  return { type, width, height, strideBytes, topDown: words.getUint32(24) !== 0 };
}

/**
 * Decode an LZ stream of any type to 32-bit pixels.
 *
 * Palette indexes: PLT4 wraps at the number of colours as the reference does, PLT1 and PLT8 must stay inside. Bytes
 * after the last pass are ignored. A8 and XXXA give black with alpha.
 *
 * @param src The stream, from its magic on.
 * @param options Pixel limit; palette for the PLT types.
 * @returns The picture, rows from the top down whatever the stream's order.
 * @throws {CodecError} any code but `unsupported`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeLz, encodeLzRgb32 } from "../mod.ts";
 *
 * const pixels = new Uint32Array(64 * 64).fill(0x336699);
 * const stream = encodeLzRgb32(pixels, 64, 64);
 * assert.ok(stream.length < 200); // of 16384 bytes
 * assert.deepEqual(decodeLz(stream, { maxPixels: 1e6 }), { width: 64, height: 64, pixels, alpha: false });
 * ```
 */
export function decodeLz(src: Uint8Array, options: DecodeOptions): DecodedImage {
  const header = decodeLzHeader(src);
  const { type, width, height, strideBytes, topDown } = header;
  const count = width * height;
  if (count > options.maxPixels) {
    throw new CodecError(CODEC, "bad-size", 12, `${width} × ${height} pixels, the limit is ${options.maxPixels}`);
  }
  // One byte of tokens cannot stand for more than 255 units, so a short stream that promises much is refused unread.
  const units = type <= LzType.PLT8 ? strideBytes * height : count;
  if ((src.length - LZ_HEADER_BYTES) * 255 < units) {
    throw new CodecError(CODEC, "truncated", src.length, `${src.length} bytes cannot hold ${units} units`);
  }
  if (type <= LzType.PLT8) {
    const palette = requirePalette(type, options.palette);
    const indexes = new Uint8Array(units);
    decodeLzBytes(src, indexes, LZ_HEADER_BYTES);
    const pixels = new Uint32Array(count);
    expandPalette(header, indexes, palette, pixels);
    return { width, height, pixels, alpha: false };
  }
  const pixels = new Uint32Array(count);
  let alpha = false;
  switch (type) {
    case LzType.RGB16:
      decodeLzRgb16(src, pixels, LZ_HEADER_BYTES);
      break;
    case LzType.RGB24:
    case LzType.RGB32:
      decodeLzRgb32(src, pixels, LZ_HEADER_BYTES);
      break;
    case LzType.RGBA:
      decodeLzAlpha(src, pixels, decodeLzRgb32(src, pixels, LZ_HEADER_BYTES));
      alpha = true;
      break;
    case LzType.XXXA:
      decodeLzAlpha(src, pixels, LZ_HEADER_BYTES);
      alpha = true;
      break;
    case LzType.A8: {
      const values = new Uint8Array(count);
      decodeLzBytes(src, values, LZ_HEADER_BYTES);
      for (let i = 0; i < count; i++) pixels[i] = values[i]! << 24;
      alpha = true;
    }
  }
  if (!topDown) flipRows(pixels, width, height);
  return { width, height, pixels, alpha };
}

/**
 * LZ, RGB32 pass (types RGB24, RGB32, and the first pass of RGBA).
 *
 * @param src Tokens. May run past the pass (an alpha pass can follow).
 * @param dst width × height pixels, 0x00RRGGBB, rows in stream order.
 * @param at Where in `src` the pass starts.
 * @returns Where in `src` the pass ends.
 * @throws {CodecError} `truncated`, `overrun`, `bad-distance`; `dst` is then partly written.
 */
export function decodeLzRgb32(src: Uint8Array, dst: Uint32Array, at = 0): number {
  const size = dst.length, limit = src.length;
  let out = 0;
  while (out < size) {
    const ctrl = src[at++]!;
    if (ctrl < 32) {
      const end = out + ctrl + 1;
      if (!(at + (ctrl + 1) * 3 <= limit)) throw new CodecError(CODEC, "truncated", at);
      if (!(end <= size)) throw new CodecError(CODEC, "overrun", at);
      for (; out < end; at += 3) dst[out++] = src[at]! | src[at + 1]! << 8 | src[at + 2]! << 16;
      continue;
    }
    let length = ctrl >> 5;
    for (let more = length === 7 ? 255 : 0; more === 255; length += more) more = src[at++]!;
    const high = ctrl & 31, low = src[at++]!;
    const distance = high === 31 && low === 255 ? (src[at++]! << 8 | src[at++]!) + 8192 : (high << 8 | low) + 1;
    // INVARIANT: at <= src.length before any value read above is used; one check per token.
    if (!(at <= limit)) throw new CodecError(CODEC, "truncated", at);
    if (!(distance <= out)) throw new CodecError(CODEC, "bad-distance", at);
    const end = out + length;
    if (!(end <= size)) throw new CodecError(CODEC, "overrun", at);
    // A call costs as much as copying some thirty pixels in the loop.
    if (length > 32 && (distance === 1 || distance >= length)) {
      if (distance === 1) dst.fill(dst[out - 1]!, out, end);
      else dst.copyWithin(out, out - distance, end - distance);
      out = end;
    } else {
      for (; out < end; out++) dst[out] = dst[out - distance]!;
    }
  }
  return at;
}

/**
 * LZ, RGB16 pass, widened to 32 bits as the reference widens: a channel's top bits repeat below it.
 *
 * @param src Tokens.
 * @param dst width × height pixels, 0x00RRGGBB, rows in stream order.
 * @param at Where in `src` the pass starts.
 * @returns Where in `src` the pass ends.
 * @throws {CodecError} `truncated`, `overrun`, `bad-distance`; `dst` is then partly written.
 */
export function decodeLzRgb16(src: Uint8Array, dst: Uint32Array, at = 0): number {
  const size = dst.length, limit = src.length;
  let out = 0;
  while (out < size) {
    const ctrl = src[at++]!;
    if (ctrl < 32) {
      const end = out + ctrl + 1;
      if (!(at + (ctrl + 1) * 2 <= limit)) throw new CodecError(CODEC, "truncated", at);
      if (!(end <= size)) throw new CodecError(CODEC, "overrun", at);
      for (; out < end; at += 2) {
        const value = src[at]! << 8 | src[at + 1]!;
        const wide = (value & 0x7c00) << 9 | (value & 0x3e0) << 6 | (value & 0x1f) << 3;
        dst[out++] = wide | wide >>> 5 & 0x070707;
      }
      continue;
    }
    let length = ctrl >> 5;
    for (let more = length === 7 ? 255 : 0; more === 255; length += more) more = src[at++]!;
    length += 1;
    const high = ctrl & 31, low = src[at++]!;
    const distance = high === 31 && low === 255 ? (src[at++]! << 8 | src[at++]!) + 8192 : (high << 8 | low) + 1;
    // INVARIANT: at <= src.length before any value read above is used; one check per token.
    if (!(at <= limit)) throw new CodecError(CODEC, "truncated", at);
    if (!(distance <= out)) throw new CodecError(CODEC, "bad-distance", at);
    const end = out + length;
    if (!(end <= size)) throw new CodecError(CODEC, "overrun", at);
    for (; out < end; out++) dst[out] = dst[out - distance]!;
  }
  return at;
}

/**
 * LZ, alpha pass (second pass of RGBA; XXXA): only bits 24 to 31 of each pixel are written.
 *
 * @param src Tokens.
 * @param dst width × height pixels, 0xAARRGGBB, rows in stream order; the colours stay.
 * @param at Where in `src` the pass starts.
 * @returns Where in `src` the pass ends.
 * @throws {CodecError} `truncated`, `overrun`, `bad-distance`; `dst` is then partly written.
 */
export function decodeLzAlpha(src: Uint8Array, dst: Uint32Array, at = 0): number {
  const size = dst.length, limit = src.length;
  let out = 0;
  while (out < size) {
    const ctrl = src[at++]!;
    if (ctrl < 32) {
      const end = out + ctrl + 1;
      if (!(at + ctrl + 1 <= limit)) throw new CodecError(CODEC, "truncated", at);
      if (!(end <= size)) throw new CodecError(CODEC, "overrun", at);
      for (; out < end; out++) dst[out] = dst[out]! & 0xffffff | src[at++]! << 24;
      continue;
    }
    let length = ctrl >> 5;
    for (let more = length === 7 ? 255 : 0; more === 255; length += more) more = src[at++]!;
    length += 2;
    const high = ctrl & 31, low = src[at++]!;
    const distance = high === 31 && low === 255 ? (src[at++]! << 8 | src[at++]!) + 8192 : (high << 8 | low) + 1;
    // INVARIANT: at <= src.length before any value read above is used; one check per token.
    if (!(at <= limit)) throw new CodecError(CODEC, "truncated", at);
    if (!(distance <= out)) throw new CodecError(CODEC, "bad-distance", at);
    const end = out + length;
    if (!(end <= size)) throw new CodecError(CODEC, "overrun", at);
    for (; out < end; out++) dst[out] = dst[out]! & 0xffffff | dst[out - distance]! & 0xff000000;
  }
  return at;
}

/**
 * LZ, byte pass (types PLT1, PLT4, PLT8 and A8).
 *
 * @param src Tokens.
 * @param dst stride × height bytes (A8: width × height), rows in stream order.
 * @param at Where in `src` the pass starts.
 * @returns Where in `src` the pass ends.
 * @throws {CodecError} `truncated`, `overrun`, `bad-distance`; `dst` is then partly written.
 */
export function decodeLzBytes(src: Uint8Array, dst: Uint8Array, at = 0): number {
  const size = dst.length, limit = src.length;
  let out = 0;
  while (out < size) {
    const ctrl = src[at++]!;
    if (ctrl < 32) {
      const end = out + ctrl + 1;
      if (!(at + ctrl + 1 <= limit)) throw new CodecError(CODEC, "truncated", at);
      if (!(end <= size)) throw new CodecError(CODEC, "overrun", at);
      while (out < end) dst[out++] = src[at++]!;
      continue;
    }
    let length = ctrl >> 5;
    for (let more = length === 7 ? 255 : 0; more === 255; length += more) more = src[at++]!;
    length += 2;
    const high = ctrl & 31, low = src[at++]!;
    const distance = high === 31 && low === 255 ? (src[at++]! << 8 | src[at++]!) + 8192 : (high << 8 | low) + 1;
    // INVARIANT: at <= src.length before any value read above is used; one check per token.
    if (!(at <= limit)) throw new CodecError(CODEC, "truncated", at);
    if (!(distance <= out)) throw new CodecError(CODEC, "bad-distance", at);
    const end = out + length;
    if (!(end <= size)) throw new CodecError(CODEC, "overrun", at);
    for (; out < end; out++) dst[out] = dst[out - distance]!;
  }
  return at;
}

/**
 * Encode an RGB32 image, byte for byte as the reference does when it is given the picture in one piece.
 *
 * Its search: a run of four equal pixels is a match at distance 1; otherwise the place where the hash of the next three
 * pixels was seen last, if its first pixel agrees (and its second, from distance 8191 on). The last six pixels are
 * literals.
 *
 * @param pixels 0x??RRGGBB, rows from the top down; the top byte is not coded.
 * @param width Pixels a row.
 * @param height Rows; width × height is the length of `pixels`.
 * @param work Working memory; a caller that encodes much hands in the same again.
 * @returns A whole stream: header and one pass.
 * @throws {CodecError} `bad-size`.
 * Source: spice-common common/lz_compress_tmpl.c; common/lz.c lz_encode.
 */
export function encodeLzRgb32(
  pixels: Uint32Array,
  width: number,
  height: number,
  work: LzWork = new LzWork(),
): Uint8Array<ArrayBuffer> {
  const size = pixels.length;
  if (!(width >= 1 && height >= 1 && width * height === size && size * 4 < 2 ** 30)) {
    throw new CodecError(CODEC, "bad-size", 0, `${width} × ${height} is not ${size} pixels, or too many`);
  }
  // A literal takes 3 bytes and a 32nd of a token byte, and a match never more than the literals it replaces.
  const dst = work.bytes(LZ_HEADER_BYTES + size * 3 + (size >> 5) + 16), { seen } = work;
  const words = new DataView(dst.buffer);
  [MAGIC, VERSION, LzType.RGB32, width, height, width * 4, 1].forEach((word, i) => words.setUint32(i * 4, word));
  // Too small for the search: nothing but literals.
  const from = size < 4 ? 0 : 2, limit = size < 4 ? 0 : size - 6, bound = size - 2;
  seen.fill(0);
  let out = LZ_HEADER_BYTES, token = out++, literals = 0, at = 0;
  // INVARIANT: token is where the count of the pending literals goes; out is the byte after them.
  while (at < size) {
    let end = at;
    if (at >= from && at < limit) {
      const pixel = pixels[at]! & 0xffffff, second = pixels[at + 1]! & 0xffffff, third = pixels[at + 2]! & 0xffffff;
      let distance = 0;
      if ((pixels[at - 1]! & 0xffffff) === pixel && pixel === second && pixel === third) {
        distance = 1;
        for (end = at + 2; end < bound - 1 && (pixels[end]! & 0xffffff) === pixel;) end++;
      } else {
        const slot = hash(pixel, second, third);
        distance = at - seen[slot]!;
        seen[slot] = at;
        if (distance > 0 && distance < MAX_DISTANCE && (pixels[at - distance]! & 0xffffff) === pixel) {
          end = matchEnd(pixels, at, distance, bound);
        }
      }
      if (end > at) {
        if (literals > 0) dst[token] = literals - 1;
        else out--;
        out = putMatch(dst, out, end - at, distance - 1);
        // The reference remembers the places of the last two pixels of a match, if they are past its first.
        for (let i = end - 2; i < end; i++) {
          if (i > at) seen[hash(pixels[i]! & 0xffffff, pixels[i + 1]! & 0xffffff, pixels[i + 2]! & 0xffffff)] = i;
        }
        token = out++;
        literals = 0;
        at = end;
        continue;
      }
    }
    const pixel = pixels[at++]!;
    dst[out] = pixel;
    dst[out + 1] = pixel >> 8;
    dst[out + 2] = pixel >> 16;
    out += 3;
    if (++literals === 32) {
      dst[token] = 31;
      token = out++;
      literals = 0;
    }
  }
  if (literals > 0) dst[token] = literals - 1;
  else out--;
  return dst.slice(0, out);
}

/** Working memory of the encoder. It holds nothing between two images. */
export class LzWork {
  /** Where the hash of three pixels was seen last. @internal */
  readonly seen: Int32Array = new Int32Array(HASH_SIZE);
  #bytes = new Uint8Array(0);

  /** At least so many bytes, any content. @internal */
  bytes(size: number): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length < size) this.#bytes = new Uint8Array(size);
    return this.#bytes;
  }
}

function isLzType(type: number): type is LzType {
  return type >= LzType.PLT1_LE && type <= LzType.A8;
}

/** Bytes of an uncompressed row. The reference allows no other stride. */
function rowBytes(type: LzType, width: number): number {
  switch (type) {
    case LzType.PLT1_LE:
    case LzType.PLT1_BE:
      return Math.ceil(width / 8);
    case LzType.PLT4_LE:
    case LzType.PLT4_BE:
      return Math.ceil(width / 2);
    case LzType.PLT8:
    case LzType.A8:
      return width;
    case LzType.RGB16:
      return width * 2;
    case LzType.RGB24:
      return width * 3;
    default:
      return width * 4;
  }
}

function requirePalette(type: LzType, palette: Uint32Array | undefined): Uint32Array {
  const least = type === LzType.PLT1_LE || type === LzType.PLT1_BE ? 2 : 1;
  if (palette === undefined) throw new CodecError(CODEC, "bad-palette", 8, "a palette is missing");
  if (palette.length < least) {
    throw new CodecError(CODEC, "bad-palette", 8, `the palette has ${palette.length} colours, need ${least}`);
  }
  return palette;
}

/** Crop rows to their width, put them top-down, and look up the colours. */
function expandPalette(header: LzHeader, indexes: Uint8Array, palette: Uint32Array, dst: Uint32Array): void {
  const { type, width, height, strideBytes, topDown } = header;
  const colours = new Uint32Array(256);
  const shiftBits = type <= LzType.PLT1_BE ? 3 : type <= LzType.PLT4_BE ? 1 : 0;
  const known = type === LzType.PLT4_LE || type === LzType.PLT4_BE ? 256 : palette.length;
  for (let i = 0; i < 256; i++) colours[i] = palette[i % palette.length]! & 0xffffff;
  // Index i of a byte sits at bit (i ^ flip) × bits: little-endian types start at bit 0, big-endian ones at the top.
  const perByte = 1 << shiftBits, bits = 8 >> shiftBits, mask = (1 << bits) - 1;
  const flip = type === LzType.PLT1_BE || type === LzType.PLT4_BE ? perByte - 1 : 0;
  for (let y = 0; y < height; y++) {
    const row = y * strideBytes;
    let out = (topDown ? y : height - 1 - y) * width;
    for (let x = 0; x < width; x++) {
      const index = indexes[row + (x >> shiftBits)]! >> ((x & perByte - 1) ^ flip) * bits & mask;
      if (!(index < known)) {
        throw new CodecError(CODEC, "bad-palette", LZ_HEADER_BYTES, `index ${index} of ${known} colours`);
      }
      dst[out++] = colours[index]!;
    }
  }
}

/** Source: lz_compress_tmpl.c DJB2_HASH over R, G, B of three pixels; only its low 13 bits count. */
function hash(a: number, b: number, c: number): number {
  let h = 5381;
  h = h * 33 ^ a >> 16;
  h = h * 33 ^ a >> 8 & 255;
  h = (h * 33 ^ a & 255) & HASH_SIZE - 1;
  h = h * 33 ^ b >> 16;
  h = h * 33 ^ b >> 8 & 255;
  h = (h * 33 ^ b & 255) & HASH_SIZE - 1;
  h = h * 33 ^ c >> 16;
  h = h * 33 ^ c >> 8 & 255;
  return (h * 33 ^ c & 255) & HASH_SIZE - 1;
}

/**
 * Where a match ends whose first pixel agrees; `at` if the reference does not take it.
 *
 * Two of its habits show in the bytes: from distance 8191 on the second pixel must agree, too; and a match that is
 * stopped by `bound` instead of by a pixel loses its last one.
 */
function matchEnd(pixels: Uint32Array, at: number, distance: number, bound: number): number {
  let end = at + 1;
  if (distance >= 8191) {
    if (((pixels[end - distance]! ^ pixels[end]!) & 0xffffff) !== 0) return at;
    end++;
  }
  while (end < bound && ((pixels[end - distance]! ^ pixels[end]!) & 0xffffff) === 0) end++;
  return end < bound ? end : end - 1;
}

/** Write a match: length as it is (bias 0), distance less 1. Answers where it ends. */
function putMatch(dst: Uint8Array, out: number, length: number, distance: number): number {
  const near = Math.min(distance, 8191);
  dst[out++] = Math.min(length, 7) << 5 | near >> 8;
  if (length >= 7) {
    let rest = length - 7;
    for (; rest >= 255; rest -= 255) dst[out++] = 255;
    dst[out++] = rest;
  }
  dst[out++] = near;
  if (distance >= 8191) {
    dst[out++] = distance - 8191 >> 8;
    dst[out++] = distance - 8191;
  }
  return out;
}
