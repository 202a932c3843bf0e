/**
 * LZ, all image types (images LZ_RGB and LZ_PLT, the alpha part of JPEG_ALPHA).
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
import { type DecodedImage, type DecodeOptions, roomForPixels } from "./image.ts";
import { decodeLzAlpha, decodeLzBytes, decodeLzRgb16, decodeLzRgb32 } from "./lz/decode_passes.ts";
import {
  encodeLzBytesPass,
  encodeLzRgb16Pass,
  encodeLzRgb32Pass,
  LZ_TABLE_SIZE,
  mostPassBytes,
} from "./lz/encode_passes.ts";
import { decodeLzHeader, LZ_HEADER_BYTES, lzRowBytes, LzType, putLzHeader } from "./lz/header.ts";
import { expandPalette, requirePalette } from "./lz/palette.ts";

export { decodeLzHeader, LZ_HEADER_BYTES, type LzHeader, LzType } from "./lz/header.ts";

const CODEC = "LZ";
/** Bytes of an uncompressed image end before this number. Source: lz.c SPICE_MAX_IMAGE_SIZE. */
const END_IMAGE_BYTES = 2 ** 30;

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
    const pixels = roomForPixels(count, options);
    expandPalette(header, indexes, palette, pixels);
    return { width, height, pixels, alpha: false };
  }
  const pixels = roomForPixels(count, options);
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
      pixels.fill(0);
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

/** What {@link encodeLz} is given: rows in the order of the stream, tightly packed. */
export type LzSource =
  & {
    /** Pixels a row, at least 1. */
    readonly width: number;
    /** Rows, at least 1. */
    readonly height: number;
    /** Whether the first row is the top one. Default: true. */
    readonly topDown?: boolean;
  }
  & (
    | {
      readonly type: typeof LzType.RGB24 | typeof LzType.RGB32 | typeof LzType.RGBA | typeof LzType.XXXA;
      /** 0xAARRGGBB; of RGB24 and RGB32 the top byte, of XXXA the others are not coded. */
      readonly pixels: Uint32Array;
    }
    | {
      readonly type: typeof LzType.RGB16;
      /** x1r5g5b5. */
      readonly pixels: Uint16Array;
    }
    | {
      readonly type: Exclude<LzType, 6 | 7 | 8 | 9 | 10>;
      /** Whole bytes a row, padding included: 8, 2 or 1 indexes each, or an alpha value. */
      readonly pixels: Uint8Array;
    }
  );

/**
 * Encode an image of any type, byte for byte as the reference does when it is given the image in one piece.
 *
 * @param image What to encode; up to 2³⁰ − 1 bytes uncompressed.
 * @param work Working memory; a caller that encodes much hands in the same again.
 * @returns A whole stream: header and one pass, or two.
 * @throws {CodecError} `bad-size`: too large, or `pixels` has another length than width and height say.
 * Source: spice-common common/lz.c lz_encode.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeLz, encodeLz, LzType } from "../mod.ts";
 *
 * const indexes = Uint8Array.of(0b10000000, 0b01000000); // two rows of two pixels
 * const stream = encodeLz({ type: LzType.PLT1_BE, width: 2, height: 2, pixels: indexes });
 * const { pixels } = decodeLz(stream, { maxPixels: 1e6, palette: Uint32Array.of(0x000000, 0xffffff) });
 * assert.deepEqual(pixels, Uint32Array.of(0xffffff, 0x000000, 0x000000, 0xffffff));
 * ```
 */
export function encodeLz(image: LzSource, work: LzWork = new LzWork()): Uint8Array<ArrayBuffer> {
  const { type, width, height, pixels, topDown = true } = image;
  const strideBytes = lzRowBytes(type, width);
  const units = pixels instanceof Uint8Array ? strideBytes * height : width * height;
  if (!(width >= 1 && height >= 1 && units === pixels.length && strideBytes * height < END_IMAGE_BYTES)) {
    throw new CodecError(CODEC, "bad-size", 0, `${width} × ${height} is not ${pixels.length} units, or too many`);
  }
  const unitBytes = pixels instanceof Uint8Array ? 1 : pixels instanceof Uint16Array ? 2 : 3;
  const alphaBytes = type === LzType.RGBA ? mostPassBytes(units, 1) : 0;
  const dst = work.bytes(LZ_HEADER_BYTES + mostPassBytes(units, unitBytes) + alphaBytes);
  const { seen } = work;
  putLzHeader({ type, width, height, strideBytes, topDown }, dst);
  let end = LZ_HEADER_BYTES;
  switch (image.type) {
    case LzType.RGB24:
    case LzType.RGB32:
      end = encodeLzRgb32Pass(image.pixels, dst, end, seen);
      break;
    case LzType.RGBA:
      end = encodeLzRgb32Pass(image.pixels, dst, end, seen);
      end = encodeLzBytesPass(alphaOf(image.pixels), dst, end, seen);
      break;
    case LzType.XXXA:
      end = encodeLzBytesPass(alphaOf(image.pixels), dst, end, seen);
      break;
    case LzType.RGB16:
      end = encodeLzRgb16Pass(image.pixels, dst, end, seen);
      break;
    default:
      end = encodeLzBytesPass(image.pixels, dst, end, seen);
  }
  return dst.slice(0, end);
}

/**
 * Encode an RGB32 image: {@link encodeLz} of a whole picture as surfaces have it.
 *
 * @param pixels 0x??RRGGBB, rows from the top down; the top byte is not coded.
 * @param width Pixels a row.
 * @param height Rows; width × height is the length of `pixels`.
 * @param work Working memory; a caller that encodes much hands in the same again.
 * @returns A whole stream: header and one pass.
 * @throws {CodecError} `bad-size`.
 */
export function encodeLzRgb32(
  pixels: Uint32Array,
  width: number,
  height: number,
  work: LzWork = new LzWork(),
): Uint8Array<ArrayBuffer> {
  return encodeLz({ type: LzType.RGB32, width, height, pixels }, work);
}

/** Working memory of the encoder. It holds nothing between two images. */
export class LzWork {
  /** Where the hash of three units was seen last. @internal */
  readonly seen: Int32Array = new Int32Array(LZ_TABLE_SIZE);
  #bytes = new Uint8Array(0);

  /** At least so many bytes, any content. @internal */
  bytes(size: number): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length < size) this.#bytes = new Uint8Array(size);
    return this.#bytes;
  }
}

/** The alpha values of pixels. */
function alphaOf(pixels: Uint32Array): Uint8Array {
  const values = new Uint8Array(pixels.length);
  for (let i = 0; i < values.length; i++) values[i] = pixels[i]! >>> 24;
  return values;
}
