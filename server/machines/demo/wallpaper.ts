/** The picture behind the windows: dusk over hills, another hour on every head. */
import { textWidth } from "./face.ts";
import { FACES } from "./faces.ts";
import { mix, Painter, type PaintTarget } from "./painter.ts";
import { disc } from "./shape.ts";

interface Hour {
  /** Colours of the sky from the top to the horizon. */
  readonly sky: readonly [number, number, number];
  readonly sun: number;
  readonly nearest: number;
}

const HOURS: readonly Hour[] = [
  { sky: [0x3a4a78, 0x9a7f9c, 0xf4c28e], sun: 0xfbd48a, nearest: 0x273049 },
  { sky: [0x27566b, 0x6fa3a6, 0xf0d9ae], sun: 0xfff0c4, nearest: 0x1d3a45 },
  { sky: [0x4b3f72, 0xb07a94, 0xf2b8a0], sun: 0xffd9b0, nearest: 0x33294d },
  { sky: [0x1c2541, 0x3f5a80, 0x9fb7c9], sun: 0xe9eef5, nearest: 0x151c30 },
];

const HILLS = 4;

/**
 * Paints the wallpaper of a head.
 *
 * @param head Number from 0.
 * @param width Pixels.
 * @param height Pixels.
 */
export function paintWallpaper(head: number, width: number, height: number): PaintTarget {
  const hour = HOURS[head % HOURS.length]!, [high, middle, low] = hour.sky;
  const target = { width, height, pixels: new Uint32Array(width * height) }, painter = new Painter(target);
  const horizon = height * 0.72;
  for (let y = 0; y < height; y++) {
    const t = Math.min(1, y / horizon);
    const color = t < 0.5 ? between(high, middle, t * 2) : between(middle, low, t * 2 - 1);
    painter.fill({ left: 0, right: width, top: y, bottom: y + 1 }, color);
  }
  const radius = Math.min(width, height) * 0.085, sunX = width * 0.64, sunY = horizon - radius * 1.3;
  const sun = disc(sunX, sunY, radius), reach = Math.ceil(radius * 4);
  const around = {
    left: Math.floor(sunX) - reach,
    right: Math.ceil(sunX) + reach,
    top: Math.floor(sunY) - reach,
    bottom: Math.ceil(sunY) + reach,
  };
  painter.shape(around, sun, hour.sun, (d) => 0.35 * Math.max(0, 1 - Math.max(0, d) / (radius * 3)) ** 2);
  painter.shape(around, sun, hour.sun, 0.95);
  for (let hill = 0; hill < HILLS; hill++) {
    const color = between(low, hour.nearest, 0.28 + 0.72 * hill / (HILLS - 1));
    paintHill(target, color, (x) => horizon + height * (0.07 * hill - 0.02 + ridge(x / width, hill)));
  }
  const label = `Head ${head + 1}  ·  ${width} × ${height}`;
  painter.text(width - textWidth(FACES.sans, label) - 16, 27, label, FACES.sans, 0xffffff, 0.7);
  return target;
}

/** Height of a ridge above its middle, as a share of the picture's height. */
function ridge(x: number, hill: number): number {
  const at = x * Math.PI * 2;
  return 0.035 * Math.sin(at * (0.8 + hill * 0.23) + hill * 2.1) + 0.018 * Math.sin(at * (2.1 + hill * 0.4) + hill) +
    0.006 * Math.sin(at * (5.3 - hill * 0.5));
}

function paintHill({ width, height, pixels }: PaintTarget, color: number, topAt: (x: number) => number): void {
  const tops = Float64Array.from({ length: width }, (_, x) => topAt(x)), last = Math.ceil(Math.max(...tops)) + 1;
  for (let y = Math.max(0, Math.floor(Math.min(...tops))); y < Math.min(last, height); y++) {
    for (let x = 0, at = y * width; x < width; x++, at++) {
      const covered = Math.min(1, y + 1 - tops[x]!);
      if (covered > 0) pixels[at] = mix(pixels[at]!, color, Math.round(covered * 255));
    }
  }
  if (last < height) pixels.fill(color, Math.max(0, last) * width);
}

/** A colour between two; share 0 to 1. */
function between(from: number, to: number, share: number): number {
  return mix(from, to, Math.round(share * 255));
}
