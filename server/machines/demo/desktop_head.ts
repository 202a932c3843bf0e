/** One head of the desktop: what is on it, and what of it must be painted again. */
import { intersectRects, isEmptyRect, type Point, type Rect, rectOfSize } from "../../../canvas/rect.ts";
import type { Drawable } from "../../core/vdi.ts";
import { cutDrawables } from "./cut_drawables.ts";
import { Painter, type PaintTarget } from "./painter.ts";
import { moved, withMore } from "./rect_set.ts";
import { TASKBAR_HEIGHT } from "./taskbar.ts";
import { paintWallpaper } from "./wallpaper.ts";

/** A head. Rectangles are on the desktop, where heads stand side by side; drawables are on the head. */
export class DesktopHead {
  /** Column of the desktop where it begins. */
  x = 0;
  readonly wallpaper: PaintTarget;
  readonly #shown: PaintTarget;
  /** On the head. */
  #damage: readonly Rect[] = [];

  constructor(readonly number: number, readonly width: number, readonly height: number) {
    this.wallpaper = paintWallpaper(number, width, height);
    this.#shown = { width, height, pixels: new Uint32Array(width * height) };
  }

  /** What it shows, 0x00RRGGBB. */
  get pixels(): Uint32Array {
    return this.#shown.pixels;
  }

  /** All of it, on the desktop. */
  get area(): Rect {
    return moved(rectOfSize(this.width, this.height), this.x, 0);
  }

  /** Where windows can be seen: above the bar. */
  get workArea(): Rect {
    return { ...this.area, bottom: Math.max(0, this.height - TASKBAR_HEIGHT) };
  }

  /** The bar, on the desktop. */
  get taskbar(): Rect {
    return { ...this.area, top: Math.max(0, this.height - TASKBAR_HEIGHT) };
  }

  /** An area must be painted again. */
  damage(area: Rect): void {
    this.#damage = withMore(this.#damage, intersectRects(this.area, area));
  }

  /**
   * Pixels move, now, before what is damaged is painted; damage moves along.
   *
   * @param area Where to; it and where from are on the head.
   * @param from Where from.
   */
  copy(area: Rect, from: Point): Drawable {
    const { pixels, width } = this.#shown, to = moved(area, -this.x, 0), source = { x: from.x - this.x, y: from.y };
    const span = to.right - to.left, rows = to.bottom - to.top, down = to.top > source.y;
    for (let i = 0; i < rows; i++) {
      const row = down ? rows - 1 - i : i, start = (source.y + row) * width + source.x;
      pixels.copyWithin((to.top + row) * width + to.left, start, start + span);
    }
    const dx = area.left - from.x, dy = area.top - from.y;
    for (const stale of this.#damage) this.damage(intersectRects(area, moved(stale, dx, dy)));
    return { kind: "copy", area: to, from: source };
  }

  /**
   * Paints what is damaged.
   *
   * @param paint Paints the desktop; the painter's origin is the desktop's.
   * @returns What was drawn.
   */
  repaint(paint: (painter: Painter) => void): Drawable[] {
    const damage = this.#damage.map((area) => moved(area, -this.x, 0));
    this.#damage = [];
    return damage.flatMap((area) => {
      if (isEmptyRect(area)) return [];
      paint(new Painter(this.#shown, -this.x, 0, area));
      return cutDrawables(this.#shown, area);
    });
  }
}
