/** What tests ask of an X desktop, wherever it runs: windows that show what input reached them, and places. */

import { type WaitOptions, waitUntil } from "./wait_until.ts";
import { findWindow, waitFocus, windowFrame, type WindowPlace, windowPlace } from "./x_window.ts";

/** How programs are run on the desktop. Its environment has DISPLAY. */
export interface XMachine {
  /** Run a program to its end and return what it wrote. Throws when it fails. */
  run(program: string, args: readonly string[]): Promise<string>;
  /** Start a program that stays, its output going into a file. */
  start(program: string, args: readonly string[], outputPath?: string): Promise<void>;
  /** What stands in a file. */
  readText(path: string): Promise<string>;
}

/** An X desktop. */
export interface XDesktop {
  /** Open an xterm that writes the lines typed into it to a file. The title must be its own. */
  openTerminal(
    options: { readonly title: string; readonly geometry: string },
  ): Promise<{ readonly window: string; typed(): Promise<string> }>;
  /** Open a window that tells the buttons pressed over it, in order; 4 and 5 are the wheel. */
  openEventWindow(
    options: { readonly title: string; readonly geometry: string },
  ): Promise<{ readonly window: string; buttons(): Promise<number[]> }>;
  /** Where a window's content is. */
  place(window: string): Promise<WindowPlace>;
  /** Where the window manager's frame around a window ends: pixels beyond each edge of the content. */
  frame(window: string): Promise<{ left: number; right: number; top: number; bottom: number }>;
  /** Wait until a window has the keyboard. */
  waitFocus(window: string): Promise<void>;
  /** Where the pointer is. */
  pointer(): Promise<{ x: number; y: number }>;
  /** Change the keyboard layout. */
  setLayout(layout: string): Promise<void>;
}

/**
 * Ask about a desktop through its programs.
 *
 * @param machine Runs xterm, xev, xdotool, xwininfo, xprop and setxkbmap.
 * @returns The desktop.
 */
export function xDesktop(machine: XMachine): XDesktop {
  const { run } = machine;
  const wait: WaitOptions = { timeoutMs: 20_000, everyMs: 100 };
  return {
    openTerminal: async ({ title, geometry }) => {
      const file = `/tmp/${title}.typed`;
      await machine.start("xterm", [
        ...["-u8", "-T", title, "-geometry", geometry, "+bc", "-xrm", "*cursorBlink: false"],
        ...["-e", "sh", "-c", 'exec cat > "$0"', file],
      ]);
      const window = await findWindow(run, title, wait);
      await waitUntil(`the terminal's file`, () => machine.readText(file).then(() => true, () => false), wait);
      return { window, typed: () => machine.readText(file) };
    },
    openEventWindow: async ({ title, geometry }) => {
      const file = `/tmp/${title}.events`;
      await machine.start("stdbuf", ["-oL", "xev", "-name", title, "-geometry", geometry, "-event", "button"], file);
      const pressed = /ButtonPress event[^]*?button (\d+),/g;
      return {
        window: await findWindow(run, title, wait),
        buttons: async () => [...(await machine.readText(file)).matchAll(pressed)].map((match) => Number(match[1])),
      };
    },
    place: (window) => windowPlace(run, window),
    frame: (window) => windowFrame(run, window),
    waitFocus: (window) => waitFocus(run, window, wait),
    pointer: async () => {
      const [, x, y] = /x:(\d+) y:(\d+)/.exec(await run("xdotool", ["getmouselocation"])) ?? [];
      return { x: Number(x), y: Number(y) };
    },
    setLayout: async (layout) => void await run("setxkbmap", ["-layout", layout]),
  };
}
