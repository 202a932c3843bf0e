/**
 * Image streams that decoders are fuzzed with: those of the reference's C codecs, in every type, and where none are kept
 * those that our encoders, which write the same bytes, make of the same pictures.
 */
import { deflateSync } from "node:zlib";
import { BitmapFormat, bitmapRowBytes, encodeBitmap } from "../../codecs/bitmap.ts";
import { flipRows } from "../../codecs/flip_rows.ts";
import { encodeGlz, GlzDictionary, type GlzSource, type GlzType } from "../../codecs/glz.ts";
import type { DecodedImage } from "../../codecs/image.ts";
import { decodeLz, encodeLz, LZ_HEADER_BYTES, LzType } from "../../codecs/lz.ts";
import { encodeLz4, type Lz4Format } from "../../codecs/lz4.ts";
import { decodeQuic } from "../../codecs/quic.ts";
import { below, type Prng, prng } from "../../protocol/schema/prng.ts";
import jpegVectors from "../vectors/codecs/jpeg.json" with { type: "json" };
import {
  referenceBytes,
  type ReferenceFrame,
  type ReferenceSequence,
  referenceSequences,
  type ReferenceStream,
  referenceStreams,
  streamBytes,
} from "../vectors/codecs/reference.ts";
import { numbers } from "./numbers.ts";

/** A stream of one image. */
export interface StreamSeed {
  /** What the message says beside the stream, as the target reads it. */
  readonly said: Uint8Array;
  readonly stream: Uint8Array;
  /** Bytes of the stream's header and tables: damage there seldom lets a decoder get further. */
  readonly headBytes: number;
  /** Pixels of the picture. */
  readonly pixels: number;
}

/** An image in two streams. */
export interface JpegAlphaSeed {
  readonly jpeg: StreamSeed;
  /** LZ, type XXXA. */
  readonly alpha: Uint8Array;
  readonly topDown: boolean;
  readonly pixels: number;
}

/** Images that refer to each other. */
export interface SequenceSeed {
  /** Pixels that the window of a client needs, as a power of two. */
  readonly windowBits: number;
  /** GLZ streams in their order, each with the zlib stream that holds it. */
  readonly images: readonly { readonly glz: Uint8Array; readonly zlib: Uint8Array }[];
  /** Pixels of all. */
  readonly pixels: number;
}

/** Seeds of one decoder by what they cost. */
export interface Pool<Seed> {
  readonly small: readonly Seed[];
  readonly medium: readonly Seed[];
  readonly large: readonly Seed[];
}

/** Seeds of all decoders. */
export interface CodecSeeds {
  readonly bitmap: Pool<StreamSeed>;
  readonly quic: Pool<StreamSeed>;
  readonly lz: Pool<StreamSeed>;
  readonly lz4: Pool<StreamSeed>;
  readonly jpeg: Pool<StreamSeed>;
  readonly jpegAlpha: Pool<JpegAlphaSeed>;
  readonly glz: Pool<SequenceSeed>;
}

/** Colours that indexes of seeds stand for; an input says how many of them its palette has. */
export const PALETTE: Uint32Array = Uint32Array.from({ length: 256 }, (_, i) => i * 0x010203);

/** Most pixels of a picture that a target decodes. */
export const MOST_PIXELS = 1 << 20;
/** Most pixels of a small seed, and of a medium one. */
const SMALL = 4500, MEDIUM = 1 << 16;
const NOTHING = new Uint8Array(0);
const QUIC_HEADER_BYTES = 20;

/** Reads the streams that are kept with the source, and makes the others. */
export function readCodecSeeds(): CodecSeeds {
  const pictures = readPictures();
  return {
    bitmap: poolOf(pictures.flatMap(bitmaps)),
    quic: poolOf(kept("quic", QUIC_HEADER_BYTES, () => NOTHING)),
    lz: poolOf(kept("lz", LZ_HEADER_BYTES, ({ palette = "" }) => {
      return Uint8Array.of(({ plt1: 2, plt4: 16, plt4s: 10 }[palette] ?? 256) - 1);
    })),
    lz4: poolOf([...kept("lz4", 6, ({ width, height }) => numbers(width, height)), ...pictures.flatMap(lz4s)]),
    jpeg: poolOf(jpegs().map(({ jpeg }) => jpeg)),
    jpegAlpha: poolOf(jpegs().flatMap((jpeg) => jpegAlphas(jpeg, pictures))),
    glz: poolOf([...keptSequences(), ...madeSequences(pictures)]),
  };
}

/** @returns A seed: a small one mostly, a large one once in 400 times. */
export function pick<Seed>(random: Prng, { small, medium, large }: Pool<Seed>): Seed {
  const which = below(random, 400);
  const some = which === 0 && large.length > 0 ? large : which < 26 && medium.length > 0 ? medium : small;
  return some[below(random, some.length)]!;
}

function poolOf<Seed extends { readonly pixels: number }>(seeds: readonly Seed[]): Pool<Seed> {
  return {
    small: seeds.filter(({ pixels }) => pixels <= SMALL),
    medium: seeds.filter(({ pixels }) => pixels > SMALL && pixels <= MEDIUM),
    large: seeds.filter(({ pixels }) => pixels > MEDIUM && pixels <= MOST_PIXELS),
  };
}

/** Streams of the reference. */
function kept(codec: string, headBytes: number, said: (entry: ReferenceStream) => Uint8Array): StreamSeed[] {
  return referenceStreams(codec).flatMap((entry) => {
    const { width, height } = entry, stream = streamBytes(entry);
    return stream === undefined ? [] : [{ said: said(entry), stream, headBytes, pixels: width * height }];
  });
}

/** Pictures with alpha, text, edges, gradients and noise, of several sizes. */
function readPictures(): DecodedImage[] {
  const named = (codec: string, name: string) => {
    return streamBytes(referenceStreams(codec).find((entry) => entry.name === name)!)!;
  };
  const options = { maxPixels: MOST_PIXELS };
  const lz = ["1x1-RGBA", "3x5-RGBA", "17x9-RGBA", "alpha129x65-RGBA", "text320x150-RGBA", "333x41-RGBA"];
  const quic = ["noise64x64-RGBA", "2048x3-RGBA"];
  const sheet = referenceStreams("lz").find(({ source, width }) => source === "sheet" && width === 640)!;
  const whole = [
    ...lz.map((name) => decodeLz(named("lz", `${name}.lz`), options)),
    ...quic.map((name) => decodeQuic(named("quic", `${name}.quic`), options)),
  ];
  return [
    ...whole,
    part(whole[3]!, 40, 20, 33, 25),
    part(whole[4]!, 60, 30, 52, 21),
    part(whole[5]!, 100, 3, 77, 30),
    decodeLz(streamBytes(sheet)!, options),
  ];
}

function part({ width: from, pixels, alpha }: DecodedImage, x: number, y: number, width: number, height: number) {
  const out = new Uint32Array(width * height);
  for (let row = 0; row < height; row++) {
    out.set(pixels.subarray((y + row) * from + x).subarray(0, width), row * width);
  }
  return { width, height, pixels: out, alpha };
}

/** All formats of a bitmap, both orders of rows, with and without padding. */
function bitmaps({ width, height, pixels }: DecodedImage): StreamSeed[] {
  return Object.values(BitmapFormat).flatMap((format) =>
    [true, false].map((topDown) => {
      const colours = [0, 2, 2, 16, 16, 256][format] ?? 0;
      const indexed = (pixel: number) => PALETTE[(pixel ^ pixel >>> 8 ^ pixel >>> 16) & colours - 1]!;
      const strideBytes = bitmapRowBytes(format, width) + (format + Number(topDown)) % 4;
      const stream = encodeBitmap(
        colours === 0 ? pixels : pixels.map(indexed),
        { format, width, height, strideBytes, topDown },
        PALETTE,
      );
      const said = numbers(format, width, height, strideBytes, Number(topDown), colours);
      return { said, stream, headBytes: 0, pixels: width * height };
    })
  );
}

/** All formats of LZ4, in one block and in several. */
function lz4s({ width, height, pixels }: DecodedImage): StreamSeed[] {
  return ([6, 7, 8, 9, 10] as const satisfies Lz4Format[]).flatMap((format) =>
    [true, false].map((topDown) => {
      const rowsPerBlock = topDown ? height : 1 + (height >> 2);
      const stream = encodeLz4(pixels, width, height, { format, topDown, rowsPerBlock });
      return { said: numbers(width, height), stream, headBytes: 6, pixels: width * height };
    })
  );
}

interface Jpeg {
  readonly width: number;
  readonly height: number;
  readonly jpeg: StreamSeed;
}

/** Every sampling, restarts, separate scans; and two large ones. */
function jpegs(): Jpeg[] {
  const seed = (stream: Uint8Array, width: number, height: number) => {
    return { width, height, jpeg: { said: NOTHING, stream, headBytes: bitsOf(stream), pixels: width * height } };
  };
  return [
    ...jpegVectors.streams.map(({ base64, width, height }) => seed(Uint8Array.fromBase64(base64), width, height)),
    ...referenceStreams("jpeg").map((entry) => seed(streamBytes(entry)!, entry.width, entry.height)),
  ];
}

/** @returns Where the bits of the first scan begin. */
function bitsOf(jpeg: Uint8Array): number {
  for (let at = 2;; at += 2 + (jpeg[at + 2]! << 8 | jpeg[at + 3]!)) {
    if (jpeg[at + 1] === 0xda) return at + 2 + (jpeg[at + 2]! << 8 | jpeg[at + 3]!);
  }
}

/** Colours of a JPEG with the alpha of a picture, both orders of rows. */
function jpegAlphas({ width, height, jpeg }: Jpeg, pictures: readonly DecodedImage[]): JpegAlphaSeed[] {
  const { pixels: from } = pictures[3]!;
  const pixels = Uint32Array.from({ length: width * height }, (_, i) => from[i % from.length]!);
  return [true, false].map((topDown) => {
    return {
      jpeg,
      alpha: encodeLz({ type: LzType.XXXA, width, height, pixels, topDown }),
      topDown,
      pixels: jpeg.pixels,
    };
  });
}

/** Images of the reference's sequences, from the first one on, and from one whose predecessors are missing. */
function keptSequences(): SequenceSeed[] {
  const named = (name: string) => referenceSequences.find((one) => one.name === name)!;
  const mix = named("mix"), type = named("type");
  return [
    ...[[0, 3], [0, 4], [0, 8], [0, 12], [0, 60], [15, 18], [24, 27], [28, 33], [49, 57]] //
      .map(([from, end]) => sequenceOf(mix, mix.frames.slice(from, end))),
    sequenceOf(type, type.frames.slice(0, 1)),
  ];
}

function sequenceOf({ file, dictionaryWindowPixels }: ReferenceSequence, frames: readonly ReferenceFrame[]) {
  const pixels = frames.reduce((sum, { width, height }) => sum + width * height, 0);
  const images = frames.map(({ offset, glzBytes, zlibOffset, zlibBytes }) => {
    const glz = referenceBytes(file, offset, glzBytes);
    return { glz, zlib: zlibOffset === undefined ? zlibOf(glz) : referenceBytes(file, zlibOffset, zlibBytes) };
  });
  // One that is longer than what may be decoded once still is a large one.
  return { windowBits: Math.ceil(Math.log2(dictionaryWindowPixels)), images, pixels: Math.min(pixels, MOST_PIXELS) };
}

/** Parts of pictures that lie near each other, so that they have much in common; every type, both orders of rows. */
function madeSequences(pictures: readonly DecodedImage[]): SequenceSeed[] {
  const random = prng(1), large = pictures.filter(({ width, height }) => width > 100 && height > 40);
  const types: readonly GlzType[] = [LzType.RGB16, LzType.RGB24, LzType.RGB32, LzType.RGBA];
  return [11, 12, 14].flatMap((windowBits) => {
    const dictionary = new GlzDictionary(1 << windowBits - 1);
    return Array.from({ length: 24 }, (_, i) => {
      dictionary.reset();
      const picture = large[i % large.length]!, x = below(random, picture.width - 70);
      const images = Array.from({ length: 2 + below(random, 5) }, () => {
        const width = 1 + below(random, 40), height = 1 + below(random, 20);
        const y = below(random, picture.height - height), left = x + below(random, 30);
        const cut = part(picture, left, y, width, height), topDown = below(random, 2) === 0;
        const glz = encodeGlz(sourceOf(cut, types[(i >> 2) % 4]!, topDown), dictionary);
        return { glz, zlib: zlibOf(glz) };
      });
      return { windowBits, images, pixels: 0 };
    });
  });
}

function sourceOf({ width, height, pixels }: DecodedImage, type: GlzType, topDown: boolean): GlzSource {
  if (!topDown) flipRows(pixels, width, height);
  if (type !== LzType.RGB16) return { type, width, height, topDown, pixels };
  const narrow = (pixel: number) => pixel >> 9 & 0x7c00 | pixel >> 6 & 0x3e0 | pixel >> 3 & 0x1f;
  return { type, width, height, topDown, pixels: Uint16Array.from(pixels, narrow) };
}

function zlibOf(glz: Uint8Array): Uint8Array {
  return Uint8Array.from(deflateSync(glz, { level: 3 }));
}
