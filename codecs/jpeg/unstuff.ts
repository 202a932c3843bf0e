/** JPEG: the bits of a scan without what is stuffed between them. */

import { CodecError } from "../errors.ts";
import { MOST_BLOCKS } from "./segments.ts";
import type { JpegWork } from "./work.ts";

const CODEC = "JPEG";
/** Zeros after the bits: an MCU of the longest codes cannot read past them. */
const SLACK_BYTES = MOST_BLOCKS * 64 * 4 + 16;

/**
 * Take the bits out of their stuffing.
 *
 * @param src The stream.
 * @param at Where the bits start.
 * @param most How many parts there are to be between restart markers; what comes after them is left.
 * @param work Its bytes are what is returned.
 * @returns The bytes with zeros after them; where what is between two restart markers starts, and where the last of it
 * ends; where in `src` the next other marker is.
 * @throws {CodecError} `bad-code`: a restart marker out of turn.
 */
export function unstuff(
  src: Uint8Array,
  at: number,
  most: number,
  work: JpegWork,
): { data: Uint8Array; starts: number[]; next: number } {
  const limit = src.length, data = work.bytes(limit - at + SLACK_BYTES), starts = [0];
  let out = 0;
  for (;;) {
    let stop = src.indexOf(0xff, at);
    if (stop < 0) stop = limit;
    if (stop - at > 32) data.set(src.subarray(at, stop), out);
    else for (let i = 0; i < stop - at; i++) data[out + i] = src[at + i]!;
    out += stop - at;
    at = stop;
    while (at < limit && src[at + 1] === 0xff) at++;
    if (at + 1 >= limit) break;
    const marker = src[at + 1]!;
    if (marker === 0) {
      data[out++] = 0xff;
    } else if (marker >= 0xd0 && marker <= 0xd7 && starts.length < most) {
      if (marker !== 0xd0 + (starts.length - 1 & 7)) {
        throw new CodecError(CODEC, "bad-code", at, "a restart marker out of turn");
      }
      starts.push(out);
    } else break;
    at += 2;
  }
  starts.push(out);
  data.fill(0, out, out + SLACK_BYTES);
  return { data, starts, next: Math.min(at, limit) };
}

/** Where in `src` the bit is that is at a position of the scan that starts at `at`, as {@link unstuff} counts. */
export function placeOf(src: Uint8Array, at: number, position: number): number {
  for (let left = position >>> 3; left > 0 && at < src.length; at++) {
    if (src[at] !== 0xff) {
      left--;
    } else if (src[at + 1] !== 0xff) {
      // Stuffing is a byte, a restart marker is none.
      if (src[at + 1] === 0) left--;
      at++;
    }
  }
  return Math.min(at, src.length);
}
