/** Xvfb: an X screen in memory, for programs with windows. */

import type { Picture } from "./picture.ts";
import { makeTempDir } from "./temp_dir.ts";
import { startXDisplay, type XDisplay, type XDisplayOptions } from "./x_display.ts";
import { parseXwd } from "./xwd.ts";

/** How the screen is made. */
export interface XvfbOptions extends XDisplayOptions {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/** The screen and its programs. Disposing ends all. */
export interface Xvfb extends XDisplay {
  /** The screen's memory: all that it shows, windows of any depth and the pointer included. */
  memory(): Promise<Picture>;
}

/**
 * Start a screen.
 *
 * @param options Size, environment, time limit.
 * @returns The screen. Own it with `await using`.
 * @throws {Error} With its output when it ends or is not ready in time.
 */
export async function startXvfb(options: XvfbOptions): Promise<Xvfb> {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await makeTempDir("xvfb"));
  const screen = `${options.width}x${options.height}x24`;
  const args = ["-screen", "0", screen, "-fbdir", dir.path, "-noreset", "-nolisten", "tcp"];
  const display = stack.use(await startXDisplay("Xvfb", args, options));
  const owned = stack.move();
  return {
    ...display,
    memory: async () => parseXwd(await Deno.readFile(`${dir.path}/Xvfb_screen0`)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
