/** Pictures as portable pixmaps: P6, 8 bits a sample, which the simplest of programs can read. */
import type { Picture } from "./picture.ts";
import { MAX_PICTURE_PIXELS, PictureError } from "../cli/picture_error.ts";

/**
 * @param picture Its alpha is left out.
 * @returns A P6 file.
 */
export function encodePpm({ width, height, rgba }: Picture): Uint8Array<ArrayBuffer> {
  const header = new TextEncoder().encode(`P6\n${width} ${height}\n255\n`);
  const bytes = new Uint8Array(header.length + width * height * 3);
  bytes.set(header);
  for (let from = 0, to = header.length; to < bytes.length; from += 4) {
    bytes[to++] = rgba[from]!;
    bytes[to++] = rgba[from + 1]!;
    bytes[to++] = rgba[from + 2]!;
  }
  return bytes;
}

/**
 * @param bytes The whole file.
 * @param maxPixels Most pixels to accept. Nothing is allocated for a picture that has more.
 * @returns Its pixels, opaque.
 * @throws {PictureError} `bad-format`, `unsupported` (not P6, or not 255 as the largest sample), `too-large`.
 *
 * Source: netpbm ppm(5).
 */
export function decodePpm(bytes: Uint8Array, maxPixels: number = MAX_PICTURE_PIXELS): Picture {
  // Four fields parted by white space and comments, then exactly one white space.
  const head = String.fromCharCode(...bytes.subarray(0, MAX_HEADER_BYTES));
  const found = /^(P\d)(?:\s|#[^\n]*\n)+(\d{1,9})(?:\s|#[^\n]*\n)+(\d{1,9})(?:\s|#[^\n]*\n)+(\d{1,5})\s/.exec(head);
  if (found === null) throw new PictureError("bad-format", "PPM", "it does not begin as a PPM file does");
  const [whole, magic, ...numbers] = found;
  const [width = 0, height = 0, largest = 0] = numbers.map(Number);
  if (magic !== "P6" || largest !== 255) {
    throw new PictureError("unsupported", "PPM", `it is ${magic} with samples up to ${largest}, need P6 and 255`);
  }
  if (width === 0 || height === 0) throw new PictureError("bad-format", "PPM", `it has ${width} × ${height} pixels`);
  if (width * height > maxPixels) {
    throw new PictureError("too-large", "PPM", `it has ${width} × ${height} pixels, at most ${maxPixels} are read`);
  }
  const left = bytes.length - whole.length;
  if (left < width * height * 3) {
    const detail = `${width} × ${height} pixels need ${width * height * 3} bytes, ${left} are there`;
    throw new PictureError("bad-format", "PPM", detail);
  }
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let from = whole.length, to = 0; to < rgba.length; to += 4) {
    rgba[to] = bytes[from++]!;
    rgba[to + 1] = bytes[from++]!;
    rgba[to + 2] = bytes[from++]!;
    rgba[to + 3] = 255;
  }
  return { width, height, rgba };
}

/** The header, with room for comments. */
const MAX_HEADER_BYTES = 4096;
