/** A manifest of images and streams, and the files beside it: what `codec verify` checks, and tests decode. */
import { createHash } from "node:crypto";
import { FileError } from "../../cli/file_error.ts";
import { decodePng } from "../../cli/png.ts";
import type { DecodedImage } from "../image.ts";
import type { Layout } from "./layouts.ts";

/** A stream of one image by itself. */
export interface ManifestStream {
  /** For streams that share a file. */
  readonly name?: string;
  /** Where the bytes are; none when only their hash is kept. */
  readonly file?: string;
  /** In `file`, 0 unless given. */
  readonly offset?: number;
  readonly codec: string;
  readonly type: number | string;
  readonly typeName?: string;
  readonly width: number;
  readonly height: number;
  /** The order in which the rows are coded; `decodedSha256` is over rows from the top down all the same. */
  readonly topDown: boolean;
  readonly encodedBytes: number;
  readonly encodedSha256: string;
  readonly decodedFormat: Layout;
  readonly decodedSha256: string;
  /** Name of an image, if it is one of the manifest's. */
  readonly source: string;
  /** The part of it: x, y, width, height. */
  readonly crop?: readonly [number, number, number, number];
  /** Name of one of the palettes. */
  readonly palette?: string;
  /** How the encoder was given the rows. */
  readonly rowsPerBlock?: number;
  /** Of a lossy stream, in dB: what a decoder should reach within 0.1. */
  readonly psnrVsSource?: number;
}

/** An image of a sequence, GLZ and maybe the same inside zlib. */
export interface ManifestFrame {
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
  readonly decodedFormat: Layout;
  readonly decodedSha256: string;
}

/** Images that share one GLZ window. */
export interface ManifestSequence {
  readonly name: string;
  readonly file: string;
  readonly dictionaryWindowPixels: number;
  readonly frames: readonly ManifestFrame[];
}

interface Listing {
  readonly palettes?: Readonly<Record<string, readonly string[]>>;
  readonly images?: readonly { readonly name: string; readonly file: string }[];
  readonly streams?: readonly ManifestStream[];
  readonly edge?: readonly ManifestStream[];
  readonly sequences?: readonly ManifestSequence[];
}

/** A manifest that was read. Files beside it are read when they are asked for, once. */
export class Manifest {
  /** Streams, edge cases behind the others. */
  readonly streams: readonly ManifestStream[];
  readonly sequences: readonly ManifestSequence[];
  readonly #listing: Listing;
  readonly #folder: string;
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>();

  /**
   * Reads it.
   * @param path The JSON file.
   * @throws {FileError} It cannot be read, or is no manifest.
   */
  constructor(path: string) {
    try {
      const listing: unknown = JSON.parse(Deno.readTextFileSync(path));
      if (typeof listing !== "object" || listing === null) throw new TypeError("it is no object");
      this.#listing = listing;
    } catch (error) {
      throw new FileError(path, "read", error);
    }
    this.#folder = path.replace(/[^/]*$/, "");
    this.streams = [...this.#listing.streams ?? [], ...this.#listing.edge ?? []];
    this.sequences = this.#listing.sequences ?? [];
  }

  /** A copy of bytes of a file. @throws {FileError} It cannot be read. */
  bytes(file: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
    return this.#file(file).slice(offset, offset + length);
  }

  /** A copy of a stream's bytes; `undefined` when only their hash is kept. */
  streamBytes({ file, offset = 0, encodedBytes }: ManifestStream): Uint8Array<ArrayBuffer> | undefined {
    return file === undefined ? undefined : this.bytes(file, offset, encodedBytes);
  }

  /** Colours of a palette, 0x00RRGGBB each; `undefined` for a stream without one. */
  palette({ palette }: Pick<ManifestStream, "palette">): Uint32Array | undefined {
    const colours = palette === undefined ? undefined : this.#listing.palettes?.[palette];
    return colours === undefined ? undefined : Uint32Array.from(colours, (colour) => parseInt(colour, 16));
  }

  /** The image that a stream was made of; `undefined` when it is not kept. */
  source({ source, crop }: Pick<ManifestStream, "source" | "crop">): DecodedImage | undefined {
    const image = this.#listing.images?.find(({ name }) => name === source);
    if (image === undefined) return undefined;
    const whole = decodePng(this.#file(image.file));
    if (crop === undefined) return whole;
    const [x, y, width, height] = crop, pixels = new Uint32Array(width * height);
    for (let row = 0; row < height; row++) {
      pixels.set(whole.pixels.subarray((y + row) * whole.width + x).subarray(0, width), row * width);
    }
    return { width, height, pixels, alpha: whole.alpha };
  }

  #file(name: string): Uint8Array<ArrayBuffer> {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    try {
      const bytes = Deno.readFileSync(this.#folder + name);
      this.#files.set(name, bytes);
      return bytes;
    } catch (error) {
      throw new FileError(this.#folder + name, "read", error);
    }
  }
}

/** SHA-256 in hexadecimal. */
export function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
