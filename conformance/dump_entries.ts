/** All that connections say, message by message, in the order of time. */
import { readSubMessages } from "../protocol/channel/framing.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { List } from "../protocol/messages/base.ts";
import { decode } from "../protocol/schema/decode.ts";
import type { Sender } from "../protocol/schema/message.ts";
import { print } from "../protocol/schema/print.ts";
import type { Wire } from "../protocol/schema/wire.ts";
import { channelByType } from "../protocol/messages/channels.ts";
import { type CapturedConnection, type CapturedHandshake, timed, type TimedMessage } from "./capture.ts";
import { type Json, valueToJson } from "./value_json.ts";

/** A message, a structure of the link, or a message inside a list. */
export interface DumpEntry {
  /** As `00`. */
  readonly connection: string;
  /** Name of the channel; `type N` for one that SPICE does not have, `unknown` when the client asked for none. */
  readonly channel: string;
  readonly channelId: number;
  /** Since the first read of all connections. */
  readonly seconds: number;
  readonly from: Sender;
  /** In the sender's stream; of a message inside a list, that of the list. */
  readonly offset: number;
  /** `null` for what has none. */
  readonly serial: bigint | null;
  /** Wire name; of a message inside a list, `LIST > NAME`. */
  readonly message: string;
  /** Without its header. */
  readonly bytes: Uint8Array;
  /** Why it cannot be decoded, or `null`. */
  readonly error: ProtocolError | null;
  /** @returns Its value as text. Only without an error. */
  print(): string;
  /** @returns Its value as JSON. Only without an error. */
  json(): Json;
}

/**
 * Lists what connections say.
 *
 * @param connections All of one capture, so that their times are of one clock; those without messages, too.
 * @returns Entries by time. They are decoded as they are taken.
 */
export function* dumpEntries(connections: readonly (CapturedConnection | CapturedHandshake)[]): Generator<DumpEntry> {
  const starts = connections.flatMap(({ reads }) => reads.slice(0, 1).map(({ time }) => time));
  const start = starts.reduce((least, time) => Math.min(least, time), Infinity);
  const items = connections.flatMap((connection): Item[] => [
    { connection, timed: null },
    ...("messages" in connection ? timed(connection).map((timed) => ({ connection, timed })) : []),
  ]);
  const timeOf = ({ connection, timed }: Item) => timed?.time ?? connection.reads[0]?.time ?? start;
  for (const item of items.sort((a, b) => timeOf(a) - timeOf(b))) {
    // Microseconds: what is behind them is not in the index.
    const seconds = Math.round((timeOf(item) - start) * 1e6) / 1e6;
    if (item.timed === null) yield* linkEntries(item.connection, seconds);
    else yield* messageEntries(item.connection, item.timed, seconds);
  }
}

/** A message, or a whole handshake. */
type Item =
  | { readonly connection: CapturedConnection; readonly timed: TimedMessage }
  | { readonly connection: CapturedConnection | CapturedHandshake; readonly timed: null };

type Head = Omit<DumpEntry, "error" | "print" | "json">;

function* linkEntries(connection: CapturedConnection | CapturedHandshake, seconds: number): Generator<DumpEntry> {
  for (const { from, offset, wire, bytes } of connection.link.parts) {
    yield entry({ ...headOf(connection, seconds), from, offset, serial: null, message: wire.name, bytes }, wire);
  }
}

function* messageEntries(
  connection: CapturedConnection,
  { message: { from, offset, serial, type, subList, declaration, body } }: TimedMessage,
  seconds: number,
): Generator<DumpEntry> {
  const message = declaration?.name ?? `message ${type}`;
  const head = { ...headOf(connection, seconds), from, offset, serial, message, bytes: body };
  yield entry(head, declaration?.wire);
  if (declaration !== List && subList === 0) return;
  try {
    for (const { type, body: bytes } of readSubMessages(body, subList)) {
      const inner = connection.channel.byId[from].get(type);
      const message = `${head.message} > ${inner?.name ?? `message ${type}`}`;
      yield entry({ ...head, serial: null, message, bytes }, inner?.wire);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    yield failed({ ...head, serial: null, message: `${message} > ?`, bytes: body }, error);
  }
}

function headOf({ name, link: { mess } }: CapturedHandshake, seconds: number) {
  const channel = mess === null ? "unknown" : channelByType(mess.channelType)?.name ?? `type ${mess.channelType}`;
  return { connection: name, channel, channelId: mess?.channelId ?? 0, seconds };
}

function entry<T>(head: Head, wire: Wire<T> | undefined): DumpEntry {
  if (wire === undefined) {
    const detail = `the ${head.channel} channel has no such message`;
    return failed(head, new ProtocolError({ code: "unknown-message", message: head.message, detail }));
  }
  try {
    const value = decode(wire, head.bytes);
    return { ...head, error: null, print: () => print(wire, value), json: () => valueToJson(wire, value) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return failed(head, error);
  }
}

function failed(head: Head, error: ProtocolError): DumpEntry {
  return { ...head, error, print: () => "", json: () => null };
}
