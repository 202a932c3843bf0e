/**
 * Shapes as distances: how far a point is from the edge, negative inside.
 *
 * A pixel is covered by half a pixel minus the distance of its middle, which makes smooth edges, outlines and shadows
 * from one formula.
 */

/** Distance of a point to the edge of a shape, in pixels; negative inside. */
export type Distance = (x: number, y: number) => number;

/**
 * @param cx Middle, as a column.
 * @param cy Middle, as a row.
 * @param radius Pixels.
 * @returns A disc.
 */
export function disc(cx: number, cy: number, radius: number): Distance {
  return (x, y) => Math.sqrt((x - cx) ** 2 + (y - cy) ** 2) - radius;
}

/**
 * @param x0 First end, as a column.
 * @param y0 First end, as a row.
 * @param x1 Other end, as a column.
 * @param y1 Other end, as a row.
 * @param radius Half the width, pixels.
 * @returns A line with round ends.
 */
export function capsule(x0: number, y0: number, x1: number, y1: number, radius: number): Distance {
  const dx = x1 - x0, dy = y1 - y0, square = dx * dx + dy * dy || 1;
  return (x, y) => {
    const t = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / square));
    return Math.sqrt((x - x0 - t * dx) ** 2 + (y - y0 - t * dy) ** 2) - radius;
  };
}

/**
 * @param width Pixels.
 * @param height Pixels.
 * @param radius Of the corners, pixels.
 * @returns A box at the origin with round corners.
 */
export function roundedBox(width: number, height: number, radius: number): Distance {
  const hx = width / 2, hy = height / 2;
  return (x, y) => {
    const qx = Math.abs(x - hx) - hx + radius, qy = Math.abs(y - hy) - hy + radius;
    const outside = qx > 0 && qy > 0 ? Math.sqrt(qx * qx + qy * qy) : Math.max(qx, qy);
    return outside - radius;
  };
}

/**
 * @param corners Column and row of each; the last joins the first.
 * @returns A polygon.
 */
export function polygon(...corners: readonly (readonly [number, number])[]): Distance {
  return (x, y) => {
    let nearest = Infinity, inside = false;
    for (let i = 0; i < corners.length; i++) {
      const [x0, y0] = corners[i]!, [x1, y1] = corners[(i + 1) % corners.length]!;
      nearest = Math.min(nearest, capsule(x0, y0, x1, y1, 0)(x, y));
      if (y0 > y !== y1 > y && x < x0 + (x1 - x0) * (y - y0) / (y1 - y0)) inside = !inside;
    }
    return inside ? -nearest : nearest;
  };
}

/**
 * @param shapes At least one.
 * @returns All of them together.
 */
export function union(...shapes: readonly Distance[]): Distance {
  return (x, y) => Math.min(...shapes.map((shape) => shape(x, y)));
}

/**
 * @param distance That of the pixel's middle.
 * @returns Share of the pixel that is covered, 0 to 1.
 */
export function coverageAt(distance: number): number {
  return Math.max(0, Math.min(1, 0.5 - distance));
}
