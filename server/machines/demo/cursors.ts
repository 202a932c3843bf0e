/** The pointer's shapes: dark, with a light outline and a soft shadow. */
import type { CursorShape } from "../../../canvas/cursor.ts";
import { capsule, coverageAt, type Distance, polygon, union } from "./shape.ts";

/** A pointer's shape by what it says can be done here. */
export type CursorName = "arrow" | "text" | "move" | "hand";

const SIZE = 32;

/** All shapes. */
export const CURSORS: Readonly<Record<CursorName, CursorShape>> = {
  arrow: draw(4, 3, polygon([4, 3], [4, 19.5], [8, 16], [10.6, 22], [13.4, 20.8], [10.9, 15], [16, 14.6])),
  text: draw(
    12,
    13,
    union(capsule(12, 5.5, 12, 20.5, 0.8), capsule(9, 4.5, 15, 4.5, 0.8), capsule(9, 21.5, 15, 21.5, 0.8)),
  ),
  move: draw(
    14,
    14,
    union(
      capsule(14, 6, 14, 22, 1),
      capsule(6, 14, 22, 14, 1),
      polygon([14, 2.5], [17.5, 7], [10.5, 7]),
      polygon([14, 25.5], [17.5, 21], [10.5, 21]),
      polygon([2.5, 14], [7, 10.5], [7, 17.5]),
      polygon([25.5, 14], [21, 10.5], [21, 17.5]),
    ),
  ),
  hand: draw(
    11,
    3,
    union(
      capsule(11, 5, 11, 15, 1.7),
      capsule(14.4, 12, 14.4, 16, 1.7),
      capsule(17.6, 13, 17.6, 17, 1.6),
      capsule(20.4, 14.5, 20.4, 18, 1.5),
      capsule(6.8, 14.8, 10, 19, 1.5),
      polygon([9.4, 14], [21.8, 15.5], [21.6, 20], [19.5, 24.5], [11.5, 24.5], [8.8, 20]),
    ),
  ),
};

function draw(hotX: number, hotY: number, distance: Distance): CursorShape {
  const pixels = new Uint32Array(SIZE * SIZE);
  for (let i = 0; i < pixels.length; i++) {
    const x = i % SIZE + 0.5, y = Math.floor(i / SIZE) + 0.5, d = distance(x, y);
    const body = coverageAt(d), outline = coverageAt(d - 1.3);
    const shadow = 0.35 * Math.max(0, 1 - Math.max(0, distance(x - 1, y - 1.5)) / 4) ** 2;
    const alpha = outline + (1 - outline) * shadow;
    const light = Math.round((outline - body) * 255), dark = (value: number) => Math.round(body * value);
    const [red, green, blue] = [0x2a, 0x2d, 0x3e].map((value) => light + dark(value));
    pixels[i] = Math.round(alpha * 255) << 24 | red! << 16 | green! << 8 | blue!;
  }
  return { width: SIZE, height: SIZE, hotX, hotY, pixels, invert: null };
}
