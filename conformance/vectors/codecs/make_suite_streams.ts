/**
 * Writes `conformance/suite/codec_streams.ts`: some of the reference's streams, for cases that judge clients. Cases see no
 * codec of ours, so the pixels are kept beside each stream, or their hash where they are many.
 *
 * deno run --allow-read --allow-write=conformance/suite conformance/vectors/codecs/make_suite_streams.ts
 */
import { deflateRawSync } from "node:zlib";
import { decodeGlz, GlzWindow } from "../../../codecs/glz.ts";
import type { DecodedImage } from "../../../codecs/image.ts";
import { decodeJpeg } from "../../../codecs/jpeg.ts";
import { decodeLz } from "../../../codecs/lz.ts";
import { decodeLz4 } from "../../../codecs/lz4.ts";
import { decodeQuic, encodeQuic, QuicType } from "../../../codecs/quic.ts";
import jpegs from "./jpeg.json" with { type: "json" };
import {
  paletteColours,
  pixelsSha256,
  referenceBytes,
  referenceSequences,
  type ReferenceStream,
  referenceStreams,
  sha256,
  streamBytes,
} from "./reference.ts";

const limits = { maxPixels: 1 << 22 };
/** Pixels that take more bytes than this when deflated are kept as their hash. */
const MOST_PIXEL_BYTES = 240;

const QUIC = /^(1x1|3x1|1x9|7x2)-|^2048x3-(?!RGB24)|^noise64x64-RGB32|^70000x4flat-RGB32/;
const LZ = /^17x9-(?!A8|XXXA)/;
const LZ4 = /^(7x2|17x9)-/;
const JPEG = /^420-(1x1|3x5|17x9|16x16)$/;
/** Frames of the sequence `mix`: the first ones, which need none before. */
const GLZ_FRAMES = 7;

/** One stream, as a line of the table. */
function line(
  name: string,
  type: number,
  bytes: Uint8Array,
  { width, height, pixels }: DecodedImage,
  most = MOST_PIXEL_BYTES,
): string {
  const shown = deflated(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength));
  const colours = pixels.map((pixel) => pixel & 0xffffff);
  const kept = shown.length > most
    ? { sha256: sha256(new Uint8Array(colours.buffer)) }
    : { pixels: shown.toBase64() };
  const fields = Object.entries({ name, type, width, height, deflated: deflated(bytes).toBase64(), ...kept });
  return `{ ${fields.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(", ")} },`;
}

function deflated(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(deflateRawSync(bytes, { level: 9 }));
}

function chosen(codec: string, names: RegExp, decode: (src: Uint8Array, stream: ReferenceStream) => DecodedImage) {
  return referenceStreams(codec).filter(({ name }) => name !== undefined && names.test(name)).map((stream) => {
    const src = streamBytes(stream)!, image = decode(src, stream);
    const { name, decodedFormat, decodedSha256, type } = stream;
    if (pixelsSha256(image.pixels, decodedFormat) !== decodedSha256) throw new Error(`${name} decodes to other pixels`);
    // Cases draw parts of the wide ones.
    return line(name!, Number(type), src, image, image.width > 32767 ? 5000 : MOST_PIXEL_BYTES);
  });
}

function frames(): string[] {
  const { file, frames } = referenceSequences.find(({ name }) => name === "mix")!, window = new GlzWindow(1 << 24);
  return frames.slice(0, GLZ_FRAMES).map(({ id, offset, glzBytes, decodedFormat, decodedSha256, lzType }) => {
    const src = referenceBytes(file, offset, glzBytes), image = decodeGlz(src, window, limits);
    if (!("pixels" in image)) throw new Error(`mix ${id} waits`);
    if (pixelsSha256(image.pixels, decodedFormat) !== decodedSha256) throw new Error(`mix ${id} has other pixels`);
    return line(`mix-${id}`, lzType, src, image);
  });
}

/** There is no vector of this; our encoder writes what the reference's would, as all the others show. */
function longRun(): string {
  const width = 32768, height = 3;
  const pixels = Uint32Array.from({ length: width * height }, (_, i) => i < width ? 0x336699 : 0xcc8844);
  const src = encodeQuic(pixels, width, height, QuicType.RGB32);
  return line("32768x3-RGB32.quic", QuicType.RGB32, src, decodeQuic(src, limits), 5000);
}

/** The small vectors of RGBA are clear all over: this one is not. Its colours are multiplied by alpha. */
function alpha(): string {
  const width = 16, height = 12;
  const pixels = Uint32Array.from({ length: width * height }, (_, i) => {
    const x = i % width, y = Math.floor(i / width), alpha = y < 3 ? 0 : y < 5 ? 255 : 17 * x;
    const times = (value: number) => Math.floor(value * alpha / 255);
    return (alpha << 24 | times(16 * x) << 16 | times(20 * y) << 8 | times(200)) >>> 0;
  });
  const src = encodeQuic(pixels, width, height, QuicType.RGBA);
  return line("16x12-RGBA.quic", QuicType.RGBA, src, decodeQuic(src, limits), 5000);
}

function pictures(): string[] {
  return jpegs.streams.filter(({ name }) => JPEG.test(name)).map(({ name, base64, decodedSha256 }) => {
    const src = Uint8Array.fromBase64(base64), image = decodeJpeg(src, limits);
    if (pixelsSha256(image.pixels, "BGRX") !== decodedSha256) throw new Error(`${name} decodes to other pixels`);
    // A lossy picture is not compared by its hash.
    return line(`${name}.jpg`, 0, src, image, Infinity);
  });
}

const palette = (stream: ReferenceStream) => {
  const colours = paletteColours(stream);
  return colours === undefined ? limits : { ...limits, palette: colours };
};
const tables = {
  quic: [...chosen("quic", QUIC, (src) => decodeQuic(src, limits)), longRun(), alpha()],
  lz: chosen("lz", LZ, (src, stream) => decodeLz(src, palette(stream))),
  lz4: chosen("lz4", LZ4, (src, { width, height }) => decodeLz4(src, width, height, limits)),
  glz: frames(),
  jpeg: pictures(),
};
const palettes = Object.fromEntries(
  ["PLT1_LE", "PLT4_LE", "PLT8"].map((type) => {
    const stream = referenceStreams("lz").find(({ name }) => name === `17x9-${type}.lz`)!;
    return [type, [...paletteColours(stream)!]];
  }),
);

const text = `// Written by conformance/vectors/codecs/make_suite_streams.ts: do not edit.
/**
 * Streams that the reference's C codecs made, and what they decode to. Two of QUIC are by our encoder, which writes the
 * same bytes. Source: spice-server 0.15.2, spice-common, libjpeg-turbo 2.1.5; see
 * conformance/vectors/codecs/reference/README.md.
 */

/** A stream as it is kept; \`reference_streams.ts\` unpacks it. */
export interface KeptStream {
  readonly name: string;
  /** Its type, as its codec numbers them; the bitmap format for LZ4; 0 for JPEG. */
  readonly type: number;
  readonly width: number;
  readonly height: number;
  /** The stream, deflated, as base64. */
  readonly deflated: string;
  /** 0xAARRGGBB from the top down, little-endian, deflated, as base64. */
  readonly pixels?: string;
  /** Of 0x00RRGGBB from the top down, little-endian, where the pixels are many. */
  readonly sha256?: string;
}

/** By codec. The GLZ images share one window and are drawn in order. */
export const KEPT_STREAMS: Readonly<Record<"quic" | "lz" | "lz4" | "glz" | "jpeg", readonly KeptStream[]>> = {
${Object.entries(tables).map(([codec, lines]) => `${codec}: [\n${lines.join("\n")}\n],`).join("\n")}
};

/** Palettes of the LZ streams, 0x00RRGGBB. */
export const PALETTES: Readonly<Record<string, readonly number[]>> = ${JSON.stringify(palettes)};
`;
const file = new URL("../../suite/codec_streams.ts", import.meta.url);
await Deno.writeTextFile(file, text);
const fmt = new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", file.pathname] });
if (!(await fmt.output()).success) throw new Error("deno fmt fails");
