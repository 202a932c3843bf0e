/** Streams of the reference's codecs, unpacked, and what clients should show of them. */
import { createHash } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import { KEPT_STREAMS, PALETTES } from "./codec_streams.ts";
import { type Box, boxAt, mustBeSame, type Picture, pictureOf, pixelAt } from "./pictures.ts";
import { fail } from "./verdict.ts";

/** A stream, and what it decodes to. */
export interface ReferenceStream {
  readonly name: string;
  /** As its codec numbers them; the bitmap format for LZ4. */
  readonly type: number;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** 0xAARRGGBB from the top down; `null` where they are many. */
  readonly pixels: Uint32Array<ArrayBuffer> | null;
  /** Of 0x00RRGGBB, little-endian, where {@link pixels} is `null`. */
  readonly sha256: string;
}

/** All streams of a codec; those of `glz` share one window and come in order. */
export function referenceStreams(codec: keyof typeof KEPT_STREAMS): ReferenceStream[] {
  return KEPT_STREAMS[codec].map(({ name, type, width, height, deflated, pixels, sha256 = "" }) => ({
    name,
    type,
    width,
    height,
    bytes: inflated(deflated),
    pixels: pixels === undefined ? null : new Uint32Array(inflated(pixels).buffer),
    sha256,
  }));
}

/** A stream by its name. @throws {TypeError} There is none. */
export function referenceStream(codec: keyof typeof KEPT_STREAMS, name: string): ReferenceStream {
  const found = referenceStreams(codec).find((one) => one.name === name);
  if (found === undefined) throw new TypeError(`There is no ${codec} stream ${name}`);
  return found;
}

/** Colours of the palette of an LZ stream, by its type. */
export function paletteOf(name: string): readonly number[] {
  return PALETTES[name] ?? fail(`there is no palette ${name}`);
}

/**
 * Fails unless a part of a picture shows what a stream decodes to.
 * @param shot What the client shows.
 * @param corner Where the stream was drawn.
 */
export function mustShowStream(shot: Picture, stream: ReferenceStream, corner: { left: number; top: number }): void {
  const { width, height, pixels, sha256, name } = stream,
    part = cropOf(shot, boxAt(corner.left, corner.top, width, height));
  if (pixels !== null) {
    const expected = pictureOf(width, height, (x, y) => pixels[y * width + x]!);
    return mustBeSame(part, expected, `of ${name}, the client`);
  }
  const hash = createHash("sha256").update(new Uint8Array(part.pixels.buffer)).digest("hex");
  if (hash !== sha256) fail(`the client shows other pixels of ${name} than the reference decodes`);
}

/** A part of a picture. */
export function cropOf(picture: Picture, { left, top, right, bottom }: Box): Picture {
  return pictureOf(right - left, bottom - top, (x, y) => pixelAt(picture, left + x, top + y));
}

function inflated(base64: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(inflateRawSync(Uint8Array.fromBase64(base64)));
}
