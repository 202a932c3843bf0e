/** One connection of a session: link, framing, the messages that all channels share, then the channel's own handler. */
import { AckWindow } from "../../protocol/channel/ack_window.ts";
import { Deframer, Framer, type SubFrame } from "../../protocol/channel/framing.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { Fifo } from "../../protocol/fifo.ts";
import type { Limits } from "../../protocol/limits.ts";
import { ClientLink, type ClientLinkOutput, type LinkedPeer } from "../../protocol/link/client_link.ts";
import { Ack, AckSync, type baseServer, Pong } from "../../protocol/messages/base.ts";
import { text } from "../../protocol/text.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { encode } from "../../protocol/schema/encode.ts";
import type { Channel, Message, MessageOf } from "../../protocol/schema/message.ts";
import type { ChannelId, SessionEvent } from "./events.ts";
import type { ChannelWait, Handler, Port, Received } from "./port.ts";

/** What a channel asks of its session. */
export interface ChannelHost {
  send(chunks: readonly Uint8Array[]): void;
  emit(event: SessionEvent): void;
  /** Encrypt the session's password for this key, then call {@link ChannelCore.ticket}. */
  encrypt(publicKey: Uint8Array): void;
  /** The link is done: make the handler. */
  linked(port: Port): Handler;
  /** Serial of the last message handled on another channel; `null` when there is no such channel. */
  serialOf(type: number, id: number): bigint | null;
}

/** How a channel is linked. */
export interface ChannelOptions {
  readonly connectionId: number;
  readonly commonCaps: readonly number[];
  readonly channelCaps: readonly number[];
  readonly limits: Limits;
}

/** Parts of the frame at hand that are still to be handled. */
type Part = SubFrame | "count";

/** A channel as a state machine: bytes in, bytes and events out through its host. */
export class ChannelCore {
  readonly #link: ClientLink;
  readonly #limits: Limits;
  readonly #ack = new AckWindow();
  #deframer: Deframer | null = null;
  #framer: Framer | null = null;
  #handler: Handler | null = null;
  readonly #parts = new Fifo<Part>();
  /** A message that the handler asked for later. */
  #held: SubFrame | null = null;
  /** Messages that were decoded before they are handled for good, by their bodies. */
  readonly #values = new WeakMap<Uint8Array, Received>();
  #frameSerial: bigint | null = null;
  #lastSerial = 0n;
  #waits: readonly ChannelWait[] = [];
  readonly #afterWait: (() => void)[] = [];

  constructor(
    readonly channel: ChannelId,
    readonly declaration: Channel,
    options: ChannelOptions,
    readonly host: ChannelHost,
  ) {
    this.#limits = options.limits;
    this.#link = new ClientLink({ ...options, channelType: channel.type, channelId: channel.id });
  }

  /** True once messages flow. */
  get linked(): boolean {
    return this.#handler !== null;
  }

  /** Serial of the last message handled whole. */
  get serial(): bigint {
    return this.#lastSerial;
  }

  /** Bytes of messages held back while the channel waits for another. */
  get waitingBytes(): number {
    const waits = this.#waits.length > 0 || this.#held !== null;
    return waits && !this.decoding ? this.#deframer!.waitingBytes : 0;
  }

  /** Whether a message waits for an image that is decoded elsewhere. */
  get decoding(): boolean {
    return this.#held !== null && this.#handler?.busy === true;
  }

  /** Whether so much waits behind it that no more bytes should come until it is there. */
  get behind(): boolean {
    return this.decoding && this.#deframer!.waitingBytes > MOST_BYTES_AHEAD;
  }

  /** The connection is there. */
  start(): void {
    this.host.send(this.#link.start());
  }

  /**
   * Takes bytes in any split.
   * @throws {ProtocolError} The peer broke a rule; the channel is of no further use.
   */
  receive(bytes: Uint8Array): void {
    if (this.#deframer === null) return this.#linkOutputs(this.#link.receive(bytes));
    this.#deframer.push(bytes);
    this.pump();
  }

  /**
   * To be asked once all channels have gone as far as they can.
   * @throws {ProtocolError} `too-large`: more is held back than may be.
   */
  checkWaiting(): void {
    if (this.waitingBytes > this.#limits.waitingBytes) {
      const detail = `${this.waitingBytes} bytes held back, at most ${this.#limits.waitingBytes} allowed`;
      const message = this.#held === null ? "WAIT_FOR_CHANNELS" : this.declaration.name;
      throw new ProtocolError({ code: "too-large", action: "wait", message, detail });
    }
  }

  /** The password, encrypted for the key that was asked about. */
  ticket(encrypted: Uint8Array): void {
    this.host.send(this.#link.ticket(encrypted));
    this.#linkOutputs(this.#link.receive(new Uint8Array(0)));
  }

  /**
   * The peer closed the connection.
   * @returns What is wrong with that, or `null` when it may close here.
   */
  end(): ProtocolError | null {
    this.#handler?.end?.();
    if (this.#deframer === null) return this.#link.end();
    if (this.#deframer.atBoundary) return null;
    const detail = "the connection ended inside a message";
    return new ProtocolError({ code: "closed", action: "read", message: this.declaration.name, detail });
  }

  /** @returns The error of a handshake that took too long. */
  timeout(): ProtocolError {
    const detail = `no end of the handshake after ${this.#limits.handshakeMs} ms (state ${this.#link.state})`;
    return new ProtocolError({ code: "timeout", action: "link", message: this.declaration.name, detail });
  }

  /**
   * Handles what has come, as far as waits for other channels allow.
   * @returns True when something was handled.
   */
  pump(): boolean {
    let moved = false;
    while (this.#deframer !== null && this.#ready()) {
      const part = this.#held ?? this.#parts.shift();
      this.#held = null;
      if (part === "count") {
        if (this.#ack.count()) this.#send(Ack, {});
      } else if (part !== undefined) {
        if (this.#message(part) === "later") {
          this.#held = part;
          this.#lookAhead();
          return moved;
        }
        moved = true;
      } else if (this.#frameSerial !== null) {
        this.#lastSerial = this.#frameSerial;
        this.#frameSerial = null;
      } else {
        const frame = this.#deframer.next();
        if (frame === undefined) return moved;
        this.#frameSerial = frame.serial;
        for (const part of frame.subMessages) this.#parts.push(part);
        this.#parts.push("count");
        if (frame.type !== LIST) this.#parts.push(frame);
      }
    }
    return moved;
  }

  /** Lets the handler begin what takes long of the messages behind the one that it asked for later. */
  #lookAhead(): void {
    for (let i = 0; i < MOST_AHEAD; i++) {
      const frame = this.#deframer!.peek(i);
      if (frame === undefined || this.#handler?.prepare === undefined) return;
      try {
        if (!this.#handler.prepare(this.#decode(frame))) return;
      } catch (error) {
        // It is thrown again when its turn comes.
        if (!(error instanceof ProtocolError)) throw error;
      }
    }
  }

  #ready(): boolean {
    this.#waits = this.#waits.filter(({ channelType, channelId, messageSerial }) => {
      const serial = this.host.serialOf(channelType, channelId);
      return serial !== null && serial < messageSerial;
    });
    if (this.#waits.length > 0) return false;
    for (const then of this.#afterWait.splice(0)) then();
    return true;
  }

  #linkOutputs(outputs: readonly ClientLinkOutput[]): void {
    for (const output of outputs) {
      switch (output.do) {
        case "send":
          this.host.send(output.chunks);
          break;
        case "encrypt":
          this.host.encrypt(output.publicKey);
          break;
        case "linked":
          this.#begin(output.peer);
          this.receive(output.rest);
          break;
      }
    }
  }

  #begin(peer: LinkedPeer): void {
    this.#deframer = new Deframer(peer.header, this.#limits);
    this.#framer = new Framer(peer.header);
    this.host.emit({
      type: "channel-open",
      channel: this.channel,
      capabilities: { common: peer.commonCaps, channel: peer.channelCaps },
    });
    this.#handler = this.host.linked({
      id: this.channel.id,
      peer,
      send: (message, value) => this.#send(message, value),
      emit: (event) => this.host.emit(event),
      wait: (waits, then) => {
        this.#waits = [...this.#waits, ...waits];
        if (then !== undefined) this.#afterWait.push(then);
      },
    });
  }

  #send<T>(message: Message<string, T>, value: T): void {
    this.host.send(this.#framer!.frame(message.id, encode(message.wire, value)));
  }

  #message({ type, body }: SubFrame): void | "later" {
    try {
      const message = this.#decode({ type, body });
      // The registry pairs each name with the type of its value.
      if (!this.#shared(message as MessageOf<typeof baseServer>)) return this.#handler!.handle(message);
    } catch (error) {
      if (!(error instanceof ProtocolError && error.code === "unsupported")) throw error;
      this.host.emit({ type: "unsupported", channel: this.channel, error });
    }
  }

  /** @returns The message of a body; each time the same object. */
  #decode({ type, body }: SubFrame): Received {
    const known = this.#values.get(body);
    if (known !== undefined) return known;
    const declared = this.declaration.byId.server.get(type);
    if (declared === undefined) {
      const detail = `the ${this.declaration.name} channel has no message ${type}`;
      throw new ProtocolError({ code: "unsupported", action: "handle", message: `message ${type}`, detail });
    }
    const message = { name: declared.name, value: decode(declared.wire, body, { limits: this.#limits }) };
    this.#values.set(body, message);
    return message;
  }

  /** @returns False when the message is the channel's own. */
  #shared(message: MessageOf<typeof baseServer>): boolean {
    switch (message.name) {
      case "SET_ACK":
        this.#ack.set(message.value.window);
        this.#send(AckSync, { generation: message.value.generation });
        return true;
      case "PING":
        this.#send(Pong, { id: message.value.id, timestamp: message.value.timestamp });
        return true;
      case "WAIT_FOR_CHANNELS":
        this.#waits = [...this.#waits, ...message.value.waitList];
        return true;
      case "DISCONNECTING":
        this.host.emit({ type: "disconnecting", channel: this.channel, reason: message.value.reason });
        return true;
      case "NOTIFY":
        this.host.emit({
          type: "notify",
          channel: this.channel,
          severity: message.value.severity,
          what: message.value.what,
          text: text(message.value.message),
        });
        return true;
      case "MIGRATE":
      case "MIGRATE_DATA":
        throw unsupported(message, "migration");
      case "LIST":
        return true;
      default:
        return false;
    }
  }
}

/** Messages that are looked at before their turn. */
const MOST_AHEAD = 32;

/** Bytes behind a message that waits for its image: more than one screen's, so that its image can be begun, too. */
const MOST_BYTES_AHEAD = 8 * 1024 * 1024;

/** Message type of LIST, whose parts have been taken out of it. */
const LIST = 8;

/** @returns The error for a valid message that this client does not act on. */
export function unsupported(message: Received, what: string): ProtocolError {
  return new ProtocolError({
    code: "unsupported",
    action: "handle",
    message: message.name,
    detail: `${what} is not supported`,
  });
}
