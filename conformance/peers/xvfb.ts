/** Xvfb: an X screen in memory, for programs with windows. What it shows can be read at any time. */

import type { CursorShape } from "../../canvas/cursor.ts";
import type { Picture } from "./picture.ts";
import { mustRunProcess, type PeerProcess, startProcess } from "./process.ts";
import { makeTempDir } from "./temp_dir.ts";
import { type WaitOptions, waitUntil } from "./wait_until.ts";
import { startXServer } from "./x_server.ts";
import { hasWindowManager, type RunX } from "./x_window.ts";
import { parseXwd } from "./xwd.ts";

/** How the screen is made. */
export interface XvfbOptions {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Time limit of the start in milliseconds, 20000 by default. */
  readonly timeoutMs?: number;
}

/** A screen with a window manager. Disposing ends it and all programs started on it. */
export interface Xvfb extends AsyncDisposable {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Start a program on this screen; it ends with the screen. It finds an empty home and no D-Bus. */
  start(program: string, args: readonly string[]): PeerProcess;
  /** Run a program on this screen to its end and return what it wrote. Throws when it fails. */
  readonly run: RunX;
  /** What the screen shows, the pointer included. */
  screendump(): Promise<Picture>;
  /** The pointer's shape where it is now. */
  cursor(): Promise<CursorShape>;
}

/**
 * Start a screen with openbox.
 *
 * @param options Size, time limit.
 * @returns The screen. Own it with `await using`.
 * @throws {Error} With its output when it ends or is not ready in time.
 */
export async function startXvfb(options: XvfbOptions): Promise<Xvfb> {
  const { width, height } = options, wait: WaitOptions = { timeoutMs: options.timeoutMs ?? 20_000 };
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await makeTempDir("xvfb"));
  const server = await startXServer(
    "Xvfb",
    [
      ...["-screen", "0", `${width}x${height}x24`, "-noreset", "-nolisten", "tcp"],
      // The file is the screen's memory. Unlike xwd, it has the pixels of windows of any depth.
      ...["-fbdir", dir.path],
    ],
    stack,
    wait.timeoutMs,
  );
  const env = {
    DISPLAY: server.display,
    GDK_BACKEND: "x11",
    LC_ALL: "C.UTF-8",
    HOME: dir.path,
    XDG_CONFIG_HOME: `${dir.path}/config`,
    XDG_CACHE_HOME: `${dir.path}/cache`,
    XDG_DATA_HOME: `${dir.path}/data`,
    XDG_RUNTIME_DIR: dir.path,
    DBUS_SESSION_BUS_ADDRESS: "disabled:",
    GSETTINGS_BACKEND: "memory",
    GIO_USE_VFS: "local",
    NO_AT_BRIDGE: "1",
  };
  const run: RunX = async (program, args) => (await mustRunProcess(program, args, { env, lifeMs: 10_000 })).stdout;
  const manager = stack.use(startProcess("openbox", ["--sm-disable"], { env }));
  await waitUntil("openbox", () => {
    server.process.mustRun();
    manager.mustRun();
    return hasWindowManager(run);
  }, wait);
  const script = new URL("./x_cursor.py", import.meta.url).pathname;
  const owned = stack.move();
  return {
    width,
    height,
    start: (program, args) => owned.use(startProcess(program, args, { env })),
    run,
    screendump: async () => parseXwd(await Deno.readFile(`${dir.path}/Xvfb_screen0`)),
    cursor: async () => {
      const { pixels, ...shape } = JSON.parse(await run("/usr/bin/python3", [script]));
      return { ...shape, pixels: Uint32Array.from(pixels), invert: null };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
