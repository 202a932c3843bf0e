/** Picture files by their names. */
import { FileError } from "../../cli/file_error.ts";
import { decodePng, encodePng, type PngPicture } from "../../cli/png.ts";
import { UsageError } from "../../cli/usage_error.ts";
import type { Picture } from "../picture.ts";
import { decodePpm, encodePpm } from "../ppm.ts";

/** A format of picture files. */
export type PictureFormat = "png" | "ppm";

/**
 * @param path The file's name; `-` stands for the standard output and gets PNG.
 * @returns The format that the name asks for.
 * @throws {UsageError} The name ends in neither `.png` nor `.ppm`.
 */
export function formatOf(path: string): PictureFormat {
  if (path === "-" || /\.png$/i.test(path)) return "png";
  if (/\.ppm$/i.test(path)) return "ppm";
  throw new UsageError(`the picture's name tells its format: want one that ends in .png or .ppm, not "${path}"`);
}

/** @returns The picture as a file. */
export function encodePicture(picture: Picture, format: PictureFormat): Uint8Array<ArrayBuffer> {
  return format === "png" ? encodePng(imageOf(picture)) : encodePpm(picture);
}

/**
 * Reads a PNG or PPM, whatever its name.
 *
 * @param path The file.
 * @returns Its pixels.
 * @throws {FileError} It cannot be read, or is no picture.
 */
export async function readPicture(path: string): Promise<Picture> {
  try {
    const bytes = await Deno.readFile(path);
    return bytes[0] === 0x50 ? decodePpm(bytes) : pictureOf(decodePng(bytes));
  } catch (error) {
    throw new FileError(path, "read", error);
  }
}

/**
 * Writes a file.
 *
 * @param path The file; one that is there is replaced.
 * @param bytes All of it.
 * @throws {FileError} It cannot be written.
 */
export async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await Deno.writeFile(path, bytes);
  } catch (error) {
    throw new FileError(path, "write", error);
  }
}

/** @returns Its pixels without alpha. */
function imageOf({ width, height, rgba }: Picture): PngPicture {
  const pixels = new Uint32Array(width * height);
  for (let i = 0, at = 0; i < pixels.length; i++, at += 4) {
    pixels[i] = rgba[at]! << 16 | rgba[at + 1]! << 8 | rgba[at + 2]!;
  }
  return { width, height, pixels };
}

/** @returns It, opaque. */
function pictureOf({ width, height, pixels }: PngPicture): Picture {
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0, at = 0; i < pixels.length; i++) {
    const pixel = pixels[i]!;
    rgba[at++] = pixel >> 16 & 0xff;
    rgba[at++] = pixel >> 8 & 0xff;
    rgba[at++] = pixel & 0xff;
    rgba[at++] = 255;
  }
  return { width, height, rgba };
}
