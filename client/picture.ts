/** Pictures of a screen, and how they compare. */
import type { Rect } from "../canvas/rect.ts";

/** Opaque pixels: 4 bytes R, G, B, 255 each, rows from the top down, tightly packed; an `ImageData` is one. */
export interface Picture {
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** width × height × 4 bytes. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** How two pictures differ. */
export interface PictureDifference {
  /** Pixels that differ. */
  readonly pixels: number;
  /** The smallest rectangle around them. */
  readonly area: Rect;
}

/**
 * Compares colours pixel by pixel.
 *
 * @param a A picture.
 * @param b One of the same size.
 * @returns What differs, or `null` when nothing does.
 * @throws {RangeError} The sizes differ.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { comparePictures, type Picture } from "../mod.ts";
 *
 * const white: Picture = { width: 4, height: 2, rgba: new Uint8ClampedArray(4 * 2 * 4).fill(255) };
 * const dot: Picture = { ...white, rgba: white.rgba.slice() };
 * dot.rgba[4 * (1 * 4 + 2)] = 0; // red of the pixel in row 1, column 2
 * assert.deepEqual(comparePictures(white, dot), { pixels: 1, area: { left: 2, top: 1, right: 3, bottom: 2 } });
 * assert.equal(comparePictures(white, white), null);
 * ```
 */
export function comparePictures(a: Picture, b: Picture): PictureDifference | null {
  if (a.width !== b.width || a.height !== b.height) {
    throw new RangeError(`Cannot compare pictures: ${a.width} × ${a.height} and ${b.width} × ${b.height} pixels`);
  }
  const left = new Uint32Array(a.rgba.buffer, a.rgba.byteOffset, a.width * a.height);
  const right = new Uint32Array(b.rgba.buffer, b.rgba.byteOffset, b.width * b.height);
  let pixels = 0, x0 = Infinity, y0 = Infinity, x1 = -1, y1 = -1;
  for (let i = 0; i < left.length; i++) {
    if (left[i] === right[i]) continue;
    const x = i % a.width, y = (i - x) / a.width;
    pixels++;
    x0 = Math.min(x0, x);
    x1 = Math.max(x1, x);
    y0 = Math.min(y0, y);
    y1 = y;
  }
  return pixels === 0 ? null : { pixels, area: { left: x0, top: y0, right: x1 + 1, bottom: y1 + 1 } };
}

/**
 * Cuts a part out of a picture.
 *
 * @param picture Is not changed.
 * @param area In pixels of the picture; what lies outside is left out.
 * @returns The pixels inside `area`, copied.
 */
export function cropPicture(picture: Picture, area: Rect): Picture {
  const left = Math.max(0, area.left), top = Math.max(0, area.top);
  const width = Math.max(0, Math.min(picture.width, area.right) - left);
  const height = Math.max(0, Math.min(picture.height, area.bottom) - top);
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * 4;
    rgba.set(picture.rgba.subarray(from, from + width * 4), y * width * 4);
  }
  return { width, height, rgba };
}
