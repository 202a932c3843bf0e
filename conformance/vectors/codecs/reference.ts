/** The reference images and streams in `reference/`, for tests: see its README. */
import { type Layout, toRaw } from "../../../codecs/cli/layouts.ts";
import { Manifest, type ManifestFrame, type ManifestSequence, type ManifestStream, sha256 } from "../../../codecs/cli/manifest.ts";
import type { DecodedImage } from "../../../codecs/image.ts";

const manifest = new Manifest(new URL("reference/manifest.json", import.meta.url).pathname);

/** Streams of one codec, edge cases included. */
export function referenceStreams(codec: string): ManifestStream[] {
  return manifest.streams.filter((entry) => entry.codec === codec);
}

/** Sequences of GLZ images. */
export const referenceSequences: readonly ManifestSequence[] = manifest.sequences;

/** A copy of bytes of a file. */
export function referenceBytes(file: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
  return manifest.bytes(file, offset, length);
}

/** A copy of a stream's bytes; `undefined` when only their hash is kept. */
export function streamBytes(stream: ManifestStream): Uint8Array<ArrayBuffer> | undefined {
  return manifest.streamBytes(stream);
}

/** Colours of a palette, 0x00RRGGBB each; `undefined` for an entry without one. */
export function paletteColours(stream: Pick<ManifestStream, "palette">): Uint32Array | undefined {
  return manifest.palette(stream);
}

/** The image that a stream was made of; `undefined` when it is not kept. */
export function referenceImage(stream: Pick<ManifestStream, "source" | "crop">): DecodedImage | undefined {
  return manifest.source(stream);
}

/** The SHA-256 of pixels, rows from the top down, in a layout of the manifest. */
export function pixelsSha256(pixels: Uint32Array<ArrayBuffer>, layout: Layout): string {
  return sha256(toRaw({ pixels }, layout));
}

export {
  type ManifestFrame as ReferenceFrame,
  type ManifestSequence as ReferenceSequence,
  type ManifestStream as ReferenceStream,
  sha256,
};
