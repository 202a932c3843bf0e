/**
 * The passes of a GLZ stream: pixels to tokens. The format is drawn in `codecs/glz.ts`.
 *
 * The search is the reference's, so that our bytes are its bytes: a run of four equal units is a match at distance 1;
 * otherwise the place where the hash of the next three units was seen last, in any image of the window that has the same
 * type, if enough units agree to save a byte. The first two units and the last six are literals, and a match ends before
 * the last two.
 *
 * Source: spice-server server/glz-encode.tmpl.c, server/glz-encode-match.tmpl.c.
 */

import { GLZ_HASH_BITS, type GlzDictionary } from "./dictionary.ts";

const MASK = (1 << GLZ_HASH_BITS) - 1;
/** From this offset on a match takes the long form. Source: glz-encoder.c MAX_PIXEL_SHORT_DISTANCE. */
const LONG_OFFSET = 1 << 12;
/** From this offset on the long form takes one byte more. Source: glz-encoder.c MAX_PIXEL_MEDIUM_DISTANCE. */
const LONGER_OFFSET = 1 << 17;
/** Offsets end before this one. Source: glz-encoder.c MAX_PIXEL_LONG_DISTANCE. */
const END_OFFSET = 1 << 25;
/** Images that a match can reach back, at most. Source: glz-encoder.c MAX_IMAGE_DIST. */
const MOST_IMAGES = (1 << 24) - 1;

/**
 * GLZ, RGB32 pass (types RGB24, RGB32, and the first pass of RGBA).
 *
 * @param slot The image's place in the dictionary: 0x??RRGGBB, rows in stream order; the top byte is not coded.
 * @param dictionary Of the client.
 * @param dst Room for `mostPassBytes` from `out` on.
 * @param out Where in `dst` the pass starts.
 * @returns Where in `dst` the pass ends.
 */
export function encodeGlzRgb32(slot: number, dictionary: GlzDictionary, dst: Uint8Array, out: number): number {
  const { seen, types, counts, pixels: images } = dictionary;
  const units = images[slot]!, size = units.length, type = types[slot]!, count = counts[slot]!;
  // Too small for the search: nothing but literals.
  const from = size < 4 ? 0 : 2, limit = size < 4 ? 0 : size - 6, last = size - 2;
  if (size >= 4) {
    const entry = hashRgb(units[0]! & 0xffffff, units[1]! & 0xffffff, units[2]! & 0xffffff) << 1;
    seen[entry] = slot;
    seen[entry + 1] = 0;
  }
  let token = out++, literals = 0, at = 0;
  // INVARIANT: token is where the count of the pending literals goes; out is the byte after them.
  while (at < size) {
    const unit = units[at]! & 0xffffff;
    if (at >= from && at < limit) {
      const second = units[at + 1]! & 0xffffff, third = units[at + 2]! & 0xffffff;
      let end = at, back = 0, offset = 0;
      if (unit === second && unit === third && (units[at - 1]! & 0xffffff) === unit) {
        offset = 1;
        end = runUntil(units, at + 3, last, unit);
      } else {
        const entry = hashRgb(unit, second, third) << 1, where = seen[entry]!, place = seen[entry + 1]!;
        seen[entry] = slot;
        seen[entry + 1] = at;
        if (types[where] === type) {
          const other = images[where]!, otherSize = other.length;
          if (
            place <= otherSize - 2 && (other[place]! & 0xffffff) === unit && (other[place + 1]! & 0xffffff) === second
          ) {
            back = count - counts[where]!;
            offset = back === 0 ? at - place : place;
            // A stale place in this image may lie ahead; and the reference refers to no unit 0 of another image.
            if (offset > 0 && offset < END_OFFSET && back <= MOST_IMAGES) {
              const ahead = otherSize - place, stop = at + ahead < last ? at + ahead : last;
              end = agreeUntil(units, at + 2, stop, other, place - at);
              if (end - at <= 2 && end - at <= Math.floor(matchBytes(back, offset) / 3)) end = at;
            }
          }
        }
      }
      if (end > at) {
        if (literals > 0) dst[token] = literals - 1;
        else out--;
        out = putMatch(dst, out, end - at, back === 0 ? offset - 1 : offset, back);
        // The reference remembers the places of the last two units of a match, if they are past its first.
        for (let i = Math.max(end - 2, at + 1); i < end; i++) {
          const entry = hashRgb(units[i]! & 0xffffff, units[i + 1]! & 0xffffff, units[i + 2]! & 0xffffff) << 1;
          seen[entry] = slot;
          seen[entry + 1] = i;
        }
        token = out++;
        literals = 0;
        at = end;
        continue;
      }
    }
    at++;
    dst[out] = unit;
    dst[out + 1] = unit >> 8;
    dst[out + 2] = unit >> 16;
    out += 3;
    if (++literals === 32) {
      dst[token] = 31;
      token = out++;
      literals = 0;
    }
  }
  if (literals > 0) dst[token] = literals - 1;
  else out--;
  return out;
}

/**
 * GLZ, RGB16 pass.
 *
 * @param slot The image's place in the dictionary: x1r5g5b5, rows in stream order; the unused bit is written, but not
 * compared.
 * @param dictionary Of the client.
 * @param dst Room for `mostPassBytes` from `out` on.
 * @param out Where in `dst` the pass starts.
 * @returns Where in `dst` the pass ends.
 */
export function encodeGlzRgb16(slot: number, dictionary: GlzDictionary, dst: Uint8Array, out: number): number {
  const { seen, types, counts, values: images } = dictionary;
  const units = images[slot]!, size = units.length, type = types[slot]!, count = counts[slot]!;
  // Too small for the search: nothing but literals.
  const from = size < 4 ? 0 : 2, limit = size < 4 ? 0 : size - 6, last = size - 2;
  if (size >= 4) {
    const entry = hashRgb16(units[0]! & 0x7fff, units[1]! & 0x7fff, units[2]! & 0x7fff) << 1;
    seen[entry] = slot;
    seen[entry + 1] = 0;
  }
  let token = out++, literals = 0, at = 0;
  // INVARIANT: token is where the count of the pending literals goes; out is the byte after them.
  while (at < size) {
    const unit = units[at]! & 0x7fff;
    if (at >= from && at < limit) {
      const second = units[at + 1]! & 0x7fff, third = units[at + 2]! & 0x7fff;
      let end = at, back = 0, offset = 0;
      if (unit === second && unit === third && (units[at - 1]! & 0x7fff) === unit) {
        offset = 1;
        end = at + 3;
        while (end < last && (units[end]! & 0x7fff) === unit) end++;
      } else {
        const entry = hashRgb16(unit, second, third) << 1, where = seen[entry]!, place = seen[entry + 1]!;
        seen[entry] = slot;
        seen[entry + 1] = at;
        if (types[where] === type) {
          const other = images[where]!, otherSize = other.length;
          if (place <= otherSize - 2 && (other[place]! & 0x7fff) === unit && (other[place + 1]! & 0x7fff) === second) {
            back = count - counts[where]!;
            offset = back === 0 ? at - place : place;
            // A stale place in this image may lie ahead; and the reference refers to no unit 0 of another image.
            if (offset > 0 && offset < END_OFFSET && back <= MOST_IMAGES) {
              end = at + 2;
              let there = place + 2;
              while (end < last && there < otherSize && ((units[end]! ^ other[there]!) & 0x7fff) === 0) {
                end++;
                there++;
              }
              if (end - at <= 3 && end - at <= matchBytes(back, offset) >> 1) end = at;
            }
          }
        }
      }
      if (end > at) {
        if (literals > 0) dst[token] = literals - 1;
        else out--;
        out = putMatch(dst, out, end - at - 1, back === 0 ? offset - 1 : offset, back);
        // The reference remembers the places of the last two units of a match, if they are past its first.
        for (let i = Math.max(end - 2, at + 1); i < end; i++) {
          const entry = hashRgb16(units[i]! & 0x7fff, units[i + 1]! & 0x7fff, units[i + 2]! & 0x7fff) << 1;
          seen[entry] = slot;
          seen[entry + 1] = i;
        }
        token = out++;
        literals = 0;
        at = end;
        continue;
      }
    }
    const whole = units[at++]!;
    dst[out++] = whole >> 8;
    dst[out++] = whole;
    if (++literals === 32) {
      dst[token] = 31;
      token = out++;
      literals = 0;
    }
  }
  if (literals > 0) dst[token] = literals - 1;
  else out--;
  return out;
}

/**
 * GLZ, alpha pass (second pass of RGBA).
 *
 * @param slot The image's place in the dictionary: 0xAARRGGBB, rows in stream order; only the top byte is coded.
 * @param dictionary Of the client.
 * @param dst Room for `mostPassBytes` from `out` on.
 * @param out Where in `dst` the pass starts.
 * @returns Where in `dst` the pass ends.
 */
export function encodeGlzAlpha(slot: number, dictionary: GlzDictionary, dst: Uint8Array, out: number): number {
  const { seen, types, counts, pixels: images } = dictionary;
  const units = images[slot]!, size = units.length, type = types[slot]!, count = counts[slot]!;
  // Too small for the search: nothing but literals.
  const from = size < 4 ? 0 : 2, limit = size < 4 ? 0 : size - 6, last = size - 2;
  if (size >= 4) {
    const entry = hashBytes(units[0]! >>> 24, units[1]! >>> 24, units[2]! >>> 24) << 1;
    seen[entry] = slot;
    seen[entry + 1] = 0;
  }
  let token = out++, literals = 0, at = 0;
  // INVARIANT: token is where the count of the pending literals goes; out is the byte after them.
  while (at < size) {
    const unit = units[at]! >>> 24;
    if (at >= from && at < limit) {
      const second = units[at + 1]! >>> 24, third = units[at + 2]! >>> 24;
      let end = at, back = 0, offset = 0;
      if (unit === second && unit === third && (units[at - 1]! >>> 24) === unit) {
        offset = 1;
        end = at + 3;
        while (end < last && (units[end]! >>> 24) === unit) end++;
      } else {
        const entry = hashBytes(unit, second, third) << 1, where = seen[entry]!, place = seen[entry + 1]!;
        seen[entry] = slot;
        seen[entry + 1] = at;
        if (types[where] === type) {
          const other = images[where]!, otherSize = other.length;
          if (
            place <= otherSize - 4 && other[place]! >>> 24 === unit && other[place + 1]! >>> 24 === second &&
            other[place + 2]! >>> 24 === third && (other[place + 3]! ^ units[at + 3]!) >>> 24 === 0
          ) {
            back = count - counts[where]!;
            offset = back === 0 ? at - place : place;
            // A stale place in this image may lie ahead; and the reference refers to no unit 0 of another image.
            if (offset > 0 && offset < END_OFFSET && back <= MOST_IMAGES) {
              end = at + 4;
              let there = place + 4;
              while (end < last && there < otherSize && (units[end]! ^ other[there]!) >>> 24 === 0) {
                end++;
                there++;
              }
              if (end - at <= 7 && end - at <= matchBytes(back, offset)) end = at;
            }
          }
        }
      }
      if (end > at) {
        if (literals > 0) dst[token] = literals - 1;
        else out--;
        out = putMatch(dst, out, end - at - 2, back === 0 ? offset - 1 : offset, back);
        // The reference remembers the places of the last two units of a match, if they are past its first.
        for (let i = Math.max(end - 2, at + 1); i < end; i++) {
          const entry = hashBytes(units[i]! >>> 24, units[i + 1]! >>> 24, units[i + 2]! >>> 24) << 1;
          seen[entry] = slot;
          seen[entry + 1] = i;
        }
        token = out++;
        literals = 0;
        at = end;
        continue;
      }
    }
    at++;
    dst[out++] = unit;
    if (++literals === 32) {
      dst[token] = 31;
      token = out++;
      literals = 0;
    }
  }
  if (literals > 0) dst[token] = literals - 1;
  else out--;
  return out;
}

/** Where a run of one colour ends, or `stop`. */
function runUntil(units: Uint32Array, at: number, stop: number, unit: number): number {
  for (const soon = at + 12 < stop ? at + 12 : stop; at < soon; at++) {
    if ((units[at]! & 0xffffff) !== unit) return at;
  }
  while (at + 4 <= stop) {
    const a = units[at]! ^ unit, b = units[at + 1]! ^ unit, c = units[at + 2]! ^ unit, d = units[at + 3]! ^ unit;
    if (((a | b | c | d) & 0xffffff) !== 0) break;
    at += 4;
  }
  while (at < stop && (units[at]! & 0xffffff) === unit) at++;
  return at;
}

/** Where pixels no longer agree with those `ahead` of them in another image, or `stop`. */
function agreeUntil(units: Uint32Array, at: number, stop: number, other: Uint32Array, ahead: number): number {
  // Most matches are short; the long ones are worth four at a time, whose differences are gathered in one word.
  for (const soon = at + 12 < stop ? at + 12 : stop; at < soon; at++) {
    if (((units[at]! ^ other[at + ahead]!) & 0xffffff) !== 0) return at;
  }
  while (at + 4 <= stop) {
    const from = at + ahead;
    const a = units[at]! ^ other[from]!, b = units[at + 1]! ^ other[from + 1]!;
    const c = units[at + 2]! ^ other[from + 2]!, d = units[at + 3]! ^ other[from + 3]!;
    if (((a | b | c | d) & 0xffffff) !== 0) break;
    at += 4;
  }
  while (at < stop && ((units[at]! ^ other[at + ahead]!) & 0xffffff) === 0) at++;
  return at;
}

/** Source: DJB2_HASH over R, G, B of three pixels, of which the low 20 bits count. */
function hashRgb(a: number, b: number, c: number): number {
  let h = 5381 * 33 ^ a >> 16;
  h = h * 33 ^ a >> 8 & 255;
  h = (h * 33 ^ a & 255) & MASK;
  h = h * 33 ^ b >> 16;
  h = (h * 33 ^ b >> 8 & 255) & MASK;
  h = h * 33 ^ b & 255;
  h = (h * 33 ^ c >> 16) & MASK;
  h = h * 33 ^ c >> 8 & 255;
  return (h * 33 ^ c & 255) & MASK;
}

/** As {@link hashRgb}, over the low and the high byte of three values. */
function hashRgb16(a: number, b: number, c: number): number {
  let h = 5381 * 33 ^ a & 255;
  h = h * 33 ^ a >> 8 & 127;
  h = (h * 33 ^ b & 255) & MASK;
  h = h * 33 ^ b >> 8 & 127;
  h = (h * 33 ^ c & 255) & MASK;
  return (h * 33 ^ c >> 8 & 127) & MASK;
}

/** As {@link hashRgb}, over three bytes. */
function hashBytes(a: number, b: number, c: number): number {
  return (((5381 * 33 ^ a) * 33 ^ b) * 33 ^ c) & MASK;
}

/** Bytes of a match without those of a long length. Source: glz-encode-match.tmpl.c get_encode_ref_size. */
function matchBytes(back: number, offset: number): number {
  if (offset < LONG_OFFSET) return 3 + Number(back >= 1 << 6) + Number(back >= 1 << 14) + Number(back >= 1 << 22);
  const forImages = Number(back > 0) + Number(back >= 1 << 8) + Number(back >= 1 << 16);
  return 3 + forImages + Number(offset >= LONGER_OFFSET);
}

/**
 * Write a match: length less its bias, offset as it is coded, images back. Answers where it ends.
 */
function putMatch(dst: Uint8Array, out: number, length: number, offset: number, back: number): number {
  const long = offset < LONG_OFFSET ? 0 : 16;
  dst[out++] = (length < 7 ? length : 7) << 5 | long | offset & 15;
  if (length >= 7) {
    let rest = length - 7;
    for (; rest >= 255; rest -= 255) dst[out++] = 255;
    dst[out++] = rest;
  }
  dst[out++] = offset >> 4;
  if (long === 0) {
    const more = Number(back >= 1 << 6) + Number(back >= 1 << 14) + Number(back >= 1 << 22);
    dst[out++] = more << 6 | back & 63;
    for (let i = 0, shift = 6; i < more; i++, shift += 8) dst[out++] = back >> shift;
    return out;
  }
  const more = Number(back > 0) + Number(back >= 1 << 8) + Number(back >= 1 << 16);
  dst[out++] = more << 6 | (offset < LONGER_OFFSET ? 0 : 32) | offset >> 12 & 31;
  for (let i = 0, shift = 0; i < more; i++, shift += 8) dst[out++] = back >> shift;
  if (offset >= LONGER_OFFSET) dst[out++] = offset >> 17;
  return out;
}
