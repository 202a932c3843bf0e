/** QUIC: from code words to pixels, row by row. */

import { CodecError } from "../errors.ts";
import { type Family, LONG, type Model, PEEK_BITS, RUN_BITS, RUN_SUMS } from "./model.ts";
import { HOST_IS_LITTLE_ENDIAN, swapWords } from "./words.ts";

/** Zero words after the stream: more than the codes of 64 pixels, after which the reader looks at the limit. */
const GUARD_WORDS = 256;

/** A stream as bits: 32-bit words, little-endian each, read from the highest bit down. */
export class BitReader {
  /** The words of the stream, then {@link GUARD_WORDS} zeros. */
  readonly words: Int32Array<ArrayBuffer>;
  /** The next bit. */
  at: number;
  /** Where the last bit must end. The reference holds a word read ahead, so a stream has one more, which says nothing. */
  readonly limit: number;

  /**
   * Begins at bit `at` of `src`, of at most 2^28 − 1 bytes; those that make no whole word at its end are left out.
   *
   * @param room Taken for the words, if it is large enough.
   */
  constructor(src: Uint8Array, at: number, room: Int32Array<ArrayBuffer>) {
    const count = src.length >>> 2, size = count + GUARD_WORDS;
    this.words = room.length >= size ? room : new Int32Array(size);
    new Uint8Array(this.words.buffer).set(src.subarray(0, count * 4));
    if (!HOST_IS_LITTLE_ENDIAN) swapWords(this.words.subarray(0, count));
    this.words.fill(0, count, size);
    this.at = at;
    this.limit = (count - 1) * 32;
  }

  /** @returns The next 32 bits, which stay the next. */
  peek(): number {
    const { words, at } = this, word = at >>> 5;
    return words[word]! << at | words[word + 1]! >>> 1 >>> ~at;
  }

  /** @throws {CodecError} `truncated`: more bits are read than there are. */
  check(): void {
    if (!(this.at <= this.limit)) throw new CodecError("QUIC", "truncated", (this.limit >>> 3) + 4);
  }
}

/**
 * Decode the colours of one row.
 *
 * @param input At the first bit of the row.
 * @param model Of three channels.
 * @param pixels The picture. The row is written; with 5 bits a channel, each byte has 5 bits. Bits 24 to 31 become 0.
 * @param row Index of the row's first pixel.
 * @param width Pixels a row.
 * @throws {CodecError} `truncated`, `overrun`, `bad-code`.
 */
export function decodeColourRow(input: BitReader, model: Model, pixels: Int32Array, row: number, width: number): void {
  model.residuals[0] = row === 0 ? 0 : model.residuals[1]!;
  for (let x = 0, end = 0; x < width; x = end) {
    end = model.stretchEnd(x, width);
    decodeColours(input, model, pixels, row, width, x, end);
    model.passStretch(end - x);
  }
}

/** Decode the pixels from `x` up to `end` of a row. */
function decodeColours(
  input: BitReader,
  model: Model,
  pixels: Int32Array,
  row: number,
  width: number,
  x: number,
  end: number,
): void {
  const { words, limit } = input, { residuals, best, family: { peeks, buckets, lanes, bits: depth } } = model;
  const size = 1 << depth;
  // In the first row, which has no runs, the pixel to the left stands in for the one above.
  const above = row === 0 ? -1 : row - width, firstRun = row === 0 ? width : 3;
  let stop = x + model.wait, ran = 0;
  if (x === 0) {
    const residual = readColour(input, model, residuals[0]!);
    pixels[row] = addLanes(row === 0 ? 0 : pixels[above]!, residual) & lanes;
    residuals[1] = residual;
    x = 1;
  }
  let at = input.at, bestB = best[0]!, bestG = best[1]!, bestR = best[2]!;
  let left = pixels[row + x - 1]!, left2 = x < 2 ? 0 : pixels[row + x - 2]!;
  let aboveLeft = row === 0 ? 0 : pixels[above + x - 1]! & 0xffffff;
  let b = buckets[residuals[x]! & 255]!, g = buckets[residuals[x]! >>> 8 & 255]!, r = buckets[residuals[x]! >>> 16]!;
  for (;;) {
    let last = stop < end ? stop : end - 1;
    while (x <= last) {
      const up = pixels[above + x]! & 0xffffff;
      if (up === aboveLeft && left === left2 && x >= firstRun && x !== ran) {
        ran = x;
        input.at = at;
        x += readRun(input, model, end - x);
        at = input.at;
        // A call costs as much as storing some thirty pixels in the loop.
        if (x - ran > 32) pixels.fill(left, row + ran, row + x);
        else for (let i = ran; i < x; i++) pixels[row + i] = left;
        if (x === end) {
          model.wait = stop - ran;
          return;
        }
        stop += x - ran;
        last = stop < end ? stop : end - 1;
        left2 = pixels[row + x - 2]!;
        aboveLeft = pixels[above + x - 1]! & 0xffffff;
        b = buckets[residuals[x]! & 255]!;
        g = buckets[residuals[x]! >>> 8 & 255]!;
        r = buckets[residuals[x]! >>> 16]!;
        continue;
      }
      // Lengths are computed, since all that follows waits for them, and a table answers late. The bit that is set in
      // `bits` ends the zeros of a long form, so that those that fit a peek get their length, too.
      // INVARIANT: without a LONG, the three codes take 27 of the 32 bits at most.
      let bits = words[at >>> 5]! << at | words[(at >>> 5) + 1]! >>> 1 >>> ~at;
      const codeR = bestR >>> (r >>> 7) & 7, codeG = bestG >>> (g >>> 7) & 7, codeB = bestB >>> (b >>> 7) & 7;
      const lengthR = Math.clz32(bits | 1 << 33 - (size >>> codeR)) + codeR + 1;
      r = peeks[codeR << PEEK_BITS | bits >>> 32 - PEEK_BITS]!;
      bits <<= lengthR;
      const lengthG = Math.clz32(bits | 1 << 33 - (size >>> codeG)) + codeG + 1;
      g = peeks[codeG << PEEK_BITS | bits >>> 32 - PEEK_BITS]!;
      bits <<= lengthG;
      const lengthB = Math.clz32(bits | 1 << 33 - (size >>> codeB)) + codeB + 1;
      b = peeks[codeB << PEEK_BITS | bits >>> 32 - PEEK_BITS]!;
      let residual = r & 0xff0000 | g >>> 8 & 0xff00 | b >>> 16 & 0xff;
      if ((r | g | b) >= 0) {
        at += lengthR + lengthG + lengthB;
      } else {
        input.at = at;
        residual = readColour(input, model, residuals[x]!);
        at = input.at;
        b = buckets[residual & 255]!;
        g = buckets[residual >>> 8 & 255]!;
        r = buckets[residual >>> 16]!;
      }
      residuals[x + 1] = residual;
      left2 = left;
      left = addLanes((left & up) + (((left ^ up) & 0xfefefe) >>> 1), residual) & lanes;
      pixels[row + x] = left;
      aboveLeft = up;
      x++;
    }
    if (stop >= end || at > limit) break;
    model.learn(stop);
    bestB = best[0]!;
    bestG = best[1]!;
    bestR = best[2]!;
    stop = x + model.nextWait();
  }
  input.at = at;
  input.check();
  model.wait = stop - end;
}

/**
 * Decode one channel of one row.
 *
 * @param input At the first bit of the row.
 * @param model Of one channel.
 * @param pixels The picture. The bits of `spread` × 255 are written, and are 0 before.
 * @param row Index of the row's first pixel.
 * @param width Pixels a row.
 * @param spread What a value is multiplied with: 0x010101 for GRAY, 0x01000000 for alpha.
 * @throws {CodecError} `truncated`, `overrun`, `bad-code`.
 */
export function decodeChannelRow(
  input: BitReader,
  model: Model,
  pixels: Int32Array,
  row: number,
  width: number,
  spread: number,
): void {
  model.residuals[0] = row === 0 ? 0 : model.residuals[1]!;
  for (let x = 0, end = 0; x < width; x = end) {
    end = model.stretchEnd(x, width);
    decodeChannel(input, model, pixels, row, width, spread, x, end);
    model.passStretch(end - x);
  }
}

/** Decode the values from `x` up to `end` of a row. */
function decodeChannel(
  input: BitReader,
  model: Model,
  pixels: Int32Array,
  row: number,
  width: number,
  spread: number,
  x: number,
  end: number,
): void {
  const { words, limit } = input, { residuals, best, family } = model, { peeks, buckets } = family;
  const shift = 31 - Math.clz32(spread) & 24;
  const above = row === 0 ? -1 : row - width, firstRun = row === 0 ? width : 3;
  let stop = x + model.wait, ran = 0, at = input.at, bestCodes = best[0]!;
  let left = x === 0 ? (row === 0 ? 0 : pixels[above]! >>> shift & 255) : pixels[row + x - 1]! >>> shift & 255;
  let left2 = x < 2 ? 0 : pixels[row + x - 2]! >>> shift & 255;
  let aboveLeft = row === 0 || x === 0 ? 0 : pixels[above + x - 1]! >>> shift & 255;
  let entry = buckets[residuals[x]!]!;
  for (;;) {
    let last = stop < end ? stop : end - 1;
    while (x <= last) {
      const up = row + x === 0 ? 0 : pixels[above + x]! >>> shift & 255;
      if (up === aboveLeft && left === left2 && x >= firstRun && x !== ran) {
        ran = x;
        input.at = at;
        x += readRun(input, model, end - x);
        at = input.at;
        const value = Math.imul(left, spread);
        for (let i = row + ran; i < row + x; i++) pixels[i]! |= value;
        if (x === end) {
          model.wait = stop - ran;
          return;
        }
        stop += x - ran;
        last = stop < end ? stop : end - 1;
        left2 = pixels[row + x - 2]! >>> shift & 255;
        aboveLeft = pixels[above + x - 1]! >>> shift & 255;
        entry = buckets[residuals[x]!]!;
        continue;
      }
      const bits = words[at >>> 5]! << at | words[(at >>> 5) + 1]! >>> 1 >>> ~at,
        code = bestCodes >>> (entry >>> 7) & 7;
      entry = peeks[code << PEEK_BITS | bits >>> 32 - PEEK_BITS]!;
      let residual = entry >>> 16;
      if (entry >= 0) {
        at += entry & 31;
      } else {
        input.at = at;
        residual = readCode(input, family, code);
        at = input.at;
        entry = buckets[residual]!;
      }
      residuals[x + 1] = residual;
      left2 = left;
      left = (left + up >>> 1) + residual & 255;
      pixels[row + x]! |= Math.imul(left, spread);
      aboveLeft = up;
      x++;
    }
    if (stop >= end || at > limit) break;
    model.learn(stop);
    bestCodes = best[0]!;
    stop = x + model.nextWait();
  }
  input.at = at;
  input.check();
  model.wait = stop - end;
}

/** Add colours channel by channel, without a carry from one to the next. */
function addLanes(a: number, b: number): number {
  return (a & 0x7f7f7f) + (b & 0x7f7f7f) ^ (a ^ b) & 0x808080;
}

/** Read the residuals of a colour whose codes may be long; `before` are those of the pixel to its left. */
function readColour(input: BitReader, { family, best }: Model, before: number): number {
  const { buckets } = family;
  const r = readCode(input, family, best[2]! >>> (buckets[before >>> 16]! >>> 7) & 7);
  const g = readCode(input, family, best[1]! >>> (buckets[before >>> 8 & 255]! >>> 7) & 7);
  const b = readCode(input, family, best[0]! >>> (buckets[before & 255]! >>> 7) & 7);
  return r << 16 | g << 8 | b;
}

/** Read a residual, however long its code word is. */
function readCode(input: BitReader, { peeks, bits, prefixes, suffixes }: Family, code: number): number {
  const next = input.peek();
  const entry = peeks[code << PEEK_BITS | next >>> 32 - PEEK_BITS]!;
  if (entry !== LONG) {
    input.at += entry & 31;
    return entry >>> 16;
  }
  const zeros = Math.clz32(next), prefix = prefixes[code]!, isShort = zeros < prefix;
  const tail = isShort ? code : suffixes[code]!, length = (isShort ? zeros + 1 : prefix) + tail;
  const symbol = ((isShort ? zeros : prefix) << code) + (next >>> 32 - length & (1 << tail) - 1);
  input.at += length;
  if (!(symbol < 1 << bits)) {
    input.check();
    throw new CodecError("QUIC", "bad-code", input.at >>> 3, `a code word for symbol ${symbol} of ${1 << bits}`);
  }
  return (symbol & 1) === 0 ? symbol >>> 1 : (1 << bits) - 1 - (symbol >>> 1);
}

/** Read the length of a run, at most `room`. */
function readRun(input: BitReader, model: Model, room: number): number {
  let length = 0, state = model.runState, bits = input.peek(), ones = Math.clz32(~bits);
  // Up to 16 ones, the zero and the rest, of 15 bits at most, are in one peek.
  for (; ones > 16 && length <= room; ones = Math.clz32(~bits)) {
    length += stepsFrom(state, 16);
    state = Math.min(state + 16, 31);
    input.at += 16;
    bits = input.peek();
  }
  length += stepsFrom(state, ones);
  state = Math.min(state + ones, 31);
  // The zero after the ones heads the bits of the rest.
  const rest = RUN_BITS[state]!;
  length += bits << ones >>> 31 - rest;
  input.at += ones + 1 + rest;
  if (!(length <= room && input.at <= input.limit)) {
    input.check();
    throw new CodecError("QUIC", "overrun", input.at >>> 3, `a run of ${length} pixels or more, ${room} are left`);
  }
  model.runState = state > 0 ? state - 1 : 0;
  return length;
}

/** @returns The pixels that so many ones stand for, at most 32, the first of them in a state of the run code. */
function stepsFrom(state: number, ones: number): number {
  return RUN_SUMS[state + ones]! - RUN_SUMS[state]!;
}
