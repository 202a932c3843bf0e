/** The passes of a GLZ stream: tokens to pixels. The format is drawn in `codecs/glz.ts`. */

import { CodecError } from "../errors.ts";
import type { GlzHeader } from "./header.ts";
import type { GlzWindow } from "./window.ts";

const CODEC = "GLZ";

/** What a pass answers when an image that it refers to has not come. */
export const GLZ_WAITS = -1;

/** The images that one image refers to. */
export class GlzReferences {
  /** The image that has to come first; `null` as long as none was missing. */
  waitsFor: bigint | null = null;
  readonly #window: GlzWindow;
  readonly #header: GlzHeader;

  constructor(window: GlzWindow, header: GlzHeader) {
    this.#window = window;
    this.#header = header;
  }

  /**
   * @param back How many images before this one, at least 1.
   * @param at Where in the stream, for errors.
   * @returns Its pixels in stream order; `null` when it has not come, which {@link waitsFor} tells then.
   * @throws {CodecError} `bad-distance`: it can not come any more, or has another type.
   */
  find(back: number, at: number): Uint32Array | null {
    const id = this.#header.id - BigInt(back), image = this.#window.find(id);
    if (image !== undefined) {
      if (image.header.type === this.#header.type) return image.pixels;
      throw new CodecError(CODEC, "bad-distance", at, `image ${id} has another type`);
    }
    if (id < 0n) throw new CodecError(CODEC, "bad-distance", at, `image ${this.#header.id} refers ${back} images back`);
    if (!this.#window.awaits(id)) throw new CodecError(CODEC, "bad-distance", at, `image ${id} has left the window`);
    this.waitsFor = id;
    return null;
  }
}

/**
 * GLZ, RGB32 pass (types RGB24, RGB32, and the first pass of RGBA).
 *
 * @param src Tokens. May run past the pass (an alpha pass can follow).
 * @param dst width × height pixels, 0x00RRGGBB, rows in stream order.
 * @param at Where in `src` the pass starts.
 * @param references Images before this one.
 * @returns Where in `src` the pass ends, or {@link GLZ_WAITS}; `dst` is then partly written.
 * @throws {CodecError} `truncated`, `overrun`, `bad-distance`; `dst` is then partly written.
 */
export function decodeGlzRgb32(src: Uint8Array, dst: Uint32Array, at: number, references: GlzReferences): number {
  const size = dst.length, limit = src.length;
  const view = new DataView(src.buffer, src.byteOffset, limit);
  // INVARIANT: other is the image that stands so many before this one.
  let out = 0, back = 0, other = dst;
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
    let offset = ctrl & 15 | src[at++]! << 4, images = 0;
    const code = src[at++]!;
    if ((ctrl & 16) === 0) {
      images = code & 63;
      for (let left = code >> 6, shift = 6; left > 0; left--, shift += 8) images |= src[at++]! << shift;
    } else {
      offset |= (code & 31) << 12;
      for (let left = code >> 6, shift = 0; left > 0; left--, shift += 8) images |= src[at++]! << shift;
      if ((code & 32) !== 0) offset |= src[at++]! << 17;
    }
    // INVARIANT: at <= src.length before any value read above is used; one check per token.
    if (!(at <= limit)) throw new CodecError(CODEC, "truncated", at);
    const end = out + length;
    if (!(end <= size)) throw new CodecError(CODEC, "overrun", at);
    if (images === 0) {
      offset++;
      if (!(offset <= out)) throw new CodecError(CODEC, "bad-distance", at);
      // A call costs as much as copying some thirty pixels in the loop.
      if (length > 32 && (offset === 1 || offset >= length)) {
        if (offset === 1) dst.fill(dst[out - 1]!, out, end);
        else dst.copyWithin(out, out - offset, end - offset);
        out = end;
      } else if (end + 7 <= size) {
        // Eight at a time, one after the other since they may overlap; as above.
        for (let from = out - offset; out < end; out += 8, from += 8) {
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
        for (let from = out - offset; out < end;) dst[out++] = dst[from++]!;
      }
      continue;
    }
    if (images !== back) {
      const found = references.find(images, at);
      if (found === null) return GLZ_WAITS;
      other = found;
      back = images;
    }
    if (!(offset + length <= other.length)) throw new CodecError(CODEC, "bad-distance", at);
    if (length > 64) {
      dst.set(other.subarray(offset, offset + length), out);
      out = end;
    } else if (end + 7 <= size && offset + length + 7 <= other.length) {
      for (; out < end; out += 8, offset += 8) {
        dst[out] = other[offset]!;
        dst[out + 1] = other[offset + 1]!;
        dst[out + 2] = other[offset + 2]!;
        dst[out + 3] = other[offset + 3]!;
        dst[out + 4] = other[offset + 4]!;
        dst[out + 5] = other[offset + 5]!;
        dst[out + 6] = other[offset + 6]!;
        dst[out + 7] = other[offset + 7]!;
      }
      out = end;
    } else {
      while (out < end) dst[out++] = other[offset++]!;
    }
  }
  return at;
}

/**
 * GLZ, RGB16 pass, widened to 32 bits as the reference widens: a channel's top bits repeat below it.
 *
 * @param src Tokens.
 * @param dst width × height pixels, 0x00RRGGBB, rows in stream order.
 * @param at Where in `src` the pass starts.
 * @param references Images before this one.
 * @returns Where in `src` the pass ends, or {@link GLZ_WAITS}; `dst` is then partly written.
 * @throws {CodecError} `truncated`, `overrun`, `bad-distance`; `dst` is then partly written.
 */
export function decodeGlzRgb16(src: Uint8Array, dst: Uint32Array, at: number, references: GlzReferences): number {
  const size = dst.length, limit = src.length;
  // INVARIANT: other is the image that stands so many before this one.
  let out = 0, back = 0, other = dst;
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
    let offset = ctrl & 15 | src[at++]! << 4, images = 0;
    const code = src[at++]!;
    if ((ctrl & 16) === 0) {
      images = code & 63;
      for (let left = code >> 6, shift = 6; left > 0; left--, shift += 8) images |= src[at++]! << shift;
    } else {
      offset |= (code & 31) << 12;
      for (let left = code >> 6, shift = 0; left > 0; left--, shift += 8) images |= src[at++]! << shift;
      if ((code & 32) !== 0) offset |= src[at++]! << 17;
    }
    // INVARIANT: at <= src.length before any value read above is used; one check per token.
    if (!(at <= limit)) throw new CodecError(CODEC, "truncated", at);
    const end = out + length;
    if (!(end <= size)) throw new CodecError(CODEC, "overrun", at);
    if (images === 0) {
      offset++;
      if (!(offset <= out)) throw new CodecError(CODEC, "bad-distance", at);
      for (let from = out - offset; out < end;) dst[out++] = dst[from++]!;
      continue;
    }
    if (images !== back) {
      const found = references.find(images, at);
      if (found === null) return GLZ_WAITS;
      other = found;
      back = images;
    }
    if (!(offset + length <= other.length)) throw new CodecError(CODEC, "bad-distance", at);
    while (out < end) dst[out++] = other[offset++]!;
  }
  return at;
}

/**
 * GLZ, alpha pass (second pass of RGBA): only bits 24 to 31 of each pixel are written.
 *
 * @param src Tokens.
 * @param dst width × height pixels, 0xAARRGGBB, rows in stream order; the colours stay.
 * @param at Where in `src` the pass starts.
 * @param references Images before this one.
 * @returns Where in `src` the pass ends, or {@link GLZ_WAITS}; `dst` is then partly written.
 * @throws {CodecError} `truncated`, `overrun`, `bad-distance`; `dst` is then partly written.
 */
export function decodeGlzAlpha(src: Uint8Array, dst: Uint32Array, at: number, references: GlzReferences): number {
  const size = dst.length, limit = src.length;
  // INVARIANT: other is the image that stands so many before this one.
  let out = 0, back = 0, other = dst;
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
    let offset = ctrl & 15 | src[at++]! << 4, images = 0;
    const code = src[at++]!;
    if ((ctrl & 16) === 0) {
      images = code & 63;
      for (let left = code >> 6, shift = 6; left > 0; left--, shift += 8) images |= src[at++]! << shift;
    } else {
      offset |= (code & 31) << 12;
      for (let left = code >> 6, shift = 0; left > 0; left--, shift += 8) images |= src[at++]! << shift;
      if ((code & 32) !== 0) offset |= src[at++]! << 17;
    }
    // INVARIANT: at <= src.length before any value read above is used; one check per token.
    if (!(at <= limit)) throw new CodecError(CODEC, "truncated", at);
    const end = out + length;
    if (!(end <= size)) throw new CodecError(CODEC, "overrun", at);
    if (images === 0) {
      offset++;
      if (!(offset <= out)) throw new CodecError(CODEC, "bad-distance", at);
      for (; out < end; out++) dst[out] = dst[out]! & 0xffffff | dst[out - offset]! & 0xff000000;
      continue;
    }
    if (images !== back) {
      const found = references.find(images, at);
      if (found === null) return GLZ_WAITS;
      other = found;
      back = images;
    }
    if (!(offset + length <= other.length)) throw new CodecError(CODEC, "bad-distance", at);
    for (; out < end; out++) dst[out] = dst[out]! & 0xffffff | other[offset++]! & 0xff000000;
  }
  return at;
}
