/**
 * That what peers sent is what our schema says: decoded without a byte left over, and encoded to the same bytes.
 *
 * Everything that is looked at gives one result, so that who asks may count, print, or stop at the first that failed.
 */
import { CaptureError } from "./capture_error.ts";
import type { CapturedConnection, CapturedHandshake, CapturedMessage, ReadConnection } from "./capture.ts";
import { linkEndText, type LinkPart } from "./captured_link.ts";
import { channelByType } from "../protocol/messages/channels.ts";
import { readSubMessages } from "../protocol/channel/framing.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { List } from "../protocol/messages/base.ts";
import { SpiceSubMessage, SpiceSubMessageList } from "../protocol/messages/link.ts";
import { decode } from "../protocol/schema/decode.ts";
import { encodeBytes } from "../protocol/schema/encode.ts";
import type { Sender } from "../protocol/schema/message.ts";
import type { Wire } from "../protocol/schema/wire.ts";

/** What became of a message, or of something that is none. */
export interface RoundTrip {
  /** Number and channel, as `01 display 0`; the number alone when the connection cannot be read. */
  readonly connection: string;
  /** Who sent it; `null` for a connection as a whole. */
  readonly from: Sender | null;
  /** Wire name, or what stands for it. */
  readonly message: string;
  /** Offset in the sender's stream; of a message, that of its data header. */
  readonly offset: number;
  /** Which part of a connection it is. */
  readonly kind: "link" | "message" | "sub-message" | "connection";
  /** `skipped`: there is something here that is valid and cannot be read, as SASL, or that the capture does not hold. */
  readonly verdict: "passed" | "failed" | "skipped";
  /** What is wrong; empty when it passed. */
  readonly problem: string;
}

/** Where something stands, for its result. */
type Place = Pick<RoundTrip, "connection" | "from" | "message" | "offset" | "kind">;

/**
 * Decodes and encodes the link and every message of some connections, those inside lists too.
 *
 * @param connections As `readConnectionsAt` or a capture gives them.
 * @returns A result for each, in the order of the streams, the client's first.
 */
export function* roundTrips(connections: Iterable<ReadConnection>): Generator<RoundTrip> {
  for (const read of connections) {
    if ("connection" in read) yield* connectionTrips(read.connection);
    else if ("handshake" in read) yield* handshakeTrips(read.handshake);
    else yield brokenConnection(read.name, read.error);
  }
}

/** @returns One line: place and problem. */
export function roundTripLine({ connection, from, message, offset, verdict, problem }: RoundTrip): string {
  const where = from === null ? connection : `${connection} ${from} byte ${offset} ${message}`;
  return `${where}: ${verdict}: ${problem}`;
}

function brokenConnection(name: string, error: Error): RoundTrip {
  const skipped = error instanceof CaptureError && error.code === "unknown-channel";
  return {
    ...{ connection: name, from: null, message: "", offset: 0, kind: "connection" },
    verdict: skipped ? "skipped" : "failed",
    problem: error.message,
  };
}

function* connectionTrips(connection: CapturedConnection): Generator<RoundTrip> {
  const { name, channel, channelId, messages, cutOff, streams, link } = connection;
  const where = `${name} ${channel.name} ${channelId}`;
  yield* linkTrips(link.parts, where);
  for (const from of ["client", "server"] as const) {
    for (const message of messages[from]) yield* messageTrips(connection, message, where);
    if (cutOff[from] > 0) {
      const problem = `the last ${cutOff[from]} bytes are no whole message`;
      yield { ...endOf(where, from, streams[from]), verdict: "skipped", problem };
    }
    yield* indexTrips(connection, from, where);
  }
}

/** A connection without messages. Nothing is wrong with it, and there is nothing more to read. */
function* handshakeTrips(handshake: CapturedHandshake): Generator<RoundTrip> {
  const { name, link } = handshake, { mess, parts } = link;
  const channel = mess === null ? "" : ` ${channelByType(mess.channelType)?.name ?? `type ${mess.channelType}`}`;
  const where = mess === null ? name : `${name}${channel} ${mess.channelId}`;
  yield* linkTrips(parts, where);
  for (const from of ["client", "server"] as const) yield* indexTrips(handshake, from, where);
  const connection: Place = { connection: where, from: null, message: "", offset: 0, kind: "connection" };
  yield { ...connection, verdict: "skipped", problem: linkEndText(link) };
}

function* linkTrips(parts: readonly LinkPart[], connection: string): Generator<RoundTrip> {
  for (const { from, offset, wire, bytes } of parts) {
    yield tried({ connection, from, message: wire.name, offset, kind: "link" }, () => difference(wire, bytes));
  }
}

/** That the index tells of all bytes of a side. */
function* indexTrips({ reads, streams }: CapturedHandshake, from: Sender, where: string): Generator<RoundTrip> {
  const read = reads.filter((one) => one.from === from).reduce((sum, { length }) => sum + length, 0);
  if (read === streams[from].length) return;
  const problem = `the index tells of ${read} bytes, the stream has ${streams[from].length}`;
  const end = endOf(where, from, streams[from]);
  yield { ...end, verdict: "failed", problem: new CaptureError("bad-index", problem).message };
}

function endOf(connection: string, from: Sender, { length }: Uint8Array): Place {
  return { connection, from, message: "end of the stream", offset: length, kind: "connection" };
}

function* messageTrips(connection: CapturedConnection, message: CapturedMessage, where: string): Generator<RoundTrip> {
  const { declaration, type, body, from, offset } = message;
  const name = declaration?.name ?? `message ${type}`;
  const place: Place = { connection: where, from, message: name, offset, kind: "message" };
  if (declaration === undefined) {
    yield { ...place, verdict: "failed", problem: `the ${connection.channel.name} channel has no message ${type}` };
    return;
  }
  if (message.subList === 0) yield tried(place, () => difference(declaration.wire, body));
  if (declaration === List) yield* listTrips(connection, message, place, 0);
  else if (message.subList !== 0) {
    // Behind the message stands the list, so that only the message itself knows where it ends.
    let length = 0;
    yield tried(place, () => {
      const again = encodeBytes(declaration.wire, decode(declaration.wire, body));
      length = again.length;
      return firstDifference(body.subarray(0, length), again);
    });
    yield* listTrips(connection, message, place, message.subList, length);
  }
}

/**
 * Takes a list apart and builds it again: the offsets, and at each of them a message. `before` are the bytes of the
 * message that has the list behind it.
 *
 * The size in a sub-message's header is too large: spice-server counts the bytes of its C structs, padding included, so
 * that a sub-message seems to run over the next one and past the end of the body. Only the message itself knows where
 * it ends. Source: spice-server dcc-send.cpp marshal_sub_msg_inval_list.
 */
function* listTrips(
  { channel }: CapturedConnection,
  { body, from }: CapturedMessage,
  place: Place,
  at: number,
  before = 0,
): Generator<RoundTrip> {
  let covered = before, offsets: readonly number[] = [];
  const list = tried({ ...place, message: SpiceSubMessageList.name, kind: "sub-message" }, () => {
    const tail = body.subarray(at), { subMessages } = decode(SpiceSubMessageList, tail);
    // Refuses a flood of messages that lie over each other.
    readSubMessages(body, at);
    offsets = subMessages;
    const again = encodeBytes(SpiceSubMessageList, { subMessages });
    covered += again.length;
    return firstDifference(tail.subarray(0, again.length), again);
  });
  if (list.verdict === "failed") yield list;
  for (const [i, offset] of offsets.entries()) {
    let message = `${place.message}[${i}]`;
    const trip = tried({ ...place, kind: "sub-message" }, () => {
      const bytes = body.subarray(offset), header = decode(SpiceSubMessage, bytes);
      const head = encodeBytes(SpiceSubMessage, header);
      const inner = channel.byId[from].get(header.type);
      if (inner === undefined) return `the ${channel.name} channel has no message ${header.type}`;
      message += ` ${inner.name}`;
      const content = bytes.subarray(head.length), again = encodeBytes(inner.wire, decode(inner.wire, content));
      covered += head.length + again.length;
      if (header.size < again.length) return `its size is ${header.size}, its content has ${again.length} bytes`;
      return firstDifference(content.subarray(0, again.length), again);
    });
    yield { ...trip, message };
  }
  if (covered !== body.length && list.verdict === "passed") {
    yield { ...place, kind: "sub-message", verdict: "failed", problem: "the list has bytes outside its messages" };
  }
}

/** Looks, and turns what our own code throws for bad bytes into a verdict. */
function tried(place: Place, look: () => string): RoundTrip {
  let problem: string;
  try {
    problem = look();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    problem = error.message;
  }
  return { ...place, verdict: problem === "" ? "passed" : "failed", problem };
}

function difference<T>(wire: Wire<T>, bytes: Uint8Array): string {
  return firstDifference(bytes, encodeBytes(wire, decode(wire, bytes, { exact: true })));
}

/** @returns Empty when there is none. */
function firstDifference(bytes: Uint8Array, again: Uint8Array): string {
  const at = bytes.findIndex((byte, i) => byte !== again[i]);
  if (at >= 0) return `encoded again, byte ${at} is ${hex(again[at])} and not ${hex(bytes[at])}`;
  return bytes.length === again.length ? "" : `encoded again it has ${again.length} bytes and not ${bytes.length}`;
}

function hex(byte: number | undefined): string {
  return byte === undefined ? "missing" : `0x${byte.toString(16).padStart(2, "0")}`;
}
