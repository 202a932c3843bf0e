/** JPEG: from pixels to the values of blocks. */

import { DUMMY_BLOCK, forwardDct } from "./forward_dct.ts";
import type { JpegWork } from "./work.ts";

/**
 * Transform a row of MCUs.
 *
 * @param pixels The picture.
 * @param width Its pixels a row.
 * @param height Its rows.
 * @param row Number of the row of MCUs.
 * @param coefficients 64 values a block, in zigzag order, eight times what the DCT defines.
 * @param kinds What is known of each block: all samples equal; or outside the picture, so that it costs least to write.
 * @param first Number of its first block; each MCU has four blocks of luminance, then blue, then red.
 * @param work Its samples, sums and block are used.
 */
export function transformRow(
  pixels: Uint32Array,
  width: number,
  height: number,
  row: number,
  coefficients: Int16Array,
  kinds: Uint8Array,
  first: number,
  work: JpegWork,
): void {
  const mcus = Math.ceil(width / 16), across = mcus * 16, half = mcus * 8;
  const samples = work.samples(across * 24), blueAt = across * 16, redAt = blueAt + half * 8;
  const top = row * 16, known = Math.min(16, height - top);
  const sums = work.sums(half);
  for (let y = 0; y < known; y += 2) {
    // The last row of an odd number stands for two.
    const upper = (top + y) * width, lower = y + 1 < known ? upper + width : upper;
    splitRow(pixels, upper, width, samples, y * across, sums, half);
    splitRow(pixels, lower, width, samples, (y + 1) * across, sums, half);
    halveRow(sums, samples, blueAt + (y >> 1) * half, redAt + (y >> 1) * half, half);
  }
  // Below the picture its last samples go on, colours as they are after halving.
  for (let y = known + 1 & ~1; y < 16; y++) samples.copyWithin(y * across, (y - 1) * across, y * across);
  for (let y = known + 1 >> 1; y < 8; y++) {
    for (const at of [blueAt, redAt]) samples.copyWithin(at + y * half, at + (y - 1) * half, at + y * half);
  }
  const words = new Uint32Array(samples.buffer), { block: work64 } = work;
  const lastX = Math.ceil(width / 8), lastY = Math.ceil(known / 8);
  for (let mcu = 0, block = first; mcu < mcus; mcu++, block += 6) {
    for (let i = 0; i < 4; i++) {
      const x = mcu * 2 + (i & 1), y = i >> 1;
      kinds[block + i] = x >= lastX || y >= lastY
        ? DUMMY_BLOCK
        : forwardDct(samples, words, y * 8 * across + x * 8, across, coefficients, (block + i) * 64, work64);
    }
    kinds[block + 4] = forwardDct(samples, words, blueAt + mcu * 8, half, coefficients, (block + 4) * 64, work64);
    kinds[block + 5] = forwardDct(samples, words, redAt + mcu * 8, half, coefficients, (block + 5) * 64, work64);
  }
}

/**
 * A row of pixels to a row of luminance and the sums of each pair's colours, to whole MCUs.
 *
 * @param sums Added to: blue in bits 0 to 15, red above. So two rows give sums of four.
 * Source: libjpeg jccolor.c rgb_ycc_start, whose rounding this has.
 */
function splitRow(
  pixels: Uint32Array,
  from: number,
  width: number,
  samples: Uint8Array,
  to: number,
  sums: Int32Array,
  half: number,
): void {
  const pairs = width >> 1;
  for (let x = 0; x < pairs; x++, from += 2, to += 2) {
    const a = pixels[from]! | 0, b = pixels[from + 1]! | 0;
    samples[to] = lumaOf(a);
    samples[to + 1] = lumaOf(b);
    sums[x] = sums[x]! + coloursOf(a) + coloursOf(b) | 0;
  }
  // Beyond the picture its last column goes on.
  const last = pixels[from - 1 + (width & 1)]! | 0, luma = lumaOf(last), colours = coloursOf(last) * 2;
  for (let x = pairs; x < half; x++, to += 2) {
    samples[to] = samples[to + 1] = luma;
    sums[x] = sums[x]! + colours | 0;
  }
}

/** Sums of four to samples. Source: libjpeg jcsample.c h2v2_downsample, whose rounding this has. */
function halveRow(sums: Int32Array, samples: Uint8Array, blue: number, red: number, half: number): void {
  for (let x = 0; x < half; x++) {
    const sum = sums[x]!, bias = 1 + (x & 1);
    samples[blue + x] = (sum & 0xffff) + bias >> 2;
    samples[red + x] = (sum >> 16) + bias >> 2;
    sums[x] = 0;
  }
}

function lumaOf(pixel: number): number {
  return Math.imul(pixel >> 16 & 255, 19595) + Math.imul(pixel >> 8 & 255, 38470) + Math.imul(pixel & 255, 7471) +
      32768 >> 16;
}

/** Blue in bits 0 to 15, red above. */
function coloursOf(pixel: number): number {
  const r = pixel >> 16 & 255, g = pixel >> 8 & 255, b = pixel & 255;
  const blue = (b << 15) + 8421375 - Math.imul(r, 11059) - Math.imul(g, 21709) >> 16;
  return blue | (r << 15) + 8421375 - Math.imul(g, 27439) - Math.imul(b, 5329) & 0xffff0000;
}
