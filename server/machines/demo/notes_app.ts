/** A text field: type, move the caret, erase. */
import { App } from "./app.ts";
import type { CursorName } from "./cursors.ts";
import { FACES } from "./faces.ts";
import type { Painter } from "./painter.ts";
import { THEME } from "./theme.ts";

/** Width of every character of the mono face. */
const COLUMN = 8;
const ROW = 19;
const MARGIN = 10;
const COLUMNS = 46;
const ROWS = 11;

/** Notes: lines of text of a fixed width, and a caret. */
export class NotesApp extends App {
  override readonly title = "Notes";
  override readonly width = MARGIN * 2 + COLUMNS * COLUMN + 2;
  override readonly height = MARGIN * 2 + ROWS * ROW;
  #lines: string[];
  #row: number;
  #column: number;

  constructor(text = "Type here. Drag windows by their titles.\n") {
    super();
    this.#lines = text.split("\n").map((line) => line.slice(0, COLUMNS)).slice(0, ROWS);
    this.#row = this.#lines.length - 1;
    this.#column = this.#lines[this.#row]!.length;
  }

  /** The text, lines parted by line feeds. */
  get text(): string {
    return this.#lines.join("\n");
  }

  override paint(painter: Painter): void {
    painter.box({ left: 0, top: 0, right: this.width, bottom: this.height }, 4, THEME.line);
    painter.box({ left: 1, top: 1, right: this.width - 1, bottom: this.height - 1 }, 3, THEME.paper);
    for (let row = 0; row < ROWS; row++) {
      const bottom = MARGIN + (row + 1) * ROW - 2;
      painter.fill({ left: MARGIN, right: this.width - MARGIN, top: bottom, bottom: bottom + 1 }, THEME.faint);
      painter.text(MARGIN, bottom - 4, this.#lines[row] ?? "", FACES.mono, THEME.ink);
    }
    const left = MARGIN + this.#column * COLUMN, top = MARGIN + this.#row * ROW;
    painter.fill({ left, right: left + 2, top: top + 1, bottom: top + ROW - 3 }, THEME.accent);
  }

  override cursorAt(): CursorName {
    return "text";
  }

  override press(x: number, y: number): void {
    this.#place(Math.floor((y - MARGIN) / ROW), Math.round((x - MARGIN) / COLUMN));
  }

  override stroke(stroke: string): void {
    const row = this.#row, column = this.#column, line = this.#lines[row]!;
    if ([...stroke].length === 1) {
      if (line.length === COLUMNS) return;
      this.#replace(row, 1, line.slice(0, column) + stroke + line.slice(column));
      return this.#place(row, column + 1);
    }
    switch (stroke) {
      case "Enter":
        if (this.#lines.length === ROWS) return;
        this.#replace(row, 1, line.slice(0, column), line.slice(column));
        return this.#place(row + 1, 0);
      case "Backspace":
        if (column > 0) {
          this.#replace(row, 1, line.slice(0, column - 1) + line.slice(column));
          return this.#place(row, column - 1);
        }
        return row > 0 ? this.#join(row - 1) : undefined;
      case "Delete":
        if (column < line.length) return this.#replace(row, 1, line.slice(0, column) + line.slice(column + 1));
        return row + 1 < this.#lines.length ? this.#join(row) : undefined;
      case "Left":
        return column > 0 ? this.#place(row, column - 1) : row > 0 ? this.#place(row - 1, COLUMNS) : undefined;
      case "Right":
        return column < line.length
          ? this.#place(row, column + 1)
          : row + 1 < this.#lines.length
          ? this.#place(row + 1, 0)
          : undefined;
      case "Up":
        return this.#place(row - 1, column);
      case "Down":
        return this.#place(row + 1, column);
      case "Home":
        return this.#place(row, 0);
      case "End":
        return this.#place(row, COLUMNS);
    }
  }

  /** Joins a line with the next one; the caret goes between. */
  #join(row: number): void {
    const line = this.#lines[row]!, next = this.#lines[row + 1]!;
    if (line.length + next.length > COLUMNS) return;
    this.#replace(row, 2, line + next);
    this.#place(row, line.length);
  }

  #replace(row: number, count: number, ...lines: string[]): void {
    this.#lines.splice(row, count, ...lines);
    const last = lines.length === count ? row : ROWS - 1;
    for (let one = row; one <= last; one++) this.#damageRow(one);
  }

  #place(row: number, column: number): void {
    this.#damageRow(this.#row);
    this.#row = Math.max(0, Math.min(row, this.#lines.length - 1));
    this.#column = Math.max(0, Math.min(column, this.#lines[this.#row]!.length));
    this.#damageRow(this.#row);
  }

  #damageRow(row: number): void {
    this.damage(MARGIN - 2, MARGIN + row * ROW, this.width - MARGIN + 4, MARGIN + (row + 1) * ROW);
  }
}
