/** Images of the packed types, and how cases draw many of them. */
import type { Palette, SpiceImage } from "../../protocol/messages/image.ts";
import type { ClientCase } from "./case.ts";
import { type ClientScreen, ClientScreen as Screen } from "./client_screen.ts";
import { cropOf, mustShowStream, type ReferenceStream } from "./reference_streams.ts";
import { boxAt, type Picture } from "./pictures.ts";
import type { Naming } from "./draws.ts";

/** Width and height of an image. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** An image whose bytes are one block. */
export function packedImage(
  is: "QUIC" | "LZ_RGB" | "GLZ_RGB" | "JPEG" | "LZ4",
  { width, height }: Size,
  data: Uint8Array,
  { id = 0n, flags = 0 }: Naming = {},
): SpiceImage {
  return { id, flags, width, height, body: { is, value: { data } } };
}

/** An LZ image of palette indexes. @param palette The palette, or the name of one that the peer has. */
export function lzPltImage(
  { width, height }: Size,
  data: Uint8Array,
  palette: Palette | bigint,
  flags = 0,
): SpiceImage {
  const from = typeof palette === "bigint"
    ? { is: "PAL_FROM_CACHE", value: palette } as const
    : { is: "otherwise", value: palette } as const;
  return { id: 0n, flags: 0, width, height, body: { is: "LZ_PLT", value: { flags, palette: from, data } } };
}

/** A GLZ image in zlib. @param data The zlib stream. */
export function zlibGlzImage({ width, height }: Size, data: Uint8Array, glzDataSize: number): SpiceImage {
  return { id: 0n, flags: 0, width, height, body: { is: "ZLIB_GLZ_RGB", value: { glzDataSize, data } } };
}

/** A JPEG with alpha. @param flags Bits of `JpegAlphaFlags`. */
export function jpegAlphaImage(
  { width, height }: Size,
  jpeg: Uint8Array,
  alpha: Uint8Array,
  flags: number,
): SpiceImage {
  const data = new Uint8Array(jpeg.length + alpha.length);
  data.set(jpeg);
  data.set(alpha, jpeg.length);
  return { id: 0n, flags: 0, width, height, body: { is: "JPEG_ALPHA", value: { flags, jpegSize: jpeg.length, data } } };
}

/** Draws streams of the reference, one below the other, and fails unless the client shows each. */
export async function mustDrawStreams(
  screen: ClientScreen,
  streams: readonly ReferenceStream[],
  imageOf: (stream: ReferenceStream) => SpiceImage,
): Promise<void> {
  let top = 0;
  for (const stream of streams) {
    await screen.copy(boxAt(3, top, stream.width, stream.height), imageOf(stream), null);
    top += stream.height;
  }
  const shot = await screen.shot();
  top = 0;
  for (const stream of streams) {
    mustShowStream(shot, stream, { left: 3, top });
    top += stream.height;
  }
}

/** A screen that holds streams one below the other. */
export function sizeFor(streams: readonly ReferenceStream[]): Size {
  const width = Math.max(...streams.map((one) => one.width)) + 9;
  return { width, height: streams.reduce((sum, one) => sum + one.height, 5) };
}

/** A case of an image after which a client may go on or hang up, and nothing else. */
export function copesWith(
  what: string,
  source: string,
  imagesOf: () => readonly SpiceImage[],
): ClientCase {
  return {
    title: `is not harmed by ${what}`,
    requirement: "The client SHOULD pass over the message or hang up, and neither crash nor hang",
    source,
    level: "should",
    run: async (peer) => {
      const screen = await Screen.open(peer);
      for (const image of imagesOf()) {
        await screen.copy(boxAt(0, 0, Math.min(image.width, 60), Math.min(image.height, 60)), image, null);
      }
      await screen.copes();
    },
  };
}

/** The part of a shot where a picture was drawn. */
export function partAt(shot: Picture, left: number, top: number, { width, height }: Size): Picture {
  return cropOf(shot, boxAt(left, top, width, height));
}
