/**
 * JPEG_ALPHA, decoder and encoder: colours as JPEG, alpha as LZ.
 *
 * ```text
 * JPEG        jpeg_size bytes of the message's data; rows from the top down
 * LZ, XXXA    the rest; rows in the order that its header and the message's flag TOP_DOWN say, which must agree
 * ```
 *
 * Source: spice-server server/image-encoders.cpp image_encoders_compress_jpeg; spice-common common/canvas_base.c
 * canvas_get_jpeg_alpha.
 */

import { CodecError } from "./errors.ts";
import type { DecodedImage, DecodeOptions } from "./image.ts";
import { decodeJpeg, decodeJpegHeader, encodeJpeg, type JpegOptions, type JpegWork } from "./jpeg.ts";
import { flipRows } from "./flip_rows.ts";
import { decodeLzAlpha } from "./lz/decode_passes.ts";
import { decodeLzHeader, LZ_HEADER_BYTES, LzType } from "./lz/header.ts";

/** What the message says about the bytes. */
export interface JpegAlphaLayout {
  /** How many of the bytes are the JPEG. */
  readonly jpegBytes: number;
  /** Whether the first row of the alpha is the top one (flag TOP_DOWN). */
  readonly topDown: boolean;
}

/** An encoded image, with what the message has to say about it. */
export interface EncodedJpegAlpha extends JpegAlphaLayout {
  /** The message's data. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Encodes alpha as LZ of type XXXA.
 *
 * @param pixels 0xAARRGGBB, rows from the top down; only bits 24 to 31 are coded.
 * @param topDown Order in which the rows are coded.
 * @returns A whole LZ stream.
 */
export type XxxaEncoder = (pixels: Uint32Array, width: number, height: number, topDown: boolean) => Uint8Array;

/** What the encoder is told. */
export interface JpegAlphaOptions extends JpegOptions {
  /** How alpha is coded. */
  readonly encodeXxxa: XxxaEncoder;
  /** Order of the rows of alpha, by default from the top down. */
  readonly topDown?: boolean | undefined;
}

const CODEC = "JPEG_ALPHA";

/**
 * Decode a JPEG_ALPHA image to 32-bit pixels.
 *
 * @param src The message's data.
 * @param layout Size of the JPEG, order of alpha.
 * @param options Pixel limit.
 * @param work Working memory of the JPEG; a caller that decodes much hands in the same again.
 * @returns The picture, rows from the top down.
 * @throws {CodecError} Any code, of codec `JPEG`, `LZ`, or `JPEG_ALPHA` where the two do not fit each other; offsets
 * count from the start of the part that the codec names.
 */
export function decodeJpegAlpha(
  src: Uint8Array,
  layout: JpegAlphaLayout,
  options: DecodeOptions,
  work?: JpegWork,
): DecodedImage {
  const { jpegBytes, topDown } = layout;
  if (!(jpegBytes >= 0 && jpegBytes <= src.length)) {
    throw new CodecError(CODEC, "truncated", src.length, `a JPEG of ${jpegBytes} bytes, ${src.length} left`);
  }
  const jpeg = src.subarray(0, jpegBytes), lz = src.subarray(jpegBytes);
  const { width, height } = decodeJpegHeader(jpeg), alpha = decodeLzHeader(lz);
  if (alpha.type !== LzType.XXXA) {
    throw new CodecError(CODEC, "bad-header", jpegBytes + 8, `alpha is of LZ type ${alpha.type}`);
  }
  if (alpha.width !== width || alpha.height !== height) {
    const sizes = `colours are ${width} × ${height}, alpha is ${alpha.width} × ${alpha.height}`;
    throw new CodecError(CODEC, "bad-size", jpegBytes + 12, sizes);
  }
  if (alpha.topDown !== topDown) {
    throw new CodecError(CODEC, "bad-header", jpegBytes + 24, "alpha runs the other way than the message says");
  }
  const { pixels } = decodeJpeg(jpeg, options, work);
  if (!topDown) flipRows(pixels, width, height);
  decodeLzAlpha(lz, pixels, LZ_HEADER_BYTES);
  if (!topDown) flipRows(pixels, width, height);
  return { width, height, pixels, alpha: true };
}

/**
 * Encode an image as JPEG_ALPHA.
 *
 * @param pixels 0xAARRGGBB, rows from the top down.
 * @param width Pixels a row, 1 to 65500.
 * @param height Rows, 1 to 65500; width × height is the length of `pixels`.
 * @param options Quality, and how alpha is coded.
 * @returns The bytes, and what the message says about them.
 * @throws {CodecError} As {@link encodeJpeg}, and what `encodeXxxa` throws.
 */
export function encodeJpegAlpha(
  pixels: Uint32Array,
  width: number,
  height: number,
  options: JpegAlphaOptions,
): EncodedJpegAlpha {
  const { encodeXxxa, topDown = true } = options;
  const jpeg = encodeJpeg(pixels, width, height, options), alpha = encodeXxxa(pixels, width, height, topDown);
  const bytes = new Uint8Array(jpeg.length + alpha.length);
  bytes.set(jpeg);
  bytes.set(alpha, jpeg.length);
  return { bytes, jpegBytes: jpeg.length, topDown };
}
