/** Messages and channels: named structs with an id, and the tables that find them. */
import { type Infer, type Info, type Node, type Struct, struct, type StructNode, type Typed } from "./wire.ts";

/** A message of a channel. */
export interface Message<Name extends string = string, T = unknown> extends Typed<T> {
  /** Wire name without `SPICE_MSG_` or `SPICE_MSGC_`, as `DISPLAY_DRAW_COPY`. */
  readonly name: Name;
  /** Message type in the data header. */
  readonly id: number;
  /** The layout of the body: what `decode`, `encode` and `print` take. */
  readonly wire: StructNode & Typed<T>;
}

/** A message at run time: its name, and the value that the name implies. */
export type MessageOf<M extends readonly Message[]> = {
  [K in keyof M]: M[K] extends Message<infer Name, infer T> ? { readonly name: Name; readonly value: T } : never;
}[number];

/** The value of a message declaration. */
export type ValueOf<M extends Message> = Infer<M>;

/**
 * Declares a message.
 * @param name Wire name without its `SPICE_MSG_` or `SPICE_MSGC_` prefix; both directions may share one.
 * @param id Message type in the data header.
 */
export function message<const Name extends string, const F extends Readonly<Record<string, Node>>>(
  name: Name,
  id: number,
  fields: F,
  info: Info = {},
): Message<Name, Struct<F>> {
  return { name, id, wire: struct(name, fields, info) };
}

/** Declares another message with the layout of `like`, as `DISPLAY_DRAW_BLEND` has that of `DISPLAY_DRAW_COPY`. */
export function sameAs<const Name extends string, T>(
  name: Name,
  id: number,
  like: Message<string, T>,
): Message<Name, T> {
  return { name, id, wire: { ...like.wire, name } };
}

/** A channel: what each side may say. */
export interface Channel<
  Name extends string = string,
  S extends readonly Message[] = readonly Message[],
  C extends readonly Message[] = readonly Message[],
> {
  /** Name in `spice.proto`, as `display`. */
  readonly name: Name;
  /** Channel type in the link message. */
  readonly type: number;
  /** Messages from the server, those of the base channel included. */
  readonly server: S;
  /** Messages from the client, those of the base channel included. */
  readonly client: C;
  /** Message id to message, by direction. */
  readonly byId: { readonly server: ReadonlyMap<number, Message>; readonly client: ReadonlyMap<number, Message> };
}

/** Which side sends. */
export type Sender = "server" | "client";

/**
 * Declares a channel.
 * @throws {TypeError} Two messages of one direction share an id: a mistake in the declaration.
 */
export function channel<
  const Name extends string,
  const S extends readonly Message[],
  const C extends readonly Message[],
>(
  name: Name,
  type: number,
  server: S,
  client: C,
): Channel<Name, S, C> {
  return { name, type, server, client, byId: { server: index(name, server), client: index(name, client) } };
}

function index(channel: string, messages: readonly Message[]): ReadonlyMap<number, Message> {
  const byId = new Map<number, Message>();
  for (const message of messages) {
    if (byId.has(message.id)) throw new TypeError(`Cannot declare channel ${channel}: two messages ${message.id}`);
    byId.set(message.id, message);
  }
  return byId;
}
