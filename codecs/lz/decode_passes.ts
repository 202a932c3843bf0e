/** The passes of an LZ stream: tokens to pixels. The format is drawn in `codecs/lz.ts`. */

import { CodecError } from "../errors.ts";

const CODEC = "LZ";

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
  const view = new DataView(src.buffer, src.byteOffset, limit);
  let out = 0;
  while (out < size) {
    const ctrl = src[at++]!;
    if (ctrl < 32) {
      const end = out + ctrl + 1, next = at + (ctrl + 1) * 3;
      if (!(next <= limit)) throw new CodecError(CODEC, "truncated", at);
      if (!(end <= size)) throw new CodecError(CODEC, "overrun", at);
      // A word holds a pixel and the byte after it. Four at a time, though some may be too many: what is written past
      // the end is written again.
      if (next + 9 < limit && end + 3 <= size) {
        for (; out < end; out += 4, at += 12) {
          dst[out] = view.getUint32(at, true) & 0xffffff;
          dst[out + 1] = view.getUint32(at + 3, true) & 0xffffff;
          dst[out + 2] = view.getUint32(at + 6, true) & 0xffffff;
          dst[out + 3] = view.getUint32(at + 9, true) & 0xffffff;
        }
        out = end;
        at = next;
      } else {
        for (; out < end; at += 3) dst[out++] = src[at]! | src[at + 1]! << 8 | src[at + 2]! << 16;
      }
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
    } else if (end + 7 <= size) {
      // Eight at a time, one after the other since they may overlap; as above.
      for (let from = out - distance; out < end; out += 8, from += 8) {
        dst[out] = dst[from]!;
        dst[out + 1] = dst[from + 1]!;
        dst[out + 2] = dst[from + 2]!;
        dst[out + 3] = dst[from + 3]!;
        dst[out + 4] = dst[from + 4]!;
        dst[out + 5] = dst[from + 5]!;
        dst[out + 6] = dst[from + 6]!;
        dst[out + 7] = dst[from + 7]!;
      }
      out = end;
    } else {
      for (let from = out - distance; out < end;) dst[out++] = dst[from++]!;
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
