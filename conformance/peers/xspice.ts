/** Xspice: an X server whose screen is a SPICE server. Real X programs draw on it with every operation it knows. */

import { freePort } from "./free_port.ts";
import type { Picture } from "./picture.ts";
import { mustRunProcess, type PeerProcess, startProcess } from "./process.ts";
import { makeTempDir } from "./temp_dir.ts";
import { type WaitOptions, waitUntil } from "./wait_until.ts";
import {
  findWindow as findXWindow,
  hasWindowManager,
  waitFocus,
  windowFrame,
  type WindowPlace,
  windowPlace,
} from "./x_window.ts";
import { parseXwd } from "./xwd.ts";

/** How the X server is started. */
export interface XspiceOptions {
  /** Driver options, over the ones that keep it from crashing; as `{ SpiceImageCompression: "off" }`. */
  readonly driver?: Readonly<Record<string, string>>;
  /** Ticket clients must know; without one they need none. */
  readonly ticket?: string;
  /** Keyboard layout, as `us` (the default) or `fr`. */
  readonly layout?: string;
  /** Start openbox, so that windows have frames and can be dragged. */
  readonly windowManager?: boolean;
  /** Time limit of the start in milliseconds, 20000 by default. */
  readonly timeoutMs?: number;
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
  /** What xev wrote so far: `ButtonPress event, … button 4, …`. */
  events(): string;
  /** The buttons pressed so far, in order; 4 and 5 are the wheel. */
  buttons(): number[];
}

/** A running X server. Disposing ends it and all programs started on it. */
export interface Xspice extends AsyncDisposable {
  /** `spice://127.0.0.1:PORT`. */
  readonly uri: string;
  /** SPICE port. */
  readonly port: number;
  /** X display, as `:3`. */
  readonly display: string;
  /** The X server's process, for its output. */
  readonly process: PeerProcess;
  /** Milliseconds from the start of the process until X, layout and window manager were ready. */
  readonly startMs: number;
  /** Start a program on this display; it ends with the server. */
  start(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): PeerProcess;
  /** Run a program on this display to its end and return what it wrote. Throws when it fails. */
  run(program: string, args: readonly string[]): Promise<string>;
  /**
   * Open an xterm that writes the lines typed into it to a file. The title must be its own.
   * With `fillLines` it first shows so many numbered lines, to scroll through with the wheel.
   */
  openTerminal(
    options?: { readonly title?: string; readonly geometry?: string; readonly fillLines?: number },
  ): Promise<Terminal>;
  /** Open a window that tells what input it gets. */
  openEventWindow(options?: { readonly title?: string; readonly geometry?: string }): Promise<EventWindow>;
  /** Wait for a visible window by its exact title and return its id. */
  findWindow(title: string, options?: WaitOptions): Promise<string>;
  /** Where a window's content is. */
  place(window: string): Promise<WindowPlace>;
  /** Where the window manager's frame around a window ends: pixels beyond each edge of the content. */
  frame(window: string): Promise<{ left: number; right: number; top: number; bottom: number }>;
  /** Wait until a window has the keyboard: the window manager gives it some time after a click. */
  waitFocus(window: string, options?: WaitOptions): Promise<void>;
  /** Where the pointer is. */
  pointer(): Promise<{ x: number; y: number }>;
  /** Change the keyboard layout, as `setxkbmap`. */
  setLayout(layout: string, variant?: string): Promise<void>;
  /**
   * What X itself holds on its screen, without the pointer. What SPICE sends can have the pointer in it: the driver
   * leaves two-colour pointers, such as xterm's, to X, which draws them. Move it off before comparing.
   */
  screendump(): Promise<Picture>;
}

/**
 * Start Xspice with one head of 1024×768.
 *
 * @param options Driver options, ticket, layout, window manager.
 * @returns The server. Own it with `await using`.
 * @throws {Error} With its output when it ends or is not ready in time.
 */
export async function startXspice(options: XspiceOptions = {}): Promise<Xspice> {
  // Between freePort() and the server's bind another process can take the port: then try the next.
  for (let tries = 1;; tries++) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (tries === 3 || !/bind|in use/i.test(String(error))) throw error;
    }
  }
}

async function startOnce(options: XspiceOptions): Promise<Xspice> {
  const start = performance.now();
  const timeoutMs = options.timeoutMs ?? 20_000;
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await makeTempDir("xspice"));
  const port = freePort();
  await Deno.writeTextFile(`${dir.path}/xorg.conf`, xorgConfig(options, port));
  const process = stack.use(startProcess("sh", [
    // X picks a free display, writes its number alone on a line, and closes the descriptor. It must not be standard
    // output: the next X client would get descriptor 1, and the driver's printf would go to that client.
    ...["-c", 'exec "$0" "$@" -displayfd 3 3>&1', "/usr/lib/xorg/Xorg"],
    ...["-config", `${dir.path}/xorg.conf`, "-logfile", `${dir.path}/log`, "-noreset", "-nolisten", "tcp"],
  ]));
  const number = await waitUntil("X's display number", () => {
    process.mustRun();
    return /^(\d+)$/m.exec(process.output())?.[1];
  }, { timeoutMs });
  const display = `:${number}`;
  const run = async (program: string, args: readonly string[]) =>
    (await mustRunProcess(program, args, { env: { DISPLAY: display }, lifeMs: 10_000 })).stdout;
  const findWindow = (title: string, wait: WaitOptions = {}) => findXWindow(run, title, { timeoutMs, ...wait });

  const xspice: Xspice = {
    uri: `spice://127.0.0.1:${port}`,
    port,
    display,
    process,
    startMs: 0,
    start: (program, args, env = {}) => owned.use(startProcess(program, args, { env: { DISPLAY: display, ...env } })),
    run,
    openTerminal: async ({ title = "terminal", geometry = "60x12+40+60", fillLines = 0 } = {}) => {
      const file = `${await Deno.makeTempDir({ dir: dir.path })}/typed`;
      await Deno.writeTextFile(file, "");
      xspice.start("xterm", [
        ...["-u8", "-T", title, "-geometry", geometry, "+bc", "-xrm", "*cursorBlink: false", "-xrm", "*saveLines: 500"],
        ...["-e", "sh", "-c", 'seq "$1"; exec cat > "$0"', file, `${fillLines}`],
      ], { LC_ALL: "C.UTF-8" });
      return { window: await findWindow(title), typed: () => Deno.readTextFile(file) };
    },
    openEventWindow: async ({ title = "events", geometry = "300x200+600+400" } = {}) => {
      const args = ["-oL", "xev", "-name", title, "-geometry", geometry, "-event", "button", "-event", "keyboard"];
      let xev = xspice.start("stdbuf", args);
      // Under load the first X program can come before the window manager is whole, and its window is never shown.
      const window = await findWindow(title, { timeoutMs: 5000 }).catch(async () => {
        await xev[Symbol.asyncDispose]();
        xev = xspice.start("stdbuf", args);
        return await findWindow(title);
      });
      return {
        window,
        events: () => xev.output(),
        buttons: () => [...xev.output().matchAll(/ButtonPress event[^]*?button (\d+),/g)].map((m) => Number(m[1])),
      };
    },
    findWindow,
    place: (window) => windowPlace(run, window),
    frame: (window) => windowFrame(run, window),
    waitFocus: (window, wait = {}) => waitFocus(run, window, { timeoutMs, ...wait }),
    pointer: async () => {
      const text = await run("xdotool", ["getmouselocation"]);
      const [, x, y] = /x:(\d+) y:(\d+)/.exec(text) ?? [];
      return { x: Number(x), y: Number(y) };
    },
    setLayout: async (layout, variant = "") => void await run("setxkbmap", ["-layout", layout, "-variant", variant]),
    screendump: async () => {
      const file = await Deno.makeTempFile({ dir: dir.path, suffix: ".xwd" });
      await run("xwd", ["-root", "-silent", "-out", file]);
      return parseXwd(await Deno.readFile(file));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };

  await xspice.setLayout(options.layout ?? "us");
  // No screen saver: it would blank the picture of a long test.
  await run("xset", ["s", "off", "-dpms"]);
  const owned = stack.move();
  try {
    if (options.windowManager) {
      const manager = xspice.start("openbox", ["--sm-disable"]);
      await waitUntil("openbox", () => {
        process.mustRun();
        manager.mustRun();
        return hasWindowManager(run);
      }, { timeoutMs });
    }
  } catch (error) {
    await owned.disposeAsync();
    throw error;
  }
  return Object.assign(xspice, { startMs: performance.now() - start });
}

function xorgConfig(options: XspiceOptions, port: number): string {
  const driver = {
    SpicePort: `${port}`,
    SpiceAddr: "127.0.0.1",
    ...(options.ticket === undefined ? { SpiceDisableTicketing: "True" } : { SpicePassword: options.ticket }),
    NumHeads: "1",
    EnableImageCache: "True",
    EnableFallbackCache: "True",
    EnableSurfaces: "True",
    // With other sizes the driver crashes.
    SurfaceBufferSize: "128",
    CommandBufferSize: "128",
    FrameBufferSize: "16",
    ...options.driver,
  };
  const lines = Object.entries(driver).map(([name, value]) => `  Option "${name}" "${value}"`);
  return `Section "Device"
  Identifier "device"
  Driver "spiceqxl"
${lines.join("\n")}
EndSection
Section "InputDevice"
  Identifier "pointer"
  Driver "xspice pointer"
EndSection
Section "InputDevice"
  Identifier "keyboard"
  Driver "xspice keyboard"
EndSection
Section "Monitor"
  Identifier "monitor"
EndSection
Section "Screen"
  Identifier "screen"
  Monitor "monitor"
  Device "device"
  DefaultDepth 24
EndSection
Section "ServerLayout"
  Identifier "layout"
  Screen "screen"
  InputDevice "keyboard"
  InputDevice "pointer"
EndSection
Section "ServerFlags"
  Option "AutoAddDevices" "False"
EndSection
`;
}
