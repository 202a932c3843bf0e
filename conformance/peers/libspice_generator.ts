/** libspice-server, the reference server, behind a program of ours that plays scenes and tells what clients do. */

import { cacheDir } from "./cache_dir.ts";
import { mustRunProcess, type PeerProcess, startProcess } from "./process.ts";
import { makeTempDir } from "./temp_dir.ts";
import { type WaitOptions, waitUntil } from "./wait_until.ts";

/** What is played; `libspice_generator/README.md` tells what each shows. */
export type Scene =
  | (
    | "basics"
    | "fills"
    | "bitmaps"
    | "bitmaps-le"
    | "copies"
    | "photos"
    | "ropds"
    | "rop3"
    | "rop3-degenerate"
    | "masks"
    | "clips"
    | "copy-bits"
  )
  | ("blends" | "composite" | "strokes" | "text" | "surfaces" | "cache" | "heads" | "stream" | "cursors" | "sound")
  | (
    | "cursor-forms"
    | "forms"
    | "forms-le"
    | "palettes"
    | "masks-plain"
    | "lossy"
    | "drops"
    | "bare"
    | "moving"
    | "layouts"
    | "operands"
    | "operands-lossy"
    | "operands-masks"
    | "operands-bare"
    | "modes"
    | "stream-clips"
  );

/** How the server is started. */
export interface LibspiceOptions {
  /** What `play` plays; `basics` by default. */
  readonly scene?: Scene;
  /** Listen on a unix socket instead of a port. */
  readonly unix?: boolean;
  /** Ticket clients must know; without one they need none. */
  readonly ticket?: string;
  /** QXL devices, 1 (the default) or 2. */
  readonly displays?: 1 | 2;
  /** Width and height of each display, 640×480 by default. */
  readonly size?: { readonly width: number; readonly height: number };
  /** A tablet, so that the mouse is absolute (client mode). Default: true. */
  readonly tablet?: boolean;
  /** The agent's device, which sends back all it gets. Default: false. */
  readonly agent?: boolean;
  /** Whether clients can be migrated, seamlessly. Default: false. */
  readonly migration?: boolean;
  /** Wait for a machine that is to arrive from another host, and for its clients. Default: false. */
  readonly incoming?: boolean;
  /** Playback and record channels. Default: false. */
  readonly sound?: boolean;
  /** Whether sound may be Opus. Default: true. */
  readonly opus?: boolean;
  /** Image compression, libspice's `auto_glz` by default. */
  readonly compression?: "off" | "auto_glz" | "auto_lz" | "quic" | "glz" | "lz" | "lz4";
  /** JPEG for photographs, for slow links. Default: auto. */
  readonly jpeg?: "auto" | "always" | "never";
  /** zlib over GLZ, for slow links. Default: auto. */
  readonly zlib?: "auto" | "always" | "never";
  /** What becomes a video stream. Default: off. */
  readonly streams?: "off" | "all" | "filter";
  /** Video codecs in libspice's syntax, as `spice:mjpeg`. */
  readonly codecs?: string;
}

/** Something the server was told or did, as `{ event: "key", code: 30 }`. */
export interface LibspiceEvent {
  /** Its kind: `libspice_generator/README.md` lists them. */
  readonly event: string;
  readonly [name: string]: unknown;
}

/** A running server. Disposing ends it. */
export interface Libspice extends AsyncDisposable {
  /** `spice://127.0.0.1:PORT` or `spice+unix:///PATH`. */
  readonly uri: string;
  /** Port, 0 on a unix socket. */
  readonly port: number;
  /** The process, for its output. */
  readonly process: PeerProcess;
  /** All events so far, oldest first. */
  readonly events: readonly LibspiceEvent[];
  /** All events so far of a kind. */
  of(event: string): LibspiceEvent[];
  /**
   * Play steps of the scene, all that are left unless told.
   *
   * @param steps How many. More than there are is no error.
   * @param ms Pause between two of them, 10 by default, so that the server does not merge them.
   * @returns Steps played since the scene's begin, and whether that was its end.
   */
  play(steps?: number, ms?: number): Promise<{ readonly steps: number; readonly over: boolean }>;
  /**
   * Have a command done: `libspice_generator/README.md` lists them.
   *
   * @param line As `leds 4`, without a line end.
   * @throws {Error} When it is refused.
   */
  command(line: string): Promise<void>;
  /** Wait for an event that satisfies a test, one that came already included. */
  waitEvent(what: string, test: (event: LibspiceEvent) => boolean, options?: WaitOptions): Promise<LibspiceEvent>;
}

/** Debian packages that the generator is compiled with, for `peerTest`. */
export const LIBSPICE = ["gcc", "libc6-dev", "libspice-server-dev", "pkg-config"] as const;

/**
 * Compile the generator (once; a second) and start it (20 ms).
 *
 * @param options What it plays and how it is configured.
 * @returns The server. Own it with `await using`.
 * @throws {Error} With the compiler's or its own output.
 */
export async function startLibspice(options: LibspiceOptions = {}): Promise<Libspice> {
  const program = await compileGenerator();
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await makeTempDir("libspice"));
  const socketPath = options.unix ? `${dir.path}/spice` : null;
  const events: LibspiceEvent[] = [];
  const process = stack.use(startProcess(program, argumentsOf(options, socketPath), {
    onLine: (line) => {
      // libspice's own words have no such form.
      if (line.startsWith('{"event":')) events.push(JSON.parse(line));
    },
  }));
  const waitEvent = (what: string, test: (event: LibspiceEvent) => boolean, wait?: WaitOptions) =>
    waitUntil(what, () => {
      const found = events.find(test);
      if (found === undefined) process.mustRun();
      return found;
    }, { everyMs: 5, ...wait });
  const ready = await waitEvent("the generator", ({ event }) => event === "ready");
  /** The first event of some kinds after so many. */
  const next = (from: number, ...kinds: readonly string[]) =>
    waitEvent(kinds.join(" or "), (event) => kinds.includes(event.event) && events.indexOf(event, from) >= from, {
      timeoutMs: 60_000,
    });
  const command = async (line: string): Promise<void> => {
    const from = events.length;
    await process.write(`${line}\n`);
    if ((await next(from, "done", "refused")).event === "refused") throw new Error(`The generator refuses: ${line}`);
  };
  const owned = stack.move();
  return {
    uri: socketPath === null ? `spice://127.0.0.1:${ready["port"]}` : `spice+unix://${socketPath}`,
    port: Number(ready["port"]),
    process,
    events,
    of: (kind) => events.filter(({ event }) => event === kind),
    play: async (steps = 1_000_000, ms = 10) => {
      const from = events.length;
      await command(`play ${steps} ${ms}`);
      const played = await next(from, "played");
      return { steps: Number(played["steps"]), over: played["over"] === true };
    },
    command,
    waitEvent,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function argumentsOf(options: LibspiceOptions, socketPath: string | null): string[] {
  const { size, unix: _, ...others } = options;
  const values = {
    ...others,
    ...(size && { size: `${size.width}x${size.height}` }),
    ...(socketPath !== null && { unix: socketPath }),
  };
  return Object.entries(values).map(([name, value]) => `${name}=${typeof value === "boolean" ? Number(value) : value}`);
}

/** @returns The path of the program made of the sources as they are now. */
async function compileGenerator(): Promise<string> {
  const sources = new URL("./libspice_generator/", import.meta.url);
  const names = [...Deno.readDirSync(sources)].map(({ name }) => name).filter((name) => /\.[ch]$/.test(name)).sort();
  const texts = names.map((name) => Deno.readTextFileSync(new URL(name, sources)));
  const flags = (await mustRunProcess("pkg-config", ["--cflags", "--libs", "spice-server"])).stdout.trim().split(/\s+/);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode([...texts, ...flags].join("\0")));
  const dir = cacheDir("libspice-generator");
  const program = `${dir}/${new Uint8Array(digest).toHex().slice(0, 16)}`;
  if (await Deno.stat(program).then(() => true, () => false)) return program;

  await Deno.mkdir(dir, { recursive: true });
  // Beside its place first: another process may do the same at the same time.
  const work = await Deno.makeTempFile({ dir });
  const files = names.filter((name) => name.endsWith(".c")).map((name) => new URL(name, sources).pathname);
  const warnings = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-Wno-deprecated-declarations"];
  await mustRunProcess("gcc", ["-std=gnu11", "-O1", ...warnings, "-o", work, ...files, ...flags, "-lm", "-pthread"]);
  await Deno.rename(work, program);
  return program;
}
