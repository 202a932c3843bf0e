/** JPEG: Huffman tables as the decoder looks codes up. */

import { CodecError } from "../errors.ts";

const CODEC = "JPEG";
/** Bits that the decoder's tables look up at once. */
export const LOOKUP_BITS = 10;
/** Bit of a lookup entry that holds a symbol, not a value. */
export const IS_SYMBOL = 0x80;

/** A table to decode with. */
export interface HuffmanTable {
  /**
   * By the next {@link LOOKUP_BITS} bits; 0: a longer code, or none.
   *
   * - AC code and its value fit: value << 16 | zeros before it << 8 | bits of both.
   * - else: symbol << 8 | bits of the code, and bit 7 set.
   */
  readonly lookup: Int32Array;
  /** First bits of a code, as if it had 16: codes of a length are below its entry. */
  readonly below: Int32Array;
  /** What to add to a code of a length to find its symbol. */
  readonly offset: Int32Array;
  /** In the order of the codes. */
  readonly symbols: Uint8Array;
}

/**
 * Make a table to decode with.
 *
 * @param counts Codes of each length, 1 to 16 bits.
 * @param symbols What they stand for, as many as all counts say.
 * @param ac Whether the codes are of AC values.
 * @param at Where to say that an error is.
 * @returns The table.
 * @throws {CodecError} `bad-header`: more codes than bits can tell apart, a DC value of more than 15 bits.
 */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array, ac: boolean, at: number): HuffmanTable {
  const lookup = new Int32Array(1 << LOOKUP_BITS), below = new Int32Array(18), offset = new Int32Array(17);
  for (let length = 1, code = 0, next = 0; length <= 16; length++, code <<= 1) {
    const count = counts[length - 1]!;
    offset[length] = next - code;
    for (let i = 0; i < count; i++, code++, next++) {
      const symbol = symbols[next]!;
      if (!ac && symbol > 15) throw new CodecError(CODEC, "bad-header", at, `DC of ${symbol} bits`);
      if (length <= LOOKUP_BITS) fillLookup(lookup, code, length, symbol, ac);
    }
    if (code > 1 << length) throw new CodecError(CODEC, "bad-header", at, `too many codes of ${length} bits`);
    below[length] = code << 16 - length;
  }
  below[17] = 0x7fffffff;
  return { lookup, below, offset, symbols };
}

/** Enter all bit strings that start with a code. */
function fillLookup(lookup: Int32Array, code: number, length: number, symbol: number, ac: boolean): void {
  const spare = LOOKUP_BITS - length, size = symbol & 15, zeros = symbol >> 4;
  for (let rest = 0, first = code << spare; rest < 1 << spare && first + rest < lookup.length; rest++) {
    let entry = symbol << 8 | IS_SYMBOL | length;
    if (ac && size > 0 && size <= spare) {
      const bits = rest >> spare - size, value = bits >= 1 << size - 1 ? bits : bits - (1 << size) + 1;
      entry = value << 16 | zeros << 8 | length + size;
    }
    lookup[first + rest] = entry;
  }
}
