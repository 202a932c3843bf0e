/** Sets of pixels as rectangles that do not overlap. */
import { intersectRects, isEmptyRect, type Rect } from "../../../canvas/rect.ts";

/**
 * A set without some pixels.
 *
 * @param set Rectangles that do not overlap.
 * @param hole What is taken away.
 */
export function without(set: readonly Rect[], hole: Rect): Rect[] {
  return set.flatMap((rect) => {
    const { left, top, right, bottom } = intersectRects(rect, hole);
    if (left >= right || top >= bottom) return [rect];
    return [
      { left: rect.left, right: rect.right, top: rect.top, bottom: top },
      { left: rect.left, right: left, top, bottom },
      { left: right, right: rect.right, top, bottom },
      { left: rect.left, right: rect.right, top: bottom, bottom: rect.bottom },
    ].filter((part) => !isEmptyRect(part));
  });
}

/**
 * A set with more pixels.
 *
 * @param set Rectangles that do not overlap.
 * @param more What is added; may overlap the set, and may be empty.
 */
export function withMore(set: readonly Rect[], more: Rect): Rect[] {
  if (isEmptyRect(more)) return [...set];
  // A rectangle inside the new one would only cut it into pieces.
  const kept = set.filter((rect) => !contains(more, rect));
  return kept.concat(kept.reduce<Rect[]>((parts, rect) => without(parts, rect), [more]));
}

/** Whether one rectangle is inside another. */
export function contains(outer: Rect, inner: Rect): boolean {
  return inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top &&
    inner.bottom <= outer.bottom;
}

/** Whether two rectangles share pixels. */
export function overlaps(a: Rect, b: Rect): boolean {
  return !isEmptyRect(intersectRects(a, b));
}

/** A rectangle moved. */
export function moved({ left, top, right, bottom }: Rect, dx: number, dy: number): Rect {
  return { left: left + dx, top: top + dy, right: right + dx, bottom: bottom + dy };
}

/** A rectangle made larger, or smaller by a negative amount, on every side. */
export function grown({ left, top, right, bottom }: Rect, by: number): Rect {
  return { left: left - by, top: top - by, right: right + by, bottom: bottom + by };
}
