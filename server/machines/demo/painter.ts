/** Painting on pixels: a view of them with an origin and a clip. */
import { intersectRects, isEmptyRect, type Rect } from "../../../canvas/rect.ts";
import { type Face, glyphOf } from "./face.ts";
import { coverageAt, type Distance, roundedBox } from "./shape.ts";

/** Pixels to paint on, 0x00RRGGBB, rows from the top. */
export interface PaintTarget {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;
}

/**
 * Paints on a part of a picture.
 *
 * What a pixel becomes depends only on what was painted there and on places relative to the origin, never on the clip:
 * so a part that is painted again equals the whole painted again.
 */
export class Painter {
  readonly #target: PaintTarget;
  /** Place of the origin on the target. */
  readonly #x: number;
  readonly #y: number;
  /** In the target's coordinates, inside the target. */
  readonly #clip: Rect;

  /**
   * @param target What is painted on.
   * @param x Column of the target that is the origin.
   * @param y Row of the target that is the origin.
   * @param clip What may change, in the target's coordinates; null for all of it.
   */
  constructor(target: PaintTarget, x = 0, y = 0, clip: Rect | null = null) {
    const whole = { left: 0, top: 0, right: target.width, bottom: target.height };
    this.#target = target;
    this.#x = x;
    this.#y = y;
    this.#clip = clip === null ? whole : intersectRects(whole, clip);
  }

  /** Same pixels, with the origin moved and, if `clip` is given (from the old origin), less that may change. */
  at(x: number, y: number, clip: Rect | null = null): Painter {
    const kept = clip === null ? this.#clip : intersectRects(this.#clip, this.#placed(clip));
    return new Painter(this.#target, this.#x + x, this.#y + y, kept);
  }

  /** Whether nothing of an area can change here. */
  misses(area: Rect): boolean {
    return isEmptyRect(intersectRects(this.#clip, this.#placed(area)));
  }

  /** One colour, 0x00RRGGBB. */
  fill(area: Rect, color: number): void {
    const { left, top, right, bottom } = intersectRects(this.#clip, this.#placed(area));
    if (left >= right) return;
    for (let y = top; y < bottom; y++) {
      const row = y * this.#target.width;
      this.#target.pixels.fill(color, row + left, row + right);
    }
  }

  /** Pixels of a picture whose top left corner is at a place. */
  picture(x: number, y: number, source: PaintTarget): void {
    const px = this.#x + x, py = this.#y + y;
    const placed = { left: px, top: py, right: px + source.width, bottom: py + source.height };
    const { left, top, right, bottom } = intersectRects(this.#clip, placed);
    if (left >= right) return;
    for (let row = top; row < bottom; row++) {
      const from = (row - py) * source.width - px;
      this.#target.pixels.set(source.pixels.subarray(from + left, from + right), row * this.#target.width + left);
    }
  }

  /**
   * A shape with smooth edges.
   *
   * @param bounds Where it can be seen.
   * @param distance Its distance, from the origin; the middle of a pixel is at half.
   * @param color 0x00RRGGBB.
   * @param opacity 0 to 1, or a function from distance to 0…1 in place of a sharp edge.
   */
  shape(bounds: Rect, distance: Distance, color: number, opacity: number | ((distance: number) => number) = 1): void {
    const { left, top, right, bottom } = intersectRects(this.#clip, this.#placed(bounds)), { pixels } = this.#target;
    for (let y = top; y < bottom; y++) {
      for (let x = left, at = y * this.#target.width + left; x < right; x++, at++) {
        const d = distance(x - this.#x + 0.5, y - this.#y + 0.5);
        const alpha = typeof opacity === "number" ? coverageAt(d) * opacity : opacity(d);
        if (alpha > 0) pixels[at] = mix(pixels[at]!, color, Math.round(alpha * 255));
      }
    }
  }

  /** A box with round corners. */
  box(area: Rect, radius: number, color: number, opacity = 1): void {
    const { left, top, right, bottom } = area, view = this.at(left, top), width = right - left, height = bottom - top;
    const distance = roundedBox(width, height, radius);
    if (opacity < 1) return view.shape({ left: 0, top: 0, right: width, bottom: height }, distance, color, opacity);
    const rim = Math.ceil(radius);
    this.fill({ left, right, top: top + rim, bottom: bottom - rim }, color);
    view.shape({ left: 0, right: width, top: 0, bottom: rim }, distance, color);
    view.shape({ left: 0, right: width, top: height - rim, bottom: height }, distance, color);
  }

  /**
   * One line of text.
   *
   * @param x Where it starts.
   * @param baseLine Row that letters stand on.
   * @returns Where it ends.
   */
  text(x: number, baseLine: number, text: string, face: Face, color: number, opacity = 1): number {
    for (const character of text) {
      const glyph = glyphOf(face, character);
      const left = this.#x + x + glyph.left, top = this.#y + baseLine - glyph.up;
      const area = { left, top, right: left + glyph.width, bottom: top + glyph.height };
      const cut = intersectRects(this.#clip, area), { pixels, width } = this.#target;
      for (let row = cut.top; row < cut.bottom; row++) {
        for (let column = cut.left; column < cut.right; column++) {
          const coverage = glyph.coverage[(row - top) * glyph.width + column - left]!;
          const at = row * width + column;
          if (coverage > 0) pixels[at] = mix(pixels[at]!, color, Math.round(coverage * opacity));
        }
      }
      x += glyph.advance;
    }
    return x;
  }

  #placed({ left, top, right, bottom }: Rect): Rect {
    return { left: left + this.#x, top: top + this.#y, right: right + this.#x, bottom: bottom + this.#y };
  }
}

/**
 * One colour over another.
 *
 * @param below 0x00RRGGBB.
 * @param above 0x00RRGGBB.
 * @param alpha 0 to 255.
 */
export function mix(below: number, above: number, alpha: number): number {
  if (alpha >= 255) return above;
  const through = 255 - alpha, half = 127;
  const red = ((below >> 16 & 255) * through + (above >> 16 & 255) * alpha + half) / 255 | 0;
  const green = ((below >> 8 & 255) * through + (above >> 8 & 255) * alpha + half) / 255 | 0;
  const blue = ((below & 255) * through + (above & 255) * alpha + half) / 255 | 0;
  return red << 16 | green << 8 | blue;
}
