/** QUIC: from pixels to code words, row by row. */

import { CodecError } from "../errors.ts";
import { LONGEST_CODE, type Model, RUN_BITS } from "./model.ts";
import { HOST_IS_LITTLE_ENDIAN, swapWords } from "./words.ts";

/** Bits of a run beside the ones, of which there are no more than pixels in it: the zero and the rest. */
const RUN_END_BITS = 16;

/** Bits to a stream: 32-bit words, little-endian each, written from the highest bit down. */
export class BitWriter {
  /** The words that are full, and room for more. */
  words: Int32Array<ArrayBuffer>;
  /** Bits so far. */
  at = 0;
  /** The word that is not full yet. */
  current = 0;

  /** Begins with `room` for a header at least, whatever is in it. */
  constructor(room: Int32Array<ArrayBuffer>) {
    this.words = room;
  }

  /**
   * Makes room for a row.
   *
   * @param width Its pixels.
   * @param channels Channels of each.
   * @throws {CodecError} `bad-size`: more than 2^31 bits in all.
   */
  makeRoom(width: number, channels: number): void {
    const needed = this.at + width * (LONGEST_CODE + RUN_END_BITS) * channels + 64;
    if (needed > 0x7fffffff) throw new CodecError("QUIC", "bad-size", 12, "the stream takes more than 2^28 bytes");
    if (needed <= this.words.length * 32) return;
    const words = new Int32Array(Math.max((needed >>> 5) + 1, this.words.length * 2));
    words.set(this.words.subarray(0, this.at >>> 5));
    this.words = words;
  }

  /** Writes the `length` low bits of `value`, which has no others; 1 to 32. */
  put(value: number, length: number): void {
    const bits = value << 32 - length, shift = this.at & 31;
    this.current |= bits >>> shift;
    this.words[this.at >>> 5] = this.current;
    this.at += length;
    if (shift + length >= 32) this.current = bits << 1 << ~shift;
  }

  /** @returns The stream: the last word filled up, and one of zeros, since the reference's decoder reads a word ahead. */
  finish(): Uint8Array<ArrayBuffer> {
    this.words[this.at >>> 5] = this.current;
    const words = this.words.slice(0, (this.at + 31 >>> 5) + 1);
    words[words.length - 1] = 0;
    if (!HOST_IS_LITTLE_ENDIAN) swapWords(words);
    return new Uint8Array(words.buffer);
  }
}

/**
 * Encode the colours of one row.
 *
 * @param out Has room for the row.
 * @param model With three channels.
 * @param pixels The picture. Bits 0 to 23 of each pixel count; with 5 bits a channel, each byte has 5 bits.
 * @param row Index of the row's first pixel.
 * @param width Pixels a row.
 */
export function encodeColourRow(out: BitWriter, model: Model, pixels: Int32Array, row: number, width: number): void {
  model.residuals[0] = row === 0 ? 0 : model.residuals[1]!;
  for (let x = 0, end = 0; x < width; x = end) {
    end = model.stretchEnd(x, width);
    encodeColours(out, model, pixels, row, width, x, end);
    model.passStretch(end - x);
  }
}

/** Encode the pixels from `x` up to `end` of a row. */
function encodeColours(
  out: BitWriter,
  model: Model,
  pixels: Int32Array,
  row: number,
  width: number,
  x: number,
  end: number,
): void {
  const { residuals, best, family: { words: codes, buckets, lanes } } = model, { words } = out;
  // In the first row, which has no runs, the pixel to the left stands in for the one above.
  const above = row === 0 ? -1 : row - width, firstRun = row === 0 ? width : 3;
  let stop = x + model.wait, ran = 0;
  if (x === 0) {
    const first = pixels[row]! & 0xffffff;
    const residual = subtractLanes(first, row === 0 ? 0 : pixels[above]! & 0xffffff) & lanes;
    putColour(out, model, residuals[0]!, residual);
    residuals[1] = residual;
    x = 1;
  }
  let { at, current } = out, bestB = best[0]!, bestG = best[1]!, bestR = best[2]!;
  let left = pixels[row + x - 1]! & 0xffffff, left2 = x < 2 ? 0 : pixels[row + x - 2]! & 0xffffff;
  let aboveLeft = row === 0 ? 0 : pixels[above + x - 1]! & 0xffffff;
  let b = buckets[residuals[x]! & 255]!, g = buckets[residuals[x]! >>> 8 & 255]!, r = buckets[residuals[x]! >>> 16]!;
  for (;;) {
    let last = stop < end ? stop : end - 1;
    while (x <= last) {
      const up = pixels[above + x]! & 0xffffff, here = pixels[row + x]! & 0xffffff;
      if (up === aboveLeft && left === left2 && x >= firstRun && x !== ran) {
        ran = x;
        if (here === left) x = runEnd(pixels, row + x + 1, row + end, 0xffffff) - row;
        out.at = at;
        out.current = current;
        putRun(out, model, x - ran);
        at = out.at;
        current = out.current;
        if (x === end) {
          model.wait = stop - ran;
          return;
        }
        stop += x - ran;
        last = stop < end ? stop : end - 1;
        left2 = pixels[row + x - 2]! & 0xffffff;
        aboveLeft = pixels[above + x - 1]! & 0xffffff;
        b = buckets[residuals[x]! & 255]!;
        g = buckets[residuals[x]! >>> 8 & 255]!;
        r = buckets[residuals[x]! >>> 16]!;
        continue;
      }
      const guess = (left & up) + (((left ^ up) & 0xfefefe) >>> 1);
      const residual = subtractLanes(here, guess) & lanes;
      r = codes[(bestR >>> (r >>> 7) & 7) << 8 | residual >>> 16]!;
      g = codes[(bestG >>> (g >>> 7) & 7) << 8 | residual >>> 8 & 255]!;
      b = codes[(bestB >>> (b >>> 7) & 7) << 8 | residual & 255]!;
      const length = r + g + b & 127;
      if (length <= 32) {
        const bits = ((r >>> 16 << g | g >>> 16) << b | b >>> 16) << 32 - length, shift = at & 31;
        current |= bits >>> shift;
        words[at >>> 5] = current;
        at += length;
        // Without a branch, for nobody can foretell it: if the word is full, the next begins with what did not fit.
        current = current & (shift + length >>> 5) - 1 | bits << 1 << ~shift;
      } else {
        out.at = at;
        out.current = current;
        out.put(r >>> 16, r & 31);
        out.put(g >>> 16, g & 31);
        out.put(b >>> 16, b & 31);
        at = out.at;
        current = out.current;
      }
      residuals[x + 1] = residual;
      left2 = left;
      left = here;
      aboveLeft = up;
      x++;
    }
    if (stop >= end) break;
    model.learn(stop);
    bestB = best[0]!;
    bestG = best[1]!;
    bestR = best[2]!;
    stop = x + model.nextWait();
  }
  out.at = at;
  out.current = current;
  model.wait = stop - end;
}

/**
 * Encode one channel of one row.
 *
 * @param out Has room for the row.
 * @param model Of one channel.
 * @param pixels The picture.
 * @param row Index of the row's first pixel.
 * @param width Pixels a row.
 * @param shift Where the channel's lowest bit is: 0 for GRAY, 24 for alpha.
 */
export function encodeChannelRow(
  out: BitWriter,
  model: Model,
  pixels: Int32Array,
  row: number,
  width: number,
  shift: number,
): void {
  model.residuals[0] = row === 0 ? 0 : model.residuals[1]!;
  for (let x = 0, end = 0; x < width; x = end) {
    end = model.stretchEnd(x, width);
    encodeChannel(out, model, pixels, row, width, shift, x, end);
    model.passStretch(end - x);
  }
}

/** Encode the values from `x` up to `end` of a row. */
function encodeChannel(
  out: BitWriter,
  model: Model,
  pixels: Int32Array,
  row: number,
  width: number,
  shift: number,
  x: number,
  end: number,
): void {
  const { residuals, best, family: { words: codes, buckets } } = model, { words } = out, keep = 255 << shift;
  const above = row === 0 ? -1 : row - width, firstRun = row === 0 ? width : 3;
  let stop = x + model.wait, ran = 0, { at, current } = out, bestCodes = best[0]!;
  let left = x === 0 ? (row === 0 ? 0 : pixels[above]! >>> shift & 255) : pixels[row + x - 1]! >>> shift & 255;
  let left2 = x < 2 ? 0 : pixels[row + x - 2]! >>> shift & 255;
  let aboveLeft = row === 0 || x === 0 ? 0 : pixels[above + x - 1]! >>> shift & 255;
  let word = buckets[residuals[x]!]!;
  for (;;) {
    let last = stop < end ? stop : end - 1;
    while (x <= last) {
      const up = row + x === 0 ? 0 : pixels[above + x]! >>> shift & 255, here = pixels[row + x]! >>> shift & 255;
      if (up === aboveLeft && left === left2 && x >= firstRun && x !== ran) {
        ran = x;
        if (here === left) x = runEnd(pixels, row + x + 1, row + end, keep) - row;
        out.at = at;
        out.current = current;
        putRun(out, model, x - ran);
        at = out.at;
        current = out.current;
        if (x === end) {
          model.wait = stop - ran;
          return;
        }
        stop += x - ran;
        last = stop < end ? stop : end - 1;
        left2 = pixels[row + x - 2]! >>> shift & 255;
        aboveLeft = pixels[above + x - 1]! >>> shift & 255;
        word = buckets[residuals[x]!]!;
        continue;
      }
      const residual = here - (left + up >>> 1) & 255;
      word = codes[(bestCodes >>> (word >>> 7) & 7) << 8 | residual]!;
      const length = word & 31, bits = word >>> 16 << 32 - length, from = at & 31;
      current |= bits >>> from;
      words[at >>> 5] = current;
      at += length;
      current = current & (from + length >>> 5) - 1 | bits << 1 << ~from;
      residuals[x + 1] = residual;
      left2 = left;
      left = here;
      aboveLeft = up;
      x++;
    }
    if (stop >= end) break;
    model.learn(stop);
    bestCodes = best[0]!;
    stop = x + model.nextWait();
  }
  out.at = at;
  out.current = current;
  model.wait = stop - end;
}

/** @returns Where a run ends that begins at `at`, at most `end`: the first pixel that differs in the bits to keep. */
function runEnd(pixels: Int32Array, at: number, end: number, keep: number): number {
  const pixel = pixels[at - 1]!;
  for (; at + 4 <= end; at += 4) {
    const a = (pixels[at]! ^ pixel) & keep, b = (pixels[at + 1]! ^ pixel) & keep;
    const c = (pixels[at + 2]! ^ pixel) & keep, d = (pixels[at + 3]! ^ pixel) & keep;
    // How many agree, without a branch for each: of 32 bits, none but zero has 32 zeros in front.
    if ((a | b | c | d) !== 0) {
      return at + (Math.clz32(a) >> 5) + (Math.clz32(a | b) >> 5) + (Math.clz32(a | b | c) >> 5);
    }
  }
  while (at < end && ((pixels[at]! ^ pixel) & keep) === 0) at++;
  return at;
}

/** Subtract colours channel by channel, without borrowing from one to the next. */
function subtractLanes(a: number, b: number): number {
  return (a | 0x808080) - (b & 0x7f7f7f) ^ (a ^ ~b) & 0x808080;
}

/** Write one colour. `before` are the residuals to the left of it. */
function putColour(
  out: BitWriter,
  { best, family: { words, buckets } }: Model,
  before: number,
  residual: number,
): void {
  for (let channel = 2; channel >= 0; channel--) {
    const code = best[channel]! >>> (buckets[before >>> channel * 8 & 255]! >>> 7) & 7;
    const word = words[code << 8 | residual >>> channel * 8 & 255]!;
    out.put(word >>> 16, word & 31);
  }
}

/** Write the length of a run. */
function putRun(out: BitWriter, model: Model, length: number): void {
  let state = model.runState, ones = 0;
  for (let step = 1 << RUN_BITS[state]!; length >= step; step = 1 << RUN_BITS[state]!) {
    length -= step;
    ones++;
    if (state < 31) state++;
  }
  for (; ones > 16; ones -= 16) out.put(0xffff, 16);
  // The zero after the ones heads the bits of the rest: 16 + 1 + 15 bits at most.
  const rest = RUN_BITS[state]!;
  out.put((1 << ones) - 1 << rest + 1 | length, ones + rest + 1);
  model.runState = state > 0 ? state - 1 : 0;
}
