/**
 * GLZ (images GLZ_RGB, and inside the zlib stream of ZLIB_GLZ_RGB): LZ whose matches reach into earlier images.
 *
 * ```text
 * header, big-endian: u32 magic "  ZL" 0x20205a4c, u32 version 0x00010001, u8 type | top_down << 4, u32 width,
 *                     u32 height, u32 stride, u64 id, u32 win_head_dist
 * then one pass of tokens, or two (RGBA: colours, then alpha):
 *   ctrl < 32  literal: ctrl + 1 units follow
 *   ctrl ≥ 32  match: bits 7 to 5 length, where 7 adds following bytes up to and including the first < 255; then
 *              bits 3 to 0 and a byte: offset, low 12 bits; then a byte `code`, whose bits 7 and 6 count more bytes:
 *     bit 4 = 0  images = code bits 5 to 0, and so many bytes from bit 6 on, lowest first
 *     bit 4 = 1  offset + (code bits 4 to 0) << 12; images = so many bytes, lowest first;
 *                if code bit 5 is set, one byte more: offset + byte << 17
 *   images = 0: the match starts offset + 1 units back; else at unit `offset`, in stream order, of image id − images
 *
 * pass      unit on the wire                     bias of length  types
 * rgb32     B G R                                0               RGB24, RGB32, RGBA (first pass)
 * rgb16     high byte, low byte, x1r5g5b5        1               RGB16
 * alpha     A                                    2               RGBA (second pass)
 * ```
 *
 * A match refers to an image of the same type. The reference's encoder has palette types, too, but no message could
 * bring the palette, and its server does not use them.
 * Source: spice-gtk src/decode-glz.c, src/decode-glz-tmpl.c; spice-server server/glz-encoder.c, server/glz-encode.tmpl.c,
 * server/glz-encode-match.tmpl.c, server/glz-encoder-dict.c.
 */

import { CodecError } from "./errors.ts";
import { flipRows } from "./flip_rows.ts";
import type { DecodedImage, DecodeOptions } from "./image.ts";
import { decodeGlzAlpha, decodeGlzRgb16, decodeGlzRgb32, GLZ_WAITS, GlzReferences } from "./glz/decode_passes.ts";
import type { GlzDictionary } from "./glz/dictionary.ts";
import { encodeGlzAlpha, encodeGlzRgb16, encodeGlzRgb32 } from "./glz/encode_passes.ts";
import { decodeGlzHeader, GLZ_HEADER_BYTES, type GlzHeader, putGlzHeader } from "./glz/header.ts";
import type { GlzImage, GlzWindow } from "./glz/window.ts";
import { mostPassBytes } from "./lz/encode_passes.ts";
import { LzType } from "./lz/header.ts";

export { decodeGlzHeader, GLZ_HEADER_BYTES, type GlzHeader, type GlzType } from "./glz/header.ts";
export { GlzDictionary, type GlzDictionaryState } from "./glz/dictionary.ts";
export { GlzWindow } from "./glz/window.ts";

const CODEC = "GLZ";

/** An image that cannot be decoded yet. */
export interface GlzWait {
  /** The id of the image that has to come first, on another display channel. */
  readonly waitsFor: bigint;
}

/**
 * Decode a GLZ stream to 32-bit pixels, and keep them in the window.
 *
 * An image that is in the window already is given again, so that a message can be handled a second time.
 *
 * @param src The stream, from its magic on. Bytes after the last pass are ignored.
 * @param window Of the client's whole session.
 * @param options Pixel limit.
 * @returns The picture, rows from the top down whatever the stream's order; or what it waits for, and then nothing is
 * kept: decode it again once {@link GlzWindow.has} says that the image is there. The pixels of a top-down stream are
 * those in the window: do not change them.
 * @throws {CodecError} Any code but `bad-palette`. `bad-distance` also for a match that starts before the first image,
 * in one that has left the window or is of another type, or that goes past its end.
 */
export function decodeGlz(src: Uint8Array, window: GlzWindow, options: DecodeOptions): DecodedImage | GlzWait {
  const header = decodeGlzHeader(src);
  const { type, width, height, id } = header;
  const count = width * height, most = Math.min(options.maxPixels, window.maxPixels);
  if (count > most) throw new CodecError(CODEC, "bad-size", 9, `${width} × ${height} pixels, the limit is ${most}`);
  const there = window.find(id);
  if (there !== undefined) {
    if (sameImage(there.header, header)) return shown(there);
    throw new CodecError(CODEC, "bad-header", 21, `image ${id} has come already, and was another`);
  }
  // One byte of tokens cannot stand for more than 255 units, so a short stream that promises much is refused unread.
  if ((src.length - GLZ_HEADER_BYTES) * 255 < count) {
    throw new CodecError(CODEC, "truncated", src.length, `${src.length} bytes cannot hold ${count} pixels`);
  }
  const pixels = new Uint32Array(count), references = new GlzReferences(window, header);
  let at = type === LzType.RGB16
    ? decodeGlzRgb16(src, pixels, GLZ_HEADER_BYTES, references)
    : decodeGlzRgb32(src, pixels, GLZ_HEADER_BYTES, references);
  if (type === LzType.RGBA && at !== GLZ_WAITS) at = decodeGlzAlpha(src, pixels, at, references);
  if (references.waitsFor !== null) return { waitsFor: references.waitsFor };
  const image = { header, pixels };
  window.add(image);
  return shown(image);
}

/** What {@link encodeGlz} is given: rows in the order of the stream, tightly packed. */
export type GlzSource =
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
      readonly type: typeof LzType.RGB24 | typeof LzType.RGB32 | typeof LzType.RGBA;
      /** 0xAARRGGBB; of RGB24 and RGB32 the top byte is not coded. The dictionary keeps them: they must not change. */
      readonly pixels: Uint32Array;
    }
    | {
      readonly type: typeof LzType.RGB16;
      /** x1r5g5b5. The dictionary keeps them: they must not change. */
      readonly pixels: Uint16Array;
    }
  );

/**
 * Encode an image, byte for byte as the reference does when it is given each image in one piece.
 *
 * @param image What to encode. Its pixels become the dictionary's.
 * @param dictionary Of the client: its images are those that the client holds when it has decoded all before this one.
 * So whatever is encoded must be sent.
 * @returns A whole stream: header and one pass, or two.
 * @throws {CodecError} `bad-size`: larger than the window, or `pixels` has another length than width × height.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeGlz, encodeGlz, GlzDictionary, GlzWindow, LzType } from "../mod.ts";
 *
 * const dictionary = new GlzDictionary(1 << 20), window = new GlzWindow(2 << 20);
 * const image = { type: LzType.RGB32, width: 100, height: 50 };
 * const noise = Uint32Array.from({ length: 5000 }, (_, i) => i * 0x9e3779b1 >>> 8);
 * const first = encodeGlz({ ...image, pixels: noise }, dictionary);
 * const second = encodeGlz({ ...image, pixels: noise.slice() }, dictionary);
 * assert.ok(first.length > 15000 && second.length < 100);
 *
 * const options = { maxPixels: 1e6 };
 * assert.deepEqual(decodeGlz(second, window, options), { waitsFor: 0n });
 * assert.ok("pixels" in decodeGlz(first, window, options));
 * assert.deepEqual(decodeGlz(second, window, options), { width: 100, height: 50, pixels: noise, alpha: false });
 * ```
 */
export function encodeGlz(image: GlzSource, dictionary: GlzDictionary): Uint8Array<ArrayBuffer> {
  const { type, width, height, pixels, topDown = true } = image, count = pixels.length;
  if (!(width >= 1 && height >= 1 && width * height === count)) {
    throw new CodecError(CODEC, "bad-size", 0, `${width} × ${height} is not ${count} pixels`);
  }
  const { id, winHeadDist, slot } = dictionary.add(type, pixels);
  const most = mostPassBytes(count, 3) + (type === LzType.RGBA ? mostPassBytes(count, 1) : 0);
  const dst = dictionary.bytes(GLZ_HEADER_BYTES + most);
  putGlzHeader({ type, topDown, width, height, id, winHeadDist }, dst);
  let end = type === LzType.RGB16
    ? encodeGlzRgb16(slot, dictionary, dst, GLZ_HEADER_BYTES)
    : encodeGlzRgb32(slot, dictionary, dst, GLZ_HEADER_BYTES);
  if (type === LzType.RGBA) end = encodeGlzAlpha(slot, dictionary, dst, end);
  return dst.slice(0, end);
}

/** An image of the window as a picture. */
function shown({ header: { type, width, height, topDown }, pixels }: GlzImage): DecodedImage {
  const alpha = type === LzType.RGBA;
  if (topDown) return { width, height, pixels, alpha };
  const turned = pixels.slice();
  flipRows(turned, width, height);
  return { width, height, pixels: turned, alpha };
}

function sameImage(a: GlzHeader, b: GlzHeader): boolean {
  return a.type === b.type && a.width === b.width && a.height === b.height && a.topDown === b.topDown &&
    a.winHeadDist === b.winHeadDist;
}
