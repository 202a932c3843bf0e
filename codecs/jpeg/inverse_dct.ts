/**
 * JPEG: from the values of a block to its samples.
 *
 * The integer DCT is that of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with the constants and the rounding of
 * libjpeg's jidctint.c.
 */

/** A block of DC alone: 64 equal samples, sixteen words. Clears the block. */
export function fillBlock(block: Int32Array, words: Uint32Array, at: number, stride: number): void {
  const value = (block[0]! + 4 >> 3) + 128, sample = value < 0 ? 0 : value > 255 ? 255 : value;
  block[0] = 0;
  const word = Math.imul(sample, 0x01010101);
  for (let y = 0; y < 8; y++, at += stride) words[at] = words[at + 1] = word;
}

/** Inverse DCT of a block with values in its first four rows and columns. Clears the block. */
export function inverse4(
  block: Int32Array,
  rows: Int32Array,
  plane: Uint8ClampedArray,
  at: number,
  stride: number,
): void {
  for (let x = 0; x < 4; x++) {
    const c0 = (block[x]! << 13) + 1024, c1 = block[x + 8]!, c2 = block[x + 16]!, c3 = block[x + 24]!;
    block[x] =
      block[x + 8] =
      block[x + 16] =
      block[x + 24] =
        0;
    const e2 = Math.imul(c2, 4433), e3 = Math.imul(c2, 10703);
    const o0 = Math.imul(c1, 2260) - Math.imul(c3, 6436), o1 = Math.imul(c1, 6437) - Math.imul(c3, 11362);
    const o2 = Math.imul(c1, 9633) - Math.imul(c3, 2259), o3 = Math.imul(c1, 11363) + Math.imul(c3, 9633);
    rows[x] = c0 + e3 + o3 >> 11;
    rows[x + 56] = c0 + e3 - o3 >> 11;
    rows[x + 8] = c0 + e2 + o2 >> 11;
    rows[x + 48] = c0 + e2 - o2 >> 11;
    rows[x + 16] = c0 - e2 + o1 >> 11;
    rows[x + 40] = c0 - e2 - o1 >> 11;
    rows[x + 24] = c0 - e3 + o0 >> 11;
    rows[x + 32] = c0 - e3 - o0 >> 11;
  }
  for (let y = 0; y < 64; y += 8, at += stride) {
    const c0 = (rows[y]! << 13) + 33685504, c1 = rows[y + 1]!, c2 = rows[y + 2]!, c3 = rows[y + 3]!;
    const e2 = Math.imul(c2, 4433), e3 = Math.imul(c2, 10703);
    const o0 = Math.imul(c1, 2260) - Math.imul(c3, 6436), o1 = Math.imul(c1, 6437) - Math.imul(c3, 11362);
    const o2 = Math.imul(c1, 9633) - Math.imul(c3, 2259), o3 = Math.imul(c1, 11363) + Math.imul(c3, 9633);
    plane[at] = c0 + e3 + o3 >> 18;
    plane[at + 7] = c0 + e3 - o3 >> 18;
    plane[at + 1] = c0 + e2 + o2 >> 18;
    plane[at + 6] = c0 + e2 - o2 >> 18;
    plane[at + 2] = c0 - e2 + o1 >> 18;
    plane[at + 5] = c0 - e2 - o1 >> 18;
    plane[at + 3] = c0 - e3 + o0 >> 18;
    plane[at + 4] = c0 - e3 - o0 >> 18;
  }
}

/** Inverse DCT of any block. Clears the block. */
export function inverse8(
  block: Int32Array,
  rows: Int32Array,
  plane: Uint8ClampedArray,
  at: number,
  stride: number,
): void {
  for (let x = 0; x < 8; x++) {
    const c0 = (block[x]! << 13) + 1024, c1 = block[x + 8]!, c2 = block[x + 16]!, c3 = block[x + 24]!;
    const c4 = block[x + 32]! << 13, c5 = block[x + 40]!, c6 = block[x + 48]!, c7 = block[x + 56]!;
    if ((c1 | c2 | c3 | c4 | c5 | c6 | c7) === 0) {
      const value = c0 >> 11;
      rows[x] =
        rows[x + 8] =
        rows[x + 16] =
        rows[x + 24] =
          value;
      rows[x + 32] =
        rows[x + 40] =
        rows[x + 48] =
        rows[x + 56] =
          value;
      continue;
    }
    const z1 = Math.imul(c2 + c6, 4433), e2 = z1 - Math.imul(c6, 15137), e3 = z1 + Math.imul(c2, 6270);
    const s0 = c0 + c4 + e3, s3 = c0 + c4 - e3, s1 = c0 - c4 + e2, s2 = c0 - c4 - e2;
    const z5 = Math.imul(c7 + c3 + c5 + c1, 9633);
    const z3 = z5 - Math.imul(c7 + c3, 16069), z4 = z5 - Math.imul(c5 + c1, 3196);
    const z6 = Math.imul(c7 + c1, 7373), z7 = Math.imul(c5 + c3, 20995);
    const o0 = Math.imul(c7, 2446) - z6 + z3, o1 = Math.imul(c5, 16819) - z7 + z4;
    const o2 = Math.imul(c3, 25172) - z7 + z3, o3 = Math.imul(c1, 12299) - z6 + z4;
    rows[x] = s0 + o3 >> 11;
    rows[x + 56] = s0 - o3 >> 11;
    rows[x + 8] = s1 + o2 >> 11;
    rows[x + 48] = s1 - o2 >> 11;
    rows[x + 16] = s2 + o1 >> 11;
    rows[x + 40] = s2 - o1 >> 11;
    rows[x + 24] = s3 + o0 >> 11;
    rows[x + 32] = s3 - o0 >> 11;
  }
  block.fill(0);
  for (let y = 0; y < 64; y += 8, at += stride) {
    const c0 = (rows[y]! << 13) + 33685504, c1 = rows[y + 1]!, c2 = rows[y + 2]!, c3 = rows[y + 3]!;
    const c4 = rows[y + 4]! << 13, c5 = rows[y + 5]!, c6 = rows[y + 6]!, c7 = rows[y + 7]!;
    const z1 = Math.imul(c2 + c6, 4433), e2 = z1 - Math.imul(c6, 15137), e3 = z1 + Math.imul(c2, 6270);
    const s0 = c0 + c4 + e3, s3 = c0 + c4 - e3, s1 = c0 - c4 + e2, s2 = c0 - c4 - e2;
    const z5 = Math.imul(c7 + c3 + c5 + c1, 9633);
    const z3 = z5 - Math.imul(c7 + c3, 16069), z4 = z5 - Math.imul(c5 + c1, 3196);
    const z6 = Math.imul(c7 + c1, 7373), z7 = Math.imul(c5 + c3, 20995);
    const o0 = Math.imul(c7, 2446) - z6 + z3, o1 = Math.imul(c5, 16819) - z7 + z4;
    const o2 = Math.imul(c3, 25172) - z7 + z3, o3 = Math.imul(c1, 12299) - z6 + z4;
    plane[at] = s0 + o3 >> 18;
    plane[at + 7] = s0 - o3 >> 18;
    plane[at + 1] = s1 + o2 >> 18;
    plane[at + 6] = s1 - o2 >> 18;
    plane[at + 2] = s2 + o1 >> 18;
    plane[at + 5] = s2 - o1 >> 18;
    plane[at + 3] = s3 + o0 >> 18;
    plane[at + 4] = s3 - o0 >> 18;
  }
}
