/** What every codec gives back of a picture: one property over a table of all formats. */
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing picture
import { BitmapFormat, bitmapRowBytes, encodeBitmap } from "./bitmap.ts";
import { CodecError, type CodecErrorCode } from "./errors.ts";
import { flipRows } from "./flip_rows.ts";
import { encodeGlz, GlzDictionary, type GlzSource, type GlzType, GlzWindow } from "./glz.ts";
import { encodeJpeg } from "./jpeg.ts";
import { encodeJpegAlpha } from "./jpeg_alpha.ts";
import { encodeLz, type LzSource, LzType } from "./lz.ts";
import { encodeLz4, type Lz4Format } from "./lz4.ts";
import { encodeQuic, QuicType } from "./quic.ts";
import { CodecWork, type CodedImage, decodeImage, IMAGE_CODECS, type ImageTypeName } from "./registry.ts";
import { encodeZlibGlz } from "./zlib_glz.ts";

/** Rows from the top down, 0xAARRGGBB. */
interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array<ArrayBuffer>;
}

/** How a picture is written, as far as a format has a choice. */
interface Manner {
  readonly topDown: boolean;
  /** Bytes between two rows, or what a row has beside its pixels. */
  readonly padding: number;
}

/** What is kept from one picture to the next. */
interface Session {
  readonly work: CodecWork;
  readonly dictionary: GlzDictionary;
  readonly window: GlzWindow;
}

/** A format of an image type. */
interface Format {
  readonly type: ImageTypeName;
  /** Its name in the registry; of a type that has one format none. */
  readonly name: string;
  readonly alpha: boolean;
  /** Whether rows may run from the bottom up. */
  readonly bothOrders: boolean;
  /** What is left of a pixel. */
  readonly kept: (pixel: number) => number;
  /** Most that a channel of a colour may be off, for gentle pictures. */
  readonly loss: number;
  /** Longest side that the format can write. */
  readonly longestSide: number;
  readonly encode: (picture: Picture, manner: Manner, session: Session) => CodedImage;
}

const PALETTE = Uint32Array.from({ length: 256 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 8);
const JPEG_LONGEST_SIDE = 65500;
/** Sizes at which something begins or ends: bits of a byte, blocks, tables, long runs. */
const SIZES = [
  ...[[1, 1], [1, 2], [2, 1], [2, 3], [3, 2], [7, 5], [9, 8], [1, 9], [9, 1], [15, 17], [16, 16], [33, 31]],
  ...[[1, 257], [257, 1], [3, 700], [2049, 3]],
] as const;
const LONG_SIZES = [[70000, 4], [4, 70000]] as const;

const opaque = (pixel: number) => pixel & 0xffffff;
const alphaAlone = (pixel: number) => (pixel & 0xff000000) >>> 0;
const fiveBits = (pixel: number) => pixel & 0xf8f8f8 | pixel >>> 5 & 0x070707;
const asItIs = (pixel: number) => pixel;
/** An index for any pixel, of so many colours. */
const indexOf = (pixel: number, colours: number) => (pixel ^ pixel >>> 9 ^ pixel >>> 24) & colours - 1;
const indexed = (colours: number) => (pixel: number) => PALETTE[indexOf(pixel, colours)]!;

const FORMATS: readonly Format[] = [
  bitmap("1BIT_LE", indexed(2)),
  bitmap("1BIT_BE", indexed(2)),
  bitmap("4BIT_LE", indexed(16)),
  bitmap("4BIT_BE", indexed(16)),
  bitmap("8BIT", indexed(256)),
  bitmap("16BIT", fiveBits),
  bitmap("24BIT", opaque),
  bitmap("32BIT", asItIs),
  bitmap("RGBA", asItIs),
  bitmap("8BIT_A", alphaAlone),
  quic("GRAY", (pixel) => (pixel & 255) * 0x010101),
  quic("RGB16", fiveBits),
  quic("RGB24", opaque),
  quic("RGB32", opaque),
  quic("RGBA", asItIs),
  lz("PLT1_LE", indexed(2)),
  lz("PLT1_BE", indexed(2)),
  lz("PLT4_LE", indexed(16)),
  lz("PLT4_BE", indexed(16)),
  lz("PLT8", indexed(256)),
  lz("RGB16", fiveBits),
  lz("RGB24", opaque),
  lz("RGB32", opaque),
  lz("RGBA", asItIs),
  lz("XXXA", alphaAlone),
  lz("A8", alphaAlone),
  ...(["GLZ_RGB", "ZLIB_GLZ_RGB"] as const).flatMap((type) => [
    glz(type, "RGB16", fiveBits),
    glz(type, "RGB24", opaque),
    glz(type, "RGB32", opaque),
    glz(type, "RGBA", asItIs),
  ]),
  lz4("16BIT", fiveBits),
  lz4("24BIT", opaque),
  lz4("32BIT", asItIs),
  lz4("RGBA", asItIs),
  lz4("8BIT_A", alphaAlone),
  {
    ...lossless("JPEG", "", false, opaque),
    loss: 4,
    longestSide: JPEG_LONGEST_SIDE,
    encode: ({ width, height, pixels }, _, { work }) => {
      return { type: "JPEG", data: encodeJpeg(pixels, width, height, { quality: 95, work: work.jpeg }) };
    },
  },
  {
    ...lossless("JPEG_ALPHA", "", true, asItIs),
    loss: 4,
    longestSide: JPEG_LONGEST_SIDE,
    bothOrders: true,
    encode: ({ width, height, pixels }, { topDown }, { work }) => {
      const { bytes, ...layout } = encodeJpegAlpha(pixels, width, height, {
        quality: 95,
        topDown,
        work: work.jpeg,
        encodeXxxa: (pixels, width, height, topDown) => {
          const rows = inOrder({ width, height, pixels: new Uint32Array(pixels) }, topDown);
          return encodeLz({ type: LzType.XXXA, width, height, topDown, pixels: rows }, work.lz);
        },
      });
      return { type: "JPEG_ALPHA", data: bytes, layout };
    },
  },
];

function lossless(type: ImageTypeName, name: string, alpha: boolean, kept: Format["kept"]) {
  return { type, name, alpha, kept, bothOrders: false, loss: 0, longestSide: Infinity };
}

function bitmap(name: keyof typeof BitmapFormat, kept: Format["kept"]): Format {
  const format = BitmapFormat[name];
  return {
    ...lossless("BITMAP", name, name === "RGBA" || name === "8BIT_A", kept),
    bothOrders: true,
    encode: ({ width, height, pixels }, { topDown, padding }) => {
      const strideBytes = bitmapRowBytes(format, width) + padding;
      const layout = { format, width, height, strideBytes, topDown };
      const palette = format <= BitmapFormat["8BIT"] ? PALETTE : undefined;
      return { type: "BITMAP", data: encodeBitmap(pixels.map(kept), layout, palette), layout, palette };
    },
  };
}

function quic(name: keyof typeof QuicType, kept: Format["kept"]): Format {
  return {
    ...lossless("QUIC", name, name === "RGBA", kept),
    encode: ({ width, height, pixels }, _, { work }) => {
      return { type: "QUIC", data: encodeQuic(pixels, width, height, QuicType[name], work.quic) };
    },
  };
}

function lz(name: keyof typeof LzType, kept: Format["kept"]): Format {
  const type = LzType[name], withPalette = type <= LzType.PLT8;
  return {
    ...lossless(withPalette ? "LZ_PLT" : "LZ_RGB", name, ["RGBA", "XXXA", "A8"].includes(name), kept),
    bothOrders: true,
    encode: (picture, manner, { work }) => {
      const data = encodeLz(lzSource(picture, type, manner), work.lz);
      return withPalette ? { type: "LZ_PLT", data, palette: PALETTE } : { type: "LZ_RGB", data };
    },
  };
}

function lzSource(picture: Picture, type: LzType, { topDown, padding }: Manner): LzSource {
  const { width, height } = picture, pixels = inOrder(picture, topDown), common = { width, height, topDown };
  switch (type) {
    case LzType.RGB16:
      return { ...common, type, pixels: Uint16Array.from(pixels, narrow) };
    case LzType.RGB24:
    case LzType.RGB32:
    case LzType.RGBA:
    case LzType.XXXA:
      return { ...common, type, pixels };
    case LzType.A8:
      return { ...common, type, pixels: Uint8Array.from(pixels, (pixel) => pixel >>> 24) };
    default: {
      const bits = [0, 1, 1, 4, 4, 8][type]!, perByte = 8 / bits, rowBytes = Math.ceil(width / perByte);
      const bigEndian = type === LzType.PLT1_BE || type === LzType.PLT4_BE;
      const bytes = new Uint8Array(rowBytes * height);
      for (let at = 0; at < bytes.length; at++) {
        for (let i = 0; i < perByte; i++) {
          const x = at % rowBytes * perByte + i, y = Math.floor(at / rowBytes);
          // What stands behind the last pixel of a row means nothing.
          const index = x < width ? indexOf(pixels[y * width + x]!, 1 << bits) : padding & (1 << bits) - 1;
          bytes[at]! |= index << (bigEndian ? perByte - 1 - i : i) * bits;
        }
      }
      return { ...common, type, pixels: bytes };
    }
  }
}

function glz(
  type: "GLZ_RGB" | "ZLIB_GLZ_RGB",
  name: "RGB16" | "RGB24" | "RGB32" | "RGBA",
  kept: Format["kept"],
): Format {
  return {
    ...lossless(type, name, name === "RGBA", kept),
    bothOrders: true,
    encode: (picture, { topDown }, { dictionary }) => {
      const data = encodeGlz(glzSource(picture, LzType[name], topDown), dictionary);
      if (type === "GLZ_RGB") return { type, data };
      return { type, data: encodeZlibGlz(data) ?? Uint8Array.from(deflateSync(data)), glzBytes: data.length };
    },
  };
}

function glzSource(picture: Picture, type: GlzType, topDown: boolean): GlzSource {
  const { width, height } = picture, pixels = inOrder(picture, topDown), common = { width, height, topDown };
  return type === LzType.RGB16
    ? { ...common, type, pixels: Uint16Array.from(pixels, narrow) }
    : { ...common, type, pixels };
}

function lz4(name: "16BIT" | "24BIT" | "32BIT" | "RGBA" | "8BIT_A", kept: Format["kept"]): Format {
  return {
    ...lossless("LZ4", name, name === "RGBA" || name === "8BIT_A", kept),
    bothOrders: true,
    encode: ({ width, height, pixels }, { topDown, padding }, { work }) => {
      const format: Lz4Format = BitmapFormat[name];
      // Rows have no padding; blocks of some rows come instead.
      const options = { format, topDown, work: work.lz4, ...padding === 0 ? {} : { rowsPerBlock: padding } };
      return { type: "LZ4", data: encodeLz4(pixels, width, height, options), width, height };
    },
  };
}

/** A copy of the pixels, rows as the stream has them. */
function inOrder({ width, height, pixels }: Picture, topDown: boolean): Uint32Array<ArrayBuffer> {
  const rows = pixels.slice();
  if (!topDown) flipRows(rows, width, height);
  return rows;
}

/** 0x??RRGGBB to x1r5g5b5. */
function narrow(pixel: number): number {
  return pixel >> 9 & 0x7c00 | pixel >> 6 & 0x3e0 | pixel >> 3 & 0x1f;
}

function newSession(): Session {
  return { work: new CodecWork(), dictionary: new GlzDictionary(1 << 19), window: new GlzWindow(1 << 20) };
}

/** Writes a picture and reads it, in memory that is not clean and with a limit that just lets it pass. */
function comesBack(format: Format, picture: Picture, manner: Manner, session: Session): void {
  const { width, height } = picture, count = width * height;
  const sent = format.loss === 0 ? picture : gentle(picture);
  const image = format.encode(sent, manner, session);
  const { work, window } = session, what = `${width} × ${height}, ${JSON.stringify(manner)}`;
  refuses(() => decodeImage(image, { maxPixels: count - 1, work, window }), "bad-size", what);
  const into = new Uint32Array(count + 1).fill(0xdeadbeef);
  const got = decodeImage(image, { maxPixels: count, work, window, into });
  assert.ok("pixels" in got, what);
  assert.deepEqual([got.width, got.height, got.alpha, got.pixels.length], [width, height, format.alpha, count], what);
  const { kept, loss } = format;
  for (let i = 0; i < count; i++) {
    const pixel: number = got.pixels[i]!, wanted = kept(sent.pixels[i]!);
    if (pixel === wanted || loss > 0 && off(pixel, wanted) <= loss) continue;
    assert.fail(`${what}: pixel ${i} is ${pixel.toString(16)}, not ${wanted.toString(16)}`);
  }
}

/** How far two colours are from each other in their worst channel; alpha must be the same. */
function off(a: number, b: number): number {
  if (a >>> 24 !== b >>> 24) return Infinity;
  return Math.max(...[0, 8, 16].map((shift) => Math.abs((a >>> shift & 255) - (b >>> shift & 255))));
}

/** A picture whose colours change so slowly that JPEG keeps them; alpha stays. */
function gentle({ width, height, pixels }: Picture): Picture {
  const base = pixels[0]! & 0x7f7f7f;
  const wave = (x: number) => Math.abs(x % 128 - 64);
  return {
    width,
    height,
    pixels: pixels.map((pixel, i) => {
      const step = wave(i % width) + wave(Math.floor(i / width)) >> 1;
      return (pixel & 0xff000000 | base + step * 0x010101) >>> 0;
    }),
  };
}

function refuses(run: () => unknown, code: CodecErrorCode, what: string): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof CodecError, String(error));
    assert.equal(error.code, code, `${what}: ${error.message}`);
    return true;
  });
}

/** Colours that come again near and far: runs, two rows that are the same, noise. */
function pictureOf(width: number, height: number, seed: number): Picture {
  const pixels = new Uint32Array(width * height), noisy = seed % 3 === 1;
  for (let i = 0; i < pixels.length; i++) {
    const hash = Math.imul((i >> (i >> 7) % 5) + seed, 0x9e3779b1);
    pixels[i] = noisy || i % 211 < 40 ? hash ^ hash >>> 15 : (hash >>> 29) * 0x20a0f11;
  }
  for (let row = 2; row < height && seed % 2 === 0; row += 3) {
    pixels.copyWithin(row * width, (row - 1) * width, row * width);
  }
  return { width, height, pixels };
}

/** Pictures of a few colours, any size, written in any manner. */
const anything = fc.record({
  width: fc.integer({ min: 1, max: 90 }),
  height: fc.integer({ min: 1, max: 40 }),
  topDown: fc.boolean(),
  padding: fc.nat(9),
  stretches: fc.array(
    fc.tuple(
      fc.oneof(fc.constantFrom(0, 0xff000000, 0xffffffff, 0x80112233), fc.nat(3), fc.nat(0xffffffff)),
      fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 90 })),
    ),
    { minLength: 1, maxLength: 40 },
  ),
}).map(({ width, height, topDown, padding, stretches }) => {
  const pixels = new Uint32Array(width * height);
  for (let at = 0, i = 0; at < pixels.length; i = (i + 1) % stretches.length) {
    const [colour, length] = stretches[i]!;
    pixels.fill(colour, at, at += length);
  }
  return { picture: { width, height, pixels }, manner: { topDown, padding } };
});

for (const format of FORMATS) {
  const orders = format.bothOrders ? [true, false] : [true], title = `${format.type} ${format.name}`.trim();

  Deno.test(`${title} gives back any picture, in every order of rows and with any padding`, () => {
    const session = newSession();
    fc.assert(
      fc.property(anything, ({ picture, manner }) => {
        if (!manner.topDown && !format.bothOrders) return;
        comesBack(format, picture, manner, session);
      }),
      { numRuns: 150, seed: 1 },
    );
    for (const [width, height] of SIZES) {
      for (const topDown of orders) {
        for (const padding of [0, 1, 3]) {
          comesBack(format, pictureOf(width, height, width + padding), { topDown, padding }, session);
        }
      }
    }
  });

  Deno.test(`${title} gives back pictures with a side of 70000, or of its own longest`, () => {
    const session = newSession();
    for (const [wide, high] of LONG_SIZES) {
      const width = Math.min(wide, format.longestSide), height = Math.min(high, format.longestSide);
      for (const topDown of orders) {
        comesBack(format, pictureOf(width, height, Number(topDown)), { topDown, padding: 0 }, session);
      }
      if (format.longestSide === Infinity) continue;
      for (
        const [tooWide, tooHigh] of [[wide, high], [width + Number(width > 4), height + Number(height > 4)]] as const
      ) {
        const encode = () => format.encode(pictureOf(tooWide, tooHigh, 1), { topDown: true, padding: 0 }, session);
        refuses(encode, "bad-size", `${tooWide} × ${tooHigh}`);
      }
    }
  });
}

Deno.test("Round trips cover every format of every image type", () => {
  for (const [type, { formats, lossless }] of Object.entries(IMAGE_CODECS)) {
    const covered = FORMATS.filter((format) => format.type === type), names = Object.keys(formats);
    assert.deepEqual(covered.map(({ name }) => name).sort(), names.length === 0 ? [""] : names.sort(), type);
    assert.ok(covered.every(({ loss }) => (loss === 0) === lossless), type);
  }
});
