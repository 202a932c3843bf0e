/** Draw a picture onto a surface: DRAW_COPY. */

import type { Rect } from "./rect.ts";
import { clipRegion, type Region } from "./region.ts";
import { Rop, type RopMasks, ropMasks } from "./rop.ts";
import { planScaling, ScaleMode, scaleSpan } from "./scale.ts";
import { pixelMask, type PixelSource, type Surface, toSurfaceFormat } from "./surface.ts";

/** What to draw where. */
export interface CopyOperation {
  /** Destination; any edges. What lies outside the surface is left out. */
  readonly box: Rect;
  /** Rectangles of any edges, overlapping or not; null for no clip. */
  readonly clip: readonly Rect[] | null;
  /** A decoded image, or a surface by `surfaceSource`. It may be the surface drawn upon. */
  readonly source: PixelSource;
  /** Part of the source that fills the box. If its size is not the box's, it is scaled. */
  readonly srcArea: Rect;
  /** The picture is the source, the surface the destination. Default: COPY. */
  readonly rop?: Rop;
  /** A {@link ScaleMode}; only heeded when scaling. Default: NEAREST. */
  readonly scaleMode?: number;
}

/**
 * Combine a picture with the pixels of a box.
 *
 * Unscaled, pixels whose source lies outside the picture stay as they are; scaled, such a source counts as 0. Between
 * the 32-bit formats bits are copied as they are, alpha and padding included.
 *
 * @param surface Drawn upon.
 * @param operation Picture, places, clip and raster operation.
 * @returns The pixels inside box, clip and surface, touched or without a source.
 * @throws {CanvasError} `bad-value` for an unknown scale mode when scaling.
 * Source: spice-common common/canvas_base.c canvas_draw_copy; common/sw_canvas.c __blit_image, __scale_image_rop;
 * common/pixman_utils.c spice_pixman_blit_rop.
 */
export function copyImage(surface: Surface, operation: CopyOperation): Region {
  const { box, clip, srcArea, rop = Rop.COPY, scaleMode = ScaleMode.NEAREST } = operation;
  const region = clipRegion(surface.width, surface.height, box, clip);
  if (region.length === 0) return region;
  let source = operation.source;
  // Drawing a surface onto itself reads it as it was before.
  if (source.pixels === surface.pixels) source = { ...source, pixels: source.pixels.slice() };
  const boxWidth = box.right - box.left, boxHeight = box.bottom - box.top;
  if (srcArea.right - srcArea.left === boxWidth && srcArea.bottom - srcArea.top === boxHeight) {
    blit(surface, region, source, srcArea.left - box.left, srcArea.top - box.top, rop);
  } else if (srcArea.left < srcArea.right && srcArea.top < srcArea.bottom) {
    const scaling = planScaling(inSurfaceColours(surface, source), srcArea, boxWidth, boxHeight, scaleMode);
    const masks = ropMasks(rop), mask = pixelMask(surface.format), span = new Uint32Array(surface.width);
    for (let i = 0; i < region.length; i += 4) {
      const left = region[i]!, row = span.subarray(0, region[i + 2]! - left);
      for (let y = region[i + 1]!; y < region[i + 3]!; y++) {
        scaleSpan(scaling, left - box.left, y - box.top, row);
        toSurfaceFormat(surface.format, row, true);
        combine(surface.pixels, y * surface.width + left, row, masks, mask);
      }
    }
  }
  return region;
}

/** Draw without scaling: destination (x, y) comes from source (x + dx, y + dy). */
function blit(surface: Surface, region: Region, source: PixelSource, dx: number, dy: number, rop: Rop): void {
  const { pixels, width, format } = surface;
  const masks = ropMasks(rop), mask = pixelMask(format);
  const raw = format === "32_xRGB" || format === "32_ARGB";
  const span = raw ? null : new Uint32Array(width);
  for (let i = 0; i < region.length; i += 4) {
    const left = Math.max(region[i]!, -dx), top = Math.max(region[i + 1]!, -dy);
    const right = Math.min(region[i + 2]!, source.width - dx), bottom = Math.min(region[i + 3]!, source.height - dy);
    if (!(left < right)) continue;
    for (let y = top; y < bottom; y++) {
      const from = (y + dy) * source.width + left + dx;
      let row = source.pixels.subarray(from, from + right - left);
      if (span !== null) {
        span.set(row);
        row = span.subarray(0, right - left);
        toSurfaceFormat(format, row, source.alpha);
      }
      if (rop === Rop.COPY) pixels.set(row, y * width + left);
      else combine(pixels, y * width + left, row, masks, mask);
    }
  }
}

/** Combine a row of pixels, already in the surface's format, with the surface. */
function combine(dst: Uint32Array, at: number, row: Uint32Array, masks: RopMasks, mask: number): void {
  const { none, source, dest, both } = masks;
  for (let i = 0; i < row.length; i++, at++) {
    const s = row[i]!, d = dst[at]!;
    dst[at] = (none ^ source & s ^ dest & d ^ both & s & d) & mask;
  }
}

/**
 * The source with the colours that the surface's format can hold, since the reference converts before it scales.
 * Scaling writes 0 beyond the picture even where it has no alpha, so an opaque source gets its alpha here.
 */
function inSurfaceColours(surface: Surface, source: PixelSource): PixelSource {
  if (surface.format !== "16_555") return source;
  const pixels = source.pixels.slice();
  for (let i = 0; i < pixels.length; i++) {
    const top = pixels[i]! & 0xf8f8f8;
    pixels[i] = pixels[i]! & 0xff000000 | top | top >>> 5 & 0x070707;
  }
  return { ...source, pixels };
}
