/** Images and palettes: what a draw message points at. */
import {
  array,
  bytes,
  countOf,
  enumOf,
  flagsOf,
  imageBytes,
  type Infer,
  match,
  nothing,
  optionalPointer,
  pointer,
  struct,
  tagOf,
  u16,
  u32,
  u64,
  whenFlag,
} from "../schema/wire.ts";
import { BitmapFlags, BitmapFmt, ImageFlags, ImageType, JpegAlphaFlags } from "./enums.ts";

/** Colours of an indexed image. Source: spice.proto Palette. */
export const Palette = struct("Palette", {
  unique: u64,
  numEnts: countOf("ents", u16),
  ents: array(u32, "numEnts"),
}, {
  source: "spice.proto Palette",
  notes: { unique: "palette cache key", ents: "0x00RRGGBB, or 15-bit in 16-bit modes" },
});
/** Value of {@link Palette}. */
export type Palette = Infer<typeof Palette>;

/** A raw image. Source: spice.proto BitmapData. */
export const BitmapData = struct("BitmapData", {
  format: enumOf(BitmapFmt),
  flags: flagsOf(BitmapFlags),
  x: u32,
  y: u32,
  stride: u32,
  palette: whenFlag("flags", "PAL_FROM_CACHE", u64, optionalPointer(Palette)),
  data: imageBytes(8, "stride", "y"),
}, {
  source: "spice.proto BitmapData",
  notes: { x: "width in pixels", y: "height in pixels", stride: "bytes per row, padding included" },
});
/** Value of {@link BitmapData}. */
export type BitmapData = Infer<typeof BitmapData>;

/** A compressed image, opaque here. Source: spice.proto BinaryData. */
export const BinaryData = struct("BinaryData", { dataSize: countOf("data"), data: bytes("dataSize") }, {
  source: "spice.proto BinaryData",
});
/** Value of {@link BinaryData}. */
export type BinaryData = Infer<typeof BinaryData>;

/** An LZ image of palette indices. Source: spice.proto LZPLTData. */
export const LZPLTData = struct("LZPLTData", {
  flags: flagsOf(BitmapFlags),
  dataSize: countOf("data"),
  palette: whenFlag("flags", "PAL_FROM_CACHE", u64, pointer(Palette)),
  data: bytes("dataSize"),
}, { source: "spice.proto LZPLTData" });
/** Value of {@link LZPLTData}. */
export type LZPLTData = Infer<typeof LZPLTData>;

/** A GLZ image inside a zlib stream. Source: spice.proto ZlibGlzRGBData. */
export const ZlibGlzRGBData = struct("ZlibGlzRGBData", {
  glzDataSize: u32,
  dataSize: countOf("data"),
  data: bytes("dataSize"),
}, { source: "spice.proto ZlibGlzRGBData", notes: { glzDataSize: "bytes after zlib inflation" } });
/** Value of {@link ZlibGlzRGBData}. */
export type ZlibGlzRGBData = Infer<typeof ZlibGlzRGBData>;

/** A JPEG image followed by an LZ alpha plane. Source: spice.proto JPEGAlphaData. */
export const JPEGAlphaData = struct("JPEGAlphaData", {
  flags: flagsOf(JpegAlphaFlags),
  jpegSize: u32,
  dataSize: countOf("data"),
  data: bytes("dataSize"),
}, { source: "spice.proto JPEGAlphaData", notes: { jpegSize: "bytes of data that are the JPEG; the rest is alpha" } });
/** Value of {@link JPEGAlphaData}. */
export type JPEGAlphaData = Infer<typeof JPEGAlphaData>;

/** A surface used as an image. Source: spice.proto Surface. */
export const Surface = struct("Surface", { surfaceId: u32 }, { source: "spice.proto Surface" });
/** Value of {@link Surface}. */
export type Surface = Infer<typeof Surface>;

/**
 * An image, its descriptor flattened into it. Source: spice.proto Image. The type RESERVED has no layout and is refused.
 */
export const SpiceImage = struct("Image", {
  id: u64,
  type: tagOf("body", ImageType),
  flags: flagsOf(ImageFlags),
  width: u32,
  height: u32,
  body: match("type", {
    BITMAP: BitmapData,
    QUIC: BinaryData,
    LZ_PLT: LZPLTData,
    LZ_RGB: BinaryData,
    GLZ_RGB: BinaryData,
    FROM_CACHE: nothing,
    SURFACE: Surface,
    JPEG: BinaryData,
    FROM_CACHE_LOSSLESS: nothing,
    ZLIB_GLZ_RGB: ZlibGlzRGBData,
    JPEG_ALPHA: JPEGAlphaData,
    LZ4: BinaryData,
  }),
}, { source: "spice.proto Image", notes: { id: "pixmap cache key", width: "pixels", height: "pixels" } });
/** Value of {@link SpiceImage}. */
export type SpiceImage = Infer<typeof SpiceImage>;
