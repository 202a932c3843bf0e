/** Move pixels inside a surface: COPY_BITS. */

import { intersectRects, type Point, type Rect } from "./rect.ts";
import { clipRegion, type Region } from "./region.ts";
import type { Surface } from "./surface.ts";

/**
 * Copy a box of the surface from another place of it. The two may overlap: pixels are read as they were before.
 *
 * @param surface Read and drawn upon.
 * @param box Where to; any edges. Pixels outside the surface, or whose source is outside it, are left out.
 * @param clip Rectangles of any edges that bound what is written; null for no clip.
 * @param srcPos Top left corner to copy from.
 * @returns The pixels touched.
 * Source: spice-common common/canvas_base.c canvas_copy_bits; common/sw_canvas.c copy_region.
 */
export function copyBits(surface: Surface, box: Rect, clip: readonly Rect[] | null, srcPos: Point): Region {
  const { pixels, width, height } = surface;
  const dx = box.left - srcPos.x, dy = box.top - srcPos.y;
  if (dx === 0 && dy === 0) return new Int32Array(0);
  const readable = { top: dy, left: dx, bottom: height + dy, right: width + dx };
  const region = clipRegion(width, height, intersectRects(box, readable), clip);
  const back = dy * width + dx; // from a source pixel to its destination
  // No source may be overwritten before it is read, so boxes and rows are taken against the direction of the move:
  // bands from the bottom up if it goes down, boxes of a band from right to left if it goes right.
  const down = dy > 0;
  for (let at = down ? region.length : 0; down ? at > 0 : at < region.length;) {
    const first = down ? bandStart(region, at) : at, end = down ? at : bandEnd(region, at);
    for (let k = 0; k < end - first; k += 4) {
      moveBox(pixels, width, region, dx > 0 ? end - 4 - k : first + k, down, back);
    }
    at = down ? first : end;
  }
  return region;
}

/** Where the band begins that ends at `end`. */
function bandStart(region: Region, end: number): number {
  let at = end - 4;
  while (at > 0 && region[at - 3] === region[at + 1]) at -= 4;
  return at;
}

/** Where the band ends that begins at `first`. */
function bandEnd(region: Region, first: number): number {
  let at = first + 4;
  while (at < region.length && region[at + 1] === region[first + 1]) at += 4;
  return at;
}

function moveBox(
  pixels: Uint32Array,
  width: number,
  region: Region,
  box: number,
  down: boolean,
  back: number,
): void {
  const left = region[box]!, top = region[box + 1]!, span = region[box + 2]! - left, rows = region[box + 3]! - top;
  for (let i = 0; i < rows; i++) {
    const to = (down ? top + rows - 1 - i : top + i) * width + left;
    pixels.copyWithin(to, to - back, to - back + span);
  }
}
