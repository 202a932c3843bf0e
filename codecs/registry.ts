/**
 * Every image type that carries pixels: its codec, the formats that it takes, whether it keeps them.
 *
 * The names are those of the protocol's `ImageType`, so that a message's image, a server's choice and the command line
 * mean the same codec by them. FROM_CACHE, FROM_CACHE_LOSSLESS and SURFACE carry none.
 */

import { BitmapFormat, type BitmapLayout, decodeBitmap, encodeBitmap32 } from "./bitmap.ts";
import { decodeGlz, encodeGlz, type GlzDictionary, type GlzWait, type GlzWindow } from "./glz.ts";
import type { DecodedImage, DecodeOptions } from "./image.ts";
import { indexColors } from "./index_colors.ts";
import { decodeJpeg, encodeJpeg, JpegWork } from "./jpeg.ts";
import { decodeJpegAlpha, encodeJpegAlpha, type JpegAlphaLayout, type XxxaEncoder } from "./jpeg_alpha.ts";
import { decodeLz, encodeLz, LzType, LzWork } from "./lz.ts";
import { decodeLz4, encodeLz4, Lz4Work } from "./lz4.ts";
import { decodeQuic, encodeQuic, QuicType, QuicWork } from "./quic.ts";
import { decodeZlibGlz, type Deflate, encodeZlibGlz, type Inflate } from "./zlib_glz.ts";

/** An image as a message brings it: its type, its bytes, and what the message says about them. */
export type CodedImage =
  | Coded<"QUIC" | "LZ_RGB" | "GLZ_RGB" | "JPEG">
  | Coded<"LZ_PLT"> & { readonly palette: Uint32Array | undefined }
  | Coded<"BITMAP"> & { readonly layout: BitmapLayout; readonly palette: Uint32Array | undefined }
  | Coded<"LZ4"> & { readonly width: number; readonly height: number }
  | Coded<"ZLIB_GLZ_RGB"> & { readonly glzBytes: number }
  | Coded<"JPEG_ALPHA"> & { readonly layout: JpegAlphaLayout };

/** Part of every {@link CodedImage}. */
export interface Coded<Type extends string> {
  /** Name of its type. */
  readonly type: Type;
  /** Its bytes. */
  readonly data: Uint8Array;
}

/** Name of an image type. */
export type ImageTypeName = CodedImage["type"];

/** The images of one type. */
export type CodedAs<Type extends ImageTypeName> = Extract<CodedImage, { readonly type: Type }>;

/** What decoders of all types may be told. */
export interface ImageDecodeOptions extends DecodeOptions {
  /** For GLZ: the window of the client's whole session. */
  readonly window?: GlzWindow | undefined;
  /** For QUIC and JPEG. */
  readonly work?: CodecWork | undefined;
  /** For ZLIB_GLZ: another zlib. */
  readonly inflate?: Inflate | undefined;
}

/** What encoders of all types may be told. */
export interface ImageEncodeOptions {
  /** For LZ, LZ4, QUIC and JPEG. */
  readonly work?: CodecWork | undefined;
  /** For GLZ: that of the client. What is encoded must be sent. */
  readonly dictionary?: GlzDictionary | undefined;
  /** For JPEG: 1 to 100. */
  readonly quality?: number | undefined;
  /** For ZLIB_GLZ: another zlib. */
  readonly deflate?: Deflate | undefined;
}

/** A codec of the registry. */
export interface ImageCodec<Type extends ImageTypeName> {
  /** Pixel formats by the number that the stream, or the message's bitmap format, has for them; none where there is one. */
  readonly formats: Readonly<Record<string, number>>;
  /** Whether what comes out is what went in, to the bits of the format. */
  readonly lossless: boolean;
  /** Whether it needs images that came before: one stream after the other, in order. */
  readonly refersBack: boolean;
  /**
   * Decodes an image.
   *
   * @returns The picture, or what it waits for.
   * @throws {CodecError} As the decoder of the type.
   */
  decode(image: CodedAs<Type>, options: ImageDecodeOptions): DecodedImage | GlzWait;
  /**
   * Encodes a picture in the format that takes 32-bit pixels, with alpha where the picture has it and the type can.
   *
   * @returns The image, or the GLZ that zlib does not make shorter; `null` when the type cannot hold this picture: more
   * colours than a palette has, more pixels than the window, no alpha for JPEG_ALPHA.
   * @throws {CodecError} As the encoder of the type.
   */
  encode(picture: DecodedImage, options: ImageEncodeOptions): CodedImage | null;
}

/** What decoders and encoders keep from one image to the next, each in its own; it holds nothing between two images. */
export class CodecWork {
  /** Of LZ. */
  readonly lz: LzWork = new LzWork();
  /** Of LZ4. */
  readonly lz4: Lz4Work = new Lz4Work();
  /** Of QUIC. */
  readonly quic: QuicWork = new QuicWork();
  /** Of JPEG. */
  readonly jpeg: JpegWork = new JpegWork();
}

const GLZ_FORMATS = pick(LzType, ["RGB16", "RGB24", "RGB32", "RGBA"]);

/** The codec of every image type. */
export const IMAGE_CODECS: { readonly [Type in ImageTypeName]: ImageCodec<Type> } = {
  BITMAP: {
    formats: BitmapFormat,
    lossless: true,
    refersBack: false,
    decode: ({ data, layout, palette }, options) => decodeBitmap(data, layout, { ...options, palette }),
    encode: ({ pixels, width, height, alpha }) => {
      const format = alpha ? BitmapFormat.RGBA : BitmapFormat["32BIT"];
      const layout = { format, width, height, strideBytes: width * 4, topDown: true };
      return { type: "BITMAP", data: encodeBitmap32(pixels), layout, palette: undefined };
    },
  },
  QUIC: {
    formats: QuicType,
    lossless: true,
    refersBack: false,
    decode: ({ data }, options) => decodeQuic(data, options, options.work?.quic),
    encode: ({ pixels, width, height, alpha }, { work }) => ({
      type: "QUIC",
      data: encodeQuic(pixels, width, height, alpha ? QuicType.RGBA : QuicType.RGB32, work?.quic),
    }),
  },
  LZ_RGB: {
    formats: pick(LzType, ["RGB16", "RGB24", "RGB32", "RGBA", "XXXA", "A8"]),
    lossless: true,
    refersBack: false,
    decode: ({ data }, options) => decodeLz(data, options),
    encode: ({ pixels, width, height, alpha }, { work }) => ({
      type: "LZ_RGB",
      data: encodeLz({ type: alpha ? LzType.RGBA : LzType.RGB32, width, height, pixels }, work?.lz),
    }),
  },
  LZ_PLT: {
    formats: pick(LzType, ["PLT1_LE", "PLT1_BE", "PLT4_LE", "PLT4_BE", "PLT8"]),
    lossless: true,
    refersBack: false,
    decode: ({ data, palette }, options) => decodeLz(data, { ...options, palette }),
    encode: ({ pixels, width, height, alpha }, { work }) => {
      const indexed = alpha ? null : indexColors(pixels);
      if (indexed === null) return null;
      const { indexes, palette } = indexed;
      return {
        type: "LZ_PLT",
        data: encodeLz({ type: LzType.PLT8, width, height, pixels: indexes }, work?.lz),
        palette,
      };
    },
  },
  GLZ_RGB: {
    formats: GLZ_FORMATS,
    lossless: true,
    refersBack: true,
    decode: ({ data }, options) => decodeGlz(data, windowOf(options), options),
    encode: ({ pixels, width, height, alpha }, { dictionary }) => {
      if (dictionary === undefined || pixels.length > dictionary.windowPixels) return null;
      // The dictionary keeps them.
      const image = { type: alpha ? LzType.RGBA : LzType.RGB32, width, height, pixels: pixels.slice() };
      return { type: "GLZ_RGB", data: encodeGlz(image, dictionary) };
    },
  },
  ZLIB_GLZ_RGB: {
    formats: GLZ_FORMATS,
    lossless: true,
    refersBack: true,
    decode: ({ data, glzBytes }, { inflate, ...options }) =>
      decodeZlibGlz(data, glzBytes, windowOf(options), inflate === undefined ? options : { ...options, inflate }),
    encode: (picture, options) => {
      const image = IMAGE_CODECS.GLZ_RGB.encode(picture, options);
      if (image === null) return null;
      const data = encodeZlibGlz(image.data, options.deflate);
      return data === null ? image : { type: "ZLIB_GLZ_RGB", data, glzBytes: image.data.length };
    },
  },
  LZ4: {
    formats: pick(BitmapFormat, ["16BIT", "24BIT", "32BIT", "RGBA", "8BIT_A"]),
    lossless: true,
    refersBack: false,
    decode: ({ data, width, height }, options) => decodeLz4(data, width, height, options),
    encode: ({ pixels, width, height, alpha }, { work }) => {
      const format = alpha ? BitmapFormat.RGBA : BitmapFormat["32BIT"];
      return { type: "LZ4", data: encodeLz4(pixels, width, height, { format, work: work?.lz4 }), width, height };
    },
  },
  JPEG: {
    formats: {},
    lossless: false,
    refersBack: false,
    decode: ({ data }, options) => decodeJpeg(data, options, options.work?.jpeg),
    encode: ({ pixels, width, height }, { quality, work }) => ({
      type: "JPEG",
      data: encodeJpeg(pixels, width, height, { quality, work: work?.jpeg }),
    }),
  },
  JPEG_ALPHA: {
    formats: {},
    lossless: false,
    refersBack: false,
    decode: ({ data, layout }, options) => decodeJpegAlpha(data, layout, options, options.work?.jpeg),
    encode: ({ pixels, width, height, alpha }, { quality, work }) => {
      if (!alpha) return null;
      const encodeXxxa: XxxaEncoder = (pixels, width, height, topDown) =>
        encodeLz({ type: LzType.XXXA, width, height, topDown, pixels }, work?.lz);
      const { bytes, ...layout } = encodeJpegAlpha(pixels, width, height, { quality, work: work?.jpeg, encodeXxxa });
      return { type: "JPEG_ALPHA", data: bytes, layout };
    },
  },
};

/**
 * Decodes an image of any type.
 *
 * @param image What the message brings.
 * @param options Limits, and what its type needs.
 * @returns The picture; for GLZ perhaps what it waits for.
 * @throws {CodecError} As the decoder of its type.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeImage, IMAGE_CODECS } from "../mod.ts";
 *
 * const picture = { width: 2, height: 1, pixels: Uint32Array.of(0x336699, 0x993366), alpha: false };
 * for (const type of ["BITMAP", "QUIC", "LZ_RGB", "LZ_PLT", "LZ4"] as const) {
 *   const image = IMAGE_CODECS[type].encode(picture, {});
 *   assert.ok(image !== null && IMAGE_CODECS[type].lossless);
 *   assert.deepEqual(decodeImage(image, { maxPixels: 2 }), picture);
 * }
 * ```
 */
export function decodeImage(image: CodedImage, options: ImageDecodeOptions): DecodedImage | GlzWait {
  // Each type's codec takes images of that type.
  const codec = IMAGE_CODECS[image.type] as ImageCodec<ImageTypeName>;
  return codec.decode(image, options);
}

function pick(formats: Readonly<Record<string, number>>, names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(names.map((name) => [name, formats[name]!]));
}

function windowOf({ window }: ImageDecodeOptions): GlzWindow {
  if (window === undefined) throw new TypeError("A GLZ image is decoded with the window of its session");
  return window;
}
