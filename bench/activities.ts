/** What machines show, for measuring servers: each step changes the picture and damages it. */
import type { PixelsMachine } from "../mod.ts";

/** An activity of a machine; `step` counts from 0. */
export interface Activity {
  readonly name: string;
  readonly step: (machine: PixelsMachine, step: number) => void;
}

const CELL = { width: 10, height: 20 };

/** Typing, scrolling text, and photographs. */
export const activities: readonly Activity[] = [
  {
    name: "typing: a letter of 10 × 20",
    step: (machine, step) => {
      const columns = Math.floor(machine.width / CELL.width), rows = Math.floor(machine.height / CELL.height);
      letter(machine, step % columns, Math.floor(step / columns) % rows, step);
    },
  },
  {
    name: "scrolling: a text window of 1200 × 800 by a line",
    step: (machine, step) => {
      const { pixels, width } = machine, area = { left: 200, top: 100, right: 1400, bottom: 900 };
      for (let y = area.top; y < area.bottom - CELL.height; y++) {
        const from = (y + CELL.height) * width;
        pixels.copyWithin(y * width + area.left, from + area.left, from + area.right);
      }
      for (let column = 20; column < 140; column++) letter(machine, column, 44, step * 131 + column * 7, false);
      machine.damage(area);
    },
  },
  {
    name: "photograph: the whole screen",
    step: (machine, step) => {
      photograph(machine.pixels, machine.width, step);
      machine.damage();
    },
  },
];

/** Fills a picture as a camera does: slopes with grain in two bits, other ones for each number. */
export function photograph(pixels: Uint32Array, width: number, number: number): void {
  for (let y = 0, at = 0; at < pixels.length; y++) {
    for (let x = 0; x < width; x++, at++) {
      const grain = Math.imul(at + number * 7919, 2654435761) >>> 30;
      const red = (x >> 3) + number * 37 + grain & 255, green = (y >> 2) + grain & 255, blue = (x + y >> 4) & 255;
      pixels[at] = red << 16 | green << 8 | blue;
    }
  }
}

/** Strokes on white, other ones for each number. */
function letter(machine: PixelsMachine, column: number, row: number, number: number, damage = true): void {
  const { pixels, width } = machine, left = column * CELL.width, top = row * CELL.height;
  const shape = Math.imul(number + 1, 2654435761);
  for (let y = 0; y < CELL.height; y++) {
    for (let x = 0; x < CELL.width; x++) {
      const inked = x > 0 && y > 2 && (shape >>> (x >> 1) + (y >> 2) * 5 & 1) === 1;
      pixels[(top + y) * width + left + x] = inked ? 0x202020 : 0xffffff;
    }
  }
  if (damage) machine.damage({ left, top, right: left + CELL.width, bottom: top + CELL.height });
}
