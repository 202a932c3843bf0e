/** A window: a frame with a title around an app. */
import { isEmptyRect, type Rect } from "../../../canvas/rect.ts";
import type { App } from "./app.ts";
import type { CursorName } from "./cursors.ts";
import { fitText } from "./face.ts";
import { FACES } from "./faces.ts";
import type { Painter } from "./painter.ts";
import { grown, moved } from "./rect_set.ts";
import { capsule, disc, roundedBox, union } from "./shape.ts";
import { THEME } from "./theme.ts";

/** Height of the title with the frame above it. */
export const TITLE_HEIGHT = 34;
const PAD = 10;
const RADIUS = 9;
/** How far a shadow reaches, and how much lower than its window it lies. */
const SHADOW = 22;
const DROP = 7;

/** What of a window is at a place. */
export type WindowPart = "close" | "title" | "content" | "frame";

/** A window of the desktop. */
export class Window {
  /** Top left corner of the frame, on the desktop. */
  x = 0;
  y = 0;
  open = true;
  /** Someone dragged it: it stays where it is when the desktop is laid out anew. */
  dragged = false;

  constructor(
    readonly app: App,
    /** Where it stands at first: head, and share of the free width and height left of and above it. */
    readonly place: { readonly head: number; readonly x: number; readonly y: number },
  ) {}

  get width(): number {
    return this.app.width + PAD * 2;
  }

  get height(): number {
    return this.app.height + TITLE_HEIGHT + PAD;
  }

  /** The frame, on the desktop. */
  get frame(): Rect {
    return { left: this.x, top: this.y, right: this.x + this.width, bottom: this.y + this.height };
  }

  /** The frame and its shadow. */
  get outer(): Rect {
    return moved(grown(this.frame, SHADOW), 0, DROP);
  }

  /** Pixels of the frame that let nothing through. */
  get solid(): Rect {
    const { left, top, right, bottom } = this.frame;
    return { left, right, top: top + RADIUS, bottom: bottom - RADIUS };
  }

  /** The round corners, which show what is behind. */
  get corners(): Rect[] {
    const { left, top, right, bottom } = this.frame;
    return [left, right - RADIUS].flatMap((x) =>
      [top, bottom - RADIUS].map((y) => ({ left: x, top: y, right: x + RADIUS, bottom: y + RADIUS }))
    );
  }

  /** A part of the content, on the desktop. */
  placed(area: Rect): Rect {
    return moved(area, this.x + PAD, this.y + TITLE_HEIGHT);
  }

  /** A place on the desktop, from the content's top left corner. */
  inContent(x: number, y: number): { x: number; y: number } {
    return { x: x - this.x - PAD, y: y - this.y - TITLE_HEIGHT };
  }

  /** What is at a place on the desktop; null if it is beside the frame. */
  partAt(x: number, y: number): WindowPart | null {
    const { left, top, right, bottom } = this.frame;
    if (x < left || x >= right || y < top || y >= bottom) return null;
    if (y < top + TITLE_HEIGHT) return x >= right - TITLE_HEIGHT ? "close" : "title";
    const at = this.inContent(x, y);
    const inside = at.x >= 0 && at.y >= 0 && at.x < this.app.width && at.y < this.app.height;
    return inside ? "content" : "frame";
  }

  /** The pointer that says what can be done at a place; the place is in the frame. */
  cursorAt(x: number, y: number): CursorName {
    const part = this.partAt(x, y), at = this.inContent(x, y);
    if (part === "content") return this.app.cursorAt(at.x, at.y);
    return part === "close" ? "hand" : part === "title" ? "move" : "arrow";
  }

  /** Paints it. @param desktop Its origin is the desktop's. @param front Whether it is the frontmost. */
  paint(desktop: Painter, front: boolean): void {
    if (desktop.misses(this.outer)) return;
    const painter = desktop.at(this.x, this.y), { width, height } = this, middle = TITLE_HEIGHT / 2;
    this.#paintShadow(painter, front);
    const whole = { left: 0, top: 0, right: width, bottom: height };
    if (painter.misses(whole)) return;
    painter.box(whole, RADIUS, THEME.border);
    painter.box(grown(whole, -1), RADIUS - 1, front ? THEME.frame : THEME.frameBack);
    const title = fitText(FACES.bold, this.app.title, width - TITLE_HEIGHT - PAD * 2);
    painter.text(PAD + 4, 22, title, FACES.bold, front ? THEME.ink : THEME.quiet);
    const x = width - middle, button = { left: width - TITLE_HEIGHT, top: 0, right: width, bottom: TITLE_HEIGHT };
    painter.shape(button, disc(x, middle, 8), front ? THEME.close : THEME.closeBack);
    const cross = union(
      capsule(x - 2.8, middle - 2.8, x + 2.8, middle + 2.8, 0.8),
      capsule(x - 2.8, middle + 2.8, x + 2.8, middle - 2.8, 0.8),
    );
    painter.shape(button, cross, 0xffffff);
    const { app } = this;
    this.app.paint(
      painter.at(PAD, TITLE_HEIGHT, { left: PAD, top: TITLE_HEIGHT, right: PAD + app.width, bottom: height }),
    );
  }

  #paintShadow(painter: Painter, front: boolean): void {
    const { width, height } = this, distance = roundedBox(width, height, RADIUS * 2), dark = front ? 0.4 : 0.24;
    const fade = (d: number) => {
      const t = Math.max(0, Math.min(1, (d + SHADOW) / (SHADOW * 2)));
      return dark * (1 - t) * (1 - t) * (1 + 2 * t);
    };
    const lowered = painter.at(0, DROP), bottom = height + SHADOW, right = width + SHADOW;
    // Where the window covers it, nobody sees it; the corners show a little.
    const inner = { left: 0, right: width, top: RADIUS - DROP, bottom: height - RADIUS - DROP };
    for (
      const part of [
        { left: -SHADOW, right, top: -SHADOW, bottom: inner.top },
        { left: -SHADOW, right: inner.left, top: inner.top, bottom: inner.bottom },
        { left: inner.right, right, top: inner.top, bottom: inner.bottom },
        { left: -SHADOW, right, top: inner.bottom, bottom },
      ]
    ) {
      if (!isEmptyRect(part)) lowered.shape(part, distance, 0x10131f, fade);
    }
  }
}
