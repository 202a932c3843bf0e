/** A log that scrolls: what happened, and a line every second. */
import { App } from "./app.ts";
import { timeOfDay } from "./clock_app.ts";
import { FACES } from "./faces.ts";
import type { Painter } from "./painter.ts";
import { THEME } from "./theme.ts";

const ROW = 17;
const ROWS = 11;
const MARGIN = 9;
/** Lines that are kept. */
const KEPT = 500;

/** The log. The wheel looks back; new lines then come in out of sight. */
export class LogApp extends App {
  override readonly title = "Log";
  override readonly width = 410;
  override readonly height = ROWS * ROW + MARGIN * 2;
  readonly #lines: string[] = [];
  readonly #startedMs: number;
  /** Number of the line at the top. */
  #top = 0;
  #nowMs: number;

  constructor(nowMs: number) {
    super();
    this.#startedMs = this.#nowMs = nowMs;
  }

  /** All lines that are kept, the oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  override paint(painter: Painter): void {
    painter.box({ left: 0, top: 0, right: this.width, bottom: this.height }, 4, THEME.night);
    const view = painter.at(0, 0, this.#area());
    for (let row = 0; row < ROWS; row++) {
      const line = this.#lines[this.#top + row], top = MARGIN + row * ROW;
      if (line === undefined || view.misses({ left: 0, right: this.width, top, bottom: top + ROW })) continue;
      const x = view.text(MARGIN, top + 13, line.slice(0, 8), FACES.mono, THEME.accent);
      view.text(x, top + 13, line.slice(8), FACES.mono, THEME.nightInk);
    }
  }

  override log(line: string): void {
    const follows = this.#top >= this.#lines.length - ROWS;
    this.#lines.push(`${timeOfDay(this.#nowMs)} ${line}`);
    if (this.#lines.length > KEPT) {
      this.#lines.shift();
      this.#top = Math.max(0, this.#top - 1);
      // Who looks back at the oldest line sees it go.
      if (!follows && this.#top === 0) this.#damageAll();
    }
    const row = this.#lines.length - 1 - this.#top;
    if (row < ROWS) this.damage(MARGIN, MARGIN + row * ROW, this.width - MARGIN, MARGIN + (row + 1) * ROW);
    else if (follows) this.#look(this.#lines.length - ROWS);
  }

  override wheel(step: number): void {
    this.#look(this.#top + step * 3);
  }

  override tick(nowMs: number): void {
    const second = Math.floor(nowMs / 1000), passed = second - Math.floor(this.#nowMs / 1000);
    this.#nowMs = nowMs;
    if (passed <= 0) return;
    const up = second - Math.floor(this.#startedMs / 1000);
    this.log(`up ${Math.floor(up / 60)} min ${up % 60} s`);
  }

  override wakeAt(nowMs: number): number {
    return (Math.floor(nowMs / 1000) + 1) * 1000;
  }

  #look(top: number): void {
    const next = Math.max(0, Math.min(top, this.#lines.length - ROWS)), rows = next - this.#top;
    if (rows === 0) return;
    this.#top = next;
    if (Math.abs(rows) >= ROWS) this.#damageAll();
    else this.changed({ kind: "scroll", area: this.#area(), rows: rows * ROW });
  }

  #damageAll(): void {
    this.changed({ kind: "damage", area: this.#area() });
  }

  #area() {
    return { left: MARGIN, top: MARGIN, right: this.width - MARGIN, bottom: MARGIN + ROWS * ROW };
  }
}
