/** A proxy between clients and a server that keeps every byte on disk, in the form of the captures in `vectors/streams`. */
import { ProtocolError } from "../protocol/errors.ts";
import { channels } from "../protocol/messages/channels.ts";
import type { Sender } from "../protocol/schema/message.ts";
import { parseUri } from "../protocol/uri.ts";
import { readLink } from "./captured_link.ts";
import { clearedText, type Clearing, LinkFilter } from "./cleared.ts";

/** What a recorder is to do. */
export interface RecorderOptions {
  /** Where clients come in. Owned by the recorder from now on. */
  readonly listener: Deno.Listener;
  /** The server, as `spice://127.0.0.1:5930` or `spice+unix:///run/vm/spice`. */
  readonly target: string;
  /** Where the files go; it must be there. */
  readonly folder: string;
  /**
   * Capabilities to take out of link messages as they pass, so that two peers that both have them do without. What was
   * taken out is kept with the recording.
   */
  readonly without?: readonly Clearing[];
  /** End a connection when the server has said so many bytes on it. Default: never. */
  readonly mostBytes?: number;
  /** How to reach the server. Default: as the target says. */
  readonly dial?: () => Promise<Deno.Conn>;
  /** Called when a connection has ended, with what went wrong with it; `null` when nothing did. */
  readonly onEnd?: (connection: RecordedConnection) => void;
}

/** A connection that has ended. */
export interface RecordedConnection {
  /** Its number, as `00`. */
  readonly name: string;
  /** True when it was the main channel of a session that the server let in. */
  readonly isMain: boolean;
  /** What went wrong, as a server that cannot be reached; `null` when nothing did. */
  readonly error: unknown;
}

/** A running recorder. Disposing ends it and its connections; the files stay. */
export interface Recorder extends AsyncDisposable {
  /** Connections that are open now. */
  readonly open: number;
  /** Connections since the start. */
  readonly connections: number;
}

const BUFFER_BYTES = 64 * 1024;

/** Bytes of each side that are sure to hold the link. */
const LINK_BYTES = 16 * 1024;

/**
 * Checks that what goes to and comes from a server can be read.
 *
 * @param target A SPICE URI.
 * @throws {ProtocolError} `unsupported`: it takes TLS only.
 * @throws {TargetError} It is none.
 */
export function checkPlain(target: string): void {
  const { unixPath, port } = parseUri(target);
  if (unixPath !== undefined || port !== undefined) return;
  const detail = "its connections are encrypted (TLS), and only plain ones can be recorded";
  throw new ProtocolError({ by: "local", code: "unsupported", action: "record", message: "this server", detail });
}

/**
 * Starts a recorder. It sees plain bytes only: no TLS.
 *
 * Memory is bounded by the number of connections: what is read is written to disk before it is passed on.
 *
 * @param options Where it stands, and where it writes.
 * @returns The recorder. Own it with `await using`.
 * @throws {ProtocolError} `unsupported`, as {@link checkPlain}.
 */
export function startRecorder(options: RecorderOptions): Recorder {
  const { listener, target, folder, without = [], mostBytes = Infinity, dial = () => connectTo(target), onEnd } =
    options;
  if (options.dial === undefined) checkPlain(target);
  const open = new Set<Deno.Conn>();
  const passing = new Set<Promise<void>>();
  let connections = 0;
  const accepting = accept();

  async function accept(): Promise<void> {
    try {
      for await (const client of listener) {
        const name = String(connections++).padStart(2, "0"), path = `${folder}/${name}`;
        const pass = recordConnection(client, { dial, path, open, mostBytes, filter: new LinkFilter(without) })
          .then(() => null, (error: unknown) => error)
          .then((error) => {
            passing.delete(pass);
            onEnd?.({ name, isMain: isMain(path), error });
          });
        passing.add(pass);
      }
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
  }

  return {
    get open() {
      return passing.size;
    },
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      close(listener);
      for (const conn of open) close(conn);
      await accepting;
      await Promise.all(passing);
    },
  };
}

/** What a connection is recorded with. */
interface ConnectionOrder {
  readonly dial: () => Promise<Deno.Conn>;
  /** Of its files, without an ending. */
  readonly path: string;
  readonly open: Set<Deno.Conn>;
  readonly mostBytes: number;
  readonly filter: LinkFilter;
}

/** One connection: two pumps, and the three files of it; a fourth when link messages were changed. */
async function recordConnection(client: Deno.Conn, order: ConnectionOrder): Promise<void> {
  const { dial, path, open, mostBytes, filter } = order;
  open.add(client);
  using files = new DisposableStack();
  const create = (ending: string) => files.use(Deno.openSync(path + ending, { write: true, createNew: true }));
  let server: Deno.Conn | undefined;
  try {
    const [index, c2s, s2c] = [create(".idx"), create(".c2s"), create(".s2c")];
    server = await dial();
    open.add(server);
    await Promise.all([
      pump(client, server, { bytes: c2s, index, from: "client", filter, mostBytes: Infinity }),
      pump(server, client, { bytes: s2c, index, from: "server", filter, mostBytes }),
    ]);
  } finally {
    if (filter.cleared.length > 0) Deno.writeTextFileSync(`${path}.alt`, clearedText(filter.cleared));
    for (const conn of [client, server]) {
      if (conn === undefined) continue;
      open.delete(conn);
      close(conn);
    }
  }
}

/** One direction of a connection. */
interface PumpedSide {
  readonly bytes: Deno.FsFile;
  readonly index: Deno.FsFile;
  readonly from: Sender;
  readonly filter: LinkFilter;
  readonly mostBytes: number;
}

/** Keeps what it reads before it passes it on, so that an answer never stands before its question. */
async function pump(from: Deno.Conn, to: Deno.Conn, side: PumpedSide): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  const text = new TextEncoder();
  let left = side.mostBytes;
  const pass = async (chunk: Uint8Array): Promise<void> => {
    if (chunk.length === 0) return;
    left -= chunk.length;
    const time = ((performance.timeOrigin + performance.now()) / 1000).toFixed(6);
    writeAll(side.bytes, chunk);
    writeAll(side.index, text.encode(`${time} ${side.from === "client" ? ">" : "<"} ${chunk.length}\n`));
    for (let sent = 0; sent < chunk.length;) sent += await to.write(chunk.subarray(sent));
  };
  try {
    for (
      let length;
      left > 0 && (length = await from.read(buffer.subarray(0, Math.min(left, BUFFER_BYTES)))) !== null;
    ) {
      await pass(side.filter.pass(side.from, buffer.subarray(0, length)));
    }
    await pass(side.filter.rest(side.from));
    await to.closeWrite();
  } catch (error) {
    // One side went away while the other was still sending: the same as an end. A full disk is not.
    close(to);
    close(from);
    if (!isClosed(error)) throw error;
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
}

async function connectTo(target: string): Promise<Deno.Conn> {
  const { unixPath, host, port } = parseUri(target);
  if (unixPath !== undefined) return await Deno.connect({ transport: "unix", path: unixPath });
  const conn = await Deno.connect({ hostname: host ?? "127.0.0.1", port: port! });
  conn.setNoDelay(true);
  return conn;
}

/** Whether a connection was the main channel of a session that the server let in. */
function isMain(path: string): boolean {
  try {
    const { mess, error } = readLink({ client: beginOf(`${path}.c2s`), server: beginOf(`${path}.s2c`) });
    return mess?.channelType === channels.main.type && error === 0;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

function beginOf(path: string): Uint8Array {
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(LINK_BYTES);
  let length = 0;
  for (let read; length < bytes.length && (read = file.readSync(bytes.subarray(length))) !== null;) length += read;
  return bytes.subarray(0, length);
}

function close(conn: { close(): void }): void {
  try {
    conn.close();
  } catch (error) {
    if (!isClosed(error)) throw error;
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected || error instanceof Deno.errors.UnexpectedEof;
}
