/** JPEG: how coarse a quality is. */

import { STANDARD_STEPS, ZIGZAG } from "./tables.ts";

/** How to quantize luminance or colours; indexes are places in zigzag order. */
export interface Quantizer {
  /** As the stream has them, 1 to 255. */
  readonly steps: Uint8Array;
  /** Values from -dead to dead become 0. */
  readonly dead: Int32Array;
  /** By even places: what to add to a pair of values, and which bits are then 0 if both surely become 0. */
  readonly near: Int32Array;
  readonly beyond: Int32Array;
  /** Half a step, and one by a step, of eight times the values. */
  readonly half: Int32Array;
  readonly inverse: Float64Array;
}

/**
 * How to quantize at a quality: luminance, colours.
 *
 * Source: libjpeg jcparam.c jpeg_quality_scaling, jpeg_add_quant_table.
 */
export function quantizers(quality: number): readonly [Quantizer, Quantizer] {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - quality * 2;
  const of = (table: readonly number[]): Quantizer => {
    const steps = Uint8Array.from({ length: 64 }, (_, k) => {
      return Math.min(Math.max(Math.floor((table[ZIGZAG[k]!]! * percent + 50) / 100), 1), 255);
    });
    const power = (k: number) => 2 ** Math.floor(Math.log2(Math.min(steps[k]!, steps[k + 1] ?? 255) * 4 - 2));
    return {
      steps,
      near: Int32Array.from(steps, (_, k) => power(k) * 0x10001),
      beyond: Int32Array.from(steps, (_, k) => ~((power(k) * 2 - 1) * 0x10001)),
      dead: Int32Array.from(steps, (step) => step * 4 - 1),
      half: Int32Array.from(steps, (step) => step * 4),
      // A little more than the inverse, so that whole numbers stay: values have 15 bits.
      inverse: Float64Array.from(steps, (step) => (1 + 2 ** -30) / (step * 8)),
    };
  };
  return [of(STANDARD_STEPS[0]!), of(STANDARD_STEPS[1]!)];
}

/** A quality that makes a size so many times as large. Sizes were found to go about as the steps to the power -0.7. */
export function qualityFor(quality: number, factor: number): number {
  const percentOf = (q: number) => q < 50 ? 5000 / q : Math.max(200 - q * 2, 1);
  const percent = percentOf(quality) * Math.max(factor, 0.01) ** (-1 / 0.7);
  return Math.floor(percent > 100 ? 5000 / percent : 100 - percent / 2);
}
