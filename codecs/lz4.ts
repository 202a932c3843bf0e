/**
 * LZ4 (image type LZ4), decoder and encoder: rows of a bitmap, compressed in blocks that share one dictionary.
 *
 * ```text
 * u8 top_down   0: rows run from the bottom up
 * u8 format     bitmap format: 16BIT, 24BIT, 32BIT, RGBA (8BIT_A is written by the reference, but not read by it)
 * then blocks to the end of the data: big-endian u32 length, and so many bytes of LZ4 sequences:
 *   token         high half: literals, low half: match length less 4; 15 adds following bytes up to the first < 255
 *   literals      that many bytes
 *   distance      little-endian u16, 1 to 65535, back into the rows, over the border of a block too
 * The last sequence of a block ends after its literals.
 * ```
 *
 * The size is not in the stream. Rows have no padding: the reference's server does not choose LZ4 for bitmaps that have
 * some (`server/dcc.cpp` get_compression_for_bitmap).
 * Source: spice-server server/lz4-encoder.c lz4_encode; spice-common common/canvas_base.c canvas_get_lz4; LZ4 block
 * format description (lz4 doc/lz4_Block_format.md).
 */

import { BitmapFormat, bitmapRowBytes, decodeBitmap, encodeBitmap } from "./bitmap.ts";
import { CodecError } from "./errors.ts";
import { flipRows } from "./flip_rows.ts";
import { type DecodedImage, type DecodeOptions, roomForPixels } from "./image.ts";

/** Bitmap formats that have no palette. */
export type Lz4Format = 6 | 7 | 8 | 9 | 10;

/** What the encoder may be told. */
export interface Lz4Options {
  /** {@link BitmapFormat} of the rows, by default 32BIT. A reference client does not draw 8BIT_A. */
  readonly format?: Lz4Format | undefined;
  /** Order of the rows, by default from the top down. */
  readonly topDown?: boolean | undefined;
  /** Rows that go in one block, at least 1, by default all. */
  readonly rowsPerBlock?: number | undefined;
  /** Working memory; a caller that encodes much hands in the same again. */
  readonly work?: Lz4Work | undefined;
}

const CODEC = "LZ4";
const HOST_IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
const HASH_BITS = 13;
const MOST_DISTANCE = 65535;
/** What is longer is copied by a call of the host, which costs as much as so many bytes in a loop. */
const MOST_COPIED = 512;
/** The last match of a block starts so many bytes before its end, or earlier. Source: lz4_Block_format.md. */
const LAST_START = 12;
/** So many bytes at the end of a block are literals. Source: as above. */
const LAST_LITERALS = 5;

/**
 * Decode an LZ4 image to 32-bit pixels.
 *
 * @param src The stream, from its top_down byte on.
 * @param width Pixels a row, from the image descriptor.
 * @param height Rows, from the image descriptor.
 * @param options Pixel limit.
 * @returns The picture, rows from the top down whatever the stream's order. 32BIT keeps bits 24 to 31 as they came.
 * @throws {CodecError} `bad-header`, `bad-size`, `truncated`, `overrun`, `bad-distance`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeLz4, encodeLz4 } from "../mod.ts";
 *
 * const pixels = new Uint32Array(64 * 64).fill(0x336699);
 * const stream = encodeLz4(pixels, 64, 64);
 * assert.ok(stream.length < 100); // of 16384 bytes
 * assert.deepEqual(decodeLz4(stream, 64, 64, { maxPixels: 1e6 }), { width: 64, height: 64, pixels, alpha: false });
 * ```
 */
export function decodeLz4(src: Uint8Array, width: number, height: number, options: DecodeOptions): DecodedImage {
  if (src.length < 2) throw new CodecError(CODEC, "truncated", src.length, "the header of two bytes is cut");
  const topDown = src[0] !== 0, format = src[1]!;
  if (!isLz4Format(format)) throw new CodecError(CODEC, "bad-header", 1, `no bitmap format ${format} in LZ4`);
  const count = width * height;
  if (!(width >= 1 && height >= 1 && count <= options.maxPixels)) {
    throw new CodecError(CODEC, "bad-size", 0, `${width} × ${height} pixels, the limit is ${options.maxPixels}`);
  }
  const rowBytes = bitmapRowBytes(format, width), needed = rowBytes * height;
  // A byte stands for 255 at most, so a short stream that promises much is refused unread.
  if (src.length * 255 < needed) {
    throw new CodecError(CODEC, "truncated", src.length, `${src.length} bytes cannot hold ${needed}`);
  }
  if (rowBytes === width * 4 && HOST_IS_LITTLE_ENDIAN) {
    const pixels = roomForPixels(count, options);
    const got = decodeBlocks(src, new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength));
    if (got !== needed) throw new CodecError(CODEC, "truncated", src.length, `${got} bytes of rows, need ${needed}`);
    if (!topDown) flipRows(pixels, width, height);
    return { width, height, pixels, alpha: format === BitmapFormat.RGBA };
  }
  const rows = new Uint8Array(needed), got = decodeBlocks(src, rows);
  if (got !== needed) throw new CodecError(CODEC, "truncated", src.length, `${got} bytes of rows, need ${needed}`);
  return decodeBitmap(rows, { format, width, height, strideBytes: rowBytes, topDown }, options);
}

/**
 * Encode an image as LZ4.
 *
 * The search is greedy, over one table of the places where four bytes were seen last; it takes bigger steps the longer
 * it finds nothing. Formats of four bytes are searched by pairs of whole pixels.
 *
 * @param pixels 0xAARRGGBB, rows tightly packed from the top down. What a format keeps of them: {@link encodeBitmap}.
 * @param width Pixels a row.
 * @param height Rows; width × height is the length of `pixels`.
 * @param options Format, order, rows in a block.
 * @returns A whole stream: the two bytes, then the blocks.
 * @throws {CodecError} `bad-size`, `bad-header` (a format that needs a palette).
 */
export function encodeLz4(
  pixels: Uint32Array,
  width: number,
  height: number,
  options: Lz4Options = {},
): Uint8Array<ArrayBuffer> {
  const { format = BitmapFormat["32BIT"], topDown = true, rowsPerBlock = height, work = new Lz4Work() } = options;
  if (!isLz4Format(format)) throw new CodecError(CODEC, "bad-header", 1, `no bitmap format ${format} in LZ4`);
  if (!(width >= 1 && height >= 1 && width * height === pixels.length && pixels.length * 4 < 2 ** 30)) {
    throw new CodecError(CODEC, "bad-size", 0, `${width} × ${height} is not ${pixels.length} pixels, or too many`);
  }
  if (!(rowsPerBlock >= 1)) throw new CodecError(CODEC, "bad-size", 0, `${rowsPerBlock} rows in a block`);
  const strideBytes = bitmapRowBytes(format, width), byPixels = strideBytes === width * 4 && HOST_IS_LITTLE_ENDIAN;
  const rows = byPixels && topDown
    ? new Uint8Array(pixels.buffer as ArrayBuffer, pixels.byteOffset, pixels.byteLength)
    : encodeBitmap(pixels, { format, width, height, strideBytes, topDown });
  const blockBytes = strideBytes * Math.min(Math.ceil(rowsPerBlock), height);
  const blocks = Math.ceil(rows.length / blockBytes);
  // Literals alone take their bytes, a byte for each 255 of them, and a token.
  const dst = work.bytes(2 + rows.length + Math.ceil(rows.length / 255) + blocks * 20 + 15), { seen } = work;
  const sides: Sides = { rows, rowsView: viewOf(rows), dst, dstView: viewOf(dst) };
  seen.fill(-MOST_DISTANCE - 1);
  dst[0] = topDown ? 1 : 0;
  dst[1] = format;
  let out = 2;
  for (let from = 0; from < rows.length; from += blockBytes) {
    const limit = Math.min(from + blockBytes, rows.length);
    const end = byPixels
      ? encodePixels(sides, from, limit, out + 4, seen)
      : encodeBytes(sides, from, limit, out + 4, seen);
    sides.dstView.setUint32(out, end - out - 4);
    out = end;
  }
  return dst.slice(0, out);
}

/** Working memory of the encoder. It holds nothing between two images. */
export class Lz4Work {
  /** Where the hash of four bytes was seen last. @internal */
  readonly seen: Int32Array = new Int32Array(1 << HASH_BITS);
  #bytes = new Uint8Array(0);

  /** At least so many bytes, any content. @internal */
  bytes(size: number): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length < size) this.#bytes = new Uint8Array(size);
    return this.#bytes;
  }
}

function isLz4Format(format: number): format is Lz4Format {
  return format >= BitmapFormat["16BIT"] && format <= BitmapFormat["8BIT_A"];
}

/** Decode all blocks to `dst` and answer how many bytes that were. */
function decodeBlocks(src: Uint8Array, dst: Uint8Array): number {
  const from = viewOf(src), to = viewOf(dst);
  let at = 2, out = 0;
  while (at < src.length) {
    if (!(at + 4 <= src.length)) throw new CodecError(CODEC, "truncated", at, "the length of a block is cut");
    const length = from.getUint32(at);
    at += 4;
    if (!(at + length <= src.length)) {
      throw new CodecError(CODEC, "truncated", at, `a block of ${length} bytes, ${src.length - at} left`);
    }
    const end = decodeBlock(src, from, at, at + length, dst, to, out);
    // Nothing for five bytes of stream: a stream of these would keep us busy for no picture.
    if (end === out) throw new CodecError(CODEC, "bad-header", at - 4, "an empty block");
    out = end;
    at += length;
  }
  return out;
}

/**
 * Decode one block.
 *
 * @param src The stream; the block is [at, limit).
 * @param from The same bytes.
 * @param dst All rows; the bytes before `out` are the dictionary.
 * @param to The same bytes.
 * @returns Where in `dst` the block ends.
 */
function decodeBlock(
  src: Uint8Array,
  from: DataView,
  at: number,
  limit: number,
  dst: Uint8Array,
  to: DataView,
  out: number,
): number {
  const size = dst.length, wideFrom = src.length - 15, wideTo = size - 23;
  if (at === limit) return out;
  for (;;) {
    // INVARIANT: at < limit and out <= size.
    const token = src[at++]!;
    let literals = token >> 4;
    if (literals > 0) {
      if (literals === 15) { for (let more = 255; more === 255; literals += more) more = src[at++]!; }
      const literalEnd = at + literals, afterLiterals = out + literals;
      if (!(literalEnd <= limit)) throw new CodecError(CODEC, "truncated", Math.min(at, limit));
      if (!(afterLiterals <= size)) throw new CodecError(CODEC, "overrun", at);
      if (literals > MOST_COPIED) {
        dst.set(src.subarray(at, literalEnd), out);
      } else if (literalEnd < wideFrom && afterLiterals < wideTo) {
        // Sixteen at a time, up to fifteen too many: what follows writes over them. V8 makes no bigints of the words.
        do {
          to.setBigInt64(out, from.getBigInt64(at, true), true);
          to.setBigInt64(out + 8, from.getBigInt64(at + 8, true), true);
          at += 16;
          out += 16;
        } while (out < afterLiterals);
      } else {
        while (at < literalEnd) dst[out++] = src[at++]!;
      }
      at = literalEnd;
      out = afterLiterals;
    }
    if (at === limit) return out;
    const distance = src[at]! | src[at + 1]! << 8;
    at += 2;
    let length = token & 15;
    if (length === 15) { for (let more = 255; more === 255; length += more) more = src[at++]!; }
    length += 4;
    // INVARIANT: at < limit before anything read above is used: a match is never the end of a block.
    if (!(at < limit)) throw new CodecError(CODEC, "truncated", limit);
    if (!(distance >= 1 && distance <= out)) throw new CodecError(CODEC, "bad-distance", at);
    const end = out + length;
    if (!(end <= size)) throw new CodecError(CODEC, "overrun", at);
    if (length > MOST_COPIED) {
      // What is there already doubles with each copy.
      for (let copied = distance; out < end; copied *= 2) {
        const part = Math.min(copied, end - out);
        dst.copyWithin(out, out - copied, out - copied + part);
        out += part;
      }
    } else if (distance >= 8 && end < wideTo) {
      // As above; a length that the token holds is copied at once, without a branch that nobody can foretell.
      let back = out - distance;
      do {
        to.setBigInt64(out, to.getBigInt64(back, true), true);
        to.setBigInt64(out + 8, to.getBigInt64(back + 8, true), true);
        to.setBigInt64(out + 16, to.getBigInt64(back + 16, true), true);
        out += 24;
        back += 24;
      } while (out < end);
    } else if (distance >= 4 && end < wideTo) {
      for (; out < end; out += 4) to.setUint32(out, to.getUint32(out - distance, true), true);
    } else {
      for (; out < end; out++) dst[out] = dst[out - distance]!;
    }
    out = end;
  }
}

/**
 * Encode one block, byte by byte.
 *
 * @param sides All rows, of which the block is [from, limit) and what is before it the dictionary; room for the worst case
 * from `out` on.
 * @param seen Where a hash was seen last, more than 65535 before 0 if never.
 * @returns Where in `dst` the block ends.
 */
function encodeBytes(sides: Sides, from: number, limit: number, out: number, seen: Int32Array): number {
  const { rows, rowsView: view } = sides, lastStart = limit - LAST_START, matchLimit = limit - LAST_LITERALS;
  let at = from, anchor = from, tries = 64;
  while (at <= lastStart) {
    const word = view.getUint32(at, true), slot = Math.imul(word, 0x9e3779b1) >>> 32 - HASH_BITS;
    const distance = at - seen[slot]!;
    seen[slot] = at;
    if (distance > MOST_DISTANCE || view.getUint32(at - distance, true) !== word) {
      at += tries++ >> 6;
      continue;
    }
    let start = at, end = at + 4;
    while (end + 4 <= matchLimit && view.getUint32(end, true) === view.getUint32(end - distance, true)) end += 4;
    while (end < matchLimit && rows[end] === rows[end - distance]) end++;
    while (start > anchor && start > distance && rows[start - 1] === rows[start - 1 - distance]) start--;
    out = putSequence(sides, anchor, start, distance, end - start, out);
    tries = 64;
    at = anchor = end;
  }
  return putLiterals(sides, anchor, limit, out, 0);
}

/**
 * Encode one block of pixels of four bytes, on a little-endian host; parameters as for {@link encodeBytes}.
 *
 * One pixel alone is seen everywhere, and a match of it saves nothing, so the hash is of two. A match of whole pixels is
 * then made longer by the bytes around it that agree.
 */
function encodePixels(sides: Sides, from: number, limit: number, out: number, seen: Int32Array): number {
  const { rows } = sides;
  const words = new Int32Array(rows.buffer as ArrayBuffer, rows.byteOffset, rows.length >> 2);
  const lastStart = limit - LAST_START >> 2, matchLimit = limit - LAST_LITERALS >> 2;
  let at = from >> 2, anchor = from, tries = 64;
  while (at <= lastStart) {
    const word = words[at]!;
    const slot = Math.imul(Math.imul(word, 0x9e3779b1) + words[at + 1]! | 0, 0x9e3779b1) >>> 32 - HASH_BITS;
    const distance = at - seen[slot]!;
    seen[slot] = at;
    if (distance > MOST_DISTANCE >> 2 || words[at - distance] !== word) {
      at += tries++ >> 6;
      continue;
    }
    const first = Math.max(anchor + 3 >> 2, distance);
    let start = at, end = at + 1;
    while (end < matchLimit && words[end] === words[end - distance]) end++;
    while (start > first && words[start - 1] === words[start - 1 - distance]) start--;
    let startByte = start * 4, endByte = end * 4;
    if (start > first) startByte -= Math.clz32(words[start - 1]! ^ words[start - 1 - distance]!) >> 3;
    if (end < matchLimit) {
      const differing = words[end]! ^ words[end - distance]!;
      endByte += 31 - Math.clz32(differing & -differing) >> 3;
    }
    out = putSequence(sides, anchor, startByte, distance * 4, endByte - startByte, out);
    tries = 64;
    anchor = endByte;
    at = endByte + 3 >> 2;
  }
  return putLiterals(sides, anchor, limit, out, 0);
}

/** Both sides of an encoder, as bytes and as words. */
interface Sides {
  readonly rows: Uint8Array;
  readonly rowsView: DataView;
  readonly dst: Uint8Array;
  readonly dstView: DataView;
}

/** Write literals, rows[from, to), and a match. Answers where it ends. */
function putSequence(sides: Sides, from: number, to: number, distance: number, length: number, out: number): number {
  const { dst } = sides;
  out = putLiterals(sides, from, to, out, Math.min(length - 4, 15));
  dst[out++] = distance;
  dst[out++] = distance >> 8;
  return putMore(dst, out, length - 4);
}

/** Write a token and its literals, rows[from, to). Answers where they end. */
function putLiterals(
  { rows, rowsView, dst, dstView }: Sides,
  from: number,
  to: number,
  out: number,
  match: number,
): number {
  const count = to - from;
  dst[out++] = Math.min(count, 15) << 4 | match;
  out = putMore(dst, out, count);
  const end = out + count;
  if (count > MOST_COPIED || to + 15 > rows.length) {
    dst.set(rows.subarray(from, to), out);
    return end;
  }
  // As in decodeBlock: what is too much is written over, or cut off.
  for (let at = from; out < end; out += 16, at += 16) {
    dstView.setBigInt64(out, rowsView.getBigInt64(at, true), true);
    dstView.setBigInt64(out + 8, rowsView.getBigInt64(at + 8, true), true);
  }
  return end;
}

/** Write what a half of a token could not hold. */
function putMore(dst: Uint8Array, out: number, length: number): number {
  if (length < 15) return out;
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) dst[out++] = 255;
  dst[out++] = rest;
  return out;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
