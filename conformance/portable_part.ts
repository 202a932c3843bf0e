/**
 * A tour of the library that needs no Deno: the same in a browser. It returns what must be the same everywhere.
 */
import {
  channelByType,
  connect,
  type Connection,
  decode,
  Deframer,
  encode,
  Framer,
  layoutByName,
  textToKeys,
} from "../mod.ts";

/** What a server of a capture sent on one connection. */
export interface ReplayStream {
  readonly type: number;
  readonly id: number;
  /** From the first byte of the link on. */
  readonly bytes: Uint8Array;
}

/** What came out; pictures and bytes by their SHA-256, in hexadecimal. */
export interface PortableReport {
  /** The session that the capture's servers gave our client: what it showed in the end. */
  readonly picture: { readonly width: number; readonly height: number; readonly sha256: string };
  /** Messages that the client did not act on. */
  readonly unsupported: number;
  /** Messages of all streams, decoded and encoded again, and what came of it. */
  readonly messages: { readonly count: number; readonly same: number; readonly sha256: string };
  /** Key events for a text in a German layout. */
  readonly keys: string;
}

/**
 * Takes the tour.
 * @param streams All connections of a capture whose links used mini headers.
 */
export async function runPortablePart(streams: readonly ReplayStream[]): Promise<PortableReport> {
  return {
    ...await replay(streams),
    messages: await recode(streams),
    keys: JSON.stringify(textToKeys("Grüße, 5 € & mehr!\n", layoutByName("de"))),
  };
}

/** A session over connections that hand out what the server once said, in pieces, and swallow what we say. */
async function replay(streams: readonly ReplayStream[]): Promise<Pick<PortableReport, "picture" | "unsupported">> {
  const connections = streams.map((stream) => ({ ...stream, ...replayConnection(stream.bytes) }));
  const session = await connect("spice://replay.invalid", {
    open: ({ type, id }) => {
      const found = connections.find((connection) => connection.type === type && connection.id === id);
      return found === undefined ? Promise.reject(new Error(`no channel ${type}:${id}`)) : Promise.resolve(found);
    },
  });
  try {
    await Promise.all(connections.map(({ drained }) => drained));
    const { width, height, rgba } = await session.screen.screenshot({ quietMs: 100 });
    const unsupported = session.unsupported.reduce((sum, { count }) => sum + count, 0);
    return { picture: { width, height, sha256: await sha256(rgba) }, unsupported };
  } finally {
    await session.close();
  }
}

/** Bytes handed out at once; no multiple of anything in the protocol. */
const PIECE_BYTES = 4093;

/** After the link reply it waits for our ticket, as a server does; no result comes before it. */
function replayConnection(bytes: Uint8Array): Connection & { readonly drained: Promise<void> } {
  const linkReplyEnd = 16 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true);
  const [drained, ticket] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const end = Promise.withResolvers<null>();
  let at = 0, written = 0;
  return {
    drained: drained.promise,
    read: async (buffer) => {
      if (at === linkReplyEnd) await ticket.promise;
      if (at === bytes.length) {
        drained.resolve();
        return end.promise;
      }
      const limit = at < linkReplyEnd ? linkReplyEnd : bytes.length;
      const piece = bytes.subarray(at, Math.min(limit, at + PIECE_BYTES, at + buffer.length));
      buffer.set(piece);
      at += piece.length;
      return piece.length;
    },
    write: (chunk) => {
      written += chunk.length;
      if (written >= TICKET_BYTES) ticket.resolve();
      return Promise.resolve(chunk.length);
    },
    close: () => end.resolve(null),
  };
}

/** Fewer bytes come before the ticket. */
const TICKET_BYTES = 128;

async function recode(streams: readonly ReplayStream[]): Promise<PortableReport["messages"]> {
  let count = 0, same = 0;
  const written: Uint8Array[] = [];
  for (const { type, bytes } of streams) {
    const channel = channelByType(type)!;
    const deframer = new Deframer("mini"), framer = new Framer("mini");
    // Link header, reply, and the four bytes of the link's result.
    const start = 16 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true) + 4;
    deframer.push(bytes.subarray(start));
    for (let frame = deframer.next(); frame !== undefined; frame = deframer.next()) {
      const declaration = channel.byId.server.get(frame.type)!;
      const chunks = encode(declaration.wire, decode(declaration.wire, frame.body));
      count++;
      if (await sha256(await join(chunks)) === await sha256(frame.body)) same++;
      written.push(...framer.frame(frame.type, chunks));
    }
  }
  return { count, same, sha256: await sha256(await join(written)) };
}

function join(chunks: readonly Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Blob(chunks.map((chunk) => Uint8Array.from(chunk))).bytes();
}

async function sha256(bytes: Uint8Array | Uint8ClampedArray): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes))).toHex();
}
