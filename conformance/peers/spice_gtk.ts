/** spice-gtk, the reference client, driven from here: what it shows, what it is told, what it sends. */

import type { Picture } from "./picture.ts";
import { parsePpm } from "./ppm.ts";
import { startProcess } from "./process.ts";
import { connectQmp, type Qmp } from "./qmp.ts";
import { makeTempDir } from "./temp_dir.ts";
import { pause, waitUntil } from "./wait_until.ts";

/** Where spice-gtk connects to. */
export interface SpiceGtkOptions {
  /** Port on 127.0.0.1; or give `socketPath`. */
  readonly port?: number;
  /** Path of a unix socket. */
  readonly socketPath?: string;
  /** Ticket. */
  readonly ticket?: string;
  /** More properties of `SpiceSession`, as `{ "preferred-compression": 1 }`. */
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
  /** What the start waits for: the first picture (the default), or nothing, for a client that will not be let in. */
  readonly until?: "picture" | "start";
  /** Time limit of the start in milliseconds, 10000 by default. */
  readonly timeoutMs?: number;
}

/** A connected spice-gtk client. Disposing ends it. */
export interface SpiceGtk extends AsyncDisposable {
  /** Commands and events: `spice_gtk.py` lists them. It speaks QMP's form, so the same client serves. */
  readonly rpc: Pick<Qmp, "events" | "event" | "execute">;
  /** The pixels of a display channel's primary surface, without the pointer. */
  shot(channel?: number): Promise<Picture>;
  /** Press and release keys, one after the other. Scancodes as spice-gtk takes them: 0x1e, or 0x148 for E0 48. */
  key(...scancodes: readonly number[]): Promise<void>;
}

/**
 * Start spice-gtk and wait until the first display channel has a primary surface and its mark, and the inputs
 * channel is open.
 *
 * @param options Address and ticket.
 * @returns The client. Own it with `await using`.
 * @throws {Error} With its output when it ends or shows nothing in time.
 */
export async function startSpiceGtk(options: SpiceGtkOptions): Promise<SpiceGtk> {
  if (options.port === undefined && options.socketPath === undefined) throw new TypeError("Need port or socketPath");
  const timeoutMs = options.timeoutMs ?? 10_000;
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await makeTempDir("spice-gtk"));
  const properties = {
    ...(options.socketPath === undefined
      ? { host: "127.0.0.1", port: `${options.port}` }
      : { "unix-path": options.socketPath }),
    ...(options.ticket !== undefined && { password: options.ticket }),
    ...options.properties,
  };
  const script = new URL("./spice_gtk.py", import.meta.url).pathname;
  // The system's Python by path: another one would lack the bindings.
  const process = stack.use(
    startProcess("/usr/bin/python3", [script, `${dir.path}/rpc`, JSON.stringify(properties)]),
  );
  const rpc = stack.use(
    await waitUntil("spice-gtk's command socket", () => {
      process.mustRun();
      return connectQmp(`${dir.path}/rpc`).catch(() => undefined);
    }, { timeoutMs }),
  );
  // Input sent before its channel is open would be lost without a word.
  const ready = () =>
    rpc.events.some(({ event }) => event === "MARK") &&
    rpc.events.some(({ event, data }) =>
      event === "CHANNEL" && data["channel"] === "inputs-0" && data["event"] === "opened"
    );
  if (options.until !== "start") {
    await waitUntil("spice-gtk's first picture", ready, { timeoutMs }).catch((error) => {
      throw new Error(`spice-gtk shows nothing: ${JSON.stringify(rpc.events)}\n${process.output()}`, { cause: error });
    });
  }
  const owned = stack.move();
  return {
    rpc,
    shot: async (channel = 0) => {
      const path = await Deno.makeTempFile({ dir: dir.path, suffix: ".ppm" });
      await rpc.execute("shot", { path, channel });
      return parsePpm(await Deno.readFile(path));
    },
    key: async (...scancodes) => {
      // QEMU's PS/2 keyboard holds 16 bytes and drops the rest: four arrow keys in a burst are too many.
      for (const scancode of scancodes) {
        await rpc.execute("key", { scancodes: [scancode] });
        await pause(20);
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
