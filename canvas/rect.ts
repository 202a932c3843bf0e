/** Rectangles of the protocol: int32 edges, right and bottom outside. */

/** A rectangle, empty unless `left < right` and `top < bottom`. Source: spice.proto Rect. */
export interface Rect {
  /** First row. */
  readonly top: number;
  /** First column. */
  readonly left: number;
  /** First row below it. */
  readonly bottom: number;
  /** First column right of it. */
  readonly right: number;
}

/** A point. Source: spice.proto Point. */
export interface Point {
  /** Pixels to the right. */
  readonly x: number;
  /** Pixels down. */
  readonly y: number;
}

/**
 * Whether a rectangle covers no pixel.
 *
 * @param rect Any edges.
 */
export function isEmptyRect(rect: Rect): boolean {
  return !(rect.left < rect.right && rect.top < rect.bottom);
}

/**
 * The pixels that two rectangles share.
 *
 * @param a Any edges.
 * @param b Any edges.
 * @returns The shared rectangle; empty (see {@link isEmptyRect}) if there is none.
 */
export function intersectRects(a: Rect, b: Rect): Rect {
  return {
    top: Math.max(a.top, b.top),
    left: Math.max(a.left, b.left),
    bottom: Math.min(a.bottom, b.bottom),
    right: Math.min(a.right, b.right),
  };
}

/**
 * The smallest rectangle around two; an empty one adds nothing.
 *
 * @param a Any edges.
 * @param b Any edges.
 */
export function uniteRects(a: Rect, b: Rect): Rect {
  if (isEmptyRect(a)) return b;
  if (isEmptyRect(b)) return a;
  return {
    top: Math.min(a.top, b.top),
    left: Math.min(a.left, b.left),
    bottom: Math.max(a.bottom, b.bottom),
    right: Math.max(a.right, b.right),
  };
}

/**
 * A rectangle at the origin.
 *
 * @param width Pixels.
 * @param height Pixels.
 */
export function rectOfSize(width: number, height: number): Rect {
  return { top: 0, left: 0, bottom: height, right: width };
}
