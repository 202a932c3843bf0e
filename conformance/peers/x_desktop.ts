/** What tests ask of an X desktop, wherever it runs: windows that show what input reached them, and places. */

import { type WaitOptions, waitUntil } from "./wait_until.ts";

/** How programs are run on the desktop. Their environment has DISPLAY and a UTF-8 locale. */
export interface XMachine {
  /** Where files of the desktop's programs go. `/tmp` by default. */
  readonly folder?: string;
  /** Run a program to its end and return what it wrote. Throws when it fails. */
  run(program: string, args: readonly string[]): Promise<string>;
  /** Start a program that stays, its output going into a file. */
  start(program: string, args: readonly string[], outputPath?: string): Promise<void>;
  /** What stands in a file. */
  readText(path: string): Promise<string>;
}

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

/** A terminal whose typed lines can be read. */
export interface Terminal {
  /** X window id. */
  readonly window: string;
  /** The complete lines typed into it so far, each with its line end. */
  typed(): Promise<string>;
}

/** A window that tells what input it gets. */
export interface EventWindow {
  /** X window id. */
  readonly window: string;
  /** The buttons pressed so far, in order; 4 and 5 are the wheel. */
  buttons(): Promise<number[]>;
}

/** An X desktop. */
export interface XDesktop {
  /**
   * Open an xterm that writes the lines typed into it to a file. The title must be its own.
   * With `fillLines` it first shows so many numbered lines, to scroll through with the wheel.
   */
  openTerminal(
    options?: { readonly title?: string; readonly geometry?: string; readonly fillLines?: number },
  ): Promise<Terminal>;
  /** Open a window that tells the buttons pressed over it. The title must be its own. */
  openEventWindow(options?: { readonly title?: string; readonly geometry?: string }): Promise<EventWindow>;
  /** Wait for a visible window by its exact title and return its id. */
  findWindow(title: string): Promise<string>;
  /** Where a window's content is. */
  place(window: string): Promise<WindowPlace>;
  /** Where the window manager's frame around a window ends: pixels beyond each edge of the content. */
  frame(window: string): Promise<{ left: number; right: number; top: number; bottom: number }>;
  /** Wait until a window has the keyboard: the window manager gives it some time after a click. */
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
  const { run, folder = "/tmp" } = machine;
  const wait: WaitOptions = { timeoutMs: 20_000, everyMs: 100 };
  const findWindow = (title: string, options = wait) => {
    const pattern = `^${title.replace(/[^\w ]/g, "\\$&")}$`;
    return waitUntil(`window "${title}"`, async () => {
      // xdotool ends with code 1 when there is none yet.
      const found = await run("xdotool", ["search", "--onlyvisible", "--name", pattern]).catch(() => "");
      return found.trim().split("\n").at(-1) || undefined;
    }, options);
  };
  return {
    openTerminal: async ({ title = "terminal", geometry = "60x12+40+60", fillLines = 0 } = {}) => {
      const file = `${folder}/${title}.typed`;
      await machine.start("xterm", [
        ...["-u8", "-T", title, "-geometry", geometry, "+bc", "-xrm", "*cursorBlink: false", "-xrm", "*saveLines: 500"],
        ...["-e", "sh", "-c", 'seq "$1"; exec cat > "$0"', file, `${fillLines}`],
      ]);
      const window = await findWindow(title);
      await waitUntil(`the terminal's file`, () => machine.readText(file).then(() => true, () => false), wait);
      return { window, typed: () => machine.readText(file) };
    },
    openEventWindow: async ({ title = "events", geometry = "300x200+600+400" } = {}) => {
      const file = `${folder}/${title}.events`;
      const start = () =>
        machine.start("stdbuf", ["-oL", "xev", "-name", title, "-geometry", geometry, "-event", "button"], file);
      await start();
      // Under load the first X program can come before the window manager is whole, and its window is never shown.
      const window = await findWindow(title, { ...wait, timeoutMs: 5000 }).catch(async () => {
        await run("xdotool", ["search", "--name", `^${title}$`, "windowkill"]);
        await start();
        return await findWindow(title);
      });
      const pressed = /ButtonPress event[^]*?button (\d+),/g;
      return {
        window,
        buttons: async () => [...(await machine.readText(file)).matchAll(pressed)].map((match) => Number(match[1])),
      };
    },
    findWindow: (title) => findWindow(title),
    place: async (window) => {
      // Not xdotool: it counts the window manager's frame twice.
      const text = await run("xwininfo", ["-id", window]);
      const shown = (name: string) => Number(new RegExp(`${name}: +(-?\\d+)$`, "m").exec(text)?.[1] ?? NaN);
      return {
        x: shown("Absolute upper-left X"),
        y: shown("Absolute upper-left Y"),
        width: shown("Width"),
        height: shown("Height"),
      };
    },
    frame: async (window) => {
      const text = await run("xprop", ["-id", window, "-notype", "_NET_FRAME_EXTENTS"]);
      const [left, right, top, bottom] = (/= ([\d, ]+)/.exec(text)?.[1] ?? "0, 0, 0, 0").split(", ").map(Number);
      return { left: left!, right: right!, top: top!, bottom: bottom! };
    },
    waitFocus: async (window) => {
      // xdotool ends with code 1 while the focus is on its way.
      const focus = () => run("xdotool", ["getwindowfocus"]).catch(() => "");
      await waitUntil(`focus on ${window}`, async () => (await focus()).trim() === window, wait);
    },
    pointer: async () => {
      const [, x, y] = /x:(\d+) y:(\d+)/.exec(await run("xdotool", ["getmouselocation"])) ?? [];
      return { x: Number(x), y: Number(y) };
    },
    setLayout: async (layout) => void await run("setxkbmap", ["-layout", layout]),
  };
}

/**
 * Whether a window manager is at work.
 *
 * @param run Runs xprop.
 */
export async function hasWindowManager(run: XMachine["run"]): Promise<boolean> {
  return (await run("xprop", ["-root", "-notype", "_NET_SUPPORTING_WM_CHECK"])).includes("# 0x");
}
