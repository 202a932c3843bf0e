/** A proxy between a client and a server that keeps every byte, in the form of the captures in `vectors/streams`. */

import { parseUri } from "../../mod.ts";
import { type Capture, readCaptureAt } from "../capture.ts";
import { makeTempDir } from "./temp_dir.ts";
import { waitUntil } from "./wait_until.ts";

/** How a tap listens. */
export interface TapOptions {
  /** Listen on a unix socket instead of a port. */
  readonly unix?: boolean;
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
   * @throws {RangeError} A link was refused, or has something that captures cannot hold.
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
  const recordings = `${dir.path}/tap`;
  await Deno.mkdir(recordings);
  const socketPath = `${dir.path}/spice`;
  const listener = options.unix
    ? Deno.listen({ transport: "unix", path: socketPath })
    : Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const passing = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const accepting = accept();
  stack.defer(async () => {
    listener.close();
    for (const conn of open) close(conn);
    await accepting;
    await Promise.all(passing);
  });

  async function accept(): Promise<void> {
    let connections = 0;
    try {
      for await (const client of listener) {
        const path = `${recordings}/${String(connections++).padStart(2, "0")}`;
        const pass = tapConnection(client, target, path, open)
          .catch((error) => void failures.push(error))
          .finally(() => passing.delete(pass));
        passing.add(pass);
      }
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
  }

  const owned = stack.move();
  return {
    uri: "port" in listener.addr ? `spice://127.0.0.1:${listener.addr.port}` : `spice+unix://${socketPath}`,
    finish: async () => {
      await waitUntil("the end of all connections through the tap", () => passing.size === 0, { timeoutMs: 5000 });
      if (failures.length > 0) throw failures[0];
      return readCaptureAt(recordings);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** One connection: two pumps, and the three files of it. */
async function tapConnection(client: Deno.Conn, target: string, path: string, open: Set<Deno.Conn>): Promise<void> {
  open.add(client);
  using files = new DisposableStack();
  const create = (ending: string) => files.use(Deno.openSync(path + ending, { write: true, createNew: true }));
  const index = create(".idx");
  let server: Deno.Conn | undefined;
  try {
    server = await connectTo(target);
    open.add(server);
    await Promise.all([
      pump(client, server, create(".c2s"), index, ">"),
      pump(server, client, create(".s2c"), index, "<"),
    ]);
  } finally {
    for (const conn of [client, server]) {
      if (conn === undefined) continue;
      open.delete(conn);
      close(conn);
    }
  }
}

/** Keeps what it reads before it passes it on, so that an answer never stands before its question. */
async function pump(from: Deno.Conn, to: Deno.Conn, bytes: Deno.FsFile, index: Deno.FsFile, mark: "<" | ">") {
  const buffer = new Uint8Array(64 * 1024);
  const text = new TextEncoder();
  try {
    for (let length = await from.read(buffer); length !== null; length = await from.read(buffer)) {
      const time = ((performance.timeOrigin + performance.now()) / 1000).toFixed(6);
      writeAll(bytes, buffer.subarray(0, length));
      writeAll(index, text.encode(`${time} ${mark} ${length}\n`));
      for (let sent = 0; sent < length;) sent += await to.write(buffer.subarray(sent, length));
    }
    await to.closeWrite();
  } catch (error) {
    // One side went away while the other was still sending: the same as an end.
    if (!isClosed(error)) throw error;
    close(to);
    close(from);
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
}

async function connectTo(target: string): Promise<Deno.Conn> {
  const { unixPath, host, port } = parseUri(target);
  if (unixPath !== undefined) return await Deno.connect({ transport: "unix", path: unixPath });
  if (port === undefined) throw new RangeError(`Cannot tap ${target}: only plain SPICE can be read`);
  const conn = await Deno.connect({ hostname: host ?? "127.0.0.1", port });
  conn.setNoDelay(true);
  return conn;
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (error) {
    if (!isClosed(error)) throw error;
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected;
}
