/** A linked channel of a case, from either side: messages out, messages in, and what every peer must answer by itself. */
import { Deframer, type Frame, Framer, type HeaderKind } from "../../protocol/channel/framing.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { Ack, AckSync, Ping, Pong, SetAck } from "../../protocol/messages/base.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { concat, encodeBytes } from "../../protocol/schema/encode.ts";
import type { Channel, Message, Sender } from "../../protocol/schema/message.ts";
import { fail } from "./verdict.ts";
import type { Wire } from "./wire.ts";

/** A message that came. */
export interface Heard {
  readonly type: number;
  /** Its name; `message N` when the channel has none of that type. */
  readonly name: string;
  readonly serial: bigint;
  readonly body: Uint8Array;
  /** True for a message inside another one. */
  readonly isSub: boolean;
}

/** How a channel is talked on. */
export interface TalkOptions {
  readonly declaration: Channel;
  /** Number of the channel. */
  readonly id: number;
  readonly header: HeaderKind;
  /** Which side the suite plays. */
  readonly as: Sender;
  /** Capability words of the peer. */
  readonly commonCaps: readonly number[];
  readonly channelCaps: readonly number[];
  /** Bytes that came behind the handshake. */
  readonly rest?: Uint8Array;
}

/** One linked channel. */
export class Talk implements Disposable {
  /** Every message that came and was looked at, in order. */
  readonly heard: Heard[] = [];
  /**
   * Whether a case answers PING and SET_ACK itself. By default a suite that plays the client answers as every client must,
   * so that no server waits for it.
   */
  byHand = false;
  /** Whether a suite that plays the client sends an ACK for each window; PING and SET_ACK it answers either way. */
  acknowledges = true;
  readonly #deframer: Deframer;
  readonly #framer: Framer;
  readonly #queue: Heard[] = [];
  readonly #peer: Sender;
  #window = 0;
  #unacknowledged = 0;

  constructor(readonly wire: Wire, readonly options: TalkOptions) {
    this.#deframer = new Deframer(options.header);
    this.#framer = new Framer(options.header);
    this.#peer = options.as === "client" ? "server" : "client";
    if (options.rest !== undefined) this.#deframer.push(options.rest);
  }

  /** Serial of the last message that the suite sent. */
  get sentSerial(): bigint {
    return this.#framer.serial;
  }

  /** Sends a message. @returns False when the peer takes no more. */
  send<T>(message: Message<string, T>, value: T): Promise<boolean> {
    return this.sendBody(message.id, encodeBytes(message.wire, value), message.name);
  }

  /**
   * Sends a body of any bytes under any type.
   * @param subList Offset of a sub-message list in the body, 0 for none; full headers only.
   */
  sendBody(type: number, body: Uint8Array, what = `message ${type}`, subList = 0): Promise<boolean> {
    return this.wire.send(concat(this.#framer.frame(type, [body], subList)), what);
  }

  /** The next message. @returns `null` when the peer ends, or says nothing for too long. */
  async next(patienceMs: number = this.wire.patienceMs): Promise<Heard | null> {
    const end = performance.now() + patienceMs;
    for (;;) {
      const waiting = this.#queue.shift() ?? this.#cut();
      if (waiting !== undefined) {
        await this.#answer(waiting);
        this.heard.push(waiting);
        return waiting;
      }
      const bytes = await this.wire.some(end - performance.now());
      if (bytes === null) return null;
      this.#deframer.push(bytes);
    }
  }

  /**
   * Waits for a message, passing over others.
   *
   * @param where What its value must be like.
   * @throws {Finding} `failed`: it does not come, or its body does not decode.
   */
  async expect<T>(
    message: Message<string, T>,
    where: (value: T) => boolean = () => true,
    patienceMs: number = this.wire.patienceMs,
  ): Promise<T> {
    const value = await this.find(message, where, patienceMs);
    if (value !== null) return value;
    const passed = this.heard.slice(-8).map(({ name }) => name).join(", ");
    return fail(`no ${message.name} comes within ${patienceMs} ms${passed === "" ? "" : `, only ${passed}`}`);
  }

  /** The same as {@link expect}, but `null` when it does not come. */
  async find<T>(
    message: Message<string, T>,
    where: (value: T) => boolean = () => true,
    patienceMs: number = this.wire.patienceMs,
  ): Promise<T | null> {
    const end = performance.now() + patienceMs;
    for (;;) {
      const heard = await this.next(end - performance.now());
      if (heard === null) return null;
      if (heard.type !== message.id) continue;
      const value = this.decode(message, heard);
      if (where(value)) return value;
    }
  }

  /** Takes all that comes until nothing has come for a while, or the peer has talked for long. @returns What came. */
  async drain(quietMs = 200, mostMs = 3000): Promise<Heard[]> {
    const from = this.heard.length, end = performance.now() + mostMs;
    while (performance.now() < end && await this.next(quietMs) !== null);
    return this.heard.slice(from);
  }

  /** The value of a message that came. @throws {Finding} `failed`: its body does not decode. */
  decode<T>(message: Message<string, T>, { body, name }: Heard): T {
    try {
      return decode(message.wire, body, { exact: true });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return fail(`its ${name} is broken: ${error.message}`);
    }
  }

  /** Whether the peer ends the connection within the time. */
  closes(patienceMs?: number): Promise<boolean> {
    return this.wire.closes(patienceMs);
  }

  /** Hangs up. */
  [Symbol.dispose](): void {
    this.wire.close();
  }

  #cut(): Heard | undefined {
    let frame: Frame | undefined;
    try {
      frame = this.#deframer.next();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return fail(`its framing is broken: ${error.message}`);
    }
    if (frame === undefined) return undefined;
    const { serial } = frame;
    for (const { type, body } of frame.subMessages) this.#queue.push(this.#heard(type, body, serial, true));
    this.#queue.push(this.#heard(frame.type, frame.body, serial, false));
    return this.#queue.shift();
  }

  #heard(type: number, body: Uint8Array, serial: bigint, isSub: boolean): Heard {
    const name = this.options.declaration.byId[this.#peer].get(type)?.name ?? `message ${type}`;
    this.wire.evidence.note(this.wire.number, "peer", name, body);
    return { type, name, serial, body, isSub };
  }

  /** What every client does: PONG for PING, ACK_SYNC for SET_ACK, ACK for every window of messages. */
  async #answer(heard: Heard): Promise<void> {
    if (this.options.as !== "client" || this.byHand) return;
    if (!heard.isSub && this.#window > 0 && ++this.#unacknowledged >= this.#window) {
      this.#unacknowledged = 0;
      if (this.acknowledges) await this.send(Ack, {});
    }
    if (heard.type === SetAck.id) {
      const { generation, window } = this.decode(SetAck, heard);
      this.#window = window;
      this.#unacknowledged = 0;
      await this.send(AckSync, { generation });
    } else if (heard.type === Ping.id) {
      const { id, timestamp } = this.decode(Ping, heard);
      await this.send(Pong, { id, timestamp });
    }
  }
}
