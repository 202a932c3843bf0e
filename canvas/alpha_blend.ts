/** Draw a picture over a surface by its alpha: DRAW_ALPHA_BLEND. */

import type { Rect } from "./rect.ts";
import { clipRegion, type Region } from "./region.ts";
import { planScaling, ScaleMode, scaleSpan } from "./scale.ts";
import { type PixelSource, rgb32To555, rgb555To32, type Surface } from "./surface.ts";

/** What to blend where. */
export interface AlphaBlendOperation {
  /** Destination; any edges. What lies outside the surface is left out. */
  readonly box: Rect;
  /** Rectangles of any edges, overlapping or not; null for no clip. */
  readonly clip: readonly Rect[] | null;
  /**
   * A decoded image, or a surface by `surfaceSource`, which may be the surface drawn upon. Where it has alpha, its
   * colours are multiplied by that; where they are not, sums end at 255.
   */
  readonly source: PixelSource;
  /** Part of the source that fills the box. If its size is not the box's, the nearest pixels are taken. */
  readonly srcArea: Rect;
  /** 0 to 255; source pixels count for so much, whatever their own alpha is. */
  readonly alpha: number;
  /**
   * Whether bits 24 to 31 of a 32_xRGB surface are alpha. If not, the surface is opaque, and they are 0 afterwards; the
   * reference leaves what pixman's code for the processor at hand makes of them. No other format heeds it. Default: false.
   */
  readonly destHasAlpha?: boolean;
}

/**
 * Blend a picture with the pixels of a box: Porter and Duff's OVER, every product of two bytes divided by 255 and
 * rounded.
 *
 * Where the source area lies outside the picture, pixels stay as they are. Surfaces of all formats can be drawn upon;
 * 16_555 is blended with channels of 8 bits, and cut again.
 *
 * @param surface Drawn upon.
 * @param operation Picture, places, clip and alpha.
 * @returns The pixels inside box, clip and surface, changed or not; none for alpha 0 or an empty source area.
 * Source: spice-common common/canvas_base.c canvas_draw_alpha_blend; common/sw_canvas.c __blend_image,
 * __blend_scale_image, canvas_get_as_surface, clear_dest_alpha; pixman pixman-combine32.c combine_over_u, and checked
 * against libpixman 0.42.2 itself (conformance/vectors/canvas).
 */
export function blendAlpha(surface: Surface, operation: AlphaBlendOperation): Region {
  const { box, clip, srcArea, alpha, destHasAlpha = false } = operation;
  const boxWidth = box.right - box.left, boxHeight = box.bottom - box.top;
  const scales = srcArea.right - srcArea.left !== boxWidth || srcArea.bottom - srcArea.top !== boxHeight;
  if (alpha === 0 || scales && !(srcArea.left < srcArea.right && srcArea.top < srcArea.bottom)) {
    return new Int32Array(0);
  }
  const region = clipRegion(surface.width, surface.height, box, clip);
  if (region.length === 0) return region;
  let source = operation.source;
  // Drawing a surface onto itself reads it as it was before.
  if (source.pixels === surface.pixels) source = { ...source, pixels: source.pixels.slice() };
  // Unscaled, a pixel lies in the middle of its place, so it is its own nearest.
  const scaling = planScaling(source, srcArea, boxWidth, boxHeight, ScaleMode.NEAREST);
  const span = new Uint32Array(surface.width), below = new Uint32Array(surface.width);
  for (let i = 0; i < region.length; i += 4) {
    const left = region[i]!, width = region[i + 2]! - left;
    const row = span.subarray(0, width), under = below.subarray(0, width);
    for (let y = region[i + 1]!; y < region[i + 3]!; y++) {
      const at = y * surface.width + left;
      scaleSpan(scaling, left - box.left, y - box.top, row);
      if (alpha !== 255) fade(row, alpha);
      load(surface, at, destHasAlpha, under);
      over(row, under);
      store(surface, at, destHasAlpha, under);
    }
  }
  return region;
}

/** Multiply all channels of pixels, 0xAARRGGBB, by a byte. */
function fade(pixels: Uint32Array, by: number): void {
  for (let i = 0; i < pixels.length; i++) {
    const pixel = pixels[i]!;
    pixels[i] = timesByte(pixel & 0xff00ff, by) | timesByte(pixel >>> 8 & 0xff00ff, by) << 8;
  }
}

/** Put pixels over others, 0xAARRGGBB both. */
function over(pixels: Uint32Array, below: Uint32Array): void {
  for (let i = 0; i < pixels.length; i++) {
    const pixel = pixels[i]!, through = 255 - (pixel >>> 24);
    if (through === 0) {
      below[i] = pixel;
    } else if (pixel !== 0) {
      const under = below[i]!;
      below[i] = plus(pixel & 0xff00ff, timesByte(under & 0xff00ff, through)) |
        plus(pixel >>> 8 & 0xff00ff, timesByte(under >>> 8 & 0xff00ff, through)) << 8;
    }
  }
}

/** Two channels as 0x00CC00CC, times a byte: each product is divided by 255 and rounded. */
function timesByte(channels: number, byte: number): number {
  const products = Math.imul(channels, byte) + 0x800080 >>> 0;
  return products + (products >>> 8 & 0xff00ff) >>> 8 & 0xff00ff;
}

/** The sums of two channels as 0x00CC00CC, at most 255 each. */
function plus(a: number, b: number): number {
  const sum = a + b, carry = sum >>> 8 & 0x10001;
  return (sum | (carry << 8) - carry) & 0xff00ff;
}

/** Read pixels of a surface as 0xAARRGGBB. */
function load({ format, pixels }: Surface, at: number, destHasAlpha: boolean, out: Uint32Array): void {
  const from = pixels.subarray(at, at + out.length);
  switch (format) {
    case "32_ARGB":
      return out.set(from);
    case "32_xRGB":
      if (destHasAlpha) return out.set(from);
      for (let i = 0; i < out.length; i++) out[i] = from[i]! | 0xff000000;
      return;
    case "16_555":
      for (let i = 0; i < out.length; i++) out[i] = rgb555To32(from[i]!) | 0xff000000;
      return;
    case "8_A":
      for (let i = 0; i < out.length; i++) out[i] = from[i]! << 24;
  }
}

/** Write pixels, 0xAARRGGBB, to a surface. */
function store({ format, pixels }: Surface, at: number, destHasAlpha: boolean, row: Uint32Array): void {
  switch (format) {
    case "32_ARGB":
      return pixels.set(row, at);
    case "32_xRGB":
      if (destHasAlpha) return pixels.set(row, at);
      for (let i = 0; i < row.length; i++) pixels[at + i] = row[i]! & 0xffffff;
      return;
    case "16_555":
      for (let i = 0; i < row.length; i++) pixels[at + i] = rgb32To555(row[i]!);
      return;
    case "8_A":
      for (let i = 0; i < row.length; i++) pixels[at + i] = row[i]! >>> 24;
  }
}
