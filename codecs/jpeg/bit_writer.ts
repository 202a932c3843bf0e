/** JPEG: from the values of blocks to a stream. */

import { ANY_BLOCK, DUMMY_BLOCK } from "./forward_dct.ts";
import type { Quantizer } from "./quantizers.ts";
import { STANDARD_CODES } from "./tables.ts";
import type { JpegWork } from "./work.ts";

/** Code << 5 | its bits, by symbol, of each of the standard codes. */
const CODE_OF: readonly Int32Array[] = STANDARD_CODES.map(({ counts, symbols }) => {
  const out = new Int32Array(256);
  for (let length = 1, code = 0, next = 0; length <= 16; length++, code <<= 1) {
    for (let i = 0; i < counts[length - 1]!; i++) out[symbols[next++]!] = code++ << 5 | length;
  }
  return out;
});

/** Writes blocks as bits, and at the end a whole stream. */
export class BitWriter {
  readonly #work: JpegWork;
  /** Bytes that a row of MCUs can take, unstuffed: 64 values of 26 bits and more a block. */
  readonly #mostBytes: number;
  /** Bits written. */
  #position = 0;
  /** Those of them that are in no whole byte yet, from bit 31 down. */
  #rest = 0;
  readonly #last = new Int32Array(3);

  constructor(work: JpegWork, rowBlocks: number) {
    this.#work = work;
    this.#mostBytes = rowBlocks * 212 + 16;
  }

  /** Bytes written, stuffing not counted. */
  get bytesSoFar(): number {
    return this.#position >>> 3;
  }

  /** Write `count` blocks from block `first` on, whole MCUs. */
  blocks(
    coefficients: Int16Array,
    kinds: Uint8Array,
    first: number,
    count: number,
    tables: readonly [Quantizer, Quantizer],
  ): void {
    const bytes = this.#work.bytes(this.bytesSoFar + this.#mostBytes), words = new DataView(bytes.buffer);
    const pairs = new Int32Array(coefficients.buffer as ArrayBuffer), last = this.#last;
    let position = this.#position, rest = this.#rest;
    // INVARIANT: what is written at once has no more than 24 bits, so with what is in no whole byte it is under 32.
    for (let block = first, end = first + count, i = 0; block < end; block++, i = i === 5 ? 0 : i + 1) {
      const colour = i < 4 ? 0 : 1, channel = i < 4 ? 0 : i - 3, { dead, half, inverse, near, beyond } = tables[colour];
      const dcCodes = CODE_OF[colour]!, acCodes = CODE_OF[colour + 2]!, kind = kinds[block]!, at = block * 64;
      let difference = 0;
      if (kind !== DUMMY_BLOCK) {
        const value = coefficients[at]!, size = (Math.abs(value) + half[0]!) * inverse[0]! | 0;
        const dc = value < 0 ? -size : size;
        difference = dc - last[channel]!;
        last[channel] = dc;
      }
      let bits = 32 - Math.clz32(difference < 0 ? -difference : difference), code = dcCodes[bits]!;
      let value = code >> 5 << bits | (difference < 0 ? difference - 1 : difference) & (1 << bits) - 1;
      let length = (code & 31) + bits, filled = (position & 7) + length;
      rest |= value << 32 - filled;
      words.setInt32(position >>> 3, rest);
      rest <<= filled & 24;
      position += length;
      let zeros = 0;
      if (kind === ANY_BLOCK) {
        for (let k = 1; k < 64; k++) {
          if ((k & 1) === 0 && (pairs[at + k >> 1]! + near[k]! & beyond[k]!) === 0) {
            zeros += 2;
            k++;
            continue;
          }
          const coefficient = coefficients[at + k]!, limit = dead[k]!;
          if (coefficient <= limit && coefficient >= -limit) {
            zeros++;
            continue;
          }
          for (; zeros > 15; zeros -= 16) {
            code = acCodes[0xf0]!;
            filled = (position & 7) + (code & 31);
            rest |= code >> 5 << 32 - filled;
            words.setInt32(position >>> 3, rest);
            rest <<= filled & 24;
            position += code & 31;
          }
          const size = (Math.abs(coefficient) + half[k]!) * inverse[k]! | 0;
          bits = 32 - Math.clz32(size);
          code = acCodes[zeros << 4 | bits]!;
          value = coefficient < 0 ? (1 << bits) - 1 - size : size;
          length = code & 31;
          if (length + bits <= 24) {
            value |= code >> 5 << bits;
            length += bits;
          } else {
            filled = (position & 7) + length;
            rest |= code >> 5 << 32 - filled;
            words.setInt32(position >>> 3, rest);
            rest <<= filled & 24;
            position += length;
            length = bits;
          }
          filled = (position & 7) + length;
          rest |= value << 32 - filled;
          words.setInt32(position >>> 3, rest);
          rest <<= filled & 24;
          position += length;
          zeros = 0;
        }
      }
      if (kind !== ANY_BLOCK || zeros > 0) {
        code = acCodes[0]!;
        filled = (position & 7) + (code & 31);
        rest |= code >> 5 << 32 - filled;
        words.setInt32(position >>> 3, rest);
        rest <<= filled & 24;
        position += code & 31;
      }
    }
    this.#position = position;
    this.#rest = rest;
  }

  /** The stream: the header, the bits with their stuffing, the end of image. */
  finish(head: Uint8Array): Uint8Array<ArrayBuffer> {
    const size = this.#position + 7 >>> 3, bytes = this.#work.bytes(size).subarray(0, size);
    // What is left of the last byte is ones.
    if ((this.#position & 7) > 0) bytes[size - 1] = this.#rest >>> 24 | 0xff >> (this.#position & 7);
    let stuffing = 0;
    for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) stuffing++;
    const dst = new Uint8Array(head.length + size + stuffing + 2);
    dst.set(head);
    let out = head.length;
    for (let at = 0; at < size; at++) {
      const byte = dst[out++] = bytes[at]!;
      if (byte === 0xff) out++;
    }
    dst[out] = 0xff;
    dst[out + 1] = 0xd9;
    return dst;
  }
}
