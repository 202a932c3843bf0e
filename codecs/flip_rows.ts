/** Turn a bottom-up picture into a top-down one. */

/**
 * Reverse the order of the rows, in place.
 *
 * @param pixels width × height pixels, rows tightly packed.
 * @param width Pixels a row, at least 1.
 * @param height Rows, at least 1.
 */
export function flipRows(pixels: Uint32Array, width: number, height: number): void {
  const saved = new Uint32Array(width);
  for (let top = 0, bottom = (height - 1) * width; top < bottom; top += width, bottom -= width) {
    saved.set(pixels.subarray(top, top + width));
    pixels.copyWithin(top, bottom, bottom + width);
    pixels.set(saved, bottom);
  }
}
