/**
 * Pictures that cases expect, made by the formulas of the requirements themselves: no code of ours that draws or decodes
 * has a part in it.
 */
import { fail } from "./verdict.ts";

/** A picture. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** width × height pixels, 0x00RRGGBB, rows from the top down. */
  readonly pixels: Uint32Array<ArrayBuffer>;
}

/** A rectangle of pixels; right and bottom are outside. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** A box from its corner and size. */
export function boxAt(left: number, top: number, width: number, height: number): Box {
  return { top, left, bottom: top + height, right: left + width };
}

/** A picture of one colour. */
export function blank(width: number, height: number, color = 0): Picture {
  return { width, height, pixels: new Uint32Array(width * height).fill(color) };
}

/** A picture whose pixels follow from their place. */
export function pictureOf(width: number, height: number, at: (x: number, y: number) => number): Picture {
  const picture = blank(width, height);
  paint(picture, boxAt(0, 0, width, height), at);
  return picture;
}

/** Pixels without a pattern: a moved, turned or mirrored part is seen. */
export function noise(width: number, height: number, seed: number): Picture {
  return pictureOf(width, height, (x, y) => noiseAt(x, y, seed));
}

/** The pixel of {@link noise}. */
export function noiseAt(x: number, y: number, seed: number): number {
  let bits = Math.imul(x + 1, 0x9e3779b1) ^ Math.imul(y + 1, 0x85ebca6b) ^ Math.imul(seed + 1, 0xc2b2ae35);
  bits = Math.imul(bits ^ bits >>> 15, 0x2c1b3c6d);
  return (bits ^ bits >>> 13) >>> 8;
}

/**
 * Changes the pixels of a box, inside the picture and the clip.
 *
 * @param at The new pixel; it is told the old one.
 * @param clip Where drawing is let through; `null` for all over.
 */
export function paint(
  { width, height, pixels }: Picture,
  box: Box,
  at: (x: number, y: number, before: number) => number,
  clip: readonly Box[] | null = null,
): void {
  for (let y = Math.max(0, box.top); y < Math.min(height, box.bottom); y++) {
    for (let x = Math.max(0, box.left); x < Math.min(width, box.right); x++) {
      if (clip !== null && !clip.some((one) => contains(one, x, y))) continue;
      pixels[y * width + x] = at(x, y, pixels[y * width + x]!) & 0xffffff;
    }
  }
}

/** Whether a pixel is in a box. */
export function contains(box: Box, x: number, y: number): boolean {
  return x >= box.left && x < box.right && y >= box.top && y < box.bottom;
}

/** A copy that can be changed. */
export function copyPicture({ width, height, pixels }: Picture): Picture {
  return { width, height, pixels: pixels.slice() };
}

/** The pixel at a place. */
export function pixelAt({ width, pixels }: Picture, x: number, y: number): number {
  return pixels[y * width + x]!;
}

/**
 * Compares two pictures.
 * @param who Whose picture is judged, as "the client".
 * @throws {Finding} `failed`: sizes differ, or a pixel.
 */
export function mustBeSame(actual: Picture, expected: Picture, who: string): void {
  const { width, height } = expected;
  if (actual.width !== width || actual.height !== height) {
    fail(`${who} shows ${actual.width} × ${actual.height} pixels, not ${width} × ${height}`);
  }
  let count = 0, first = -1, left = width, top = height, right = 0, bottom = 0;
  for (let i = 0; i < expected.pixels.length; i++) {
    if (((actual.pixels[i]! ^ expected.pixels[i]!) & 0xffffff) === 0) continue;
    if (count++ === 0) first = i;
    const x = i % width, y = (i - x) / width;
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + 1);
    bottom = Math.max(bottom, y + 1);
  }
  if (count === 0) return;
  const place = `${first % width},${Math.floor(first / width)}`, area = `${left},${top} to ${right},${bottom}`;
  fail(
    `${who} shows ${colorText(actual.pixels[first]!)} at ${place}, not ${colorText(expected.pixels[first]!)}; ` +
      `${count} pixels differ, within ${area}`,
  );
}

/** A colour for people. */
export function colorText(color: number): string {
  return `#${(color & 0xffffff).toString(16).padStart(6, "0")}`;
}

/**
 * Reads a portable pixmap (P6, 8 bits a sample) as control programs write it.
 * @throws {Finding} `failed`: it is none.
 */
export function parsePpm(bytes: Uint8Array): Picture {
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(new TextDecoder("latin1").decode(bytes.subarray(0, 64)));
  if (head === null) fail("its control program's picture is no P6 file");
  const width = Number(head[1]), height = Number(head[2]), from = head[0].length;
  if (bytes.length - from !== width * height * 3) fail(`its control program's picture has ${bytes.length} bytes`);
  return pictureOf(width, height, (x, y) => {
    const at = from + 3 * (y * width + x);
    return bytes[at]! << 16 | bytes[at + 1]! << 8 | bytes[at + 2]!;
  });
}

/**
 * Reads the picture that a control program wrote, and removes the file.
 * @param answer What the program answered: `{"width": W, "height": H, "file": PATH}`.
 */
export async function readShot(answer: unknown): Promise<Picture> {
  const file = typeof answer === "object" && answer !== null && "file" in answer ? answer.file : null;
  if (typeof file !== "string") return fail("its control program names no file with the picture");
  const bytes = await Deno.readFile(file).catch((error: Error) => fail(`its picture cannot be read: ${error.message}`));
  await Deno.remove(file).catch(() => {});
  return parsePpm(bytes);
}
