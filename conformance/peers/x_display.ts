/** An X display of this machine: its server, programs on it, and the pixels and the pointer that X holds. */

import type { CursorShape } from "../../canvas/cursor.ts";
import type { Picture } from "./picture.ts";
import { mustRunProcess, type PeerProcess, startProcess } from "./process.ts";
import { makeTempDir } from "./temp_dir.ts";
import { waitUntil } from "./wait_until.ts";
import { hasWindowManager, type XDesktop, xDesktop } from "./x_desktop.ts";
import { startXServer } from "./x_server.ts";
import { parseXwd } from "./xwd.ts";

/** How a display is started. */
export interface XDisplayOptions {
  /** Variables for its programs, beside DISPLAY, a UTF-8 locale, an empty home and no D-Bus. */
  readonly env?: Readonly<Record<string, string>>;
  /** Time limit of the start in milliseconds, 20000 by default. */
  readonly timeoutMs?: number;
}

/** A display. Disposing ends its X server and the programs that were started on it. */
export interface XDisplay extends XDesktop, AsyncDisposable {
  /** As `:5`. */
  readonly display: string;
  /** Run a program to its end and return what it wrote. Throws when it fails. */
  run(program: string, args: readonly string[]): Promise<string>;
  /** Start a program that stays. */
  start(program: string, args: readonly string[]): PeerProcess;
  /** Start openbox, so that windows have frames and can be dragged, and wait until it manages. */
  startWindowManager(): Promise<void>;
  /** What X itself holds on its screen, without the pointer. Windows of another depth than the screen's are left out. */
  screendump(): Promise<Picture>;
  /** The pointer's shape where it is now. Needs python3 and libxfixes3. */
  cursor(): Promise<CursorShape>;
}

/**
 * Start an X server on a free display.
 *
 * @param program Name or path of the server: Xvfb, Xtigervnc, Xorg.
 * @param args Its arguments, without a display.
 * @param options Environment, time limit.
 * @returns The display. Own it with `await using`.
 * @throws {Error} With the server's output when it ends or is not ready in time.
 */
export async function startXDisplay(
  program: string,
  args: readonly string[],
  options: XDisplayOptions = {},
): Promise<XDisplay> {
  const timeoutMs = options.timeoutMs ?? 20_000;
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await makeTempDir("x")).path;
  const server = stack.use(await startXServer(program, args, timeoutMs));
  const env = {
    DISPLAY: server.display,
    GDK_BACKEND: "x11",
    LC_ALL: "C.UTF-8",
    HOME: folder,
    XDG_CONFIG_HOME: `${folder}/config`,
    XDG_CACHE_HOME: `${folder}/cache`,
    XDG_DATA_HOME: `${folder}/data`,
    XDG_RUNTIME_DIR: folder,
    DBUS_SESSION_BUS_ADDRESS: "disabled:",
    GSETTINGS_BACKEND: "memory",
    GIO_USE_VFS: "local",
    NO_AT_BRIDGE: "1",
    ...options.env,
  };
  const run = async (program: string, args: readonly string[]) =>
    (await mustRunProcess(program, args, { env, lifeMs: 10_000 })).stdout;
  const start = (program: string, args: readonly string[]) => owned.use(startProcess(program, args, { env }));
  const desktop = xDesktop({
    folder,
    run,
    start: (program, args, outputPath = "/dev/null") => {
      start("sh", ["-c", 'exec "$@" >"$0" 2>&1', outputPath, program, ...args]);
      return Promise.resolve();
    },
    readText: (path) => Deno.readTextFile(path),
  });
  const owned = stack.move();
  return {
    ...desktop,
    display: server.display,
    run,
    start,
    startWindowManager: async () => {
      const manager = start("openbox", ["--sm-disable"]);
      await waitUntil("openbox", () => {
        server.process.mustRun();
        manager.mustRun();
        return hasWindowManager(run);
      }, { timeoutMs });
    },
    screendump: async () => {
      const path = `${folder}/${crypto.randomUUID()}.xwd`;
      await run("xwd", ["-root", "-silent", "-out", path]);
      return parseXwd(await Deno.readFile(path));
    },
    cursor: async () => {
      const script = new URL("./x_cursor.py", import.meta.url).pathname;
      const { pixels, ...shape } = JSON.parse(await run("/usr/bin/python3", [script]));
      return { ...shape, pixels: Uint32Array.from(pixels), invert: null };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
