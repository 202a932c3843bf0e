/**
 * Bytes between a client and a server, changed on the way: what one end sends becomes what a defective end would send, and
 * what it is sent becomes what a defective end would have understood.
 */
import { HEADER_BYTES, type HeaderKind } from "../../protocol/channel/framing.ts";
import { CommonCap, hasCap } from "../../protocol/capabilities.ts";
import { channelByType, type ChannelName } from "../../protocol/messages/channels.ts";
import {
  LINK_HEADER_BYTES,
  SPICE_TICKET_BYTES,
  SpiceLinkHeader,
  SpiceLinkMess,
  SpiceLinkReply,
} from "../../protocol/messages/link.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { concat, encodeBytes } from "../../protocol/schema/encode.ts";
import type { Message, Sender } from "../../protocol/schema/message.ts";
import type { Infer } from "../../protocol/schema/wire.ts";

/** A message on its way. */
export interface Passing {
  readonly from: Sender;
  readonly channel: ChannelName;
  readonly channelId: number;
  readonly type: number;
  /** Its name; empty when the channel has none of that type. */
  readonly name: string;
  readonly body: Uint8Array;
  /** Of a full header; 0n with mini headers. */
  readonly serial: bigint;
  readonly subList: number;
  /** How many messages of this sender came before on this connection. */
  readonly index: number;
  /** What a defect wants to remember of the connection. */
  readonly memory: Map<string, unknown>;
}

/** What goes on in place of a message. */
export type Passed = Pick<Passing, "type" | "body" | "serial" | "subList"> | Uint8Array;

/** A defect, as what it does to what passes. */
export interface Tampering {
  /** @returns What goes on: the message itself, others, raw bytes, or nothing. */
  readonly message?: (passing: Passing) => readonly Passed[];
  /** The parts of the link. @returns The bytes that go on. */
  readonly mess?: (value: Infer<typeof SpiceLinkMess>, bytes: Uint8Array) => Uint8Array;
  readonly reply?: (value: Infer<typeof SpiceLinkReply>, bytes: Uint8Array) => Uint8Array;
  readonly result?: (bytes: Uint8Array) => Uint8Array;
  readonly ticket?: (bytes: Uint8Array) => Uint8Array;
}

/** Changes a message of one type; others pass. */
export function change<T>(
  from: Sender,
  message: Message<string, T>,
  to: (value: T, passing: Passing) => T | null | readonly T[],
): Tampering {
  return {
    message: (passing) => {
      if (passing.from !== from || passing.name !== message.name) return [passing];
      const changed = to(decode(message.wire, passing.body), passing);
      if (changed === null) return [];
      const values: readonly T[] = Array.isArray(changed) ? changed : [changed as T];
      return values.map((value) => ({ ...passing, body: encodeBytes(message.wire, value) }));
    },
  };
}

/** One connection, both ways. */
export class Tamper {
  readonly #tampering: Tampering;
  readonly #waiting: Record<Sender, Uint8Array> = { client: new Uint8Array(0), server: new Uint8Array(0) };
  readonly #count: Record<Sender, number> = { client: 0, server: 0 };
  readonly #memory = new Map<string, unknown>();
  readonly #stage: Record<Sender, "link" | "auth" | "ticket" | "result" | "messages"> = {
    client: "link",
    server: "link",
  };
  #mess: Infer<typeof SpiceLinkMess> | null = null;
  #reply: Infer<typeof SpiceLinkReply> | null = null;

  constructor(tampering: Tampering) {
    this.#tampering = tampering;
  }

  /** Bytes came from one side. @returns What the other side gets. */
  pass(from: Sender, bytes: Uint8Array): Uint8Array {
    this.#waiting[from] = concat([this.#waiting[from], bytes]);
    const out: Uint8Array[] = [];
    for (let part = this.#next(from); part !== null; part = this.#next(from)) out.push(...part);
    return concat(out);
  }

  #next(from: Sender): readonly Uint8Array[] | null {
    switch (this.#stage[from]) {
      case "link":
        return from === "client" ? this.#passMess() : this.#passReply();
      case "auth": {
        // Whether there is a choice is known once the server has answered.
        if (this.#reply === null) return null;
        if (!this.#both(CommonCap.PROTOCOL_AUTH_SELECTION)) {
          this.#stage.client = "ticket";
          return [];
        }
        const choice = this.#take("client", 4);
        if (choice !== null) this.#stage.client = "ticket";
        return choice === null ? null : [choice];
      }
      case "ticket": {
        const ticket = this.#take("client", SPICE_TICKET_BYTES);
        if (ticket === null) return null;
        this.#stage.client = "messages";
        return [this.#tampering.ticket?.(ticket) ?? ticket];
      }
      case "result": {
        const result = this.#take("server", 4);
        if (result === null) return null;
        this.#stage.server = "messages";
        return [this.#tampering.result?.(result) ?? result];
      }
      case "messages":
        return this.#passMessage(from);
    }
  }

  #passMess(): readonly Uint8Array[] | null {
    const bytes = this.#takeLinked("client");
    if (bytes === null) return null;
    this.#mess = decode(SpiceLinkMess, bytes.subarray(LINK_HEADER_BYTES));
    this.#stage.client = "auth";
    return [this.#tampering.mess?.(this.#mess, bytes) ?? bytes];
  }

  #passReply(): readonly Uint8Array[] | null {
    const bytes = this.#takeLinked("server");
    if (bytes === null) return null;
    this.#reply = decode(SpiceLinkReply, bytes.subarray(LINK_HEADER_BYTES));
    this.#stage.server = "result";
    return [this.#tampering.reply?.(this.#reply, bytes) ?? bytes];
  }

  #passMessage(from: Sender): readonly Uint8Array[] | null {
    const kind: HeaderKind = this.#both(CommonCap.MINI_HEADER) ? "mini" : "full", head = HEADER_BYTES[kind];
    const waiting = this.#waiting[from];
    if (waiting.length < head) return null;
    const view = new DataView(waiting.buffer, waiting.byteOffset, waiting.length), full = kind === "full";
    const size = view.getUint32(full ? 10 : 2, true);
    const bytes = this.#take(from, head + size);
    if (bytes === null) return null;
    const type = view.getUint16(full ? 8 : 0, true), declaration = channelByType(this.#mess!.channelType)!;
    const passing: Passing = {
      from,
      channel: declaration.name as ChannelName,
      channelId: this.#mess!.channelId,
      type,
      name: declaration.byId[from].get(type)?.name ?? "",
      body: bytes.subarray(head),
      serial: full ? view.getBigUint64(0, true) : 0n,
      subList: full ? view.getUint32(14, true) : 0,
      index: this.#count[from]++,
      memory: this.#memory,
    };
    const passed = this.#tampering.message?.(passing) ?? [passing];
    return passed.map((one) => one instanceof Uint8Array ? one : frame(kind, one));
  }

  #both(cap: number): boolean {
    return hasCap(this.#mess?.caps?.common ?? [], cap) && hasCap(this.#reply?.caps?.common ?? [], cap);
  }

  #takeLinked(from: Sender): Uint8Array | null {
    const waiting = this.#waiting[from];
    if (waiting.length < LINK_HEADER_BYTES) return null;
    return this.#take(from, LINK_HEADER_BYTES + decode(SpiceLinkHeader, waiting.subarray(0, LINK_HEADER_BYTES)).size);
  }

  #take(from: Sender, size: number): Uint8Array | null {
    const waiting = this.#waiting[from];
    if (waiting.length < size) return null;
    this.#waiting[from] = waiting.subarray(size);
    return waiting.slice(0, size);
  }
}

/** A message with its header. */
export function frame(kind: HeaderKind, { type, body, serial, subList }: Exclude<Passed, Uint8Array>): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES[kind] + body.length), view = new DataView(bytes.buffer);
  const full = kind === "full";
  if (full) {
    view.setBigUint64(0, serial, true);
    view.setUint32(14, subList, true);
  }
  view.setUint16(full ? 8 : 0, type, true);
  view.setUint32(full ? 10 : 2, body.length, true);
  bytes.set(body, HEADER_BYTES[kind]);
  return bytes;
}
