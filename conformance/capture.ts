/** Reads captures of real peers (see vectors/streams/README.md) and cuts them into link, messages and reads. */
import { CommonCap } from "../protocol/capabilities.ts";
import { channelByType } from "../protocol/messages/channels.ts";
import {
  DATA_HEADER_BYTES,
  MINI_DATA_HEADER_BYTES,
  SpiceDataHeader,
  SpiceMiniDataHeader,
} from "../protocol/messages/link.ts";
import { decode } from "../protocol/schema/decode.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { Channel, Message, Sender } from "../protocol/schema/message.ts";
import { CaptureError } from "./capture_error.ts";
import { captureName, connectionNames, readCaptureFiles } from "./capture_files.ts";
import { bothHave, type CapturedLink, type FinishedLink, isFinished, readLink } from "./captured_link.ts";
import { type Cleared, readCleared } from "./cleared.ts";

/** One scenario. */
export interface Capture {
  /** File name without its ending, as `ops-off`. */
  readonly name: string;
  /** Channels with messages, in the order in which they were opened. */
  readonly connections: readonly CapturedConnection[];
  /** Connections of which there is a handshake only: refused ones, given up ones, those that SASL encrypted. */
  readonly handshakes: readonly CapturedHandshake[];
}

/** One TCP connection, as far as its handshake tells of it. */
export interface CapturedHandshake {
  /** Its number, as `00`. */
  readonly name: string;
  /** All bytes from each side. */
  readonly streams: Readonly<Record<Sender, Uint8Array>>;
  /** How the bytes came. */
  readonly reads: readonly CapturedRead[];
  readonly link: CapturedLink;
  /** What the recorder changed in the link messages, which neither side knew; the streams hold what was passed on. */
  readonly cleared: readonly Cleared[];
}

/** One TCP connection with messages: one channel. */
export interface CapturedConnection extends CapturedHandshake {
  readonly channel: Channel;
  readonly channelId: number;
  readonly link: FinishedLink;
  /** Which data header follows the link. */
  readonly headers: "full" | "mini";
  /** The whole messages of each side. */
  readonly messages: Readonly<Record<Sender, readonly CapturedMessage[]>>;
  /** Bytes of a last message that the capture does not hold whole. */
  readonly cutOff: Readonly<Record<Sender, number>>;
}

/** One message, not decoded. */
export interface CapturedMessage {
  readonly from: Sender;
  /** Offset of the data header in the sender's stream. */
  readonly offset: number;
  /** Offset of the first byte after the message. */
  readonly end: number;
  /** From the full header, else counted from 1. */
  readonly serial: bigint;
  readonly type: number;
  /** Offset of a sub-message list in the body, 0 for none; always 0 with mini headers. */
  readonly subList: number;
  /** The declaration, or `undefined` when the channel has no message of that type. */
  readonly declaration: Message | undefined;
  readonly body: Uint8Array;
}

/** One read of the proxy. */
export interface CapturedRead {
  /** Seconds, of no known epoch. */
  readonly time: number;
  readonly from: Sender;
  /** Bytes. */
  readonly length: number;
}

/** Folder of the captures that are kept with the source. */
export const CAPTURES: URL = new URL("./vectors/streams/", import.meta.url);

/** @returns The names of all captures that are kept with the source, sorted. */
export function captureNames(): string[] {
  return [...Deno.readDirSync(CAPTURES)]
    .filter(({ name }) => name.endsWith(".tar.gz"))
    .map(({ name }) => name.slice(0, -".tar.gz".length))
    .sort();
}

/**
 * Reads one of the captures that are kept with the source.
 * @param name As in {@link captureNames}.
 * @throws {ProtocolError} The link is damaged.
 */
export function readCapture(name: string): Capture {
  return readCaptureAt(new URL(`${name}.tar.gz`, CAPTURES).pathname);
}

/**
 * Reads a capture.
 * @param path A `.tar.gz`, or a folder with the same files.
 * @throws {ProtocolError} The link is damaged.
 * @throws {CaptureError} A file is missing, or a channel is none that SPICE has.
 */
export function readCaptureAt(path: string): Capture {
  const files = readCaptureFiles(path), all = connectionNames(files).map((name) => readConnection(name, files));
  return {
    name: captureName(path),
    connections: all.filter((one) => "messages" in one),
    handshakes: all.filter((one) => !("messages" in one)),
  };
}

/** A connection that could be read, or why not. */
export type ReadConnection =
  | { readonly name: string; readonly connection: CapturedConnection }
  | { readonly name: string; readonly handshake: CapturedHandshake }
  | { readonly name: string; readonly error: CaptureError | ProtocolError };

/**
 * Reads as much of a capture as can be read: a damaged connection leaves the others alone.
 * @param path As for {@link readCaptureAt}.
 * @throws {CaptureError} `unreadable`, `missing-file`: there is nothing to read.
 */
export function readConnectionsAt(path: string): ReadConnection[] {
  const files = readCaptureFiles(path);
  return connectionNames(files).map((name): ReadConnection => {
    try {
      const read = readConnection(name, files);
      return "messages" in read ? { name, connection: read } : { name, handshake: read };
    } catch (error) {
      if (error instanceof CaptureError || error instanceof ProtocolError) return { name, error };
      throw error;
    }
  });
}

/** A message, and when its last byte came. */
export interface TimedMessage {
  readonly message: CapturedMessage;
  /** Seconds, of no known epoch. */
  readonly time: number;
}

/** @returns The messages of both sides in the order in which their last bytes came, with the times. */
export function timed(connection: CapturedConnection): TimedMessage[] {
  const ordered: TimedMessage[] = [];
  const passed = { client: 0, server: 0 };
  const next = { client: 0, server: 0 };
  for (const { from, length, time } of connection.reads) {
    passed[from] += length;
    const messages = connection.messages[from];
    while (next[from] < messages.length && messages[next[from]]!.end <= passed[from]) {
      ordered.push({ message: messages[next[from]++]!, time });
    }
  }
  // An index that was cut off tells nothing of the rest.
  const time = connection.reads.at(-1)?.time ?? 0;
  for (const from of ["client", "server"] as const) {
    for (const message of connection.messages[from].slice(next[from])) ordered.push({ message, time });
  }
  return ordered;
}

/** @returns The messages of both sides in the order in which their last bytes came. */
export function inOrder(connection: CapturedConnection): CapturedMessage[] {
  return timed(connection).map(({ message }) => message);
}

function readConnection(
  name: string,
  files: ReadonlyMap<string, Uint8Array>,
): CapturedConnection | CapturedHandshake {
  const file = (ending: string): Uint8Array => {
    const bytes = files.get(name + ending);
    if (bytes === undefined) throw new CaptureError("missing-file", `no ${name}${ending}`);
    return bytes;
  };
  const streams = { client: file(".c2s"), server: file(".s2c") };
  const link = readLink(streams);
  const cleared = readCleared(name, files.get(`${name}.alt`));
  const handshake = { name, streams, reads: readReads(name, file(".idx")), link, cleared };
  if (!isFinished(link)) return handshake;
  const channel = channelByType(link.mess.channelType);
  if (channel === undefined) throw new CaptureError("unknown-channel", `no channel of type ${link.mess.channelType}`);
  const headers = bothHave(link, CommonCap.MINI_HEADER) ? "mini" : "full";
  const messages = {
    client: readMessages("client", streams.client, link.bytes.client, channel, headers),
    server: readMessages("server", streams.server, link.bytes.server, channel, headers),
  };
  const cutOff = (from: Sender) => streams[from].length - (messages[from].at(-1)?.end ?? link.bytes[from]);
  return {
    ...handshake,
    link,
    channel,
    channelId: link.mess.channelId,
    headers,
    messages,
    cutOff: { client: cutOff("client"), server: cutOff("server") },
  };
}

function readMessages(
  from: Sender,
  stream: Uint8Array,
  start: number,
  channel: Channel,
  headers: "full" | "mini",
): CapturedMessage[] {
  const messages: CapturedMessage[] = [];
  const length = headers === "mini" ? MINI_DATA_HEADER_BYTES : DATA_HEADER_BYTES;
  for (let offset = start; offset + length <= stream.length;) {
    const bytes = stream.subarray(offset, offset + length);
    const { serial, type, size, subList } = headers === "mini"
      ? { serial: BigInt(messages.length + 1), subList: 0, ...decode(SpiceMiniDataHeader, bytes) }
      : decode(SpiceDataHeader, bytes);
    const end = offset + length + size;
    if (end > stream.length) break;
    const body = stream.subarray(offset + length, end);
    messages.push({ from, offset, end, serial, type, subList, declaration: channel.byId[from].get(type), body });
    offset = end;
  }
  return messages;
}

function readReads(name: string, index: Uint8Array): CapturedRead[] {
  const lines = new TextDecoder().decode(index).split("\n").filter((line) => line !== "");
  return lines.map((line, i) => {
    const [, time, direction, length] = /^(\d+(?:\.\d+)?) ([<>]) (\d{1,10})$/.exec(line) ?? [];
    if (time === undefined) {
      throw new CaptureError("bad-index", `line ${i + 1} of ${name}.idx is no \`time direction length\``);
    }
    return { time: Number(time), from: direction === ">" ? "client" : "server", length: Number(length) };
  });
}
