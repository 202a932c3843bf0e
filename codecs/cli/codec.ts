/** The codecs by their names on the command line: what each takes, and how it is called. */
import { inflateSync } from "node:zlib";
import { UsageError } from "../../cli/usage_error.ts";
import { BitmapFormat, bitmapRowBytes, decodeBitmap, encodeBitmap } from "../bitmap.ts";
import { CodecError } from "../errors.ts";
import {
  decodeGlz,
  decodeGlzHeader,
  encodeGlz,
  type GlzDictionary,
  type GlzType,
  type GlzWait,
  type GlzWindow,
} from "../glz.ts";
import type { DecodedImage } from "../image.ts";
import { decodeJpeg, encodeJpeg } from "../jpeg.ts";
import { decodeJpegAlpha, encodeJpegAlpha } from "../jpeg_alpha.ts";
import { decodeLz, decodeLzHeader, encodeLz, type LzSource, LzType } from "../lz.ts";
import { decodeLz4, encodeLz4, type Lz4Format } from "../lz4.ts";
import { decodeQuic, decodeQuicHeader, encodeQuic, type QuicType } from "../quic.ts";
import { IMAGE_CODECS, type ImageTypeName } from "../registry.ts";
import { decodeZlibGlz, encodeZlibGlz } from "../zlib_glz.ts";
import { type Layout, toRaw } from "./layouts.ts";

/** What decoding is told beside the bytes. */
export interface HowToDecode {
  /** Most pixels of an image. */
  readonly maxPixels: number;
  readonly palette?: Uint32Array | undefined;
  /** Of streams that do not say it. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly strideBytes?: number | undefined;
  readonly topDown: boolean;
  /** Name of a pixel type, as `rgb32`. */
  readonly type?: string | undefined;
  /** For GLZ: what earlier images left. */
  readonly window: GlzWindow;
}

/** What encoding is told beside the pixels. */
export interface HowToEncode {
  readonly palette?: Uint32Array | undefined;
  readonly topDown: boolean;
  readonly type?: string | undefined;
  readonly strideBytes?: number | undefined;
  /** JPEG: 1 to 100. */
  readonly quality?: number | undefined;
  readonly rowsPerBlock?: number | undefined;
  /** For GLZ. */
  readonly dictionary: GlzDictionary;
}

/** A picture, and the layout that raw bytes of it have. */
export interface Decoded {
  readonly image: DecodedImage;
  readonly layout: Layout;
}

/** A codec of the command line. */
export interface CliCodec {
  readonly name: CodecName;
  /** Pixel types by name; none for a codec that has only one. */
  readonly types: readonly string[];
  /** @throws {CodecError} The bytes do not decode. @throws {UsageError} Something was not said. */
  decode(src: Uint8Array, how: HowToDecode): Decoded;
  /** @throws {CodecError} The picture does not encode. @throws {UsageError} Something was not said. */
  encode(image: DecodedImage, how: HowToEncode): Uint8Array;
}

/** All names. */
export const CODEC_NAMES = ["quic", "lz", "glz", "zlib-glz", "lz4", "jpeg", "jpeg-alpha", "bitmap"] as const;

/** One of {@link CODEC_NAMES}. */
export type CodecName = typeof CODEC_NAMES[number];

/** Pixels of a GLZ dictionary and window: what the reference gives a client of 32 MB. */
export const WINDOW_PIXELS = 8 * 1024 * 1024;

/** Bytes that a zlib stream may inflate to. */
const MOST_INFLATED_BYTES = 1 << 30;

const QUIC_TYPES = typesOf("QUIC");
const LZ_TYPES = typesOf("LZ_PLT", "LZ_RGB");
const GLZ_TYPES = typesOf("GLZ_RGB");
const BITMAP_TYPES = typesOf("BITMAP");
const LZ4_TYPES = typesOf("LZ4");

/** Layouts of types that are not four bytes without alpha. */
const TYPE_LAYOUTS: Readonly<Record<string, Layout>> = {
  gray: "GRAY",
  rgba: "BGRA",
  xxxa: "BGRA",
  a8: "A8",
  "8bit_a": "A8",
  "16bit": "RGB16LE",
  "24bit": "BGR",
};

/** The codec of a name. */
export function codecOf(name: CodecName): CliCodec {
  return CODECS[name];
}

const CODECS: Readonly<Record<CodecName, CliCodec>> = {
  quic: {
    name: "quic",
    types: [...QUIC_TYPES.keys()],
    decode: (src, { maxPixels }) => {
      const image = decodeQuic(src, { maxPixels });
      return { image, layout: layoutOf(nameOf(QUIC_TYPES, decodeQuicHeader(src).type)) };
    },
    encode: (image, how) => {
      const { width, height, pixels } = image, type = typeNumber(QUIC_TYPES, how, image, "rgb32");
      return encodeQuic(pixels, width, height, type as QuicType);
    },
  },
  lz: {
    name: "lz",
    types: [...LZ_TYPES.keys()],
    decode: (src, { maxPixels, palette }) => {
      const image = decodeLz(src, { maxPixels, palette });
      return { image, layout: layoutOf(nameOf(LZ_TYPES, decodeLzHeader(src).type)) };
    },
    encode: (image, how) => encodeLz(lzSource(image, how, typeNumber(LZ_TYPES, how, image, "rgb32") as LzType)),
  },
  glz: {
    name: "glz",
    types: [...GLZ_TYPES.keys()],
    decode: (src, how) => arrived(decodeGlz(src, how.window, how), src),
    encode: (image, how) => glz(image, how),
  },
  "zlib-glz": {
    name: "zlib-glz",
    types: [...GLZ_TYPES.keys()],
    decode: (src, how) => {
      const inflated = inflate(src);
      return arrived(decodeZlibGlz(src, inflated.length, how.window, how), inflated);
    },
    encode: (image, how) => {
      const stream = glz(image, how), packed = encodeZlibGlz(stream);
      if (packed === null) throw new UsageError("zlib does not make the GLZ stream shorter: use --codec glz");
      return packed;
    },
  },
  lz4: {
    name: "lz4",
    types: [...LZ4_TYPES.keys()],
    decode: (src, how) => {
      const [width, height] = sizeOf(how, "lz4"), image = decodeLz4(src, width, height, how);
      return { image, layout: layoutOf(nameOf(LZ4_TYPES, src[1]!)) };
    },
    encode: (image, how) => {
      const { width, height, pixels } = image, { topDown, rowsPerBlock } = how;
      const format = typeNumber(LZ4_TYPES, how, image, "32bit") as Lz4Format;
      return encodeLz4(pixels, width, height, { format, topDown, rowsPerBlock });
    },
  },
  jpeg: {
    name: "jpeg",
    types: [],
    decode: (src, { maxPixels }) => ({ image: decodeJpeg(src, { maxPixels }), layout: "BGRX" }),
    encode: ({ pixels, width, height }, { quality }) => encodeJpeg(pixels, width, height, { quality }),
  },
  "jpeg-alpha": {
    name: "jpeg-alpha",
    types: [],
    decode: (src, { maxPixels }) => {
      const jpegBytes = startOfLz(src), { topDown } = decodeLzHeader(src.subarray(jpegBytes));
      return { image: decodeJpegAlpha(src, { jpegBytes, topDown }, { maxPixels }), layout: "BGRA" };
    },
    encode: ({ pixels, width, height }, { quality, topDown }) => {
      const encodeXxxa = (pixels: Uint32Array, width: number, height: number, topDown: boolean) =>
        encodeLz({ type: LzType.XXXA, width, height, topDown, pixels: inOrder(pixels, width, topDown) });
      return encodeJpegAlpha(pixels, width, height, { quality, topDown, encodeXxxa }).bytes;
    },
  },
  bitmap: {
    name: "bitmap",
    types: [...BITMAP_TYPES.keys()],
    decode: (src, how) => {
      const [width, height] = sizeOf(how, "bitmap"), { type, topDown } = how;
      if (type === undefined) throw new UsageError("bitmap: its --type is not in the bytes: say it");
      const format = known(BITMAP_TYPES, type), strideBytes = how.strideBytes ?? bitmapRowBytes(format, width);
      return {
        image: decodeBitmap(src, { format, width, height, strideBytes, topDown }, how),
        layout: layoutOf(type),
      };
    },
    encode: (image, how) => {
      const { width, height, pixels } = image, { topDown, palette } = how;
      const format = typeNumber(BITMAP_TYPES, how, image, "32bit");
      const strideBytes = how.strideBytes ?? bitmapRowBytes(format, width);
      return encodeBitmap(pixels, { format, width, height, strideBytes, topDown }, palette);
    },
  },
};

/** Where the LZ part of JPEG_ALPHA begins: behind an end of image. @throws {CodecError} `bad-header`: nowhere. */
export function startOfLz(src: Uint8Array): number {
  const marks = [0xff, 0xd9, 0x20, 0x20, 0x5a, 0x4c];
  for (let at = src.indexOf(0xff); at >= 0; at = src.indexOf(0xff, at + 1)) {
    if (marks.every((byte, i) => src[at + i] === byte)) return at + 2;
  }
  throw new CodecError("JPEG_ALPHA", "bad-header", src.length, "there is no LZ stream behind the JPEG");
}

/** The bytes that a zlib stream holds. @throws {CodecError} `bad-header`. */
export function inflate(src: Uint8Array): Uint8Array {
  try {
    return inflateSync(src, { maxOutputLength: MOST_INFLATED_BYTES });
  } catch (error) {
    throw new CodecError("ZLIB_GLZ", "bad-header", 0, error instanceof Error ? error.message : String(error));
  }
}

function arrived(result: DecodedImage | GlzWait, src: Uint8Array): Decoded {
  if ("pixels" in result) return { image: result, layout: layoutOf(nameOf(GLZ_TYPES, decodeGlzHeader(src).type)) };
  const detail = `it refers to image ${result.waitsFor}, which has not come: decode all of its sequence, in order`;
  throw new CodecError("GLZ", "bad-distance", 0, detail);
}

function glz(image: DecodedImage, how: HowToEncode): Uint8Array {
  const type = typeNumber(GLZ_TYPES, how, image, "rgb32") as GlzType, { width, height } = image, { topDown } = how;
  const pixels = inOrder(image.pixels, width, topDown);
  return type === LzType.RGB16
    ? encodeGlz({ type, width, height, topDown, pixels: values16(pixels) }, how.dictionary)
    : encodeGlz({ type, width, height, topDown, pixels: pixels.slice() }, how.dictionary);
}

function lzSource(image: DecodedImage, { topDown, palette }: HowToEncode, type: LzType): LzSource {
  const { width, height } = image, pixels = inOrder(image.pixels, width, topDown);
  switch (type) {
    case LzType.RGB24:
    case LzType.RGB32:
    case LzType.RGBA:
    case LzType.XXXA:
      return { type, width, height, topDown, pixels };
    case LzType.RGB16:
      return { type, width, height, topDown, pixels: values16(pixels) };
    case LzType.A8:
      return { type, width, height, topDown, pixels: toRaw({ pixels }, "A8") };
    default: {
      const format = PALETTE_FORMATS[type];
      const layout = { format, width, height, strideBytes: bitmapRowBytes(format, width), topDown: true };
      return { type, width, height, topDown, pixels: encodeBitmap(pixels, layout, palette) };
    }
  }
}

/** Bitmap formats whose rows an LZ type with a palette has. */
const PALETTE_FORMATS = {
  [LzType.PLT1_LE]: BitmapFormat["1BIT_LE"],
  [LzType.PLT1_BE]: BitmapFormat["1BIT_BE"],
  [LzType.PLT4_LE]: BitmapFormat["4BIT_LE"],
  [LzType.PLT4_BE]: BitmapFormat["4BIT_BE"],
  [LzType.PLT8]: BitmapFormat["8BIT"],
} as const;

/** Rows in the order of the stream. */
function inOrder(pixels: Uint32Array, width: number, topDown: boolean): Uint32Array<ArrayBuffer> {
  const rows = new Uint32Array(pixels.length);
  for (let at = 0; at < pixels.length; at += width) {
    rows.set(pixels.subarray(at, at + width), topDown ? at : pixels.length - width - at);
  }
  return rows;
}

function values16(pixels: Uint32Array<ArrayBuffer>): Uint16Array {
  return new Uint16Array(toRaw({ pixels }, "RGB16LE").buffer);
}

function layoutOf(type: string): Layout {
  return TYPE_LAYOUTS[type] ?? "BGRX";
}

function sizeOf({ width, height }: HowToDecode, codec: string): readonly [number, number] {
  if (width !== undefined && height !== undefined) return [width, height];
  throw new UsageError(`${codec}: its size is not in the bytes: say --width and --height`);
}

/** The type that was said, or the one that fits a picture. */
function typeNumber(
  types: ReadonlyMap<string, number>,
  { type }: HowToEncode,
  { alpha }: DecodedImage,
  opaque: string,
): number {
  return known(types, type ?? (alpha ? "rgba" : opaque));
}

function known(types: ReadonlyMap<string, number>, type: string): number {
  const number = types.get(type.toLowerCase());
  if (number !== undefined) return number;
  throw new UsageError(`--type: want ${[...types.keys()].join(", ")}, not "${type}"`);
}

function nameOf(types: ReadonlyMap<string, number>, type: number): string {
  return [...types].find(([, number]) => number === type)?.[0] ?? "";
}

/** Pixel formats of image types, by the names of the command line. */
function typesOf(...types: readonly ImageTypeName[]): ReadonlyMap<string, number> {
  const formats = types.flatMap((type) => Object.entries(IMAGE_CODECS[type].formats));
  return new Map(formats.map(([name, number]) => [name.toLowerCase(), number]));
}
