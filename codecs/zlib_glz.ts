/**
 * ZLIB_GLZ_RGB: a GLZ stream inside a zlib stream (RFC 1950). The message says how long the GLZ stream is.
 *
 * Source: spice.proto ZlibGlzRGBData; spice-gtk src/decode-zlib.c; spice-server server/image-encoders.cpp
 * image_encoders_compress_glz, server/zlib-encoder.c.
 */

import { CodecError, type CodecErrorCode } from "./errors.ts";
import { decodeGlz, GLZ_HEADER_BYTES, type GlzWait, type GlzWindow } from "./glz.ts";
import type { DecodedImage, DecodeOptions } from "./image.ts";
// zlib for every host, synchronous and without I/O: browsers have none that answers at once.
import { type FlateError, Unzlib, zlibSync } from "npm:fflate@^0.8.2";

/**
 * Inflates a zlib stream.
 *
 * @param src The stream, with its header and checksum.
 * @param mostBytes What comes out must not be longer: stop there, and throw or return more than so many.
 * @returns All that it holds.
 * @throws Anything, for a stream that does not inflate.
 */
export type Inflate = (src: Uint8Array, mostBytes: number) => Uint8Array;

/**
 * Deflates to a zlib stream.
 *
 * @param src Any bytes.
 * @returns A stream with header and checksum.
 */
export type Deflate = (src: Uint8Array) => Uint8Array;

const CODEC = "ZLIB_GLZ";
/** A byte of a deflate stream stands for no more: a match of 258 bytes in two bits. Source: RFC 1951 section 3.2.5. */
const MOST_INFLATION = 1032;
/** Bytes that a pixel may take in a stream that wastes them: a match of one pixel has up to 7, an alpha pass beside. */
const MOST_PIXEL_BYTES = 10;
/** Shorter GLZ streams are sent as they are. Source: image-encoders.cpp MIN_GLZ_SIZE_FOR_ZLIB. */
const LEAST_GLZ_BYTES = 100;
/** What of a stream is inflated at once, so that no more than a thousandfold of it comes out too much. */
const PIECE_BYTES = 4096;
/** Source: image-encoders.cpp ZLIB_DEFAULT_COMPRESSION_LEVEL. */
const LEVEL = 3;

/**
 * Decode a GLZ stream inside a zlib stream.
 *
 * @param src The zlib stream.
 * @param glzBytes Bytes of the GLZ stream, as the message says (`glz_data_size`).
 * @param window Of the client's whole session.
 * @param options Pixel limit; another zlib, as that of the host.
 * @returns As {@link decodeGlz}.
 * @throws {CodecError} As {@link decodeGlz}; and of codec ZLIB_GLZ `bad-size` (more than any image of so many pixels
 * takes), `truncated` (less than the message says), `overrun` (more than that), `bad-header`, `bad-distance`.
 */
export function decodeZlibGlz(
  src: Uint8Array,
  glzBytes: number,
  window: GlzWindow,
  options: DecodeOptions & { readonly inflate?: Inflate },
): DecodedImage | GlzWait {
  const most = GLZ_HEADER_BYTES + MOST_PIXEL_BYTES * options.maxPixels;
  if (!(glzBytes <= most)) throw new CodecError(CODEC, "bad-size", 0, `${glzBytes} bytes of GLZ, the limit is ${most}`);
  if (!(glzBytes <= src.length * MOST_INFLATION)) {
    throw new CodecError(CODEC, "truncated", src.length, `${src.length} bytes cannot hold ${glzBytes} bytes of GLZ`);
  }
  const glz = inflateWhole(src, glzBytes, options.inflate ?? inflate);
  return decodeGlz(glz, window, options);
}

/**
 * Put a GLZ stream in a zlib stream, if that saves anything.
 *
 * @param glz The stream.
 * @param deflate Another zlib, as that of the host. Default: level 3, as the reference.
 * @returns The zlib stream; `null` when the GLZ stream is to be sent as it is.
 */
export function encodeZlibGlz(
  glz: Uint8Array,
  deflate: Deflate = (src) => zlibSync(src, { level: LEVEL }),
): Uint8Array | null {
  if (glz.length < LEAST_GLZ_BYTES) return null;
  const data = deflate(glz);
  return data.length < glz.length ? data : null;
}

function inflateWhole(src: Uint8Array, glzBytes: number, inflate: Inflate): Uint8Array {
  let glz: Uint8Array;
  try {
    glz = inflate(src, glzBytes);
  } catch (error) {
    if (error instanceof CodecError) throw error;
    throw new CodecError(CODEC, codeOf(error), src.length, error instanceof Error ? error.message : undefined);
  }
  if (glz.length > glzBytes) throw new CodecError(CODEC, "overrun", src.length, `more than ${glzBytes} bytes of GLZ`);
  if (glz.length < glzBytes) {
    throw new CodecError(CODEC, "truncated", src.length, `${glz.length} bytes of GLZ, need ${glzBytes}`);
  }
  return glz;
}

/** Piece by piece, so that a stream which holds more than it may is left where that shows. */
function inflate(src: Uint8Array, mostBytes: number): Uint8Array {
  const glz = new Uint8Array(mostBytes);
  let out = 0;
  const stream = new Unzlib((bytes) => {
    if (out + bytes.length > mostBytes) {
      throw new CodecError(CODEC, "overrun", src.length, `more than ${mostBytes} bytes`);
    }
    glz.set(bytes, out);
    out += bytes.length;
  });
  for (let at = 0, end = 0; at < src.length; at = end) {
    // The last piece holds the checksum, which fflate takes off it, whole.
    end = src.length - at < 2 * PIECE_BYTES ? src.length : at + PIECE_BYTES;
    stream.push(src.subarray(at, end), end === src.length);
  }
  return glz.subarray(0, out);
}

/** What an error of fflate is here; anything else is taken for a broken stream. */
function codeOf(error: unknown): CodecErrorCode {
  switch (error instanceof Error ? (error as Partial<FlateError>).code : undefined) {
    case 0: // UnexpectedEOF
      return "truncated";
    case 3: // InvalidDistance
      return "bad-distance";
    default:
      return "bad-header";
  }
}
