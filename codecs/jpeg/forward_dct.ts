/**
 * JPEG: from the samples of a block to its values.
 *
 * The integer DCT is that of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with the constants and the rounding of
 * libjpeg's jfdctint.c.
 */

import { ZIGZAG } from "./tables.ts";

/** Place in zigzag order of the n-th value of a block, row by row. */
const PLACES: Readonly<Uint8Array> = new Uint8Array(64).map((_, n) => ZIGZAG.indexOf(n));
/** What is known of a block before it is coded: nothing; that all its samples are equal; that it is outside. */
export const ANY_BLOCK = 0, FLAT_BLOCK = 1, DUMMY_BLOCK = 2;

/**
 * Forward DCT of a block.
 *
 * @param samples Samples of a row of MCUs.
 * @param words The same memory.
 * @param at The block's first sample, a multiple of 4.
 * @param stride Samples from one row to the next, a multiple of 4.
 * @param coefficients Of all blocks.
 * @param out Where the block's 64 values go: in zigzag order, eight times what the DCT defines.
 * @param rows 64 values, any content.
 * @returns `FLAT_BLOCK` if all samples are equal, and then only the DC is written; else `ANY_BLOCK`.
 */
export function forwardDct(
  samples: Uint8Array,
  words: Uint32Array,
  at: number,
  stride: number,
  coefficients: Int16Array,
  out: number,
  rows: Int32Array,
): number {
  const word = words[at >> 2]!;
  if (Math.imul(word & 255, 0x01010101) >>> 0 === word) {
    let equal = 0;
    for (let y = 0, i = at >> 2; y < 8 && equal === 0; y++, i += stride >> 2) {
      equal = (words[i]! ^ word) | (words[i + 1]! ^ word);
    }
    if (equal === 0) {
      coefficients[out] = (word & 255) - 128 << 6;
      return FLAT_BLOCK;
    }
  }
  for (let y = 0; y < 64; y += 8, at += stride) {
    const d0 = samples[at]!, d1 = samples[at + 1]!, d2 = samples[at + 2]!, d3 = samples[at + 3]!;
    const d4 = samples[at + 4]!, d5 = samples[at + 5]!, d6 = samples[at + 6]!, d7 = samples[at + 7]!;
    const s0 = d0 + d7, s1 = d1 + d6, s2 = d2 + d5, s3 = d3 + d4;
    const t4 = d3 - d4, t5 = d2 - d5, t6 = d1 - d6, t7 = d0 - d7;
    const e0 = s0 + s3, e1 = s1 + s2, e2 = s1 - s2, e3 = s0 - s3;
    rows[y] = e0 + e1 - 1024 << 2;
    rows[y + 4] = e0 - e1 << 2;
    const z1 = Math.imul(e2 + e3, 4433) + 1024;
    rows[y + 2] = z1 + Math.imul(e3, 6270) >> 11;
    rows[y + 6] = z1 - Math.imul(e2, 15137) >> 11;
    const z5 = Math.imul(t4 + t5 + t6 + t7, 9633) + 1024;
    const z3 = z5 - Math.imul(t4 + t6, 16069), z4 = z5 - Math.imul(t5 + t7, 3196);
    const z6 = Math.imul(t4 + t7, 7373), z7 = Math.imul(t5 + t6, 20995);
    rows[y + 7] = Math.imul(t4, 2446) - z6 + z3 >> 11;
    rows[y + 5] = Math.imul(t5, 16819) - z7 + z4 >> 11;
    rows[y + 3] = Math.imul(t6, 25172) - z7 + z3 >> 11;
    rows[y + 1] = Math.imul(t7, 12299) - z6 + z4 >> 11;
  }
  for (let x = 0; x < 8; x++) {
    const d0 = rows[x]!, d1 = rows[x + 8]!, d2 = rows[x + 16]!, d3 = rows[x + 24]!;
    const d4 = rows[x + 32]!, d5 = rows[x + 40]!, d6 = rows[x + 48]!, d7 = rows[x + 56]!;
    const s0 = d0 + d7, s1 = d1 + d6, s2 = d2 + d5, s3 = d3 + d4;
    const t4 = d3 - d4, t5 = d2 - d5, t6 = d1 - d6, t7 = d0 - d7;
    const e0 = s0 + s3, e1 = s1 + s2, e2 = s1 - s2, e3 = s0 - s3;
    coefficients[out + PLACES[x]!] = e0 + e1 + 2 >> 2;
    coefficients[out + PLACES[x + 32]!] = e0 - e1 + 2 >> 2;
    const z1 = Math.imul(e2 + e3, 4433) + 16384;
    coefficients[out + PLACES[x + 16]!] = z1 + Math.imul(e3, 6270) >> 15;
    coefficients[out + PLACES[x + 48]!] = z1 - Math.imul(e2, 15137) >> 15;
    const z5 = Math.imul(t4 + t5 + t6 + t7, 9633) + 16384;
    const z3 = z5 - Math.imul(t4 + t6, 16069), z4 = z5 - Math.imul(t5 + t7, 3196);
    const z6 = Math.imul(t4 + t7, 7373), z7 = Math.imul(t5 + t6, 20995);
    coefficients[out + PLACES[x + 56]!] = Math.imul(t4, 2446) - z6 + z3 >> 15;
    coefficients[out + PLACES[x + 40]!] = Math.imul(t5, 16819) - z7 + z4 >> 15;
    coefficients[out + PLACES[x + 24]!] = Math.imul(t6, 25172) - z7 + z3 >> 15;
    coefficients[out + PLACES[x + 8]!] = Math.imul(t7, 12299) - z6 + z4 >> 15;
  }
  return ANY_BLOCK;
}
