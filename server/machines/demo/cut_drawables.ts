/** From painted pixels to drawables: fills where there is one colour, pixels for the rest. */
import type { Rect } from "../../../canvas/rect.ts";
import type { Drawable } from "../../core/vdi.ts";
import type { PaintTarget } from "./painter.ts";

/** Cells that are looked at as one; smaller fills would cost more than they save. */
const CELL = 32;

interface Piece {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  bottom: number;
  /** Its one colour; null for several. */
  readonly color: number | null;
}

/**
 * Drawables that bring an area of a picture to a viewer.
 *
 * @param picture Any picture.
 * @param area Inside it, not empty.
 * @returns Drawables that cover each pixel of the area once.
 */
export function cutDrawables(picture: PaintTarget, area: Rect): Drawable[] {
  const done: Piece[] = [];
  let above: Piece[] = [];
  for (let top = area.top; top < area.bottom; top += CELL) {
    const bottom = Math.min(top + CELL, area.bottom), row = cutRow(picture, area, top, bottom);
    if (sameCuts(above, row)) {
      for (const piece of above) piece.bottom = bottom;
      continue;
    }
    done.push(...above);
    above = row;
  }
  return done.concat(above).map(({ left, top, right, bottom, color }) => {
    const where = { left, top, right, bottom };
    if (color !== null) return { kind: "fill", area: where, color };
    return { kind: "pixels", area: where, pixels: pixelsOf(picture, where) };
  });
}

/** Cells of one row, with neighbours of one kind joined. */
function cutRow(picture: PaintTarget, area: Rect, top: number, bottom: number): Piece[] {
  const pieces: Piece[] = [];
  for (let left = area.left; left < area.right; left += CELL) {
    const right = Math.min(left + CELL, area.right), color = oneColor(picture, { left, top, right, bottom });
    const last = pieces.at(-1);
    if (last?.color === color) pieces[pieces.length - 1] = { ...last, right };
    else pieces.push({ left, right, top, bottom, color });
  }
  return pieces;
}

function sameCuts(a: readonly Piece[], b: readonly Piece[]): boolean {
  return a.length === b.length &&
    a.every(({ left, right, color }, i) => left === b[i]!.left && right === b[i]!.right && color === b[i]!.color);
}

function oneColor({ pixels, width }: PaintTarget, { left, top, right, bottom }: Rect): number | null {
  const color = pixels[top * width + left]!;
  for (let y = top; y < bottom; y++) {
    for (let at = y * width + left, end = y * width + right; at < end; at++) if (pixels[at] !== color) return null;
  }
  return color;
}

function pixelsOf({ pixels, width }: PaintTarget, { left, top, right, bottom }: Rect): Uint32Array {
  const out = new Uint32Array((right - left) * (bottom - top));
  for (let y = top, at = 0; y < bottom; y++, at += right - left) {
    out.set(pixels.subarray(y * width + left, y * width + right), at);
  }
  return out;
}
