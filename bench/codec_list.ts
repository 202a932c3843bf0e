/** The codecs that are measured, each behind the same two functions. */
import { deflateSync, inflateSync } from "node:zlib";
import { BitmapFormat, decodeBitmap, encodeBitmap32 } from "../codecs/bitmap.ts";
import { toRaw } from "../codecs/cli/layouts.ts";
import { decodeGlz, encodeGlz, GlzDictionary, type GlzSource, type GlzWait, GlzWindow } from "../codecs/glz.ts";
import type { DecodedImage } from "../codecs/image.ts";
import { decodeJpeg, encodeJpeg, JpegWork } from "../codecs/jpeg.ts";
import { decodeJpegAlpha, encodeJpegAlpha } from "../codecs/jpeg_alpha.ts";
import { decodeLz, encodeLz, LzType, LzWork } from "../codecs/lz.ts";
import { decodeLz4, encodeLz4, Lz4Work } from "../codecs/lz4.ts";
import { decodeQuic, encodeQuic, QuicType, QuicWork } from "../codecs/quic.ts";
import { decodeZlibGlz, type Deflate, encodeZlibGlz, type Inflate } from "../codecs/zlib_glz.ts";
import type { BenchFrame, BenchImage } from "./codec_images.ts";

/** An encoded picture. */
export interface BenchStream {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the message says besides: bytes of GLZ inside zlib, 0 when it is not; bytes of JPEG before the alpha. */
  readonly beside: number;
  readonly frame: BenchFrame;
}

/** Encodes the pictures of an image, in order. */
export interface BenchEncoder {
  /** Before the first picture, each time; not counted. */
  begin(): void;
  encode(frame: BenchFrame): BenchStream;
}

/** Decodes the streams of an image, in order. */
export interface BenchDecoder {
  /** Before the first stream, each time; not counted. */
  begin(): void;
  decode(stream: BenchStream): DecodedImage;
  /** Whether each picture gets memory of its own; else all are decoded to the same. */
  readonly ownPixels: boolean;
}

/** The two ways. */
export type Direction = "decode" | "encode";

/** A codec and what it is measured with. */
export interface BenchCodec {
  readonly name: string;
  /** What a reference program knows it by. */
  readonly program: string;
  /** What a reference program is told of a picture. */
  typeOf(frame: BenchFrame): number;
  /** Names of images and sequences. */
  readonly images: readonly string[];
  readonly lossy?: true;
  /** What is measured of it. */
  readonly directions: readonly Direction[];
  encoder(image: BenchImage): BenchEncoder;
  decoder(image: BenchImage): BenchDecoder;
}

const BOTH: readonly Direction[] = ["decode", "encode"];
const SCREENS = ["docs", "sheet", "photo"], ALPHA = ["alpha"], SEQUENCES = ["type", "mix"];
const OPTIONS = { maxPixels: 1 << 24 };
/** As the reference decodes, and our client what it draws and forgets: into pixels that are there. */
const KEPT = { ...OPTIONS, into: new Uint32Array(1920 * 1080) };
const QUALITY = 85;
/** What the reference asks zlib for. */
const LEVEL = 3;

/** All of them. */
export const BENCH_CODECS: readonly BenchCodec[] = [
  quic("QUIC RGB32", QuicType.RGB32, SCREENS),
  quic("QUIC RGBA", QuicType.RGBA, ALPHA),
  lz("LZ RGB32", SCREENS),
  lzOwn("LZ RGB32, new pixels"),
  lz("LZ RGBA", ALPHA),
  glz("GLZ RGB32, one image", SCREENS),
  glz("GLZ RGBA, one image", ALPHA),
  glz("GLZ, a sequence", SEQUENCES),
  zlibGlz("ZLIB_GLZ, fflate"),
  zlibGlz("ZLIB_GLZ, node:zlib", {
    inflate: (src, mostBytes) => inflateSync(src, { maxOutputLength: mostBytes + 1 }),
    deflate: (src) => deflateSync(src, { level: LEVEL }),
  }),
  lz4("LZ4 32BIT", BitmapFormat["32BIT"], SCREENS),
  lz4("LZ4 RGBA", BitmapFormat.RGBA, ALPHA),
  jpeg(),
  jpegAlpha(),
  bitmap("BITMAP 32BIT", BitmapFormat["32BIT"], SCREENS),
  bitmap("BITMAP RGBA", BitmapFormat.RGBA, ALPHA),
];

/** @throws {RangeError} There is none of that name. */
export function benchCodec(name: string): BenchCodec {
  const found = BENCH_CODECS.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`There is no codec ${name}`);
  return found;
}

function quic(name: string, type: QuicType, images: readonly string[]): BenchCodec {
  return {
    name,
    program: "quic",
    typeOf: () => type,
    images,
    directions: BOTH,
    encoder: () => {
      const work = new QuicWork();
      return each((frame) => ({
        bytes: encodeQuic(frame.pixels, frame.width, frame.height, type, work),
        beside: 0,
        frame,
      }));
    },
    decoder: () => {
      const work = new QuicWork();
      return whole(({ bytes }) => decodeQuic(bytes, KEPT, work));
    },
  };
}

function lz(name: string, images: readonly string[]): BenchCodec {
  return {
    name,
    program: "lz",
    typeOf: ({ type }) => type,
    images,
    directions: BOTH,
    encoder: () => {
      const work = new LzWork();
      return each((frame) => {
        const { width, height, alpha, pixels } = frame, type = alpha ? LzType.RGBA : LzType.RGB32;
        return { bytes: encodeLz({ type, width, height, pixels }, work), beside: 0, frame };
      });
    },
    decoder: () => whole(({ bytes }) => decodeLz(bytes, KEPT)),
  };
}

/** What fresh memory for each picture costs. */
function lzOwn(name: string): BenchCodec {
  return {
    ...lz(name, SCREENS),
    directions: ["decode"],
    decoder: () => ({ ...whole(({ bytes }) => decodeLz(bytes, OPTIONS)), ownPixels: true }),
  };
}

function glz(name: string, images: readonly string[]): BenchCodec {
  return {
    name,
    program: "glz",
    typeOf: ({ type }) => type,
    images,
    directions: BOTH,
    encoder: ({ frames, windowPixels }) => {
      const sources = new Map(frames.map((frame) => [frame, glzSource(frame)]));
      const dictionary = new GlzDictionary(windowPixels);
      return {
        begin: () => dictionary.reset(),
        encode: (frame) => ({ bytes: encodeGlz(sources.get(frame)!, dictionary), beside: 0, frame }),
      };
    },
    decoder: ({ windowPixels }) => {
      let window = new GlzWindow(2 * windowPixels);
      return {
        begin: () => void (window = new GlzWindow(2 * windowPixels)),
        decode: ({ bytes }) => arrived(decodeGlz(bytes, window, OPTIONS)),
        ownPixels: true,
      };
    },
  };
}

/** A GLZ stream that is short, or that zlib does not shorten, goes as it is, as the server sends it. */
function zlibGlz(name: string, zlib?: { readonly inflate: Inflate; readonly deflate: Deflate }): BenchCodec {
  const inner = glz(name, SEQUENCES), options = zlib === undefined ? OPTIONS : { ...OPTIONS, inflate: zlib.inflate };
  return {
    ...inner,
    program: "zlib-glz",
    encoder: (image) => {
      const { begin, encode } = inner.encoder(image);
      return {
        begin,
        encode: (frame) => {
          const plain = encode(frame), packed = encodeZlibGlz(plain.bytes, zlib?.deflate);
          if (packed === null) return plain;
          return { bytes: packed as Uint8Array<ArrayBuffer>, beside: plain.bytes.length, frame };
        },
      };
    },
    decoder: ({ windowPixels }) => {
      let window = new GlzWindow(2 * windowPixels);
      return {
        begin: () => void (window = new GlzWindow(2 * windowPixels)),
        decode: ({ bytes, beside }) =>
          arrived(beside === 0 ? decodeGlz(bytes, window, OPTIONS) : decodeZlibGlz(bytes, beside, window, options)),
        ownPixels: true,
      };
    },
  };
}

function lz4(name: string, format: 8 | 9, images: readonly string[]): BenchCodec {
  return {
    name,
    program: "lz4",
    typeOf: () => format,
    images,
    directions: BOTH,
    encoder: () => {
      const work = new Lz4Work();
      return each((frame) => ({
        bytes: encodeLz4(frame.pixels, frame.width, frame.height, { format, work }),
        beside: 0,
        frame,
      }));
    },
    decoder: () => whole(({ bytes, frame }) => decodeLz4(bytes, frame.width, frame.height, KEPT)),
  };
}

function jpeg(): BenchCodec {
  return {
    name: "JPEG q85",
    program: "jpeg",
    typeOf: () => 0,
    images: SCREENS,
    lossy: true,
    directions: BOTH,
    encoder: () => {
      const work = new JpegWork();
      return each((frame) => ({
        bytes: encodeJpeg(frame.pixels, frame.width, frame.height, { quality: QUALITY, work }),
        beside: 0,
        frame,
      }));
    },
    decoder: () => {
      const work = new JpegWork();
      return whole(({ bytes }) => decodeJpeg(bytes, KEPT, work));
    },
  };
}

function jpegAlpha(): BenchCodec {
  return {
    name: "JPEG_ALPHA q85",
    program: "jpeg-alpha",
    typeOf: () => 0,
    images: ALPHA,
    lossy: true,
    directions: BOTH,
    encoder: () => {
      const work = new JpegWork(), lzWork = new LzWork();
      const encodeXxxa = (pixels: Uint32Array, width: number, height: number, topDown: boolean) =>
        encodeLz({ type: LzType.XXXA, width, height, topDown, pixels }, lzWork);
      return each((frame) => {
        const { pixels, width, height } = frame;
        const { bytes, jpegBytes } = encodeJpegAlpha(pixels, width, height, { quality: QUALITY, work, encodeXxxa });
        return { bytes, beside: jpegBytes, frame };
      });
    },
    decoder: () => {
      const work = new JpegWork();
      return whole(({ bytes, beside }) => decodeJpegAlpha(bytes, { jpegBytes: beside, topDown: true }, KEPT, work));
    },
  };
}

function bitmap(name: string, format: 8 | 9, images: readonly string[]): BenchCodec {
  return {
    name,
    program: "bitmap",
    typeOf: () => format,
    images,
    directions: BOTH,
    encoder: () => each((frame) => ({ bytes: encodeBitmap32(frame.pixels), beside: 0, frame })),
    decoder: () =>
      whole(({ bytes, frame: { width, height } }) =>
        decodeBitmap(bytes, { format, width, height, strideBytes: 4 * width, topDown: true }, KEPT)
      ),
  };
}

function each(encode: (frame: BenchFrame) => BenchStream): BenchEncoder {
  return { begin: () => {}, encode };
}

function whole(decode: (stream: BenchStream) => DecodedImage): BenchDecoder {
  return { begin: () => {}, decode, ownPixels: false };
}

function glzSource({ type, width, height, topDown, rows }: BenchFrame): GlzSource {
  if (type !== LzType.RGB16) return { type, width, height, topDown, pixels: rows };
  return { type, width, height, topDown, pixels: new Uint16Array(toRaw({ pixels: rows }, "RGB16LE").buffer) };
}

function arrived(result: DecodedImage | GlzWait): DecodedImage {
  if ("pixels" in result) return result;
  throw new Error(`A frame waits for ${result.waitsFor}`);
}
