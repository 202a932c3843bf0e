/** The bar at the bottom of a head: a button for every window, and the time. */
import type { Rect } from "../../../canvas/rect.ts";
import { timeOfDay } from "./clock_app.ts";
import { fitText, textWidth } from "./face.ts";
import { FACES } from "./faces.ts";
import type { Painter } from "./painter.ts";
import { disc } from "./shape.ts";
import { THEME } from "./theme.ts";
import type { Window } from "./window.ts";

/** Height of the bar. */
export const TASKBAR_HEIGHT = 38;
const LEFT = 44;
const RIGHT = 70;
const GAP = 6;
const WIDEST = 118;

/**
 * Places of the buttons, from the bar's top left corner.
 *
 * @param width Width of the head.
 * @param count Number of windows.
 */
export function taskbarButtons(width: number, count: number): Rect[] {
  const each = Math.max(12, Math.min(WIDEST, Math.floor((width - LEFT - RIGHT) / count) - GAP));
  return Array.from({ length: count }, (_, i) => {
    const left = LEFT + i * (each + GAP);
    return { left, right: left + each, top: 6, bottom: TASKBAR_HEIGHT - 6 };
  });
}

/**
 * Paints the bar over the wallpaper.
 *
 * @param painter Its origin is the bar's top left corner.
 * @param width Width of the head.
 * @param windows In the order of the buttons.
 * @param front The frontmost window.
 * @param nowMs Local time.
 */
export function paintTaskbar(
  painter: Painter,
  width: number,
  windows: readonly Window[],
  front: Window | null,
  nowMs: number,
): void {
  const bar = { left: 0, top: 0, right: width, bottom: TASKBAR_HEIGHT };
  if (painter.misses(bar)) return;
  painter.box(bar, 0, THEME.bar, 0.86);
  painter.shape({ left: 8, top: 4, right: 38, bottom: 34 }, disc(22, 19, 9), THEME.accent);
  painter.shape({ left: 8, top: 4, right: 38, bottom: 34 }, disc(26, 16, 7), THEME.bar, 0.55);
  taskbarButtons(width, windows.length).forEach((button, i) => {
    const window = windows[i]!, { left, right, top, bottom } = button;
    if (window.open) painter.box(button, 6, THEME.barButton, window === front ? 1 : 0.55);
    if (window === front) painter.box({ left: left + 10, right: right - 10, top: bottom - 3, bottom }, 1, THEME.accent);
    const text = fitText(FACES.sans, window.app.title, right - left - 14);
    const x = left + Math.floor((right - left - textWidth(FACES.sans, text)) / 2);
    painter.text(x, top + 17, text, FACES.sans, window.open ? THEME.barInk : THEME.barQuiet);
  });
  const time = timeOfDay(nowMs).slice(0, 5);
  painter.text(width - 16 - textWidth(FACES.bold, time), 24, time, FACES.bold, THEME.barInk);
}
