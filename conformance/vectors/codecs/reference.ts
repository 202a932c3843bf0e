/** The reference images and streams in `reference/`, for tests: see its README. */

import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";

/** How `decodedSha256` lays pixels out: 4 bytes B, G, R, 0; 4 bytes with alpha; 1 byte. */
export type DecodedFormat = "BGRX" | "BGRA" | "A8" | "GRAY";

/** Part of an image: x, y, width, height. */
export type Crop = readonly [number, number, number, number];

/** A stream of one image by itself. */
export interface ReferenceStream {
  /** For edge entries. */
  readonly name?: string;
  /** Where the bytes are; none when only their hash is kept. */
  readonly file?: string;
  /** In `file`, 0 unless given. */
  readonly offset?: number;
  readonly codec: string;
  readonly type: number | string;
  readonly typeName: string;
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly encodedBytes: number;
  readonly encodedSha256: string;
  readonly decodedFormat: DecodedFormat;
  readonly decodedSha256: string;
  /** Name of an image, if it is one of {@link images}. */
  readonly source: string;
  readonly crop?: Crop;
  /** Name of one of {@link palettes}. */
  readonly palette?: string;
}

/** An image of a sequence, GLZ and maybe the same inside zlib. */
export interface ReferenceFrame {
  readonly glzBytes: number;
  readonly glzSha256: string;
  readonly offset: number;
  readonly zlibBytes: number;
  /** None when only the size is kept. */
  readonly zlibOffset?: number;
  readonly id: number;
  readonly winHeadDist: number;
  readonly lzType: number;
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly decodedFormat: DecodedFormat;
  readonly decodedSha256: string;
}

/** Images that share one GLZ dictionary. */
export interface ReferenceSequence {
  readonly name: string;
  readonly file: string;
  readonly dictionaryWindowPixels: number;
  readonly frames: readonly ReferenceFrame[];
}

interface Manifest {
  readonly palettes: Readonly<Record<string, readonly string[]>>;
  readonly images: readonly { readonly name: string; readonly file: string }[];
  readonly streams: readonly ReferenceStream[];
  readonly edge: readonly ReferenceStream[];
  readonly sequences: readonly ReferenceSequence[];
}

const folder = new URL("reference/", import.meta.url);
const manifest: Manifest = JSON.parse(Deno.readTextFileSync(new URL("manifest.json", folder)));
const files = new Map<string, Uint8Array<ArrayBuffer>>();

/** Streams of one codec, edge cases included. */
export function referenceStreams(codec: string): ReferenceStream[] {
  return [...manifest.streams, ...manifest.edge].filter((entry) => entry.codec === codec);
}

/** Sequences of GLZ images. */
export const referenceSequences: readonly ReferenceSequence[] = manifest.sequences;

/** A copy of bytes of a file. */
export function referenceBytes(file: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
  let bytes = files.get(file);
  if (bytes === undefined) files.set(file, bytes = Deno.readFileSync(new URL(file, folder)));
  return bytes.slice(offset, offset + length);
}

/** A copy of a stream's bytes; `undefined` when only their hash is kept. */
export function streamBytes({ file, offset = 0, encodedBytes }: ReferenceStream): Uint8Array<ArrayBuffer> | undefined {
  return file === undefined ? undefined : referenceBytes(file, offset, encodedBytes);
}

/** Colours of a palette, 0x00RRGGBB each; `undefined` for an entry without one. */
export function paletteColours({ palette }: Pick<ReferenceStream, "palette">): Uint32Array | undefined {
  return palette === undefined
    ? undefined
    : Uint32Array.from(manifest.palettes[palette]!, (colour) => parseInt(colour, 16));
}

/** The pixels of an image that a stream was made of, 0xAARRGGBB; `undefined` when the image is not kept. */
export function sourcePixels({ source, crop }: Pick<ReferenceStream, "source" | "crop">): Uint32Array | undefined {
  const image = manifest.images.find(({ name }) => name === source);
  if (image === undefined) return undefined;
  const { width, pixels } = readPng(Deno.readFileSync(new URL(image.file, folder)));
  if (crop === undefined) return pixels;
  const [x, y, w, h] = crop, part = new Uint32Array(w * h);
  for (let row = 0; row < h; row++) part.set(pixels.subarray((y + row) * width + x).subarray(0, w), row * w);
  return part;
}

/** The SHA-256 of pixels, rows from the top down, in a layout of the manifest. */
export function pixelsSha256(pixels: Uint32Array, format: DecodedFormat): string {
  if (format === "A8") return sha256(Uint8Array.from(pixels, (pixel) => pixel >>> 24));
  if (format === "GRAY") return sha256(Uint8Array.from(pixels));
  const out = new Uint8Array(pixels.length * 4), view = new DataView(out.buffer);
  pixels.forEach((pixel, i) => view.setUint32(i * 4, format === "BGRX" ? pixel & 0xffffff : pixel, true));
  return sha256(out);
}

/** In hexadecimal. */
export function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** The PNG files of the folder: 8 bits, RGB or RGBA, not interlaced. Source: PNG specification (ISO/IEC 15948). */
function readPng(file: Uint8Array): { width: number; pixels: Uint32Array } {
  const view = new DataView(file.buffer), width = view.getUint32(16), height = view.getUint32(20);
  const bytes = file[25] === 6 ? 4 : 3, span = width * bytes;
  const parts: Uint8Array[] = [];
  for (let at = 8; at < file.length; at += view.getUint32(at) + 12) {
    if (view.getUint32(at + 4) === 0x49444154) parts.push(file.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  const rows = inflateSync(new Uint8Array(parts.flatMap((part) => [...part])));
  const pixels = new Uint32Array(width * height);
  let above = new Uint8Array(span + bytes);
  for (let y = 0, at = 0; y < height; y++) {
    const filter = rows[at++]!, row = new Uint8Array(span + bytes);
    for (let i = bytes; i < row.length; i++) {
      const left = row[i - bytes]!, up = above[i]!, corner = above[i - bytes]!;
      const toLeft = Math.abs(up - corner), toUp = Math.abs(left - corner), toCorner = Math.abs(left + up - 2 * corner);
      const paeth = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
      row[i] = rows[at++]! + [0, left, up, left + up >> 1, paeth][filter]!;
    }
    for (let x = 0, i = bytes; x < width; x++, i += bytes) {
      const alpha = bytes === 4 ? row[i + 3]! << 24 : 0;
      pixels[y * width + x] = alpha | row[i]! << 16 | row[i + 1]! << 8 | row[i + 2]!;
    }
    above = row;
  }
  return { width, pixels };
}
