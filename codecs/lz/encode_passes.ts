/**
 * The passes of an LZ stream: pixels to tokens. The format is drawn in `codecs/lz.ts`.
 *
 * The search is the reference's, so that our bytes are its bytes: a run of four equal units is a match at distance 1;
 * otherwise the place where the hash of the next three units was seen last, if its first one (RGB), two (RGB16) or three
 * (bytes) agree, and one or two more from distance 8191 on. The first two units and the last six are literals, and a
 * match ends before the last two.
 *
 * Source: spice-common common/lz_compress_tmpl.c.
 */

/** Entries of a pass's table: where the hash of three units was seen last. */
export const LZ_TABLE_SIZE = 8192;

/** Distances of matches end before this one. Source: lz.c MAX_FARDISTANCE. */
const END_DISTANCE = 65535 + 8191 - 1;
/** From this one on a match takes two bytes more. Source: lz.c MAX_DISTANCE. */
const FAR_DISTANCE = 8191;

/**
 * Bytes that no pass can exceed.
 *
 * @param units Units of the pass.
 * @param unitBytes Bytes of one.
 * @returns A literal takes its bytes and a 32nd of a token byte, and a match never more than the literals it replaces.
 */
export function mostPassBytes(units: number, unitBytes: number): number {
  return units * unitBytes + (units >> 5) + 16;
}

/**
 * LZ, RGB32 pass (types RGB24, RGB32, and the first pass of RGBA).
 *
 * @param pixels 0x??RRGGBB, rows in stream order; the top byte is not coded.
 * @param dst Room for {@link mostPassBytes} from `out` on.
 * @param out Where in `dst` the pass starts.
 * @param seen {@link LZ_TABLE_SIZE} entries, of any content.
 * @returns Where in `dst` the pass ends.
 */
export function encodeLzRgb32Pass(pixels: Uint32Array, dst: Uint8Array, out: number, seen: Int32Array): number {
  const size = pixels.length, limit = size - 6, last = size - 3;
  seen.fill(0);
  let token = out++, literals = 0, at = 0;
  // INVARIANT: token is where the count of the pending literals goes; out is the byte after them.
  for (const first = size < 4 ? size : 2; at < first; at++) {
    const pixel = pixels[at]!;
    dst[out] = pixel;
    dst[out + 1] = pixel >> 8;
    dst[out + 2] = pixel >> 16;
    out += 3;
    literals++;
  }
  // The pixels around `at`: the one before it, that one, and the one after it. They move along without being read again.
  let before = 0, pixel = 0, second = 0;
  if (at < limit) {
    before = pixels[1]! & 0xffffff;
    pixel = pixels[2]! & 0xffffff;
    second = pixels[3]! & 0xffffff;
  }
  while (at < limit) {
    const third = pixels[at + 2]! & 0xffffff;
    let distance = 0, end = at;
    if (pixel === second && pixel === third && pixel === before) {
      distance = 1;
      end = at + 3;
      while (end < last && (pixels[end]! & 0xffffff) === pixel) end++;
    } else {
      const slot = hashRgb(pixel, second, third), place = seen[slot]!;
      seen[slot] = at;
      distance = at - place;
      if ((pixels[place]! & 0xffffff) === pixel && distance > 0) {
        if (distance < FAR_DISTANCE) end = at + 1;
        else if (distance < END_DISTANCE && (pixels[place + 1]! & 0xffffff) === second) end = at + 2;
        if (end > at) {
          let from = end - distance;
          while (end < last && ((pixels[end]! ^ pixels[from++]!) & 0xffffff) === 0) end++;
        }
      }
    }
    if (end > at) {
      if (literals > 0) dst[token] = literals - 1;
      else out--;
      out = putMatch(dst, out, end - at, distance - 1);
      token = out++;
      literals = 0;
      // The reference remembers the places of the last two pixels of a match, if they are past its first.
      const beforeLast = pixels[end - 2]! & 0xffffff;
      before = pixels[end - 1]! & 0xffffff;
      pixel = pixels[end]! & 0xffffff;
      second = pixels[end + 1]! & 0xffffff;
      if (end - 2 > at) seen[hashRgb(beforeLast, before, pixel)] = end - 2;
      if (end - 1 > at) seen[hashRgb(before, pixel, second)] = end - 1;
      at = end;
      continue;
    }
    at++;
    dst[out] = pixel;
    dst[out + 1] = pixel >> 8;
    dst[out + 2] = pixel >> 16;
    before = pixel;
    pixel = second;
    second = third;
    out += 3;
    if (++literals === 32) {
      dst[token] = 31;
      token = out++;
      literals = 0;
    }
  }
  for (; at < size; at++) {
    const pixel = pixels[at]!;
    dst[out] = pixel;
    dst[out + 1] = pixel >> 8;
    dst[out + 2] = pixel >> 16;
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
 * LZ, RGB16 pass.
 *
 * @param values x1r5g5b5, rows in stream order; the unused bit is written, but not compared.
 * @param dst Room for {@link mostPassBytes} from `out` on.
 * @param out Where in `dst` the pass starts.
 * @param seen {@link LZ_TABLE_SIZE} entries, of any content.
 * @returns Where in `dst` the pass ends.
 */
export function encodeLzRgb16Pass(values: Uint16Array, dst: Uint8Array, out: number, seen: Int32Array): number {
  const size = values.length;
  const from = size < 4 ? 0 : 2, limit = size < 4 ? 0 : size - 6, last = size - 3;
  seen.fill(0);
  let token = out++, literals = 0, at = 0;
  // INVARIANT: token is where the count of the pending literals goes; out is the byte after them.
  while (at < size) {
    const value = values[at]! & 0x7fff;
    if (at >= from && at < limit) {
      const second = values[at + 1]! & 0x7fff, third = values[at + 2]! & 0x7fff;
      let distance = 0, end = at;
      if (value === second && value === third && (values[at - 1]! & 0x7fff) === value) {
        distance = 1;
        end = at + 3;
        while (end < last && (values[end]! & 0x7fff) === value) end++;
      } else {
        const slot = hashRgb16(value, second, third), place = seen[slot]!;
        seen[slot] = at;
        distance = at - place;
        if (
          distance > 0 && distance < END_DISTANCE && (values[place]! & 0x7fff) === value &&
          (values[place + 1]! & 0x7fff) === second &&
          (distance < FAR_DISTANCE || (values[place + 2]! & 0x7fff) === third)
        ) {
          end = at + (distance < FAR_DISTANCE ? 2 : 3);
          while (end < last && ((values[end]! ^ values[end - distance]!) & 0x7fff) === 0) end++;
        }
      }
      if (end > at) {
        if (literals > 0) dst[token] = literals - 1;
        else out--;
        out = putMatch(dst, out, end - at - 1, distance - 1);
        for (let i = Math.max(end - 2, at + 1); i < end; i++) {
          seen[hashRgb16(values[i]!, values[i + 1]!, values[i + 2]!)] = i;
        }
        token = out++;
        literals = 0;
        at = end;
        continue;
      }
    }
    const whole = values[at++]!;
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
 * LZ, byte pass (types PLT1, PLT4, PLT8 and A8; XXXA and the second pass of RGBA, of the alpha values alone).
 *
 * @param values stride × height bytes, rows in stream order.
 * @param dst Room for {@link mostPassBytes} from `out` on.
 * @param out Where in `dst` the pass starts.
 * @param seen {@link LZ_TABLE_SIZE} entries, of any content.
 * @returns Where in `dst` the pass ends.
 */
export function encodeLzBytesPass(values: Uint8Array, dst: Uint8Array, out: number, seen: Int32Array): number {
  const size = values.length;
  const from = size < 4 ? 0 : 2, limit = size < 4 ? 0 : size - 6, last = size - 3;
  seen.fill(0);
  let token = out++, literals = 0, at = 0;
  // INVARIANT: token is where the count of the pending literals goes; out is the byte after them.
  while (at < size) {
    const value = values[at]!;
    if (at >= from && at < limit) {
      const second = values[at + 1]!, third = values[at + 2]!;
      let distance = 0, end = at;
      if (value === second && value === third && values[at - 1]! === value) {
        distance = 1;
        end = at + 3;
        while (end < last && values[end]! === value) end++;
      } else {
        const slot = hashBytes(value, second, third), place = seen[slot]!;
        seen[slot] = at;
        distance = at - place;
        if (
          distance > 0 && distance < END_DISTANCE &&
          values[place]! === value && values[place + 1]! === second && values[place + 2]! === third
        ) {
          end = at + 3;
          if (distance >= FAR_DISTANCE) {
            const more = values[place + 3]! === values[at + 3]! && values[place + 4]! === values[at + 4]!;
            // Before the last pixels the reference takes the five and writes four.
            end = more ? Math.min(at + 5, last) : at;
          }
          while (end > at && end < last && values[end]! === values[end - distance]!) end++;
        }
      }
      if (end > at) {
        if (literals > 0) dst[token] = literals - 1;
        else out--;
        out = putMatch(dst, out, end - at - 2, distance - 1);
        for (let i = end - 2; i < end; i++) seen[hashBytes(values[i]!, values[i + 1]!, values[i + 2]!)] = i;
        token = out++;
        literals = 0;
        at = end;
        continue;
      }
    }
    at++;
    dst[out++] = value;
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

/** Source: DJB2_HASH over R, G, B of three pixels; only its low 13 bits count, so they may be cut at any step. */
function hashRgb(a: number, b: number, c: number): number {
  let h = 5381 * 33 ^ a >> 16;
  h = (h << 5) + h ^ a >> 8 & 255;
  h = (h << 5) + h ^ a & 255;
  h = (h << 5) + h ^ b >> 16;
  h = (h << 5) + h ^ b >> 8 & 255;
  h = (h << 5) + h ^ b & 255;
  h = (h << 5) + h ^ c >> 16;
  h = (h << 5) + h ^ c >> 8 & 255;
  return ((h << 5) + h ^ c & 255) & LZ_TABLE_SIZE - 1;
}

/** As {@link hashRgb}, over the low and the high byte of three values. */
function hashRgb16(a: number, b: number, c: number): number {
  let h = 5381 * 33 ^ a & 255;
  h = h * 33 ^ a >> 8 & 127;
  h = h * 33 ^ b & 255;
  h = (h * 33 ^ b >> 8 & 127) & LZ_TABLE_SIZE - 1;
  h = h * 33 ^ c & 255;
  return (h * 33 ^ c >> 8 & 127) & LZ_TABLE_SIZE - 1;
}

/** As {@link hashRgb}, over three bytes. */
function hashBytes(a: number, b: number, c: number): number {
  return (((5381 * 33 ^ a) * 33 ^ b) * 33 ^ c) & LZ_TABLE_SIZE - 1;
}

/** Write a match: length less its bias, distance less 1. Answers where it ends. */
function putMatch(dst: Uint8Array, out: number, length: number, distance: number): number {
  const near = distance < FAR_DISTANCE ? distance : FAR_DISTANCE;
  if (length < 7) {
    dst[out++] = length << 5 | near >> 8;
  } else {
    dst[out++] = 7 << 5 | near >> 8;
    let rest = length - 7;
    for (; rest >= 255; rest -= 255) dst[out++] = 255;
    dst[out++] = rest;
  }
  dst[out++] = near;
  if (distance >= FAR_DISTANCE) {
    dst[out++] = distance - FAR_DISTANCE >> 8;
    dst[out++] = distance - FAR_DISTANCE;
  }
  return out;
}
