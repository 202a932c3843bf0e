/** Points, rectangles, clips and paths. */
import { array, countOf, flagsOf, i16, i32, type Infer, match, nothing, struct, tagOf, u32 } from "../schema/wire.ts";
import { ClipType, PathFlags } from "./enums.ts";

/** A pixel position. Source: spice.proto Point. */
export const Point = struct("Point", { x: i32, y: i32 }, { source: "spice.proto Point" });
/** Value of {@link Point}. */
export type Point = Infer<typeof Point>;

/** A pixel position in 16 bits. Source: spice.proto Point16. */
export const Point16 = struct("Point16", { x: i16, y: i16 }, { source: "spice.proto Point16" });
/** Value of {@link Point16}. */
export type Point16 = Infer<typeof Point16>;

/** A position in sixteenths of a pixel. Source: spice.proto PointFix. */
export const PointFix = struct("PointFix", { x: i32, y: i32 }, {
  source: "spice.proto PointFix",
  notes: { x: "fixed point, 28.4", y: "fixed point, 28.4" },
});
/** Value of {@link PointFix}. */
export type PointFix = Infer<typeof PointFix>;

/** A rectangle of pixels. Source: spice.proto Rect. */
export const Rect = struct("Rect", { top: i32, left: i32, bottom: i32, right: i32 }, {
  source: "spice.proto Rect",
  notes: { bottom: "first row below", right: "first column after" },
});
/** Value of {@link Rect}. */
export type Rect = Infer<typeof Rect>;

/** Two rows of an affine transform. Source: spice.proto Transform. */
export const Transform = struct("Transform", { t00: u32, t01: u32, t02: u32, t10: u32, t11: u32, t12: u32 }, {
  source: "spice.proto Transform",
  notes: { t00: "fixed point, 16.16, as all others here" },
});
/** Value of {@link Transform}. */
export type Transform = Infer<typeof Transform>;

/** The rectangles of a clip. Source: spice.proto ClipRects. */
export const ClipRects = struct("ClipRects", { numRects: countOf("rects"), rects: array(Rect, "numRects") }, {
  source: "spice.proto ClipRects",
});
/** Value of {@link ClipRects}. */
export type ClipRects = Infer<typeof ClipRects>;

/** Where drawing is let through. Source: spice.proto Clip. */
export const Clip = struct("Clip", {
  type: tagOf("shape", ClipType),
  shape: match("type", { NONE: nothing, RECTS: ClipRects }),
}, { source: "spice.proto Clip" });
/** Value of {@link Clip}. */
export type Clip = Infer<typeof Clip>;

/** Points of a path that are drawn in one way. Source: spice.proto PathSegment. */
export const PathSegment = struct("PathSegment", {
  flags: flagsOf(PathFlags),
  count: countOf("points"),
  points: array(PointFix, "count"),
}, { source: "spice.proto PathSegment" });
/** Value of {@link PathSegment}. */
export type PathSegment = Infer<typeof PathSegment>;

/**
 * Segments one after another. Source: spice.proto Path; its `@ptr_array` is about memory, not the wire
 * (spice-common spice_marshall_Path).
 */
export const Path = struct("Path", { numSegments: countOf("segments"), segments: array(PathSegment, "numSegments") }, {
  source: "spice.proto Path",
});
/** Value of {@link Path}. */
export type Path = Infer<typeof Path>;
