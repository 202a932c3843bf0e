/** A clock with hands. */
import { rectOfSize } from "../../../canvas/rect.ts";
import { App } from "./app.ts";
import { textWidth } from "./face.ts";
import { FACES } from "./faces.ts";
import type { Painter } from "./painter.ts";
import { capsule, disc } from "./shape.ts";
import { THEME } from "./theme.ts";

const MIDDLE = 82;

/** The clock. */
export class ClockApp extends App {
  override readonly title = "Clock";
  override readonly width = MIDDLE * 2;
  override readonly height = MIDDLE * 2 + 22;
  #second: number;

  constructor(nowMs: number) {
    super();
    this.#second = Math.floor(nowMs / 1000);
  }

  override paint(painter: Painter): void {
    const dial = rectOfSize(MIDDLE * 2, MIDDLE * 2);
    painter.shape(dial, disc(MIDDLE, MIDDLE, 80), THEME.border);
    painter.shape(dial, disc(MIDDLE, MIDDLE, 78.5), THEME.paper);
    for (let mark = 0; mark < 60; mark++) {
      const hour = mark % 5 === 0;
      this.#hand(painter, mark / 60, hour ? 68 : 73, 74, hour ? 1.1 : 0.5, hour ? THEME.ink : THEME.border);
    }
    const minutes = this.#second / 60 % 60, hours = this.#second / 3600 % 12;
    this.#hand(painter, hours / 12, -8, 44, 2.8, THEME.ink);
    this.#hand(painter, minutes / 60, -8, 64, 1.9, THEME.ink);
    this.#hand(painter, this.#second / 60 % 1, -14, 68, 0.9, THEME.accent);
    painter.shape(dial, disc(MIDDLE, MIDDLE, 4), THEME.accent);
    const text = timeOfDay(this.#second * 1000), x = MIDDLE - Math.round(textWidth(FACES.bold, text) / 2);
    painter.text(x, MIDDLE * 2 + 17, text, FACES.bold, THEME.ink);
  }

  override tick(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second === this.#second) return;
    this.#second = second;
    this.damage(0, 0, this.width, this.height);
  }

  override wakeAt(nowMs: number): number {
    return (Math.floor(nowMs / 1000) + 1) * 1000;
  }

  #hand(painter: Painter, turn: number, from: number, to: number, radius: number, color: number): void {
    const x = Math.sin(turn * 2 * Math.PI), y = -Math.cos(turn * 2 * Math.PI), reach = Math.ceil(radius) + 1;
    const [x0, y0, x1, y1] = [MIDDLE + x * from, MIDDLE + y * from, MIDDLE + x * to, MIDDLE + y * to];
    const bounds = {
      left: Math.floor(Math.min(x0, x1)) - reach,
      top: Math.floor(Math.min(y0, y1)) - reach,
      right: Math.ceil(Math.max(x0, x1)) + reach,
      bottom: Math.ceil(Math.max(y0, y1)) + reach,
    };
    painter.shape(bounds, capsule(x0, y0, x1, y1, radius), color);
  }
}

/**
 * The time of day, as 09:41:07.
 *
 * @param nowMs Milliseconds since 1970 as a clock on the wall shows them.
 */
export function timeOfDay(nowMs: number): string {
  const second = Math.floor(nowMs / 1000), two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(second / 3600) % 24)}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
}
