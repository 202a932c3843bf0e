/** A recorder for tests, with a place of its own, whose recording is read as a capture. */

import { type Capture, readCaptureAt } from "../capture.ts";
import type { Clearing } from "../cleared.ts";
import { startRecorder } from "../recorder.ts";
import { makeTempDir } from "./temp_dir.ts";
import { waitUntil } from "./wait_until.ts";

/** How a tap listens. */
export interface TapOptions {
  /** Listen on a unix socket instead of a port. */
  readonly unix?: boolean;
  /** Capabilities to take out of link messages as they pass. */
  readonly without?: readonly Clearing[];
  /** End a connection when the server has said so many bytes on it. Default: never. */
  readonly mostBytes?: number;
  /** How to reach the server. Default: as the target says. */
  readonly dial?: () => Promise<Deno.Conn>;
}

/** A running proxy. Disposing ends it, its connections, and what it kept. */
export interface Tap extends AsyncDisposable {
  /** Where clients connect: `spice://127.0.0.1:PORT` or `spice+unix:///PATH`. */
  readonly uri: string;
  /**
   * Wait until both sides of every connection are closed, and read what passed.
   *
   * @returns All connections since the start.
   * @throws {Error} When a connection stays open for 5 s, or the server could not be reached.
   * @throws {CaptureError} A channel is none that SPICE has.
   */
  finish(): Promise<Capture>;
}

/**
 * Start a proxy on loopback. It sees plain bytes only: no TLS.
 *
 * @param target The server, as `spice://127.0.0.1:5930` or `spice+unix:///run/vm/spice`.
 * @param options Port or unix socket.
 * @returns The proxy. Own it with `await using`, after the server and before the client.
 */
export async function startTap(target: string, options: TapOptions = {}): Promise<Tap> {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await makeTempDir("tap"));
  const folder = `${dir.path}/tap`, socketPath = `${dir.path}/spice`;
  await Deno.mkdir(folder);
  const listener = options.unix
    ? Deno.listen({ transport: "unix", path: socketPath })
    : Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const failures: unknown[] = [];
  const onEnd = ({ error }: { readonly error: unknown }) => {
    if (error !== null) failures.push(error);
  };
  const { without = [], mostBytes = Infinity, dial } = options;
  const order = { listener, target, folder, without, mostBytes, onEnd };
  const recorder = stack.use(startRecorder(dial === undefined ? order : { ...order, dial }));
  const owned = stack.move();
  return {
    uri: "port" in listener.addr ? `spice://127.0.0.1:${listener.addr.port}` : `spice+unix://${socketPath}`,
    finish: async () => {
      await waitUntil("the end of all connections through the tap", () => recorder.open === 0, { timeoutMs: 5000 });
      if (failures.length > 0) throw failures[0];
      return readCaptureAt(folder);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
