/** Windows of an X screen: by title, where they are, which has the keyboard. */

import { type WaitOptions, waitUntil } from "./wait_until.ts";

/** Runs a program on the screen to its end and returns what it wrote. Throws when it fails. */
export type RunX = (program: string, args: readonly string[]) => Promise<string>;

/** A rectangle of the screen, in pixels. */
export interface WindowPlace {
  /** Left edge of the window's content on the screen. */
  readonly x: number;
  /** Top edge of the window's content on the screen. */
  readonly y: number;
  /** Width of the content. */
  readonly width: number;
  /** Height of the content. */
  readonly height: number;
}

/**
 * Wait for a visible window.
 *
 * @param run Runs xdotool.
 * @param title Its exact title.
 * @param options Time limit and pause.
 * @returns Its id.
 */
export function findWindow(run: RunX, title: string, options: WaitOptions): Promise<string> {
  const pattern = `^${title.replace(/[^\w ]/g, "\\$&")}$`;
  return waitUntil(`window "${title}"`, async () => {
    // xdotool ends with code 1 when there is none yet.
    const found = await run("xdotool", ["search", "--onlyvisible", "--name", pattern]).catch(() => "");
    return found.trim().split("\n").at(-1) || undefined;
  }, options);
}

/**
 * Where a window's content is.
 *
 * @param run Runs xwininfo; not xdotool, which counts the window manager's frame twice.
 * @param window Its id.
 */
export async function windowPlace(run: RunX, window: string): Promise<WindowPlace> {
  const text = await run("xwininfo", ["-id", window]);
  const shown = (name: string) => Number(new RegExp(`${name}: +(-?\\d+)$`, "m").exec(text)?.[1] ?? NaN);
  return {
    x: shown("Absolute upper-left X"),
    y: shown("Absolute upper-left Y"),
    width: shown("Width"),
    height: shown("Height"),
  };
}

/**
 * Where the window manager's frame around a window ends.
 *
 * @param run Runs xprop.
 * @param window Its id.
 * @returns Pixels beyond each edge of the content.
 */
export async function windowFrame(
  run: RunX,
  window: string,
): Promise<{ left: number; right: number; top: number; bottom: number }> {
  const text = await run("xprop", ["-id", window, "-notype", "_NET_FRAME_EXTENTS"]);
  const [left, right, top, bottom] = (/= ([\d, ]+)/.exec(text)?.[1] ?? "0, 0, 0, 0").split(", ").map(Number);
  return { left: left!, right: right!, top: top!, bottom: bottom! };
}

/**
 * Wait until a window has the keyboard: the window manager gives it some time after a click.
 *
 * @param run Runs xdotool.
 * @param window Its id.
 * @param options Time limit and pause.
 */
export async function waitFocus(run: RunX, window: string, options: WaitOptions): Promise<void> {
  // xdotool ends with code 1 while the focus is on its way.
  const focus = () => run("xdotool", ["getwindowfocus"]).catch(() => "");
  await waitUntil(`focus on ${window}`, async () => (await focus()).trim() === window, options);
}

/**
 * Whether a window manager is at work.
 *
 * @param run Runs xprop.
 */
export async function hasWindowManager(run: RunX): Promise<boolean> {
  return (await run("xprop", ["-root", "-notype", "_NET_SUPPORTING_WM_CHECK"])).includes("# 0x");
}
