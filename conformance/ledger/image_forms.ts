/**
 * The forms of an image: its type, and as far as the type has them pixel format, order of rows and palette.
 *
 * ```text
 * image/BITMAP/8BIT/top-down/palette=from-cache    image/LZ_RGB/RGB32/bottom-up    image/QUIC/RGB24    image/JPEG
 * ```
 *
 * Compressed images say what they are in headers of their own. Source: spice-common common/lz_common.h, common/lz.c
 * lz_decode_begin; common/quic.h QuicImageType, common/quic.c quic_decode_begin; spice-gtk src/decode-glz.c decode_header;
 * spice-server server/lz4-encoder.c.
 */
import { inflateSync } from "node:zlib";
import { LzType } from "../../codecs/lz.ts";
import { BitmapFlags, BitmapFmt, ImageType, JpegAlphaFlags } from "../../protocol/messages/enums.ts";
import type { BitmapData, LZPLTData, SpiceImage } from "../../protocol/messages/image.ts";
import { nameOf } from "../../protocol/schema/enumeration.ts";
import { sendable } from "./facets.ts";

const ORDERS = ["top-down", "bottom-up"] as const;

/** Of an image with indexes: in the message, in the message and kept, kept before. */
const PALETTES = ["palette=inline", "palette=inline-kept", "palette=from-cache"] as const;
const NO_PALETTE = "palette=absent";

const LZ_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(LzType).map(([name, value]) => [value, name]));
const LZ_INDEXED = ["PLT1_LE", "PLT1_BE", "PLT4_LE", "PLT4_BE", "PLT8"];
const LZ_COLOURS = ["RGB16", "RGB24", "RGB32", "RGBA"];
const INDEXED: ReadonlySet<string> = new Set(["1BIT_LE", "1BIT_BE", "4BIT_LE", "4BIT_BE", "8BIT"]);
const QUIC_TYPES = ["INVALID", "GRAY", "RGB16", "RGB24", "RGB32", "RGBA"];

/** The items of images. */
export function imageForms(): string[] {
  const bitmaps = sendable(BitmapFmt).flatMap(([format]) => {
    // A mask is a bitmap of 1 bit without colours.
    const palettes = format.startsWith("1BIT") ? [...PALETTES, NO_PALETTE] : PALETTES;
    return INDEXED.has(format) ? combine("BITMAP", [format], ORDERS, palettes) : combine("BITMAP", [format], ORDERS);
  });
  return [
    ...bitmaps,
    ...combine("LZ_PLT", LZ_INDEXED, ORDERS, PALETTES),
    ...combine("LZ_RGB", [...LZ_COLOURS, "A8"], ORDERS),
    ...combine("GLZ_RGB", LZ_COLOURS, ORDERS),
    ...combine("ZLIB_GLZ_RGB", LZ_COLOURS, ORDERS),
    ...combine("QUIC", QUIC_TYPES.slice(1)),
    ...combine("LZ4", ["16BIT", "24BIT", "32BIT", "RGBA", "8BIT_A"], ORDERS),
    ...combine("JPEG_ALPHA", ORDERS),
    "image/JPEG",
    "image/SURFACE",
    "image/FROM_CACHE",
    "image/FROM_CACHE_LOSSLESS",
  ].sort((a, b) => typeOf(a) - typeOf(b));
}

/**
 * The form of an image.
 *
 * @returns One of {@link imageForms}, or `null` for an image that has none, as one whose header is damaged.
 */
export function imageForm(image: SpiceImage): string | null {
  const form = describe(image);
  return FORMS.has(form) ? form : null;
}

function describe({ body }: SpiceImage): string {
  const form = (...parts: readonly string[]) => ["image", body.is, ...parts].join("/");
  switch (body.is) {
    case "BITMAP": {
      const { format, flags } = body.value, name = nameOf(BitmapFmt, format);
      return form(
        name,
        order((flags & BitmapFlags.TOP_DOWN) !== 0),
        ...(INDEXED.has(name) ? [palette(body.value)] : []),
      );
    }
    case "LZ_PLT":
      return form(...lzParts(body.value.data), palette(body.value));
    case "LZ_RGB":
      return form(...lzParts(body.value.data));
    case "GLZ_RGB":
      return form(...glzParts(body.value.data));
    case "ZLIB_GLZ_RGB":
      return form(...glzParts(inflate(body.value.data)));
    case "QUIC":
      return form(...quicParts(body.value.data));
    case "LZ4": {
      const [topDown = 0, format = 0] = body.value.data;
      return form(nameOf(BitmapFmt, format), order(topDown !== 0));
    }
    case "JPEG_ALPHA":
      return form(order((body.value.flags & JpegAlphaFlags.TOP_DOWN) !== 0));
    default:
      return form();
  }
}

const FORMS: ReadonlySet<string> = new Set(imageForms());

function combine(type: string, ...parts: readonly (readonly string[])[]): string[] {
  let all = [`image/${type}`];
  for (const words of parts) all = all.flatMap((start) => words.map((word) => `${start}/${word}`));
  return all;
}

function typeOf(address: string): number {
  return Object.keys(ImageType).indexOf(address.split("/")[1]!);
}

function order(topDown: boolean): string {
  return topDown ? "top-down" : "bottom-up";
}

function palette({ palette, flags }: Pick<BitmapData | LZPLTData, "palette" | "flags">): string {
  if (palette.is === "PAL_FROM_CACHE") return "palette=from-cache";
  if (palette.value === null) return NO_PALETTE;
  return (flags & BitmapFlags.PAL_CACHE_ME) !== 0 ? "palette=inline-kept" : "palette=inline";
}

/** Big-endian u32 at 8: type, at 24: top_down. */
function lzParts(data: Uint8Array): string[] {
  if (data.length < 28) return [];
  const view = new DataView(data.buffer, data.byteOffset);
  return [LZ_NAMES.get(view.getUint32(8)) ?? "", order(view.getUint32(24) !== 0)];
}

/** One byte at 8: type in the low four bits, top_down above. */
function glzParts(data: Uint8Array): string[] {
  const byte = data[8];
  return byte === undefined ? [] : [LZ_NAMES.get(byte & 15) ?? "", order(byte >> 4 !== 0)];
}

/** Little-endian u32 at 8: type. Rows are always from the top down. */
function quicParts(data: Uint8Array): string[] {
  if (data.length < 12) return [];
  return [QUIC_TYPES[new DataView(data.buffer, data.byteOffset).getUint32(8, true)] ?? ""];
}

/** @returns Nothing for what is no zlib stream. */
function inflate(data: Uint8Array): Uint8Array {
  try {
    return inflateSync(data);
  } catch {
    return new Uint8Array();
  }
}
