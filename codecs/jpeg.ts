/**
 * JPEG (image type JPEG, the colours of JPEG_ALPHA, the frames of an MJPEG stream): decoder, and encoder for 4:2:0.
 *
 * ```text
 * FF D8                 start of image
 * FF xx u16 length …    segments, length with its own two bytes, big-endian:
 *   FF DB  quantization  u4 precision, u4 id, 64 × u8 or u16 in zigzag order; repeated
 *   FF C0  frame         u8 bits, u16 height, u16 width, u8 n, n × (u8 id, u4 h, u4 v, u8 quantization)
 *   FF C4  Huffman       u4 class (0 DC, 1 AC), u4 id, 16 × u8 codes of each length, symbols; repeated
 *   FF DD  restart       u16 MCUs from one restart marker to the next
 *   FF DA  scan          u8 n, n × (u8 id, u4 DC table, u4 AC table), 3 bytes; then bits, FF written as FF 00
 * FF D9                 end of image
 * ```
 *
 * A block of 8 × 8 samples is its DC less that of the block before, then AC values with the zeros before them, in
 * zigzag order. An MCU holds h × v blocks of each component.
 *
 * Built here is what peers of SPICE send: 8 bits, Huffman codes, sequential, one component or three, any sampling. A
 * frame without Huffman tables uses those of annex K: spice-server has libjpeg write them in the first frame of a stream
 * alone. Both ways give what libjpeg-turbo gives with its defaults (slow integer DCT, triangle filter for
 * the colours), bit for bit.
 * Source: ITU-T T.81 annexes B, F, K; JFIF 1.02; spice-server server/jpeg-encoder.c, server/mjpeg-encoder.c;
 * spice-gtk src/decode-jpeg.c; for the DCT see jpeg/inverse_dct.ts and jpeg/forward_dct.ts.
 */

import { CodecError } from "./errors.ts";
import { type DecodedImage, type DecodeOptions, roomForPixels } from "./image.ts";
import { BitWriter } from "./jpeg/bit_writer.ts";
import { decodeScan } from "./jpeg/decode_scan.ts";
import { header, HEADER_BYTES } from "./jpeg/header.ts";
import { paint } from "./jpeg/paint.ts";
import { qualityFor, quantizers } from "./jpeg/quantizers.ts";
import { type Frame, Reader } from "./jpeg/segments.ts";
import { transformRow } from "./jpeg/transform_row.ts";
import { JpegWork } from "./jpeg/work.ts";

export { JpegWork } from "./jpeg/work.ts";

/** What a decoder needs to know before it decodes. */
export interface JpegHeader {
  /** Pixels a row, 1 to 65535. */
  readonly width: number;
  /** Rows, 1 to 65535. */
  readonly height: number;
  /** 1 (grey) or 3. */
  readonly components: number;
}

/** What the encoder may be told. */
export interface JpegOptions {
  /** 1 (worst) to 100, as libjpeg counts; by default 85, as the reference. */
  readonly quality?: number | undefined;
  /** Working memory; a caller that encodes much hands in the same again. */
  readonly work?: JpegWork | undefined;
}

/** What {@link encodeJpegWithin} found. */
export interface FittedJpeg {
  /** A whole JFIF stream. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The quality that it has, 1 to 100. */
  readonly quality: number;
}

const CODEC = "JPEG";
/** Lowest quality that is tried to make a stream fit. */
const LOWEST_QUALITY = 5;
/** Pixels whose bits can be counted: each takes 39 at most. */
const MOST_PIXELS = 2 ** 26;

/**
 * Read the size of a JPEG image.
 *
 * @param src The stream, from its start of image on; its bits need not be there.
 * @returns Width, height and number of components, as the frame says.
 * @throws {CodecError} `bad-header`, `bad-size`, `truncated`, `unsupported`.
 */
export function decodeJpegHeader(src: Uint8Array): JpegHeader {
  const { width, height, components } = new Reader(src).frame();
  return { width, height, components: components.length };
}

/**
 * Decode a JPEG image to 32-bit pixels.
 *
 * What follows the last MCU is not looked at, so the end of image may be missing.
 *
 * @param src The stream, from its start of image on.
 * @param options Pixel limit.
 * @param work Working memory; a caller that decodes much hands in the same again.
 * @returns The picture, 0x00RRGGBB, rows from the top down.
 * @throws {CodecError} `bad-header`, `bad-size`, `truncated`, `bad-code`, `overrun`; `unsupported`: progressive,
 * lossless, arithmetic, 12 bits, four components, a height that comes later.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeJpeg, encodeJpeg } from "../mod.ts";
 *
 * const stream = encodeJpeg(new Uint32Array(64 * 64).fill(0x336699), 64, 64, { quality: 80 });
 * assert.ok(stream.length < 800); // of 16384 bytes
 * const { width, height, pixels } = decodeJpeg(stream, { maxPixels: 1e6 });
 * assert.deepEqual([width, height, pixels[0]! >> 16], [64, 64, 0x33]);
 * ```
 */
export function decodeJpeg(src: Uint8Array, options: DecodeOptions, work: JpegWork = new JpegWork()): DecodedImage {
  const reader = new Reader(src), frame = reader.frame();
  const { width, height, components } = frame;
  if (!(width * height <= options.maxPixels)) {
    throw new CodecError(CODEC, "bad-size", frame.at, `${width} × ${height} pixels, the limit is ${options.maxPixels}`);
  }
  let planes: Uint8ClampedArray[] | null = null;
  for (let missing = components.length; missing > 0;) {
    const scan = reader.scan(frame);
    // A block takes two bits at least, so a short stream that promises much is refused before anything is allocated.
    planes ??= allocatePlanes(frame, src.length - scan.at, scan.at, work);
    reader.at = decodeScan(src, scan, frame, planes, reader.restartInterval, work);
    missing -= scan.components.length;
  }
  const pixels = roomForPixels(width * height, options);
  if (planes !== null) paint(frame, planes, reader.isRgb(frame), pixels);
  return { width, height, pixels, alpha: false };
}

/**
 * Encode an image as baseline JPEG, 4:2:0, with the Huffman tables of annex K: the bytes that libjpeg-turbo writes when
 * the reference asks it to.
 *
 * @param pixels 0x??RRGGBB, rows from the top down; the top byte is not coded.
 * @param width Pixels a row, 1 to 65500.
 * @param height Rows, 1 to 65500; width × height is the length of `pixels`, 2²⁶ at most.
 * @param options Quality, working memory.
 * @returns A whole JFIF stream.
 * @throws {CodecError} `bad-size`; `bad-header` for a quality that is none.
 */
export function encodeJpeg(
  pixels: Uint32Array,
  width: number,
  height: number,
  options: JpegOptions = {},
): Uint8Array<ArrayBuffer> {
  const { quality = 85, work = new JpegWork() } = options;
  checkPicture(pixels, width, height);
  const tables = quantizers(checkQuality(quality));
  const mcuRows = Math.ceil(height / 16), rowBlocks = Math.ceil(width / 16) * 6;
  const writer = new BitWriter(work, rowBlocks);
  const coefficients = work.coefficients(rowBlocks), kinds = work.kinds(rowBlocks);
  for (let row = 0; row < mcuRows; row++) {
    transformRow(pixels, width, height, row, coefficients, kinds, 0, work);
    writer.blocks(coefficients, kinds, 0, rowBlocks, tables);
  }
  return writer.finish(header(width, height, tables));
}

/**
 * Encode an image to no more than so many bytes, as a stream of video needs it: the pixels are transformed once, and
 * what is coded again at lower qualities is guessed from the sizes before.
 *
 * @param pixels As for {@link encodeJpeg}.
 * @param width As there.
 * @param height As there.
 * @param maxBytes Most bytes to write. The lowest quality tried is 5: a picture that does not fit then comes larger.
 * @param options `quality` is the best that is tried, and the lowest, too, below 5.
 * @returns The stream and its quality.
 * @throws {CodecError} As {@link encodeJpeg}.
 */
export function encodeJpegWithin(
  pixels: Uint32Array,
  width: number,
  height: number,
  maxBytes: number,
  options: JpegOptions = {},
): FittedJpeg {
  const { quality: wanted = 85, work = new JpegWork() } = options;
  checkPicture(pixels, width, height);
  if (!(maxBytes > 0)) throw new CodecError(CODEC, "bad-size", 0, `${maxBytes} bytes at most`);
  const best = checkQuality(wanted), lowest = Math.min(LOWEST_QUALITY, best);
  const mcuRows = Math.ceil(height / 16), rowBlocks = Math.ceil(width / 16) * 6;
  const coefficients = work.coefficients(rowBlocks * mcuRows), kinds = work.kinds(rowBlocks * mcuRows);
  for (let row = 0; row < mcuRows; row++) {
    transformRow(pixels, width, height, row, coefficients, kinds, row * rowBlocks, work);
  }
  /** Bytes at a quality, or how many it would be when that is seen to be half as much again as allowed. */
  const attempt = (quality: number, limit: number): { size: number; bytes: Uint8Array<ArrayBuffer> | null } => {
    const tables = quantizers(quality), writer = new BitWriter(work, rowBlocks), head = header(width, height, tables);
    for (let row = 0; row < mcuRows; row++) {
      if (row > 0 && writer.bytesSoFar > limit * 1.5) return { size: writer.bytesSoFar * mcuRows / row, bytes: null };
      writer.blocks(coefficients, kinds, row * rowBlocks, rowBlocks, tables);
    }
    const bytes = writer.finish(head);
    return { size: bytes.length, bytes };
  };
  let quality = best, tooGood = best + 1, fitting: FittedJpeg | null = null;
  // INVARIANT: what fits < quality < what is too good, so each round comes nearer.
  for (let tries = 0; tries < 5; tries++) {
    const { size, bytes } = attempt(quality, maxBytes);
    if (bytes !== null && size <= maxBytes) {
      fitting = { bytes, quality };
      if (size >= maxBytes * 0.9) return fitting;
    } else {
      tooGood = quality;
    }
    const least = fitting === null ? lowest : fitting.quality + 1;
    if (least >= tooGood) break;
    const factor = (maxBytes * 0.95 - HEADER_BYTES) / Math.max(size - HEADER_BYTES, 1);
    quality = Math.max(Math.min(qualityFor(quality, factor), tooGood - 1), least);
  }
  return fitting ?? { bytes: attempt(lowest, Infinity).bytes!, quality: lowest };
}

function allocatePlanes(frame: Frame, left: number, at: number, work: JpegWork): Uint8ClampedArray[] {
  const samples = frame.components.reduce((sum, { stride, rows }) => sum + stride * rows, 0);
  if (left * 4 < samples / 64) {
    throw new CodecError(CODEC, "truncated", at, `${left} bytes cannot hold ${samples / 64} blocks`);
  }
  return frame.components.map(({ stride, rows }, i) => work.plane(i, stride * rows));
}

function checkPicture(pixels: Uint32Array, width: number, height: number): void {
  // Source: libjpeg jmorecfg.h JPEG_MAX_DIMENSION.
  const fits = width >= 1 && height >= 1 && width <= 65500 && height <= 65500 && pixels.length <= MOST_PIXELS;
  if (!(fits && width * height === pixels.length)) {
    throw new CodecError(CODEC, "bad-size", 0, `${width} × ${height} is not ${pixels.length} pixels, or too many`);
  }
}

function checkQuality(quality: number): number {
  if (!(quality >= 1 && quality <= 100)) throw new CodecError(CODEC, "bad-header", 0, `no quality ${quality}`);
  return Math.floor(quality);
}
