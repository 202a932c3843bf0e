/**
 * Surfaces: pixels in the surface's own format, one to an element, so that raster operations and later reads agree with
 * the reference bit for bit.
 *
 * ```text
 * 32_xRGB  0x??RRGGBB  bits 24 to 31 mean nothing, but operations carry them
 * 32_ARGB  0xAARRGGBB  colours multiplied by alpha
 * 16_555   0x0000 to 0xffff, x1r5g5b5
 * 8_A      0x00 to 0xff
 * ```
 */

import { CanvasError } from "./errors.ts";
import { type Rect, rectOfSize } from "./rect.ts";
import { clipRegion } from "./region.ts";

/** A surface format that can be created here. */
export type SurfaceFormat = "32_xRGB" | "32_ARGB" | "16_555" | "8_A";

/** A drawing surface. */
export interface Surface {
  /** Pixels a row, at least 1. */
  readonly width: number;
  /** Rows, at least 1. */
  readonly height: number;
  /** What an element of `pixels` means. */
  readonly format: SurfaceFormat;
  /** width × height pixels in the surface's own format, rows from the top down. */
  readonly pixels: Uint32Array<ArrayBuffer>;
}

/** Pixels that can be drawn onto a surface; a decoded image is one. */
export interface PixelSource {
  readonly width: number;
  readonly height: number;
  /** width × height pixels, 0xAARRGGBB, rows from the top down. */
  readonly pixels: Uint32Array<ArrayBuffer>;
  /** Whether bits 24 to 31 are an alpha value. */
  readonly alpha: boolean;
}

/** Numbers on the wire. Source: spice.proto surface_fmt. */
const FORMATS: ReadonlyMap<number, SurfaceFormat> = new Map([[8, "8_A"], [16, "16_555"], [32, "32_xRGB"], [
  96,
  "32_ARGB",
]]);
const HOST_IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/**
 * The format that a wire number stands for.
 *
 * @param wire Number of spice.proto surface_fmt.
 * @throws {CanvasError} `unsupported` for 1_A, 16_565 and numbers that are none.
 */
export function surfaceFormatOf(wire: number): SurfaceFormat {
  const format = FORMATS.get(wire);
  if (format === undefined) throw new CanvasError("create a surface", "unsupported", `surface format ${wire}`);
  return format;
}

/**
 * Create a surface with every pixel 0.
 *
 * @param width Pixels a row.
 * @param height Rows.
 * @param format Its format.
 * @param maxPixels Most pixels that it may have; checked before anything is allocated.
 * @throws {CanvasError} `bad-size`.
 */
export function createSurface(width: number, height: number, format: SurfaceFormat, maxPixels: number): Surface {
  if (!(width >= 1 && height >= 1 && width * height <= maxPixels)) {
    const detail = `${width} × ${height} pixels, the limit is ${maxPixels}`;
    throw new CanvasError("create a surface", "bad-size", detail);
  }
  return { width, height, format, pixels: new Uint32Array(width * height) };
}

/**
 * The bits that a pixel of a format has, as a mask.
 *
 * @param format Surface format.
 */
export function pixelMask(format: SurfaceFormat): number {
  return format === "16_555" ? 0xffff : format === "8_A" ? 0xff : -1;
}

/**
 * Turn pixels into a surface's format, in place.
 *
 * 32-bit formats take them as they are, 16_555 cuts each channel to its top five bits, 8_A takes alpha, or 255 if the
 * pixels have none.
 *
 * @param format Surface format.
 * @param pixels 0xAARRGGBB; afterwards in the format.
 * @param alpha Whether bits 24 to 31 are an alpha value.
 * Source: pixman's conversions to x1r5g5b5 and a8, as used by common/canvas_base.c canvas_get_image_internal.
 */
export function toSurfaceFormat(format: SurfaceFormat, pixels: Uint32Array, alpha: boolean): void {
  if (format === "16_555") {
    for (let i = 0; i < pixels.length; i++) pixels[i] = rgb32To555(pixels[i]!);
  } else if (format === "8_A") {
    if (!alpha) pixels.fill(255);
    else for (let i = 0; i < pixels.length; i++) pixels[i] = pixels[i]! >>> 24;
  }
}

/**
 * A surface as something to draw.
 *
 * @param surface Any surface.
 * @param hasAlpha Whether bits 24 to 31 of a 32_xRGB surface are alpha; no other format heeds it. Default: false.
 * @returns Its pixels as 0xAARRGGBB: the same memory for 32-bit formats, a copy for others.
 */
export function surfaceSource(surface: Surface, hasAlpha = false): PixelSource {
  const { width, height, format } = surface;
  if (format === "32_xRGB" || format === "32_ARGB") {
    return { width, height, pixels: surface.pixels, alpha: format === "32_ARGB" || hasAlpha };
  }
  const pixels = surface.pixels.slice();
  if (format === "8_A") { for (let i = 0; i < pixels.length; i++) pixels[i] = pixels[i]! << 24; }
  else for (let i = 0; i < pixels.length; i++) pixels[i] = rgb555To32(pixels[i]!);
  return { width, height, pixels, alpha: format === "8_A" };
}

/**
 * What a display shows of a surface: its colours, opaque.
 *
 * @param surface Any surface; an alpha surface shows black.
 * @param rect Part to read, cut to the surface. Default: all.
 * @returns Width and height of the part in pixels, and 4 bytes R, G, B, 255 for each, rows from the top down.
 */
export function readRgba(
  surface: Surface,
  rect: Rect = rectOfSize(surface.width, surface.height),
): { width: number; height: number; rgba: Uint8ClampedArray<ArrayBuffer> } {
  const [left = 0, top = 0, right = 0, bottom = 0] = clipRegion(surface.width, surface.height, rect, null);
  const { width: stride, format, pixels } = surface;
  const out = new Uint32Array((right - left) * (bottom - top));
  for (let y = top, at = 0; y < bottom; y++, at += right - left) {
    const row = pixels.subarray(y * stride + left, y * stride + right);
    if (format === "16_555") { for (let i = 0; i < row.length; i++) out[at + i] = opaqueRgba(rgb555To32(row[i]!)); }
    else if (format === "8_A") out.fill(opaqueRgba(0), at, at + row.length);
    else for (let i = 0; i < row.length; i++) out[at + i] = opaqueRgba(row[i]!);
  }
  return { width: right - left, height: bottom - top, rgba: new Uint8ClampedArray(out.buffer) };
}

/** A colour as the four bytes R, G, B, 255 in memory. */
function opaqueRgba(pixel: number): number {
  return HOST_IS_LITTLE_ENDIAN
    ? 0xff000000 | (pixel & 0xff) << 16 | pixel & 0xff00 | pixel >>> 16 & 0xff
    : pixel << 8 | 0xff;
}

/**
 * Widen x1r5g5b5: a channel's top bits repeat below it. The wire carries such values as colours of brushes and palettes
 * that are meant for a 16_555 surface.
 *
 * @param value 0 to 0xffff; the top bit is ignored.
 * @returns 0x00RRGGBB.
 * Source: spice-common common/canvas_base.c canvas_16bpp_to_32bpp.
 */
export function rgb555To32(value: number): number {
  const wide = (value & 0x7c00) << 9 | (value & 0x3e0) << 6 | (value & 0x1f) << 3;
  return wide | wide >>> 5 & 0x070707;
}

/**
 * Cut a colour to x1r5g5b5.
 *
 * @param pixel 0x??RRGGBB.
 * @returns 0 to 0x7fff.
 * Source: spice-common common/canvas_base.c rgb_32_to_16_555.
 */
export function rgb32To555(pixel: number): number {
  return pixel >>> 9 & 0x7c00 | pixel >>> 6 & 0x3e0 | pixel >>> 3 & 0x1f;
}
