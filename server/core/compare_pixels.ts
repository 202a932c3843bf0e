/** What new pixels change on a surface. */

import type { Rect } from "../../canvas/rect.ts";
import type { Surface } from "../../canvas/surface.ts";

/** Width of a cell in pixels. Cells are one row high and lie on a grid that begins at the surface's left edge. */
export const CELL_WIDTH = 32;

/** Pixels to be laid over a surface. */
export interface Patch {
  /** Where; at least one pixel, inside the surface. */
  readonly area: Rect;
  readonly pixels: Uint32Array;
  /** Where in `pixels` the area's first pixel is. */
  readonly offset: number;
  /** Pixels from one row to the next. */
  readonly stride: number;
}

/** The cells of a patch that differ from the surface. */
export interface Difference {
  /** Exact edges around all that differs; null when nothing does. */
  readonly bounds: Rect | null;
  /** Cells in a row. The first holds the patch's left edge. */
  readonly columns: number;
  /** 1 for a cell that differs, row by row from the top of the patch. */
  readonly cells: Uint8Array;
}

/**
 * Find what a patch changes.
 *
 * @param surface What is there.
 * @param patch What is to be there.
 * @param found Told what differs inside one tile (a cell's width, rows that share `y >> 4`), with exact edges.
 * @returns The cells that differ.
 */
export function comparePixels(
  surface: Surface,
  patch: Patch,
  found: (left: number, top: number, right: number, bottom: number) => void,
): Difference {
  const { pixels: old, width } = surface, { pixels: fresh, area, offset, stride } = patch;
  const { left, top, right, bottom } = area, span = right - left, first = Math.floor(left / CELL_WIDTH);
  const columns = Math.floor((right - 1) / CELL_WIDTH) - first + 1;
  const cells = new Uint8Array(columns * (bottom - top));
  // Edges of what differs in each tile of the present row of tiles; tops of -1 mean nothing.
  const lefts = new Int32Array(columns), tops = new Int32Array(columns).fill(-1);
  const rights = new Int32Array(columns), bottoms = new Int32Array(columns);
  let allLeft = right, allTop = -1, allRight = left, allBottom = top, pending = false;
  for (let y = top; y < bottom; y++) {
    const a = y * width + left, b = offset + (y - top) * stride;
    let x = firstDifference(old, a, fresh, b, 0, span);
    if (x < span) {
      pending = true;
      if (allTop < 0) allTop = y;
      allBottom = y + 1;
      allLeft = Math.min(allLeft, left + x);
    }
    while (x < span) {
      const column = Math.floor((left + x) / CELL_WIDTH) - first;
      const end = Math.min((first + column + 1) * CELL_WIDTH - left, span);
      let last = end;
      while (old[a + last - 1] === fresh[b + last - 1]) last--;
      cells[(y - top) * columns + column] = 1;
      if (tops[column]! < 0) {
        tops[column] = y;
        lefts[column] = left + x;
        rights[column] = left + last;
      } else {
        if (left + x < lefts[column]!) lefts[column] = left + x;
        if (left + last > rights[column]!) rights[column] = left + last;
      }
      bottoms[column] = y + 1;
      if (left + last > allRight) allRight = left + last;
      x = firstDifference(old, a, fresh, b, end, span);
    }
    if (pending && ((y & 15) === 15 || y + 1 === bottom)) {
      for (let column = 0; column < columns; column++) {
        if (tops[column]! >= 0) found(lefts[column]!, tops[column]!, rights[column]!, bottoms[column]!);
      }
      tops.fill(-1);
      pending = false;
    }
  }
  const bounds = allTop < 0 ? null : { left: allLeft, top: allTop, right: allRight, bottom: allBottom };
  return { bounds, columns, cells };
}

/** The first place from `at` on where `a[from + i]` and `b[to + i]` differ; `end` if there is none. */
function firstDifference(a: Uint32Array, from: number, b: Uint32Array, to: number, at: number, end: number): number {
  let i = from + at, j = to + at;
  for (const last = from + end - 7; i < last; i += 8, j += 8) {
    // Bits that differ anywhere in eight pixels: one branch instead of eight.
    const bits = (a[i]! ^ b[j]!) | (a[i + 1]! ^ b[j + 1]!) | (a[i + 2]! ^ b[j + 2]!) | (a[i + 3]! ^ b[j + 3]!) |
      (a[i + 4]! ^ b[j + 4]!) | (a[i + 5]! ^ b[j + 5]!) | (a[i + 6]! ^ b[j + 6]!) | (a[i + 7]! ^ b[j + 7]!);
    if (bits !== 0) break;
  }
  for (const last = from + end; i < last && a[i] === b[j]; i++) j++;
  return i - from;
}
