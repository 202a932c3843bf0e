/**
 * QUIC, all image types: lossless prediction coding with adaptive codes and runs; decoder and encoder.
 *
 * ```text
 * header, five little-endian u32: magic "QUIC" 0x43495551, version 0, type, width, height
 * then bits: little-endian u32 words, highest bit first; rows from the top down, without an end between them:
 *   row       RGBA: the colours of all pixels, then their alpha; else all pixels
 *   pixel     a code word for R, G, B each, or for the one channel: its value less the mean of the pixels to the left and
 *             above, rounded down; in the first row less the left one, in the first column less the one above
 *   run       pixels like the one to the left, as many as a number says, perhaps none; stands where the pixel to the left
 *             is like its own left and the one above like its own left, from the fourth pixel of a row on, not in the first
 *             row. A number is as many ones as steps fit into it, where the steps grow, a zero, and the rest
 * at the end, zeros to the end of the word, and a word of zeros
 *
 * type      channels and bits   pixels 0xAARRGGBB
 * 1 GRAY    1 × 8               decoded to R = G = B; encoded from B
 * 2 RGB16   3 × 5               decoded with the top bits repeated below; encoded from the top five bits of each byte
 * 3 RGB24   3 × 8               the same stream as RGB32
 * 4 RGB32   3 × 8
 * 5 RGBA    3 × 8, 1 × 8        the alpha has a model and a run code of its own
 * ```
 *
 * The codes and the model are told in quic/model.ts. A run does not reach past the place where the model widens its
 * waits. Source: spice-common common/quic.c, common/quic_tmpl.c, common/quic_family_tmpl.c.
 */

import { CodecError } from "./errors.ts";
import { type DecodedImage, type DecodeOptions, roomForPixels } from "./image.ts";
import { BitReader, decodeChannelRow, decodeColourRow } from "./quic/decode.ts";
import { BitWriter, encodeChannelRow, encodeColourRow } from "./quic/encode.ts";
import { type Family, FAMILY_5, FAMILY_8, Model } from "./quic/model.ts";

/** Image types of the QUIC header. Source: quic.h QuicImageType. */
export const QuicType = { GRAY: 1, RGB16: 2, RGB24: 3, RGB32: 4, RGBA: 5 } as const;

/** One of {@link QuicType}. */
export type QuicType = typeof QuicType[keyof typeof QuicType];

/** The fields of the QUIC header, checked. */
export interface QuicHeader {
  /** What the pixels are. */
  readonly type: QuicType;
  /** Pixels a row, 1 to 2³¹ − 1. */
  readonly width: number;
  /** Rows, 1 to 2³¹ − 1; width × height is less than 2²⁹. */
  readonly height: number;
}

/** Bytes of the QUIC header. */
export const QUIC_HEADER_BYTES = 20;

const CODEC = "QUIC";
const MAGIC = 0x43495551;
const VERSION = 0;
/** Most pixels of a picture. Source: quic.c SPICE_MAX_IMAGE_SIZE. */
const MOST_PIXELS = 2 ** 29 - 1;
/** Most bytes of a stream, so that a bit has a number of 31 bits. */
const MOST_BYTES = 2 ** 28 - 1;
/** Pixels at the start of a row that no run holds. */
const NEVER_IN_RUN = 3;
/** Most pixels that a bit of a run stands for. */
const LONGEST_STEP = 32768;

/**
 * Read the header of a QUIC stream.
 *
 * @param src The stream, from its magic on.
 * @returns The header.
 * @throws {CodecError} `truncated`, `bad-header`, `bad-size`.
 * Source: quic.c quic_decode_begin.
 */
export function decodeQuicHeader(src: Uint8Array): QuicHeader {
  if (src.length < QUIC_HEADER_BYTES) {
    const detail = `need ${QUIC_HEADER_BYTES} bytes of header, ${src.length} left`;
    throw new CodecError(CODEC, "truncated", src.length, detail);
  }
  const words = new DataView(src.buffer, src.byteOffset, QUIC_HEADER_BYTES);
  const magic = words.getUint32(0, true), version = words.getUint32(4, true), type = words.getUint32(8, true);
  const width = words.getUint32(12, true), height = words.getUint32(16, true);
  if (magic !== MAGIC) throw new CodecError(CODEC, "bad-header", 0, `magic is 0x${magic.toString(16)}`);
  if (version !== VERSION) throw new CodecError(CODEC, "bad-header", 4, `version is 0x${version.toString(16)}`);
  if (!isQuicType(type)) throw new CodecError(CODEC, "bad-header", 8, `no image type ${type}`);
  if (width === 0 || width > 0x7fffffff) throw new CodecError(CODEC, "bad-size", 12, `width is ${width}`);
  if (height === 0 || height > 0x7fffffff) throw new CodecError(CODEC, "bad-size", 16, `height is ${height}`);
  if (width * height > MOST_PIXELS) throw new CodecError(CODEC, "bad-size", 12, `${width} × ${height} pixels`);
  return { type, width, height };
}

/**
 * Decode a QUIC stream of any type to 32-bit pixels.
 *
 * A stream must have all its words, also the last, which says nothing: the reference refuses it otherwise. Bytes after
 * that are ignored. Unlike the reference, code words that stand for no value are refused.
 *
 * @param src The stream, from its magic on, less than 2²⁸ bytes.
 * @param options Pixel limit.
 * @param work Working memory; a caller that decodes much hands in the same again.
 * @returns The picture. GRAY has R = G = B; RGB16 repeats the top bits of each channel below.
 * @throws {CodecError} `truncated`, `bad-header`, `bad-size`, `bad-code`, `overrun`; `unsupported` for a longer stream.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeQuic, encodeQuic, QuicType } from "../mod.ts";
 *
 * const pixels = Uint32Array.from({ length: 64 * 64 }, (_, i) => (i & 63) * 0x020304);
 * const stream = encodeQuic(pixels, 64, 64, QuicType.RGB32);
 * assert.ok(stream.length < 8192); // of 16384 bytes
 * assert.deepEqual(decodeQuic(stream, { maxPixels: 1e6 }), { width: 64, height: 64, pixels, alpha: false });
 * ```
 */
export function decodeQuic(src: Uint8Array, options: DecodeOptions, work?: QuicWork): DecodedImage {
  const { type, width, height } = decodeQuicHeader(src), count = width * height, alpha = type === QuicType.RGBA;
  if (count > options.maxPixels) {
    throw new CodecError(CODEC, "bad-size", 12, `${width} × ${height} pixels, the limit is ${options.maxPixels}`);
  }
  if (src.length > MOST_BYTES) throw new CodecError(CODEC, "unsupported", MOST_BYTES, `${src.length} bytes`);
  if (((src.length >>> 2) - 1) * 32 < QUIC_HEADER_BYTES * 8 + fewestBits(type, width, height)) {
    throw new CodecError(CODEC, "truncated", src.length, `${src.length} bytes cannot hold ${width} × ${height} pixels`);
  }
  const pixels = roomForPixels(count, options), signed = new Int32Array(pixels.buffer, pixels.byteOffset, count);
  work ??= new QuicWork();
  const input = new BitReader(src, QUIC_HEADER_BYTES * 8, work.room);
  work.room = input.words;
  const gray = type === QuicType.GRAY, model = new Model(familyOf(type), gray ? 1 : 3, width);
  const alphaModel = new Model(FAMILY_8, 1, alpha ? width : 0);
  for (let row = 0; row < count; row += width) {
    if (gray) {
      signed.fill(0, row, row + width);
      decodeChannelRow(input, model, signed, row, width, 0x010101);
    } else {
      decodeColourRow(input, model, signed, row, width);
      if (alpha) decodeChannelRow(input, alphaModel, signed, row, width, 0x01000000);
    }
  }
  if (type === QuicType.RGB16) {
    for (let i = 0; i < count; i++) signed[i] = signed[i]! << 3 | signed[i]! >> 2 & 0x070707;
  }
  return { width, height, pixels, alpha };
}

/** Working memory of both ways. It holds nothing between two images. */
export class QuicWork {
  /** Room for a stream. @internal */
  room: Int32Array<ArrayBuffer> = new Int32Array(64);
}

/**
 * Encode pixels as a QUIC stream, bit for bit as the reference does.
 *
 * @param pixels width × height pixels, 0xAARRGGBB, rows from the top down. RGB16 takes the top five bits of R, G and B,
 * GRAY takes B; alpha counts for RGBA only.
 * @param width Pixels a row, at least 1.
 * @param height Rows, at least 1.
 * @param type What becomes of the pixels; RGB24 and RGB32 differ in the header only.
 * @param work Reused from picture to picture, one at a time.
 * @returns The stream, whole words, in memory of its own.
 * @throws {CodecError} `bad-size` if the size is not the pixels', or the stream gets longer than 2²⁸ bytes; `bad-header`
 * if there is no such type.
 */
export function encodeQuic(
  pixels: Uint32Array,
  width: number,
  height: number,
  type: QuicType,
  work: QuicWork = new QuicWork(),
): Uint8Array<ArrayBuffer> {
  const count = pixels.length;
  const whole = Number.isInteger(width) && Number.isInteger(height) && width >= 1 && height >= 1;
  if (!(whole && width * height === count && count <= MOST_PIXELS)) {
    throw new CodecError(CODEC, "bad-size", 12, `${width} × ${height} is not ${count} pixels, or too many`);
  }
  if (!isQuicType(type)) throw new CodecError(CODEC, "bad-header", 8, `no image type ${type}`);
  let signed = new Int32Array(pixels.buffer, pixels.byteOffset, count);
  if (type === QuicType.RGB16) {
    signed = new Int32Array(signed);
    for (let i = 0; i < count; i++) signed[i] = signed[i]! >>> 3 & FAMILY_5.lanes;
  }
  const out = new BitWriter(work.room);
  for (const word of [MAGIC, VERSION, type, width, height]) out.put(word, 32);
  const gray = type === QuicType.GRAY, model = new Model(familyOf(type), gray ? 1 : 3, width);
  const alpha = type === QuicType.RGBA, alphaModel = new Model(FAMILY_8, 1, alpha ? width : 0);
  for (let row = 0; row < count; row += width) {
    out.makeRoom(width, alpha ? 4 : 3);
    if (gray) {
      encodeChannelRow(out, model, signed, row, width, 0);
    } else {
      encodeColourRow(out, model, signed, row, width);
      if (alpha) encodeChannelRow(out, alphaModel, signed, row, width, 24);
    }
  }
  work.room = out.words;
  return out.finish();
}

/** @returns A number of bits that no picture of this size does without. */
function fewestBits(type: QuicType, width: number, height: number): number {
  const channels = type === QuicType.GRAY ? 1 : type === QuicType.RGBA ? 4 : 3;
  const inRun = Math.max(0, width - NEVER_IN_RUN);
  const runs = inRun === 0 ? 0 : (1 + Math.floor(inRun / LONGEST_STEP)) * (type === QuicType.RGBA ? 2 : 1);
  return width * channels + (height - 1) * (Math.min(width, NEVER_IN_RUN) * channels + runs);
}

/** @returns The codes of the channels of a type; its alpha has those of 8 bits. */
function familyOf(type: QuicType): Family {
  return type === QuicType.RGB16 ? FAMILY_5 : FAMILY_8;
}

/** @returns Whether a number is an image type. */
function isQuicType(type: number): type is QuicType {
  return type >= QuicType.GRAY && type <= QuicType.RGBA && Number.isInteger(type);
}
