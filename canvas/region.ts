/**
 * Regions: the pixels that an operation may touch, as boxes that do not overlap.
 *
 * Clip rectangles may overlap, and a raster operation must not touch a pixel twice, so they are cut into bands, as
 * pixman does: boxes of one band share top and bottom, bands go from the top down, boxes from left to right.
 */

import { CanvasError } from "./errors.ts";
import type { Rect } from "./rect.ts";

/** Boxes of four numbers each: left, top, right, bottom. Every box has at least one pixel. */
export type Region = Int32Array;

/** Most boxes of a region. Crossing stripes make the square of their number: 8192 of them 33 million boxes. */
const MOST_BOXES = 1 << 20;

/**
 * The pixels of `box` inside a surface and inside a clip.
 *
 * Takes time and memory in proportion to the number of rectangles plus the pixels of the surface, at most, whatever
 * the rectangles are.
 *
 * @param width Width of the surface in pixels.
 * @param height Height of the surface in pixels.
 * @param box Any edges.
 * @param clip Rectangles of any edges, overlapping or not; null for no clip. An empty list clips all away.
 * @returns Boxes inside the surface, in band order.
 * @throws {CanvasError} `unsupported`: the clip comes to more than 1048576 boxes.
 * Source: spice-common common/canvas_base.c canvas_clip_pixman.
 */
export function clipRegion(width: number, height: number, box: Rect, clip: readonly Rect[] | null): Region {
  const left = Math.max(box.left, 0), top = Math.max(box.top, 0);
  const right = Math.min(box.right, width), bottom = Math.min(box.bottom, height);
  if (!(left < right && top < bottom)) return new Int32Array(0);
  if (clip === null) return Int32Array.of(left, top, right, bottom);
  const kept = new Int32Array(clip.length * 4);
  let count = 0;
  for (const rect of clip) {
    const l = Math.max(rect.left, left), t = Math.max(rect.top, top);
    const r = Math.min(rect.right, right), b = Math.min(rect.bottom, bottom);
    if (!(l < r && t < b)) continue;
    kept[count++] = l;
    kept[count++] = t;
    kept[count++] = r;
    kept[count++] = b;
  }
  return count <= 4 ? kept.slice(0, count) : bands(kept.subarray(0, count));
}

/** Cut overlapping boxes into bands: a sweep from the top, counting at each x edge how many boxes begin and end. */
function bands(boxes: Int32Array): Region {
  const xs = sortedUnique(boxes, 0), ys = sortedUnique(boxes, 1);
  const n = boxes.length >> 2;
  // Chains of the boxes that begin, and that end, at each y edge.
  const firstBegin = new Int32Array(ys.length).fill(-1), firstEnd = new Int32Array(ys.length).fill(-1);
  const nextBegin = new Int32Array(n), nextEnd = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const begin = indexOf(ys, boxes[i * 4 + 1]!), end = indexOf(ys, boxes[i * 4 + 3]!);
    nextBegin[i] = firstBegin[begin]!;
    firstBegin[begin] = i;
    nextEnd[i] = firstEnd[end]!;
    firstEnd[end] = i;
  }
  const change = new Int32Array(xs.length);
  let out = new Int32Array(Math.max(64, boxes.length * 2)), size = 0;
  let above = 0, aboveSize = 0; // the band just written: where it starts, and its numbers
  for (let band = 0; band + 1 < ys.length; band++) {
    for (let i = firstEnd[band]!; i >= 0; i = nextEnd[i]!) mark(change, xs, boxes, i, -1);
    for (let i = firstBegin[band]!; i >= 0; i = nextBegin[i]!) mark(change, xs, boxes, i, 1);
    const start = size, top = ys[band]!, bottom = ys[band + 1]!;
    for (let x = 0, depth = 0; x < xs.length; x++) {
      const before = depth;
      depth += change[x]!;
      if (before === 0 && depth > 0) {
        if (size + 4 > out.length) {
          if (size >= MOST_BOXES * 4) throw new CanvasError("clip", "unsupported", `more than ${MOST_BOXES} boxes`);
          const grown = new Int32Array(Math.min(out.length * 2, MOST_BOXES * 4));
          grown.set(out);
          out = grown;
        }
        out[size] = xs[x]!;
        out[size + 1] = top;
        out[size + 3] = bottom;
      } else if (before > 0 && depth === 0) {
        out[size + 2] = xs[x]!;
        size += 4;
      }
    }
    if (continues(out, above, aboveSize, start, size - start)) {
      for (let i = above; i < start; i += 4) out[i + 3] = bottom;
      size = start;
    } else {
      above = start;
      aboveSize = size - start;
    }
  }
  return out.slice(0, size);
}

/** The distinct values of both edges: axis 0 for x, 1 for y. */
function sortedUnique(boxes: Int32Array, axis: 0 | 1): Int32Array {
  const edges = new Int32Array(boxes.length >> 1);
  for (let i = 0, at = axis; i < edges.length; i++, at += 2) edges[i] = boxes[at]!;
  edges.sort();
  let size = 0;
  for (let i = 0; i < edges.length; i++) {
    if (i === 0 || edges[i] !== edges[i - 1]) edges[size++] = edges[i]!;
  }
  return edges.subarray(0, size);
}

/** Where a value stands in a sorted list that holds it. */
function indexOf(sorted: Int32Array, value: number): number {
  let low = 0, high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function mark(change: Int32Array, xs: Int32Array, boxes: Int32Array, i: number, by: number): void {
  change[indexOf(xs, boxes[i * 4]!)]! += by;
  change[indexOf(xs, boxes[i * 4 + 2]!)]! -= by;
}

/** Whether a band has the same boxes from left to right as the band above it, and touches it. */
function continues(out: Int32Array, above: number, aboveSize: number, start: number, size: number): boolean {
  if (size === 0 || size !== aboveSize || out[above + 3] !== out[start + 1]) return false;
  for (let i = 0; i < size; i += 4) {
    if (out[above + i] !== out[start + i] || out[above + i + 2] !== out[start + i + 2]) return false;
  }
  return true;
}
