/**
 * What is in a picture, as far as it decides how to compress it: gradual like a photograph, or drawn like text.
 *
 * A pixel is *repeated* if it is its left or upper neighbour, *gradual* if it differs from the left one by little in
 * every channel, else *contrasting*. LZ pays about nothing, 3.4 and 1.5 bytes for one of each: it finds edges of letters
 * again, and noise never. QUIC pays about nothing, 1.2 and 6.5 bytes: it foretells from neighbours, and an edge is where
 * that fails. So QUIC is the smaller one where 2.2 × gradual > 5 × contrasting, however much is repeated; and as the
 * costs add up, that holds for a picture that is in part one and in part the other.
 *
 * Measured on 440 parts of the reference screens, 64 × 32 pixels and more (conformance/golden/classify_test.ts): a
 * bound anywhere from 1 to 4 picks the smaller of LZ and QUIC for every one of them. The reference scores squares of four
 * pixels along the rows and compares the mean with a bound; it counts repeated pixels towards text, so that a photograph
 * beside a blank page goes to LZ. Source for its idea: spice-server server/spice-bitmap-utils.tmpl.c.
 */

/** What {@link classify} found. The shares are of the pixels that were looked at, and add up to 1. */
export interface PictureClass {
  /** `photo`: neighbours foretell a pixel (QUIC, JPEG). `drawing`: it is found again elsewhere (LZ, GLZ). */
  readonly kind: "photo" | "drawing";
  /** Share of pixels that are like a neighbour. */
  readonly repeated: number;
  /** Share of pixels that differ from their neighbours a little. */
  readonly gradual: number;
  /** Share of pixels that differ from their neighbours much. */
  readonly contrasting: number;
  /** Colours among the pixels that were looked at; 257 for more than 256. */
  readonly colors: number;
}

/** Gradual pixels to a contrasting one from which on QUIC is smaller. */
const GRADUAL_TO_CONTRASTING = 2.5;
/** Less than this in each channel is gradual. Smooth letters step by more, photographs seldom do. */
const CONTRAST = 24;
/** Pixels that are looked at, about: a share is then right to a hundredth. */
const SAMPLES = 8192;
/** Colours that are counted. */
const MOST_COLORS = 256;
const SLOTS = 1024;

/**
 * Classify a picture.
 *
 * @param pixels 0x??RRGGBB, rows from the top down; the top byte is not heeded.
 * @param width Pixels a row, at least 1.
 * @returns What it is. A picture of one row or column is a drawing.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { classify } from "../mod.ts";
 *
 * const slope = Uint32Array.from({ length: 64 * 64 }, (_, i) => ((i & 63) * 3) << 8 | (i >> 6));
 * assert.equal(classify(slope, 64).kind, "photo");
 * const stripes = Uint32Array.from({ length: 64 * 64 }, (_, i) => i % 5 === 0 ? 0 : 0xffffff);
 * assert.equal(classify(stripes, 64).kind, "drawing");
 * ```
 */
export function classify(pixels: Uint32Array, width: number): PictureClass {
  let step = Math.max(1, Math.floor(pixels.length / SAMPLES));
  // A step that divides a row would look at some columns only.
  while (step > 1 && width % step === 0) step++;
  const seen = new Int32Array(SLOTS).fill(-1);
  let repeated = 0, gradual = 0, contrasting = 0, colors = 0;
  for (let i = width + 1; i < pixels.length; i += step) {
    const pixel = pixels[i]! & 0xffffff;
    for (let slot = Math.imul(pixel, 0x9e3779b1) >>> 22; colors <= MOST_COLORS; slot = slot + 1 & SLOTS - 1) {
      if (seen[slot] === pixel) break;
      if (seen[slot] !== -1) continue;
      seen[slot] = pixel;
      colors++;
      break;
    }
    if (i % width === 0) continue;
    const left = pixels[i - 1]! & 0xffffff;
    if (pixel === left || pixel === (pixels[i - width]! & 0xffffff)) repeated++;
    else if (
      near(pixel >> 16, left >> 16) && near(pixel >> 8 & 255, left >> 8 & 255) && near(pixel & 255, left & 255)
    ) gradual++;
    else contrasting++;
  }
  const all = Math.max(1, repeated + gradual + contrasting);
  return {
    kind: gradual > GRADUAL_TO_CONTRASTING * contrasting ? "photo" : "drawing",
    repeated: repeated / all,
    gradual: gradual / all,
    contrasting: contrasting / all,
    colors,
  };
}

function near(a: number, b: number): boolean {
  return a - b < CONTRAST && b - a < CONTRAST;
}
