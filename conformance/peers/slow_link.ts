/** A slow line between a viewer and a server: a relay that lets so many bytes through in a second, with a delay. */
import { pause } from "./wait_until.ts";

/** What the line is like. */
export interface LineOptions {
  /** Bits a second towards the viewer, of all connections together. */
  readonly bitsPerSecond: number;
  /** Milliseconds from end to end, each way. */
  readonly delayMs: number;
}

/** A running line. */
export interface SlowLink extends AsyncDisposable {
  /** Where viewers connect on loopback. */
  readonly port: number;
}

/** Bytes read at once: a few packets. */
const PIECE_BYTES = 4096;
/** What the line holds before it lets the server wait, as a router's buffer does. */
const BUFFER_MS = 40;

/**
 * Starts a line.
 *
 * @param port Where the server listens on loopback.
 * @returns The line. Own it with `await using`, after the server and before the viewer.
 */
export function startSlowLink(port: number, { bitsPerSecond, delayMs }: LineOptions): SlowLink {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 }), open = new Set<Deno.Conn>();
  const msPerByte = 8000 / bitsPerSecond, tasks = new Set<Promise<void>>();
  let freeAtMs = 0;
  /** When bytes that are put on the line now have gone; they arrive `delayMs` later. */
  const send = (bytes: number): number => freeAtMs = Math.max(freeAtMs, performance.now()) + bytes * msPerByte;
  const carry = async (from: Deno.Conn, to: Deno.Conn, goneAt: (bytes: number) => number): Promise<void> => {
    let arrived: Promise<unknown> = Promise.resolve();
    try {
      for (;;) {
        const buffer = new Uint8Array(PIECE_BYTES), n = await from.read(buffer);
        if (n === null) break;
        const atMs = goneAt(n), before = arrived;
        arrived = (async () => {
          await Promise.all([before, pause(Math.max(0, atMs + delayMs - performance.now()))]);
          for (let done = 0; done < n;) done += await to.write(buffer.subarray(done, n));
        })();
        arrived.catch(() => {});
        await pause(Math.max(0, atMs - BUFFER_MS - performance.now()));
      }
      await arrived;
    } catch {
      // Either end has gone.
    } finally {
      for (const one of [from, to]) close(one);
    }
  };
  const close = (connection: Deno.Conn): void => {
    if (open.delete(connection)) connection.close();
  };
  const accept = async (): Promise<void> => {
    for await (const viewer of listener) {
      open.add(viewer);
      const server = await Deno.connect({ hostname: "127.0.0.1", port });
      open.add(server);
      keep(carry(server, viewer, send));
      keep(carry(viewer, server, () => performance.now()));
    }
  };
  const keep = (task: Promise<void>): void => {
    const kept = task.finally(() => tasks.delete(kept));
    tasks.add(kept);
  };
  keep(accept());
  return {
    port: (listener.addr as Deno.NetAddr).port,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      for (const one of open) close(one);
      while (tasks.size > 0) await Promise.all(tasks);
    },
  };
}
