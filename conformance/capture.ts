/** Reads captures of real peers (see vectors/streams/README.md) and cuts them into link, messages and reads. */
import { CommonCap, hasCap } from "../protocol/capabilities.ts";
import { channelByType } from "../protocol/messages/channels.ts";
import {
  AuthMechanism,
  DATA_HEADER_BYTES,
  LINK_HEADER_BYTES,
  MINI_DATA_HEADER_BYTES,
  SPICE_MAGIC,
  SPICE_TICKET_BYTES,
  SpiceDataHeader,
  SpiceLinkAuthMechanism,
  SpiceLinkEncryptedTicket,
  SpiceLinkHeader,
  SpiceLinkMess,
  SpiceLinkReply,
  SpiceLinkResult,
  SpiceMiniDataHeader,
} from "../protocol/messages/link.ts";
import { LinkErr } from "../protocol/messages/enums.ts";
import { decode } from "../protocol/schema/decode.ts";
import { nameOf } from "../protocol/schema/enumeration.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { Channel, Message, Sender } from "../protocol/schema/message.ts";
import type { Infer } from "../protocol/schema/wire.ts";
import { CaptureError } from "./capture_error.ts";
import { captureName, connectionNames, readCaptureFiles } from "./capture_files.ts";

/** One scenario. */
export interface Capture {
  /** File name without its ending, as `ops-off`. */
  readonly name: string;
  /** In the order in which they were opened. */
  readonly connections: readonly CapturedConnection[];
}

/** One TCP connection: one channel. */
export interface CapturedConnection {
  /** Its number, as `00`. */
  readonly name: string;
  readonly channel: Channel;
  readonly channelId: number;
  /** All bytes from each side. */
  readonly streams: Readonly<Record<Sender, Uint8Array>>;
  /** How the bytes came. */
  readonly reads: readonly CapturedRead[];
  readonly link: CapturedLink;
  /** Which data header follows the link. */
  readonly headers: "full" | "mini";
  /** The whole messages of each side. */
  readonly messages: Readonly<Record<Sender, readonly CapturedMessage[]>>;
  /** Bytes of a last message that the capture does not hold whole. */
  readonly cutOff: Readonly<Record<Sender, number>>;
}

/** The handshake. */
export interface CapturedLink {
  readonly mess: Infer<typeof SpiceLinkMess>;
  readonly reply: Infer<typeof SpiceLinkReply>;
  /** `null` when the client did not choose. */
  readonly authMechanism: number | null;
  readonly ticket: Uint8Array;
  /** A link_err. */
  readonly result: number;
  /** Bytes of the handshake from each side. */
  readonly bytes: Readonly<Record<Sender, number>>;
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
 * @throws {CaptureError} A file is missing, or has something that this reader does not know, as SASL.
 */
export function readCaptureAt(path: string): Capture {
  const files = readCaptureFiles(path);
  return { name: captureName(path), connections: connectionNames(files).map((name) => readConnection(name, files)) };
}

/** A connection that could be read, or why not. */
export type ReadConnection =
  | { readonly name: string; readonly connection: CapturedConnection }
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
      return { name, connection: readConnection(name, files) };
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

function readConnection(name: string, files: ReadonlyMap<string, Uint8Array>): CapturedConnection {
  const file = (ending: string): Uint8Array => {
    const bytes = files.get(name + ending);
    if (bytes === undefined) throw new CaptureError("missing-file", `no ${name}${ending}`);
    return bytes;
  };
  const streams = { client: file(".c2s"), server: file(".s2c") };
  const link = readLink(streams);
  const channel = channelByType(link.mess.channelType);
  if (channel === undefined) throw new CaptureError("unknown-channel", `no channel of type ${link.mess.channelType}`);
  const headers = bothHave(link.mess, link.reply, CommonCap.MINI_HEADER) ? "mini" : "full";
  const messages = {
    client: readMessages("client", streams.client, link.bytes.client, channel, headers),
    server: readMessages("server", streams.server, link.bytes.server, channel, headers),
  };
  const cutOff = (from: Sender) => streams[from].length - (messages[from].at(-1)?.end ?? link.bytes[from]);
  return {
    name,
    channel,
    channelId: link.mess.channelId,
    streams,
    reads: readReads(name, file(".idx")),
    link,
    headers,
    messages,
    cutOff: { client: cutOff("client"), server: cutOff("server") },
  };
}

/**
 * Reads the handshake.
 * @param streams What each side said, from the first byte on; bytes after the handshake are left alone.
 * @throws {ProtocolError} It is damaged or cut off.
 * @throws {CaptureError} `refused`, `sasl`.
 */
export function readLink(streams: Readonly<Record<Sender, Uint8Array>>): CapturedLink {
  const at = { client: 0, server: 0 };
  const take = (from: Sender, length: number): Uint8Array => {
    const bytes = streams[from].subarray(at[from], at[from] + length);
    at[from] += length;
    return bytes;
  };
  const body = (from: Sender) => {
    const { magic, size } = decode(SpiceLinkHeader, take(from, LINK_HEADER_BYTES));
    if (magic === SPICE_MAGIC) return take(from, size);
    const detail = `0x${magic.toString(16)}, need 0x${SPICE_MAGIC.toString(16)}: is this TLS?`;
    throw new ProtocolError({ code: "bad-magic", message: "SpiceLinkHeader", path: "magic", offset: 0, detail });
  };
  const mess = decode(SpiceLinkMess, body("client"), { exact: true });
  const reply = decode(SpiceLinkReply, body("server"), { exact: true });
  if (reply.error !== 0) throw new CaptureError("refused", `the link was refused with ${nameOf(LinkErr, reply.error)}`);
  const authMechanism = bothHave(mess, reply, CommonCap.PROTOCOL_AUTH_SELECTION)
    ? decode(SpiceLinkAuthMechanism, take("client", 4)).authMechanism
    : null;
  if (authMechanism === AuthMechanism.SASL) throw new CaptureError("sasl", "SASL is not known here");
  const ticket = decode(SpiceLinkEncryptedTicket, take("client", SPICE_TICKET_BYTES)).encryptedData;
  const result = decode(SpiceLinkResult, take("server", 4)).error;
  return { mess, reply, authMechanism, ticket, result, bytes: at };
}

function bothHave(mess: CapturedLink["mess"], reply: CapturedLink["reply"], cap: number): boolean {
  return hasCap(mess.caps?.common ?? [], cap) && hasCap(reply.caps?.common ?? [], cap);
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
