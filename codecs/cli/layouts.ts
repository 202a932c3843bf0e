/** Pixels as plain bytes: rows from the top down, tightly packed. The names are those of the vectors' manifests. */
import type { DecodedImage } from "../image.ts";

/** How the bytes of a pixel lie. */
export const LAYOUTS = {
  /** B, G, R, 0. */
  BGRX: 4,
  /** B, G, R, alpha. */
  BGRA: 4,
  /** B, G, R. */
  BGR: 3,
  /** x1r5g5b5, low byte first. */
  RGB16LE: 2,
  /** Alpha. */
  A8: 1,
  /** One value for B, G and R. */
  GRAY: 1,
} as const;

/** One of {@link LAYOUTS}. */
export type Layout = keyof typeof LAYOUTS;

/** All names, for help and errors. */
export const LAYOUT_NAMES: readonly Layout[] = ["BGRX", "BGRA", "BGR", "RGB16LE", "A8", "GRAY"];

/** @returns The pixels of a picture in a layout. */
export function toRaw({ pixels }: Pick<DecodedImage, "pixels">, layout: Layout): Uint8Array<ArrayBuffer> {
  const size = LAYOUTS[layout], bytes = new Uint8Array(pixels.length * size);
  for (let i = 0, at = 0; i < pixels.length; i++, at += size) {
    const pixel = pixels[i]!;
    if (layout === "A8") bytes[at] = pixel >>> 24;
    else if (layout === "RGB16LE") {
      const value = pixel >> 9 & 0x7c00 | pixel >> 6 & 0x3e0 | pixel >> 3 & 0x1f;
      bytes[at] = value;
      bytes[at + 1] = value >> 8;
    } else {
      bytes[at] = pixel;
      if (size === 1) continue;
      bytes[at + 1] = pixel >> 8;
      bytes[at + 2] = pixel >> 16;
      if (layout === "BGRA") bytes[at + 3] = pixel >>> 24;
    }
  }
  return bytes;
}

/**
 * @param bytes width × height pixels in the layout.
 * @returns The picture that they are. A8 is black with alpha, as everywhere.
 * @throws {RangeError} Another number of bytes.
 */
export function fromRaw(bytes: Uint8Array, width: number, height: number, layout: Layout): DecodedImage {
  const size = LAYOUTS[layout], count = width * height;
  if (bytes.length !== count * size) {
    throw new RangeError(
      `${width} × ${height} pixels of ${layout} take ${count * size} bytes, there are ${bytes.length}`,
    );
  }
  const pixels = new Uint32Array(count);
  for (let i = 0, at = 0; i < count; i++, at += size) {
    const first = bytes[at]!;
    if (layout === "A8") pixels[i] = first << 24;
    else if (layout === "GRAY") pixels[i] = first * 0x010101;
    else if (layout === "RGB16LE") {
      const value = first | bytes[at + 1]! << 8;
      pixels[i] = wide(value >> 10) << 16 | wide(value >> 5) << 8 | wide(value);
    } else {
      const alpha = layout === "BGRA" ? bytes[at + 3]! : 0;
      pixels[i] = alpha << 24 | bytes[at + 2]! << 16 | bytes[at + 1]! << 8 | first;
    }
  }
  return { width, height, pixels, alpha: layout === "BGRA" || layout === "A8" };
}

/** Five bits as eight. */
function wide(value: number): number {
  return (value & 31) << 3 | (value & 31) >> 2;
}
