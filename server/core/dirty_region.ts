/**
 * What a viewer lacks of one head, in bounded memory: a grid of tiles of 32 × 16 pixels, each with the box of what is
 * lacking inside it. The boxes may hold more than was added, never less, so a viewer can be sent a pixel that it has.
 *
 * What is taken first: small additions (at most 16384 pixels each, such as a line of text or a button) go before large
 * ones, so that typing overtakes a full picture. They may do so three times in succession; then what waited has its
 * turn, so nothing starves. Among equals rows are taken from the top down and around, which serves each place once
 * before any is served again.
 */

import { intersectRects, isEmptyRect, type Point, type Rect, rectOfSize } from "../../canvas/rect.ts";

const TILE_WIDTH = 32;
const TILE_HEIGHT = 16;
/** Pixels of an addition that may overtake. */
const SMALL_PIXELS = 16384;
/** Tiles that may be marked small at once: beyond it the mark would mean nothing. */
const MOST_SMALL_TILES = 256;
/** Small rectangles taken in succession while large ones wait. */
const SMALL_TURNS = 3;
/** Pixels that a rectangle may hold beyond a quarter more than what is lacking: what a message costs. */
const SLACK_PIXELS = 256;

/** A rectangle that grows over tiles while it is taken. Tile numbers are inclusive. */
interface Block {
  firstColumn: number;
  lastColumn: number;
  firstRow: number;
  lastRow: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
  /** Pixels of the boxes inside it. */
  lacking: number;
}

/** A set of pixels of a head, not exact on the safe side. */
export class DirtyRegion {
  readonly #columns: number;
  readonly #rows: number;
  /** Left, top, right and bottom inside the tile; all 0 when nothing is lacking. */
  readonly #boxes: Uint8Array;
  readonly #small: Uint8Array;
  /** Tiles with something lacking, a row of tiles, and those of them that are marked small. */
  readonly #dirtyInRow: Int32Array;
  readonly #smallInRow: Int32Array;
  #dirty = 0;
  #smalls = 0;
  #pixels = 0;
  #smallTurns = 0;
  #nextRow = 0;
  #nextSmallRow = 0;

  /**
   * @param width Pixels a row of the head.
   * @param height Rows of the head.
   */
  constructor(readonly width: number, readonly height: number) {
    this.#columns = Math.ceil(width / TILE_WIDTH);
    this.#rows = Math.ceil(height / TILE_HEIGHT);
    this.#boxes = new Uint8Array(this.#columns * this.#rows * 4);
    this.#small = new Uint8Array(this.#columns * this.#rows);
    this.#dirtyInRow = new Int32Array(this.#rows);
    this.#smallInRow = new Int32Array(this.#rows);
  }

  /** Whether nothing is lacking. */
  get isEmpty(): boolean {
    return this.#dirty === 0;
  }

  /** Pixels that are lacking, at most. */
  get pixels(): number {
    return this.#pixels;
  }

  /** Pixels that are lacking inside a rectangle, at most. @param rect Any edges. */
  pixelsIn(rect: Rect): number {
    const boxes = this.#boxesIn(this.#cut(rect));
    let pixels = 0;
    for (let i = 0; i < boxes.length; i += 5) {
      pixels += (boxes[i + 2]! - boxes[i]!) * (boxes[i + 3]! - boxes[i + 1]!);
    }
    return pixels;
  }

  /**
   * Add a rectangle.
   *
   * @param rect Any edges; what lies outside the head is left out.
   * @param small Whether it may overtake. Default: by its size.
   */
  add(rect: Rect, small?: boolean): void {
    const { left, top, right, bottom } = this.#cut(rect);
    if (!(left < right && top < bottom)) return;
    this.#add(left, top, right, bottom, small ?? (right - left) * (bottom - top) <= SMALL_PIXELS);
  }

  /**
   * Take a rectangle away, as far as the boxes can say it: a hole inside a box stays lacking.
   *
   * @param rect Any edges.
   */
  subtract(rect: Rect): void {
    const { left, top, right, bottom } = this.#cut(rect);
    for (let row = Math.floor(top / TILE_HEIGHT); row * TILE_HEIGHT < bottom; row++) {
      if (this.#dirtyInRow[row] === 0) continue;
      const cutTop = top - row * TILE_HEIGHT, cutBottom = bottom - row * TILE_HEIGHT;
      for (let column = Math.floor(left / TILE_WIDTH); column * TILE_WIDTH < right; column++) {
        this.#subtract(row, column, left - column * TILE_WIDTH, cutTop, right - column * TILE_WIDTH, cutBottom);
      }
    }
  }

  /**
   * The viewer is told to move pixels inside the head: what it lacks there moves with them.
   *
   * @param area Where to; any edges. Pixels whose source is outside the head are not moved.
   * @param from Top left corner of where they come from.
   */
  addMoved(area: Rect, from: Point): void {
    const dx = area.left - from.x, dy = area.top - from.y;
    const readable = { left: dx, top: dy, right: this.width + dx, bottom: this.height + dy };
    const to = intersectRects(this.#cut(area), readable);
    if (isEmptyRect(to) || this.#dirty === 0) return;
    const moved = this.#boxesIn({ left: to.left - dx, top: to.top - dy, right: to.right - dx, bottom: to.bottom - dy });
    this.subtract(to);
    for (let i = 0; i < moved.length; i += 5) {
      this.#add(moved[i]! + dx, moved[i + 1]! + dy, moved[i + 2]! + dx, moved[i + 3]! + dy, moved[i + 4] === 1);
    }
  }

  /** Nothing is lacking any more. */
  clear(): void {
    this.#boxes.fill(0);
    this.#small.fill(0);
    this.#dirtyInRow.fill(0);
    this.#smallInRow.fill(0);
    this.#dirty =
      this.#smalls =
      this.#pixels =
      this.#smallTurns =
      this.#nextRow =
      this.#nextSmallRow =
        0;
  }

  /**
   * Take out the rectangle that is to be sent next. It is wide rather than high, and at most a quarter and 256 pixels of
   * it are not lacking.
   *
   * @param maxPixels Most pixels of it; a single tile (512 pixels) can be given in spite of a smaller number.
   * @returns The rectangle, or null when nothing is lacking.
   */
  take(maxPixels: number): Rect | null {
    if (this.#dirty === 0) return null;
    const largeWaits = this.#dirty > this.#smalls;
    const small = this.#smalls > 0 && !(largeWaits && this.#smallTurns >= SMALL_TURNS);
    this.#smallTurns = small && largeWaits ? this.#smallTurns + 1 : 0;
    const block = this.#first(small);
    this.#widen(block, maxPixels);
    this.#heighten(block, maxPixels);
    for (let row = block.firstRow; row <= block.lastRow; row++) {
      for (let column = block.firstColumn; column <= block.lastColumn; column++) this.#empty(row, column);
    }
    const next = (block.lastRow + 1) % this.#rows;
    if (this.#dirty === 0) this.#nextRow = this.#nextSmallRow = 0;
    else if (small) this.#nextSmallRow = next;
    else this.#nextRow = next;
    return { left: block.left, top: block.top, right: block.right, bottom: block.bottom };
  }

  #cut(rect: Rect): Rect {
    return intersectRects(rect, rectOfSize(this.width, this.height));
  }

  /** Add a rectangle inside the head. */
  #add(left: number, top: number, right: number, bottom: number, small: boolean): void {
    const boxes = this.#boxes, firstColumn = Math.floor(left / TILE_WIDTH), lastColumn = (right - 1) >> 5;
    for (let row = Math.floor(top / TILE_HEIGHT); row * TILE_HEIGHT < bottom; row++) {
      const y = row * TILE_HEIGHT, t = Math.max(top - y, 0), b = Math.min(bottom - y, TILE_HEIGHT);
      let tile = row * this.#columns + firstColumn;
      for (let column = firstColumn; column <= lastColumn; column++, tile++) {
        const x = column * TILE_WIDTH, l = Math.max(left - x, 0), r = Math.min(right - x, TILE_WIDTH), at = tile * 4;
        const oldL = boxes[at]!, oldT = boxes[at + 1]!, oldR = boxes[at + 2]!, oldB = boxes[at + 3]!;
        if (oldR === 0) {
          boxes[at] = l;
          boxes[at + 1] = t;
          boxes[at + 2] = r;
          boxes[at + 3] = b;
          this.#pixels += (r - l) * (b - t);
          this.#dirty++;
          this.#dirtyInRow[row]!++;
        } else {
          const newL = Math.min(oldL, l), newT = Math.min(oldT, t), newR = Math.max(oldR, r), newB = Math.max(oldB, b);
          boxes[at] = newL;
          boxes[at + 1] = newT;
          boxes[at + 2] = newR;
          boxes[at + 3] = newB;
          this.#pixels += (newR - newL) * (newB - newT) - (oldR - oldL) * (oldB - oldT);
        }
        if (small && this.#small[tile] === 0 && this.#smalls < MOST_SMALL_TILES) {
          this.#small[tile] = 1;
          this.#smalls++;
          this.#smallInRow[row]!++;
        }
      }
    }
  }

  /** Take a rectangle away from one tile; edges are counted from the tile's corner. */
  #subtract(row: number, column: number, left: number, top: number, right: number, bottom: number): void {
    const boxes = this.#boxes, at = (row * this.#columns + column) * 4;
    let l = boxes[at]!, t = boxes[at + 1]!, r = boxes[at + 2]!, b = boxes[at + 3]!;
    if (r === 0) return;
    const before = (r - l) * (b - t);
    const wide = left <= l && right >= r, high = top <= t && bottom >= b;
    if (wide && high) return this.#empty(row, column);
    if (wide) {
      if (top <= t) t = Math.max(t, bottom);
      else if (bottom >= b) b = Math.min(b, top);
    } else if (high) {
      if (left <= l) l = Math.max(l, right);
      else if (right >= r) r = Math.min(r, left);
    }
    boxes[at] = l;
    boxes[at + 1] = t;
    boxes[at + 2] = r;
    boxes[at + 3] = b;
    this.#pixels += (r - l) * (b - t) - before;
  }

  #empty(row: number, column: number): void {
    const tile = row * this.#columns + column, at = tile * 4, boxes = this.#boxes;
    if (boxes[at + 2] === 0) return;
    this.#pixels -= (boxes[at + 2]! - boxes[at]!) * (boxes[at + 3]! - boxes[at + 1]!);
    boxes.fill(0, at, at + 4);
    this.#dirty--;
    this.#dirtyInRow[row]!--;
    if (this.#small[tile] === 1) {
      this.#small[tile] = 0;
      this.#smalls--;
      this.#smallInRow[row]!--;
    }
  }

  /** The boxes inside a rectangle of the head, cut to it: left, top, right, bottom, and 1 if marked small. */
  #boxesIn(rect: Rect): number[] {
    const found: number[] = [], boxes = this.#boxes;
    for (let row = Math.floor(rect.top / TILE_HEIGHT); row * TILE_HEIGHT < rect.bottom; row++) {
      if (this.#dirtyInRow[row] === 0) continue;
      for (let column = Math.floor(rect.left / TILE_WIDTH); column * TILE_WIDTH < rect.right; column++) {
        const tile = row * this.#columns + column, at = tile * 4, x = column * TILE_WIDTH, y = row * TILE_HEIGHT;
        const left = Math.max(x + boxes[at]!, rect.left), right = Math.min(x + boxes[at + 2]!, rect.right);
        const top = Math.max(y + boxes[at + 1]!, rect.top), bottom = Math.min(y + boxes[at + 3]!, rect.bottom);
        if (left < right && top < bottom) found.push(left, top, right, bottom, this.#small[tile]!);
      }
    }
    return found;
  }

  /** The tile to begin with. There must be one of its kind. */
  #first(small: boolean): Block {
    let row = small ? this.#nextSmallRow : this.#nextRow;
    const waits = (at: number) => small ? this.#smallInRow[at]! > 0 : this.#dirtyInRow[at]! > this.#smallInRow[at]!;
    while (!waits(row)) row = (row + 1) % this.#rows;
    const mark = small ? 1 : 0;
    let column = 0;
    for (let tile = row * this.#columns;; tile++, column++) {
      if (this.#boxes[tile * 4 + 2] !== 0 && this.#small[tile] === mark) break;
    }
    const block: Block = {
      firstColumn: column,
      lastColumn: column,
      firstRow: row,
      lastRow: row,
      left: this.width,
      top: this.height,
      right: 0,
      bottom: 0,
      lacking: 0,
    };
    this.#accept(block, row, column, column, Infinity);
    return block;
  }

  #widen(block: Block, maxPixels: number): void {
    const { firstRow: row } = block;
    while (block.lastColumn + 1 < this.#columns && this.#has(row, block.lastColumn + 1)) {
      if (!this.#accept(block, row, block.lastColumn + 1, block.lastColumn + 1, maxPixels)) break;
      block.lastColumn++;
    }
    while (block.firstColumn > 0 && this.#has(row, block.firstColumn - 1)) {
      if (!this.#accept(block, row, block.firstColumn - 1, block.firstColumn - 1, maxPixels)) break;
      block.firstColumn--;
    }
  }

  /** Grow downwards, but not into the middle of something wider: that makes a better rectangle of its own. */
  #heighten(block: Block, maxPixels: number): void {
    const { firstColumn, lastColumn } = block;
    for (let row = block.lastRow + 1; row < this.#rows && this.#dirtyInRow[row]! > 0; row++) {
      if (this.#has(row, firstColumn - 1) || this.#has(row, lastColumn + 1)) return;
      if (!this.#accept(block, row, firstColumn, lastColumn, maxPixels)) return;
      block.lastRow = row;
    }
  }

  #has(row: number, column: number): boolean {
    return column >= 0 && column < this.#columns && this.#boxes[(row * this.#columns + column) * 4 + 2] !== 0;
  }

  /** Grow the block's edges over tiles of a row if the result is small and full enough, and some of it is lacking. */
  #accept(block: Block, row: number, firstColumn: number, lastColumn: number, maxPixels: number): boolean {
    const boxes = this.#boxes, y = row * TILE_HEIGHT;
    let { left, top, right, bottom, lacking } = block;
    for (let column = firstColumn; column <= lastColumn; column++) {
      const at = (row * this.#columns + column) * 4, x = column * TILE_WIDTH;
      const l = boxes[at]!, t = boxes[at + 1]!, r = boxes[at + 2]!, b = boxes[at + 3]!;
      if (r === 0) continue;
      left = Math.min(left, x + l);
      top = Math.min(top, y + t);
      right = Math.max(right, x + r);
      bottom = Math.max(bottom, y + b);
      lacking += (r - l) * (b - t);
    }
    const pixels = (right - left) * (bottom - top);
    if (lacking === block.lacking || pixels > maxPixels || pixels > lacking * 1.25 + SLACK_PIXELS) return false;
    block.left = left;
    block.top = top;
    block.right = right;
    block.bottom = bottom;
    block.lacking = lacking;
    return true;
  }
}
