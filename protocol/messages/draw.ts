/** The draw messages of the display channel, and what they are made of. */
import { message, sameAs } from "../schema/message.ts";
import {
  array,
  countOf,
  enumOf,
  flagsOf,
  i32,
  imageBytes,
  type Infer,
  match,
  matchFlag,
  nothing,
  optionalPointer,
  pointer,
  struct,
  tagOf,
  u16,
  u32,
  u8,
  whenFlag,
} from "../schema/wire.ts";
import {
  AlphaFlags,
  BrushType,
  CompositeFlags,
  ImageScaleMode,
  LineFlags,
  MaskFlags,
  Ropd,
  StringFlags,
} from "./enums.ts";
import { Clip, Path, Point, Point16, Rect, Transform } from "./geometry.ts";
import { SpiceImage } from "./image.ts";

/** Which surface, which box of it, and where it is let through. Source: spice.proto DisplayBase. */
export const DisplayBase = struct("DisplayBase", { surfaceId: u32, box: Rect, clip: Clip }, {
  source: "spice.proto DisplayBase",
});
/** Value of {@link DisplayBase}. */
export type DisplayBase = Infer<typeof DisplayBase>;

/** An image that repeats. Source: spice.proto Pattern. */
export const Pattern = struct("Pattern", { pat: pointer(SpiceImage), pos: Point }, {
  source: "spice.proto Pattern",
  notes: { pos: "where on the surface the image has its origin" },
});
/** Value of {@link Pattern}. */
export type Pattern = Infer<typeof Pattern>;

/** What to paint with. Source: spice.proto Brush. */
export const Brush = struct("Brush", {
  type: tagOf("paint", BrushType),
  paint: match("type", { NONE: nothing, SOLID: u32, PATTERN: Pattern }),
}, { source: "spice.proto Brush", notes: { paint: "SOLID: 0x00RRGGBB, or 15-bit on 16-bit surfaces" } });
/** Value of {@link Brush}. */
export type Brush = Infer<typeof Brush>;

/** A 1-bit image that lets drawing through. Source: spice.proto QMask. */
export const QMask = struct("QMask", { flags: flagsOf(MaskFlags), pos: Point, bitmap: optionalPointer(SpiceImage) }, {
  source: "spice.proto QMask",
});
/** Value of {@link QMask}. */
export type QMask = Infer<typeof QMask>;

/** Dashes and gaps of a styled line. Source: spice.proto LineAttr, the parts under STYLED. */
export const LineStyle = struct("LineStyle", {
  styleNseg: countOf("style", u8),
  style: pointer(array(i32, "styleNseg")),
}, { source: "spice.proto LineAttr", notes: { style: "lengths, fixed point, 28.4" } });
/** Value of {@link LineStyle}. */
export type LineStyle = Infer<typeof LineStyle>;

/** How a line is drawn. Source: spice.proto LineAttr. */
export const LineAttr = struct("LineAttr", {
  flags: flagsOf(LineFlags),
  styled: whenFlag("flags", "STYLED", LineStyle),
}, { source: "spice.proto LineAttr" });
/** Value of {@link LineAttr}. */
export type LineAttr = Infer<typeof LineAttr>;

/** A glyph with 1 bit a pixel. Source: spice.proto RasterGlyphA1. */
export const RasterGlyphA1 = struct("RasterGlyphA1", {
  renderPos: Point,
  glyphOrigin: Point,
  width: u16,
  height: u16,
  data: imageBytes(1, "width", "height"),
}, { source: "spice.proto RasterGlyphA1" });
/** Value of {@link RasterGlyphA1}; those of the other depths look the same. */
export type RasterGlyph = Infer<typeof RasterGlyphA1>;

/** A glyph with 4 bits a pixel. Source: spice.proto RasterGlyphA4. */
export const RasterGlyphA4 = struct("RasterGlyphA4", {
  renderPos: Point,
  glyphOrigin: Point,
  width: u16,
  height: u16,
  data: imageBytes(4, "width", "height"),
}, { source: "spice.proto RasterGlyphA4" });

/** A glyph with 8 bits a pixel. Source: spice.proto RasterGlyphA8. */
export const RasterGlyphA8 = struct("RasterGlyphA8", {
  renderPos: Point,
  glyphOrigin: Point,
  width: u16,
  height: u16,
  data: imageBytes(8, "width", "height"),
}, { source: "spice.proto RasterGlyphA8" });

/**
 * Glyphs of one depth, one after another. Source: spice.proto String; its `@ptr_array` is about memory, not the wire
 * (spice-common spice_marshall_String).
 */
export const SpiceString = struct("String", {
  length: countOf("glyphs", u16),
  flags: flagsOf(StringFlags),
  glyphs: matchFlag("flags", {
    RASTER_A1: array(RasterGlyphA1, "length"),
    RASTER_A4: array(RasterGlyphA4, "length"),
    RASTER_A8: array(RasterGlyphA8, "length"),
  }),
}, { source: "spice.proto String" });
/** Value of {@link SpiceString}. */
export type SpiceString = Infer<typeof SpiceString>;

/** Moves a box inside its surface. Source: spice.proto DisplayChannel.copy_bits. */
export const DisplayCopyBits = message("DISPLAY_COPY_BITS", 104, { base: DisplayBase, srcPos: Point }, {
  source: "spice.proto DisplayChannel.copy_bits",
});

/** Fills with a brush. Source: spice.proto DisplayChannel.draw_fill. */
export const DisplayDrawFill = message("DISPLAY_DRAW_FILL", 302, {
  base: DisplayBase,
  data: struct("Fill", { brush: Brush, ropDescriptor: flagsOf(Ropd), mask: QMask }),
}, { source: "spice.proto DisplayChannel.draw_fill" });

/** Combines an image and a brush. Source: spice.proto DisplayChannel.draw_opaque. */
export const DisplayDrawOpaque = message("DISPLAY_DRAW_OPAQUE", 303, {
  base: DisplayBase,
  data: struct("Opaque", {
    srcBitmap: optionalPointer(SpiceImage),
    srcArea: Rect,
    brush: Brush,
    ropDescriptor: flagsOf(Ropd),
    scaleMode: enumOf(ImageScaleMode),
    mask: QMask,
  }),
}, { source: "spice.proto DisplayChannel.draw_opaque" });

/** Puts an image. Source: spice.proto DisplayChannel.draw_copy. */
export const DisplayDrawCopy = message("DISPLAY_DRAW_COPY", 304, {
  base: DisplayBase,
  data: struct("Copy", {
    srcBitmap: optionalPointer(SpiceImage),
    srcArea: Rect,
    ropDescriptor: flagsOf(Ropd),
    scaleMode: enumOf(ImageScaleMode),
    mask: QMask,
  }),
}, { source: "spice.proto DisplayChannel.draw_copy" });

/** Combines an image with what is there. Source: spice.proto DisplayChannel.draw_blend. */
export const DisplayDrawBlend = sameAs("DISPLAY_DRAW_BLEND", 305, DisplayDrawCopy);

/** Paints black. Source: spice.proto DisplayChannel.draw_blackness. */
export const DisplayDrawBlackness = message("DISPLAY_DRAW_BLACKNESS", 306, {
  base: DisplayBase,
  data: struct("Blackness", { mask: QMask }),
}, { source: "spice.proto DisplayChannel.draw_blackness" });

/** Paints white. Source: spice.proto DisplayChannel.draw_whiteness. */
export const DisplayDrawWhiteness = message("DISPLAY_DRAW_WHITENESS", 307, {
  base: DisplayBase,
  data: struct("Whiteness", { mask: QMask }),
}, { source: "spice.proto DisplayChannel.draw_whiteness" });

/** Inverts what is there. Source: spice.proto DisplayChannel.draw_invers. */
export const DisplayDrawInvers = message("DISPLAY_DRAW_INVERS", 308, {
  base: DisplayBase,
  data: struct("Invers", { mask: QMask }),
}, { source: "spice.proto DisplayChannel.draw_invers" });

/** Combines image, brush and what is there by a ternary operation. Source: spice.proto DisplayChannel.draw_rop3. */
export const DisplayDrawRop3 = message("DISPLAY_DRAW_ROP3", 309, {
  base: DisplayBase,
  data: struct("Rop3", {
    srcBitmap: optionalPointer(SpiceImage),
    srcArea: Rect,
    brush: Brush,
    rop3: u8,
    scaleMode: enumOf(ImageScaleMode),
    mask: QMask,
  }),
}, { source: "spice.proto DisplayChannel.draw_rop3" });

/** Draws lines along a path. Source: spice.proto DisplayChannel.draw_stroke. */
export const DisplayDrawStroke = message("DISPLAY_DRAW_STROKE", 310, {
  base: DisplayBase,
  data: struct("Stroke", {
    path: pointer(Path, "eager"),
    attr: LineAttr,
    brush: Brush,
    foreMode: flagsOf(Ropd, u16),
    backMode: flagsOf(Ropd, u16),
  }, { notes: { foreMode: "a ropd", backMode: "a ropd" } }),
}, { source: "spice.proto DisplayChannel.draw_stroke" });

/** Draws glyphs. Source: spice.proto DisplayChannel.draw_text. */
export const DisplayDrawText = message("DISPLAY_DRAW_TEXT", 311, {
  base: DisplayBase,
  data: struct("Text", {
    str: pointer(SpiceString, "eager"),
    backArea: Rect,
    foreBrush: Brush,
    backBrush: Brush,
    foreMode: flagsOf(Ropd, u16),
    backMode: flagsOf(Ropd, u16),
  }, { notes: { foreMode: "a ropd", backMode: "a ropd" } }),
}, { source: "spice.proto DisplayChannel.draw_text" });

/** Puts an image except where it has one colour. Source: spice.proto DisplayChannel.draw_transparent. */
export const DisplayDrawTransparent = message("DISPLAY_DRAW_TRANSPARENT", 312, {
  base: DisplayBase,
  data: struct("Transparent", {
    srcBitmap: optionalPointer(SpiceImage),
    srcArea: Rect,
    srcColor: u32,
    trueColor: u32,
  }, { notes: { srcColor: "in the format of the image", trueColor: "0x00RRGGBB" } }),
}, { source: "spice.proto DisplayChannel.draw_transparent" });

/** Blends an image by alpha. Source: spice.proto DisplayChannel.draw_alpha_blend. */
export const DisplayDrawAlphaBlend = message("DISPLAY_DRAW_ALPHA_BLEND", 313, {
  base: DisplayBase,
  data: struct("AlphaBlend", {
    alphaFlags: flagsOf(AlphaFlags),
    alpha: u8,
    srcBitmap: optionalPointer(SpiceImage),
    srcArea: Rect,
  }),
}, { source: "spice.proto DisplayChannel.draw_alpha_blend" });

/** Composites as the X Render extension does. Source: spice.proto DisplayChannel.draw_composite. */
export const DisplayDrawComposite = message("DISPLAY_DRAW_COMPOSITE", 318, {
  base: DisplayBase,
  data: struct("Composite", {
    flags: flagsOf(CompositeFlags),
    srcBitmap: optionalPointer(SpiceImage),
    maskBitmap: whenFlag("flags", "HAS_MASK", pointer(SpiceImage)),
    srcTransform: whenFlag("flags", "HAS_SRC_TRANSFORM", Transform),
    maskTransform: whenFlag("flags", "HAS_MASK_TRANSFORM", Transform),
    srcOrigin: Point16,
    maskOrigin: Point16,
  }, { wire: { "flags.MASK_FILTER1": "MASK_FITLER1" } }),
}, { source: "spice.proto DisplayChannel.draw_composite" });
