/** Fill with one colour: DRAW_FILL with a solid brush or none, DRAW_BLACKNESS, DRAW_WHITENESS, DRAW_INVERS. */

import type { Rect } from "./rect.ts";
import { clipRegion, type Region } from "./region.ts";
import { Rop, ropMasks } from "./rop.ts";
import { pixelMask, type Surface } from "./surface.ts";

/**
 * Combine one colour with every pixel of a box.
 *
 * A brush of type NONE is colour 0. DRAW_BLACKNESS is colour 0 copied, DRAW_WHITENESS is 0xffffffff copied, DRAW_INVERS
 * is {@link Rop.INVERT}.
 *
 * @param surface Drawn upon.
 * @param box Any edges; what lies outside the surface is left out.
 * @param clip Rectangles of any edges, overlapping or not; null for no clip.
 * @param color In the surface's own format, as the brush carries it; higher bits are ignored.
 * @param rop The colour is the source, the surface the destination.
 * @returns The pixels touched.
 * Source: spice-common common/canvas_base.c canvas_draw_fill, draw_brush; common/pixman_utils.c spice_pixman_fill_rect.
 */
export function fillSolid(
  surface: Surface,
  box: Rect,
  clip: readonly Rect[] | null,
  color: number,
  rop: Rop = Rop.COPY,
): Region {
  const region = clipRegion(surface.width, surface.height, box, clip);
  const { pixels, width } = surface;
  // With the source known, an operation is dst → (dst & keep) ^ flip.
  const { none, source, dest, both } = ropMasks(rop), mask = pixelMask(surface.format);
  const keep = (dest ^ both & color) & mask, flip = (none ^ source & color) & mask;
  for (let i = 0; i < region.length; i += 4) {
    const left = region[i]!, right = region[i + 2]!, end = region[i + 3]! * width;
    for (let row = region[i + 1]! * width; row < end; row += width) {
      if (keep === 0) pixels.fill(flip, row + left, row + right);
      else for (let at = row + left, last = row + right; at < last; at++) pixels[at] = pixels[at]! & keep ^ flip;
    }
  }
  return region;
}
