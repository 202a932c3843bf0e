/**
 * Scaling as pixman 0.42 does it for REPEAT_NONE: nearest pixel, or bilinear with weights of 7 bits.
 *
 * The step from one destination pixel to the next is `floor(65536 × source size / destination size)` in 16.16 fixed
 * point; a destination pixel is sampled at its middle. Samples outside the picture are 0.
 *
 * Source: spice-common common/sw_canvas.c __scale_image; pixman pixman-inlines.h bilinear_interpolation, and checked
 * against libpixman 0.42.2 itself (conformance/vectors/canvas).
 */

import { CanvasError } from "./errors.ts";
import type { Rect } from "./rect.ts";
import type { PixelSource } from "./surface.ts";

/** Scale modes on the wire. Source: spice.proto image_scale_mode. */
export const ScaleMode = { INTERPOLATE: 0, NEAREST: 1 } as const;

/** A scaling from one picture to boxes of one size. */
export interface Scaling {
  readonly source: PixelSource;
  readonly interpolate: boolean;
  /** 16.16 source pixels from one destination pixel to the next. */
  readonly stepX: number;
  readonly stepY: number;
  /** 16.16 position in the source of the destination's first pixel. */
  readonly startX: number;
  readonly startY: number;
}

/**
 * Work out a scaling.
 *
 * @param source Picture to read.
 * @param srcArea Part of the picture that fills the box. Not empty; may lie outside.
 * @param width Width of the destination box in pixels, at least 1.
 * @param height Height of the destination box in pixels, at least 1.
 * @param mode A {@link ScaleMode}.
 * @throws {CanvasError} `bad-value` for another mode.
 */
export function planScaling(
  source: PixelSource,
  srcArea: Rect,
  width: number,
  height: number,
  mode: number,
): Scaling {
  if (mode !== ScaleMode.NEAREST && mode !== ScaleMode.INTERPOLATE) {
    throw new CanvasError("scale an image", "bad-value", `scale mode ${mode}`);
  }
  const interpolate = mode === ScaleMode.INTERPOLATE;
  const stepX = Math.floor((srcArea.right - srcArea.left) * 65536 / width);
  const stepY = Math.floor((srcArea.bottom - srcArea.top) * 65536 / height);
  // Nearest takes the pixel before when the sample falls on an edge; bilinear blends the two pixels around it.
  const shift = interpolate ? 32768 : 1;
  return {
    source,
    interpolate,
    stepX,
    stepY,
    startX: srcArea.left * 65536 + Math.floor((stepX + 1) / 2) - shift,
    startY: srcArea.top * 65536 + Math.floor((stepY + 1) / 2) - shift,
  };
}

/**
 * Compute a part of one row of the destination.
 *
 * @param scaling From {@link planScaling}.
 * @param x Column in the destination box where the part starts.
 * @param y Row in the destination box.
 * @param out As many pixels as wanted, 0xAARRGGBB. Without alpha in the source bits 24 to 31 are 255 inside the picture.
 */
export function scaleSpan(scaling: Scaling, x: number, y: number, out: Uint32Array): void {
  const { source, stepX, startX } = scaling, { pixels, width, height } = source;
  const positionY = scaling.startY + y * scaling.stepY, row = Math.floor(positionY / 65536);
  const opaque = source.alpha ? 0 : 0xff000000;
  let position = startX + x * stepX;
  if (!scaling.interpolate) {
    if (!(row >= 0 && row < height)) {
      out.fill(0);
      return;
    }
    const first = row * width;
    for (let i = 0; i < out.length; i++, position += stepX) {
      const column = Math.floor(position / 65536);
      out[i] = column >= 0 && column < width ? pixels[first + column]! | opaque : 0;
    }
    return;
  }
  // Weights of 8 bits whose lowest is 0. Shifting a number wider than 32 bits still gives its bits 9 to 15.
  const weightY = (positionY >> 9 & 127) << 1;
  const hasTop = row >= 0 && row < height, hasBottom = row >= -1 && row + 1 < height;
  const top = row * width, bottom = top + width;
  for (let i = 0; i < out.length; i++, position += stepX) {
    const column = Math.floor(position / 65536);
    const hasLeft = column >= 0 && column < width, hasRight = column >= -1 && column + 1 < width;
    const a = hasTop && hasLeft ? pixels[top + column]! | opaque : 0;
    const b = hasTop && hasRight ? pixels[top + column + 1]! | opaque : 0;
    const c = hasBottom && hasLeft ? pixels[bottom + column]! | opaque : 0;
    const d = hasBottom && hasRight ? pixels[bottom + column + 1]! | opaque : 0;
    const weightX = (position >> 9 & 127) << 1;
    const wd = weightX * weightY, wc = (256 - weightX) * weightY;
    const wb = weightX * (256 - weightY), wa = (256 - weightX) * (256 - weightY);
    out[i] = ((a >>> 24) * wa + (b >>> 24) * wb + (c >>> 24) * wc + (d >>> 24) * wd >>> 16) << 24 |
      ((a >>> 16 & 255) * wa + (b >>> 16 & 255) * wb + (c >>> 16 & 255) * wc + (d >>> 16 & 255) * wd >>> 16) << 16 |
      ((a >>> 8 & 255) * wa + (b >>> 8 & 255) * wb + (c >>> 8 & 255) * wc + (d >>> 8 & 255) * wd >>> 16) << 8 |
      (a & 255) * wa + (b & 255) * wb + (c & 255) * wc + (d & 255) * wd >>> 16;
  }
}
