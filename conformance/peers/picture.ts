/** Pixels as a peer shows them, and how two pictures differ. */

/** A screen's pixels. */
export interface Picture {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** width × height pixels 0x00RRGGBB, rows from the top. */
  readonly pixels: Uint32Array;
}

/**
 * Take over a picture of bytes R, G, B, A, as this project's client gives it.
 *
 * @param picture Rows from the top, tightly packed. Alpha is ignored.
 * @returns The same pixels.
 */
export function pictureOfRgba(picture: { width: number; height: number; rgba: Uint8ClampedArray }): Picture {
  const { width, height, rgba } = picture;
  const pixels = Uint32Array.from({ length: width * height }, (_, i) => {
    return rgba[4 * i]! << 16 | rgba[4 * i + 1]! << 8 | rgba[4 * i + 2]!;
  });
  return { width, height, pixels };
}

/**
 * Compare two pictures pixel for pixel.
 *
 * @param actual The picture in question. The upper byte of its pixels is ignored.
 * @param expected The picture it should be. The upper byte of its pixels is ignored.
 * @returns One line that says how they differ, or `null` when they are equal. For `assert.equal(…, null)`.
 */
export function pictureDifference(actual: Picture, expected: Picture): string | null {
  if (actual.width !== expected.width || actual.height !== expected.height) {
    return `${actual.width}x${actual.height} instead of ${expected.width}x${expected.height}`;
  }
  let count = 0, first = -1, left = actual.width, top = actual.height, right = 0, bottom = 0;
  for (let at = 0; at < expected.pixels.length; at++) {
    if (((actual.pixels[at]! ^ expected.pixels[at]!) & 0xffffff) === 0) continue;
    if (count++ === 0) first = at;
    const x = at % actual.width, y = (at - x) / actual.width;
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }
  if (count === 0) return null;
  const x = first % actual.width, y = (first - x) / actual.width;
  return `${count} pixels differ within ${left},${top}-${right},${bottom}; first at ${x},${y}: ` +
    `${hex(actual.pixels[first]!)} instead of ${hex(expected.pixels[first]!)}`;
}

/**
 * Count colours, to tell a picture with something on it from a blank one.
 *
 * @param picture The picture.
 * @returns Number of distinct colours, at least 1 for a picture with pixels.
 */
export function countColours(picture: Picture): number {
  return new Set(picture.pixels).size;
}

/**
 * Cut a rectangle out.
 *
 * @param picture The whole.
 * @param area Left, top, width and height in pixels, within the picture.
 * @returns A copy of the part.
 * @throws {RangeError} When the rectangle leaves the picture.
 */
export function cropPicture(
  picture: Picture,
  area: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): Picture {
  const { x, y, width, height } = area;
  if (x < 0 || y < 0 || x + width > picture.width || y + height > picture.height) {
    throw new RangeError(`Cannot crop ${width}x${height}+${x}+${y}: picture is ${picture.width}x${picture.height}`);
  }
  const pixels = new Uint32Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (y + row) * picture.width + x;
    pixels.set(picture.pixels.subarray(from, from + width), row * width);
  }
  return { width, height, pixels };
}

function hex(pixel: number): string {
  return (pixel & 0xffffff).toString(16).padStart(6, "0");
}
