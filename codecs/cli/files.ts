/** Files of the command line: read with limits told, written by what their names say. */
import { FileError } from "../../cli/file_error.ts";
import { decodePng, encodePng } from "../../cli/png.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { CodecError } from "../errors.ts";
import type { DecodedImage } from "../image.ts";
import type { Decoded, HowToDecode } from "./codec.ts";
import { fromRaw, type Layout, toRaw } from "./layouts.ts";

/** @throws {FileError} It cannot be read. */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new FileError(path, "read", error);
  }
}

/** @throws {FileError} It cannot be written. */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await Deno.writeFile(path, bytes);
  } catch (error) {
    throw new FileError(path, "write", error);
  }
}

/** @throws {UsageError} A name of a picture that ends in neither `.png` nor `.raw`. */
export function checkPictureName(path: string): void {
  if (!/\.(png|raw)$/i.test(path)) throw new UsageError(`want a picture that ends in .png or .raw, not "${path}"`);
}

/** A picture as the file that its name asks for. @param layout Of raw bytes. */
export function pictureFile(path: string, { image }: Decoded, layout: Layout): Uint8Array {
  return /\.png$/i.test(path) ? encodePng(image) : toRaw(image, layout);
}

/** Reads a picture. @param raw What a `.raw` file does not say. @throws {FileError} @throws {UsageError} */
export async function readPicture(
  path: string,
  raw: Pick<HowToDecode, "width" | "height"> & { readonly layout: Layout },
): Promise<DecodedImage> {
  checkPictureName(path);
  const bytes = await readBytes(path);
  try {
    if (/\.png$/i.test(path)) return decodePng(bytes);
    const { width, height, layout } = raw;
    if (width === undefined || height === undefined) {
      throw new UsageError(`${path}: raw bytes do not say their size: say --width and --height`);
    }
    return fromRaw(bytes, width, height, layout);
  } catch (error) {
    throw error instanceof UsageError ? error : new FileError(path, "read", error);
  }
}

/** Reads a palette: lines of RRGGBB. @throws {FileError} @throws {UsageError} */
export async function readPalette(path: string): Promise<Uint32Array> {
  const text = new TextDecoder().decode(await readBytes(path));
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const wrong = lines.find((line) => !/^#?[0-9a-f]{6}$/i.test(line));
  if (wrong !== undefined || lines.length === 0) {
    throw new UsageError(`${path}: want a line of RRGGBB for each colour, not "${wrong ?? ""}"`);
  }
  return Uint32Array.from(lines, (line) => parseInt(line.replace("#", ""), 16));
}

/** What `read` makes of a file. @throws {FileError} It does not decode: the error names the file. */
export function ofFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof CodecError ? new FileError(path, "read", error) : error;
  }
}
