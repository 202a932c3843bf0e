/** One connection from a viewer: link, framing, the messages that all channels share, then the channel's own handler. */
import { Deframer, Framer, type SubFrame } from "../../protocol/channel/framing.ts";
import { SendWindow } from "../../protocol/channel/send_window.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import type { Limits } from "../../protocol/limits.ts";
import type { LinkedPeer } from "../../protocol/link/client_link.ts";
import { type Offer, ServerLink, type ServerLinkOutput } from "../../protocol/link/server_link.ts";
import { type baseClient, Disconnecting, Ping, SetAck } from "../../protocol/messages/base.ts";
import { channels } from "../../protocol/messages/channels.ts";
import { LinkErr } from "../../protocol/messages/enums.ts";
import type { SpiceLinkMess } from "../../protocol/messages/link.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { encode } from "../../protocol/schema/encode.ts";
import type { Channel, Message, MessageOf } from "../../protocol/schema/message.ts";
import type { Handler, Port } from "./port.ts";

/** A channel that was asked for and can be had. */
export interface Grant {
  readonly declaration: Channel;
  readonly commonCaps: readonly number[];
  readonly channelCaps: readonly number[];
}

/** What a connection asks of the server. */
export interface ConnectionHost {
  send(chunks: readonly Uint8Array[]): void;
  /** Make a ticket key, then call {@link Connection.answerKey}. */
  makeKey(): void;
  /** Decrypt and judge, then call {@link Connection.answerTicket}. */
  judge(encrypted: Uint8Array): void;
  /** Which channel a viewer may have, or the `link_err` to refuse with. */
  grant(request: SpiceLinkMess): Grant | { readonly refuse: number };
  /** The link is done: make the handler. */
  linked(port: Port, request: SpiceLinkMess): Handler;
}

/** A connection as a state machine: bytes in, bytes out through its host. */
export class Connection {
  readonly #link: ServerLink;
  readonly #acks = new SendWindow();
  #request: SpiceLinkMess | null = null;
  #declaration: Channel | null = null;
  #deframer: Deframer | null = null;
  #framer: Framer | null = null;
  #handler: Handler | null = null;

  constructor(readonly host: ConnectionHost, readonly limits: Limits) {
    this.#link = new ServerLink(limits);
  }

  /** True once messages flow. */
  get linked(): boolean {
    return this.#handler !== null;
  }

  /** Name of the channel, or the state of the link, for logs. */
  get description(): string {
    return this.#declaration === null ? this.#link.state : `${this.#declaration.name} ${this.#request!.channelId}`;
  }

  /**
   * Takes bytes in any split.
   * @throws {ProtocolError} The viewer broke a rule; send {@link farewell}, then close.
   */
  receive(bytes: Uint8Array, nowMs: number): void {
    if (this.#deframer === null) return this.#linkOutputs(this.#link.receive(bytes), nowMs);
    this.#deframer.push(bytes);
    this.#pump(nowMs);
  }

  /** The public half of the key that was asked for. */
  answerKey(publicKey: Uint8Array, nowMs: number): void {
    this.#linkOutputs(this.#link.key(publicKey), nowMs);
  }

  /**
   * The verdict on ticket and request.
   * @param refusal `link_err` to refuse with; OK (0) lets the viewer in.
   * @throws {ProtocolError} `link-refused` when it is refused.
   */
  answerTicket(refusal: number, nowMs: number): void {
    this.#linkOutputs(this.#link.verdict(refusal === LinkErr.OK, refusal), nowMs);
  }

  /** What the viewer asked for; `null` before it did. */
  get request(): SpiceLinkMess | null {
    return this.#request;
  }

  /** The viewer's socket can take more. @returns False when there is nothing to send that could wait until now. */
  pull(nowMs: number): boolean {
    return this.#handler?.pull?.(nowMs) ?? false;
  }

  /** The connection is gone. */
  end(): void {
    this.#handler?.end?.();
    this.#handler = null;
  }

  /** @returns What to tell the viewer before closing, for an error or a `link_err` of our own. */
  farewell(error: ProtocolError, nowMs: number): readonly Uint8Array[] {
    if (!this.linked) return error.code === "closed" ? [] : this.#link.answerTo(error);
    const body = encode(Disconnecting.wire, {
      timeStamp: BigInt(Math.trunc(nowMs)),
      reason: error.linkError ?? LinkErr.ERROR,
    });
    return this.#framer!.frame(Disconnecting.id, body);
  }

  #linkOutputs(outputs: readonly ServerLinkOutput[], nowMs: number): void {
    for (const output of outputs) {
      switch (output.do) {
        case "send":
          this.host.send(output.chunks);
          break;
        case "offer":
          this.#request = output.request;
          this.#linkOutputs(this.#link.offer(this.#grant(output.request)), nowMs);
          break;
        case "make-key":
          this.host.makeKey();
          break;
        case "check":
          this.host.judge(output.encrypted);
          break;
        case "linked":
          this.#begin(output.peer);
          this.receive(output.rest, nowMs);
          break;
      }
    }
  }

  #grant(request: SpiceLinkMess): Offer {
    const grant = this.host.grant(request);
    if ("refuse" in grant) return grant;
    this.#declaration = grant.declaration;
    return grant;
  }

  #begin(peer: LinkedPeer): void {
    const channelType = this.#request!.channelType;
    const messageBytes = Math.min(this.limits.messageBytes, MESSAGE_BYTES.get(channelType) ?? Infinity);
    this.#deframer = new Deframer(peer.header, { ...this.limits, messageBytes });
    this.#framer = new Framer(peer.header);
    const acks = this.#acks;
    const send = <T>(message: Message<string, T>, value: T) => this.#send(message, value);
    this.#handler = this.host.linked({
      id: this.#request!.channelId,
      peer,
      send,
      startAcks: (window) => {
        send(SetAck, { generation: acks.set(window), window });
      },
      get ackFull() {
        return acks.full;
      },
      ping: (id) => {
        send(Ping, { id, timestamp: 0n, data: NO_BYTES });
      },
    }, this.#request!);
  }

  #send<T>(message: Message<string, T>, value: T): number {
    const chunks = this.#framer!.frame(message.id, encode(message.wire, value));
    this.#acks.sent();
    this.host.send(chunks);
    return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  #pump(nowMs: number): void {
    for (let frame = this.#deframer!.next(); frame !== undefined; frame = this.#deframer!.next()) {
      for (const part of frame.subMessages) this.#message(part, nowMs);
      this.#message(frame, nowMs);
      if (this.#handler === null) return;
    }
  }

  #message({ type, body }: SubFrame, nowMs: number): void {
    const declared = this.#declaration!.byId.client.get(type);
    if (declared === undefined) {
      const detail = `the ${this.#declaration!.name} channel has no message ${type}`;
      throw new ProtocolError({ code: "unknown-message", action: "handle", message: `message ${type}`, detail });
    }
    const value = decode(declared.wire, body, { limits: this.limits });
    // The registry pairs each name with the type of its value.
    const message = { name: declared.name, value } as MessageOf<typeof baseClient>;
    switch (message.name) {
      case "ACK_SYNC":
        return this.#acks.sync(message.value.generation);
      case "ACK":
        return this.#acks.ack();
      case "PONG":
        return this.#handler?.pong?.(message.value.id, nowMs);
      case "DISCONNECTING":
        return;
      case "MIGRATE_FLUSH_MARK":
      case "MIGRATE_DATA": {
        const detail = "there is no migration under way";
        throw new ProtocolError({ code: "unexpected", action: "handle", message: message.name, detail });
      }
      default:
        this.#handler?.handle(message, nowMs);
    }
  }
}

/**
 * Bytes of a viewer's message by channel type: each byte of INPUTS_KEY_SCANCODE can be an event of its own.
 * Source: spice-server inputs-channel-client.h RECEIVE_BUF_SIZE, common-graphics-channel.h CHANNEL_RECEIVE_BUF_SIZE.
 */
const MESSAGE_BYTES: ReadonlyMap<number, number> = new Map([
  [channels.inputs.type, 2048],
  [channels.display.type, 1024],
  [channels.cursor.type, 1024],
]);

const NO_BYTES = new Uint8Array(0);
