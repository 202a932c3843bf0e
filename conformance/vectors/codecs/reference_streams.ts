/** Reads the reference images and streams that `reference/manifest.json` lists, for tests of codecs. */
import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import type { DecodedImage } from "../../../codecs/image.ts";

/** A stream that the reference made. */
export interface ReferenceStream {
  readonly codec: "quic" | "lz" | "lz4" | "jpeg";
  readonly typeName?: string;
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly encodedBytes: number;
  readonly encodedSha256: string;
  readonly decodedFormat: "BGRX" | "BGRA" | "BGR" | "RGB16LE" | "A8" | "GRAY";
  readonly decodedSha256: string;
  /** Name of the image that it was made of. */
  readonly source?: string;
  /** For streams without a file: how the reference was given the rows. */
  readonly rowsPerBlock?: number;
  readonly file?: string;
  readonly offset?: number;
  readonly name?: string;
  /** Name of a palette of the manifest. */
  readonly palette?: string;
}

interface Manifest {
  readonly palettes: Readonly<Record<string, readonly string[]>>;
  readonly images: readonly { readonly name: string; readonly file: string }[];
  readonly streams: readonly ReferenceStream[];
  readonly edge: readonly ReferenceStream[];
}

const here = new URL("reference/", import.meta.url);
const manifest: Manifest = JSON.parse(Deno.readTextFileSync(new URL("manifest.json", here)));

/** All streams of a codec, with and without a file. */
export function referenceStreams(codec: ReferenceStream["codec"]): ReferenceStream[] {
  return [...manifest.streams, ...manifest.edge].filter((stream) => stream.codec === codec);
}

/** The bytes of a stream that has a file. */
export function referenceBytes({ file, offset = 0, encodedBytes }: ReferenceStream): Uint8Array<ArrayBuffer> {
  if (file === undefined) throw new RangeError("Cannot read reference stream: only its hash is kept");
  return Deno.readFileSync(new URL(file, here)).slice(offset, offset + encodedBytes);
}

/** A palette by its name, 0x00RRGGBB. */
export function referencePalette(name: string): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(manifest.palettes[name]!, (colour) => parseInt(colour, 16));
}

/** A source image by its name; alpha is kept where it has some. */
export function referenceImage(name: string): DecodedImage {
  const found = manifest.images.find((image) => image.name === name);
  if (found === undefined) throw new RangeError(`Cannot read reference image: none is called ${name}`);
  return readPng(Deno.readFileSync(new URL(found.file, here)));
}

/** Pixels in the layout that the manifest hashes. 16-bit colours must have been widened from 15 bits. */
export function packPixels(pixels: Uint32Array, format: ReferenceStream["decodedFormat"]): Uint8Array {
  switch (format) {
    case "GRAY":
      return Uint8Array.from(pixels);
    case "A8":
      return Uint8Array.from(pixels, (pixel) => pixel >>> 24);
    case "RGB16LE": {
      const values = Uint16Array.from(pixels, (p) => p >> 9 & 0x7c00 | p >> 6 & 0x3e0 | p >> 3 & 31);
      return new Uint8Array(values.buffer);
    }
    case "BGR": {
      const out = new Uint8Array(pixels.length * 3);
      pixels.forEach((pixel, i) => out.set([pixel & 255, pixel >> 8 & 255, pixel >> 16 & 255], i * 3));
      return out;
    }
    default:
      return new Uint8Array(Uint32Array.from(pixels).buffer);
  }
}

/** SHA-256 as the manifest writes it. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** PNG of 8-bit RGB or RGBA, not interlaced. Source: PNG specification, second edition, clauses 5, 9 and 11. */
function readPng(bytes: Uint8Array): DecodedImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), parts: Uint8Array[] = [];
  let width = 0, height = 0, channels = 0;
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + view.getUint32(at)));
    if (type !== "IHDR") continue;
    width = view.getUint32(at + 8);
    height = view.getUint32(at + 12);
    const kind = [...bytes.subarray(at + 16, at + 21)].join(" ");
    channels = kind === "8 2 0 0 0" ? 3 : kind === "8 6 0 0 0" ? 4 : 0;
    if (channels === 0) throw new RangeError(`Cannot read PNG: kind is ${kind}`);
  }
  const packed = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (packed.set(part, at), at + part.length), 0);
  const rows = inflateSync(packed), rowBytes = width * channels, pixels = new Uint32Array(width * height);
  let above = new Uint8Array(rowBytes);
  for (let y = 0; y < height; y++) {
    const from = y * (1 + rowBytes), filter = rows[from]!, row = Uint8Array.from(rows.subarray(from + 1, from + 1 + rowBytes));
    for (let x = 0; x < rowBytes; x++) {
      const left = x < channels ? 0 : row[x - channels]!, up = above[x]!;
      const corner = x < channels ? 0 : above[x - channels]!;
      row[x]! += [0, left, up, left + up >> 1, paeth(left, up, corner)][filter]!;
    }
    for (let x = 0; x < width; x++) {
      const at = x * channels;
      pixels[y * width + x] = row[at]! << 16 | row[at + 1]! << 8 | row[at + 2]! | (channels === 4 ? row[at + 3]! << 24 : 0);
    }
    above = row;
  }
  return { width, height, pixels, alpha: channels === 4 };
}

function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner), toUp = Math.abs(left - corner), toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
