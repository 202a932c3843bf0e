/** Finds out that new pixels are old ones that moved up or down, as text does when it scrolls. */

import type { Point, Rect } from "../../canvas/rect.ts";
import type { Surface } from "../../canvas/surface.ts";
import { CELL_WIDTH, type Difference, type Patch } from "./compare_pixels.ts";

/** Pixels that a move must put right, more than it puts wrong, and that as a part of all that changed. */
const LEAST_GAIN = 4096;
const LEAST_GAIN_PART = 1 / 4;
/** Vertical strips that are looked at for a guess, and their width. */
const STRIPS = 8;
/** When nothing is recognised in so many of them, nothing will be: most new pictures are new. */
const STRIPS_WITHOUT_HOPE = 2;
const STRIP_WIDTH = 64;
/** Rows that are recognised together: single rows of text look too much alike. */
const WINDOW_ROWS = 8;
/** Rows around what changed where it may have come from. */
const REACH_ROWS = 64;
/** Recognised places that must agree on one distance. */
const LEAST_VOTES = 8;
const MULTIPLIER = 0x01000193;

/**
 * Look for a vertical move that saves much. A guess from samples, weighed on all pixels; where the move does not fit it
 * still has to be mended, so apply it and compare again.
 *
 * @param surface What is there.
 * @param patch What is to be there.
 * @param difference What `comparePixels` says of the two.
 * @returns Where to and from where pixels move, inside the surface; null when that would not save much.
 */
export function findMove(surface: Surface, patch: Patch, difference: Difference): { area: Rect; from: Point } | null {
  const { bounds } = difference;
  if (bounds === null || (bounds.right - bounds.left) * (bounds.bottom - bounds.top) < LEAST_GAIN * 2) return null;
  if (bounds.bottom - bounds.top < WINDOW_ROWS * 2) return null;
  const dy = guessDistance(surface, patch, difference, bounds);
  return dy === 0 ? null : weigh(surface, patch, difference, bounds, dy);
}

/** The distance from a changed row to where it was before, by most votes; 0 when there is no clear one. */
function guessDistance(surface: Surface, patch: Patch, difference: Difference, bounds: Rect): number {
  const { cells, columns } = difference, { area } = patch, firstCell = Math.floor(area.left / CELL_WIDTH);
  const votes = new Int32Array(surface.height * 2 + 1);
  const top = Math.max(bounds.top - REACH_ROWS, 0), bottom = Math.min(bounds.bottom + REACH_ROWS, surface.height);
  const before = new Int32Array(bottom - top), after = new Int32Array(bounds.bottom - bounds.top);
  let recognised = false;
  for (const [index, column] of busiestColumns(cells, columns).entries()) {
    if (index === STRIPS_WITHOUT_HOPE && !recognised) return 0;
    const left = Math.max((firstCell + column) * CELL_WIDTH, bounds.left);
    const width = Math.min(STRIP_WIDTH, bounds.right - left);
    hashRows(before, surface.pixels, top * surface.width + left, surface.width, width);
    const start = patch.offset + (bounds.top - area.top) * patch.stride + left - area.left;
    hashRows(after, patch.pixels, start, patch.stride, width);
    const places = new Map<number, number>(); // NaN for what is there twice
    for (let i = 0; i + WINDOW_ROWS <= before.length; i++) {
      places.set(before[i]!, places.has(before[i]!) ? NaN : i + top);
    }
    for (let i = 0; i + WINDOW_ROWS <= after.length; i++) {
      if (cells[(bounds.top - area.top + i) * columns + column] === 0) continue;
      const place = places.get(after[i]!);
      if (place === undefined || place !== place) continue;
      votes[place - (i + bounds.top) + surface.height]!++;
      recognised = true;
    }
  }
  votes[surface.height] = 0;
  let best = 0;
  for (let i = 1; i < votes.length; i++) if (votes[i]! > votes[best]!) best = i;
  return votes[best]! >= LEAST_VOTES ? best - surface.height : 0;
}

/** Columns with about as many changed cells as any, spread evenly. */
function busiestColumns(cells: Uint8Array, columns: number): number[] {
  const changed = new Int32Array(columns);
  for (let at = 0; at < cells.length;) {
    for (let column = 0; column < columns; column++) changed[column]! += cells[at++]!;
  }
  const most = changed.reduce((a, b) => Math.max(a, b), 0);
  const busy = [...changed.keys()].filter((column) => changed[column]! * 2 >= most);
  if (busy.length <= STRIPS) return busy;
  return Array.from({ length: STRIPS }, (_, i) => busy[Math.floor(i * busy.length / STRIPS)]!);
}

/** A hash of each row with the rows below it; the last `WINDOW_ROWS - 1` have too few and mean nothing. */
function hashRows(hashes: Int32Array, pixels: Uint32Array, start: number, stride: number, width: number): void {
  for (let row = 0, at = start; row < hashes.length; row++, at += stride) {
    let even = 0, odd = 0;
    for (let i = at, end = at + width - 1; i < end; i += 2) {
      even = Math.imul(even ^ pixels[i]!, MULTIPLIER);
      odd = Math.imul(odd ^ pixels[i + 1]!, MULTIPLIER);
      even ^= even >>> 15;
      odd ^= odd >>> 13;
    }
    hashes[row] = Math.imul(even, 31) ^ odd;
  }
  for (let row = 0; row + WINDOW_ROWS <= hashes.length; row++) {
    let hash = 0;
    for (let i = 0; i < WINDOW_ROWS; i++) hash = Math.imul(hash ^ hashes[row + i]!, MULTIPLIER) + i;
    hashes[row] = hash;
  }
}

/** The rectangle of cells that a move by `dy` rows does most good to. */
function weigh(surface: Surface, patch: Patch, difference: Difference, bounds: Rect, dy: number) {
  const { pixels: old, width, height } = surface, { pixels: fresh, area } = patch, { cells, columns } = difference;
  const firstCell = Math.floor(area.left / CELL_WIDTH), rows = area.bottom - area.top;
  const gains = new Int8Array(columns * rows);
  const from = Math.max(bounds.top, -dy), to = Math.min(bounds.bottom, height - dy);
  let changed = 0;
  for (let y = bounds.top; y < bounds.bottom; y++) {
    for (let column = 0, at = (y - area.top) * columns; column < columns; column++, at++) {
      const x = Math.max((firstCell + column) * CELL_WIDTH, bounds.left);
      const end = Math.min((firstCell + column + 1) * CELL_WIDTH, bounds.right);
      if (x >= end) continue;
      if (cells[at] === 1) changed += end - x;
      if (y < from || y >= to) continue;
      let a = (y + dy) * width + x, b = patch.offset + (y - area.top) * patch.stride + x - area.left;
      const stop = a + end - x;
      while (a < stop && old[a] === fresh[b]) {
        a++;
        b++;
      }
      if ((cells[at] === 1) === (a === stop)) gains[at] = a === stop ? end - x : x - end;
    }
  }
  const [byRows, byColumns] = [bestCells(gains, columns, rows, 0), bestCells(gains, columns, rows, 1)];
  const { left, top, right, bottom, gain } = byRows.gain >= byColumns.gain ? byRows : byColumns;
  if (gain < LEAST_GAIN || gain < changed * LEAST_GAIN_PART) return null;
  const moved = {
    left: Math.max((firstCell + left) * CELL_WIDTH, bounds.left),
    top: area.top + top,
    right: Math.min((firstCell + right) * CELL_WIDTH, bounds.right),
    bottom: area.top + bottom,
  };
  return { area: moved, from: { x: moved.left, y: moved.top + dy } };
}

/**
 * The rectangle of numbers with about the greatest sum: the best rows for all columns, then the best columns for those,
 * and again; or the other way round. Exact when one rectangle stands out.
 */
function bestCells(gains: Int8Array, columns: number, rows: number, first: 0 | 1) {
  let top = 0, bottom = rows, left = 0, right = columns, gain = 0;
  for (let turn = 0; turn < 4; turn++) {
    const sums = new Int32Array((turn & 1) === first ? rows : columns);
    if ((turn & 1) === first) {
      for (let y = 0; y < rows; y++) for (let x = left; x < right; x++) sums[y]! += gains[y * columns + x]!;
      ({ start: top, end: bottom, sum: gain } = bestRange(sums));
    } else {
      for (let y = top; y < bottom; y++) for (let x = 0; x < columns; x++) sums[x]! += gains[y * columns + x]!;
      ({ start: left, end: right, sum: gain } = bestRange(sums));
    }
  }
  return { left, top, right, bottom, gain };
}

/** The run of numbers with the greatest sum; empty, with sum 0, if no sum is above 0. */
function bestRange(numbers: Int32Array): { start: number; end: number; sum: number } {
  let start = 0, end = 0, sum = 0;
  for (let i = 0, from = 0, running = 0; i < numbers.length; i++) {
    running += numbers[i]!;
    if (running <= 0) {
      running = 0;
      from = i + 1;
    } else if (running > sum) {
      start = from;
      end = i + 1;
      sum = running;
    }
  }
  return { start, end, sum };
}
