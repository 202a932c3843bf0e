/** Where a picture shows another one. */

import type { Picture } from "./picture.ts";

/**
 * Find a picture within another, pixel for pixel.
 *
 * @param whole The picture to search. The upper byte of all pixels is ignored.
 * @param part What to look for, at least one pixel.
 * @returns Left and top in pixels of the first place that shows it, row by row; `null` when there is none.
 */
export function findPicture(whole: Picture, part: Picture): { readonly x: number; readonly y: number } | null {
  for (let y = 0; y + part.height <= whole.height; y++) {
    for (let x = 0; x + part.width <= whole.width; x++) {
      if (shows(whole, part, x, y)) return { x, y };
    }
  }
  return null;
}

function shows(whole: Picture, part: Picture, x: number, y: number): boolean {
  for (let row = 0, at = 0; row < part.height; row++) {
    let from = (y + row) * whole.width + x;
    for (const end = at + part.width; at < end; at++, from++) {
      if (((whole.pixels[from]! ^ part.pixels[at]!) & 0xffffff) !== 0) return false;
    }
  }
  return true;
}
