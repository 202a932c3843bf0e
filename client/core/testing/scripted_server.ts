/** A server and a session joined by simulated connections, for tests: the test says what the server says. */
import { CommonCap, DisplayCap } from "../../../protocol/capabilities.ts";
import { Deframer, Framer, type HeaderKind } from "../../../protocol/channel/framing.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { LinkErr, MouseMode } from "../../../protocol/messages/enums.ts";
import { channelByType, channels } from "../../../protocol/messages/channels.ts";
import { MainChannelsList, MainInit } from "../../../protocol/messages/main.ts";
import { ServerLink, type ServerLinkOutput } from "../../../protocol/link/server_link.ts";
import { decode } from "../../../protocol/schema/decode.ts";
import { concat, encode } from "../../../protocol/schema/encode.ts";
import type { Message, ValueOf } from "../../../protocol/schema/message.ts";
import type { ChannelId, SessionEvent } from "../events.ts";
import { SessionCore, type SessionOptions, type SessionOutput } from "../session_core.ts";

/** How the server behaves. */
export interface ScriptOptions {
  readonly session?: SessionOptions;
  /** Bytes that reach the session at once. Default: all that one call sends. */
  readonly step?: number;
  /** What to answer a link with; OK unless given. */
  readonly answer?: (channel: ChannelId) => number;
  /** Channels whose connection is made and where nothing is ever said. */
  readonly silent?: (channel: ChannelId) => boolean;
  /** Leave tickets unanswered, for the test to answer. */
  readonly keepQuestions?: boolean;
  readonly commonCaps?: readonly number[];
}

/** A message of the client, decoded. */
export interface Said {
  readonly name: string;
  readonly value: unknown;
}

/** The common capabilities that servers of our time have. */
const COMMON_CAPS: readonly number[] = [CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.AUTH_SPICE, CommonCap.MINI_HEADER];

/** Value of MAIN_INIT that a test changes where it cares. */
export const INIT: ValueOf<typeof MainInit> = {
  sessionId: 0x5eed,
  displayChannelsHint: 1,
  supportedMouseModes: MouseMode.SERVER | MouseMode.CLIENT,
  currentMouseMode: MouseMode.CLIENT,
  agentConnected: 0,
  agentTokens: 10,
  multiMediaTime: 1000,
  ramHint: 0,
};

/** A session, its server, and all that was said. */
export class Script {
  readonly core: SessionCore;
  /** All events, in order. */
  readonly events: SessionEvent[] = [];
  /** All outputs, in order. */
  readonly outputs: SessionOutput[] = [];
  readonly #channels = new Map<string, ScriptedChannel>();
  nowMs = 0;

  constructor(readonly options: ScriptOptions = {}) {
    this.core = new SessionCore(options.session);
  }

  /** Starts the session, and main with MAIN_INIT and a list of channels. */
  begin(offered: readonly ChannelId[] = [], init: Partial<ValueOf<typeof MainInit>> = {}): this {
    return this.start().greet(offered, init);
  }

  /** Starts the session; main links, if the server wants to. */
  start(): this {
    this.core.start(this.nowMs);
    this.settle();
    return this;
  }

  /** Says MAIN_INIT and a list of channels. */
  greet(offered: readonly ChannelId[] = [], init: Partial<ValueOf<typeof MainInit>> = {}): this {
    this.main.say(MainInit, { ...INIT, ...init });
    this.main.say(MainChannelsList, { channels: offered });
    return this;
  }

  /** The server's side of the main channel. */
  get main(): ScriptedChannel {
    return this.channel(channels.main.type);
  }

  /** The server's side of a channel that the session has opened. */
  channel(type: number, id = 0): ScriptedChannel {
    const channel = this.#channels.get(`${type}:${id}`);
    if (channel === undefined) throw new TypeError(`The session has not opened channel ${type}:${id}`);
    return channel;
  }

  /** Whether the session has opened a channel. */
  hasOpened(type: number, id = 0): boolean {
    return this.#channels.has(`${type}:${id}`);
  }

  /** Events of one type. */
  eventsOf<T extends SessionEvent["type"]>(type: T): Extract<SessionEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<SessionEvent, { type: T }> => event.type === type);
  }

  /** Errors of the events of type `unsupported`, as text. */
  get unsupported(): string[] {
    return this.eventsOf("unsupported").map(({ error }) => error.message);
  }

  /** The error that ended the session; a test that asks for it expects one. */
  get failure(): ProtocolError {
    const [closed, ...more] = this.eventsOf("closed");
    if (closed?.error == null || more.length > 0) throw new TypeError(`${this.eventsOf("closed").length} × closed`);
    return closed.error;
  }

  /** Does what the session asks until it asks no more. */
  settle(): void {
    for (let output = this.core.poll(); output !== undefined; output = this.core.poll()) {
      this.outputs.push(output);
      switch (output.do) {
        case "open": {
          const { type, id } = output.channel;
          this.#channels.set(`${type}:${id}`, new ScriptedChannel(this, output.channel));
          this.core.opened(output.channel, this.nowMs);
          break;
        }
        case "send":
          this.channel(output.channel.type, output.channel.id).hear(concat(output.chunks));
          break;
        case "ask":
          if (this.options.keepQuestions !== true) this.answer(output.id);
          break;
        case "emit":
          this.events.push(output.event);
          break;
        case "decode":
        case "wake":
        case "close":
          break;
      }
    }
  }

  /** Answers a question of the session with 128 bytes. */
  answer(id: number): void {
    this.core.answer(id, { kind: "encrypt-ticket", encrypted: new Uint8Array(128) }, this.nowMs);
    this.settle();
  }

  /** Lets time pass. */
  tick(nowMs: number): void {
    this.nowMs = nowMs;
    this.core.tick(nowMs);
    this.settle();
  }
}

/** The server's side of one channel. */
export class ScriptedChannel {
  readonly #link: ServerLink;
  #framer: Framer | null = null;
  #deframer: Deframer | null = null;
  /** Messages of the client. */
  readonly said: Said[] = [];
  /** What the client linked with. */
  connectionId = -1;
  header: HeaderKind | null = null;

  constructor(readonly script: Script, readonly channel: ChannelId) {
    this.#link = new ServerLink();
  }

  /** Names of the client's messages so far; forgets them. */
  takeNames(): string[] {
    return this.said.splice(0).map(({ name }) => name);
  }

  /** Says a message. */
  say<T>(message: Message<string, T>, value: T): void {
    this.sayBody(message.id, encode(message.wire, value));
  }

  /** Says a message whose body is not encoded from a value. */
  sayBody(type: number, body: readonly Uint8Array[], subList = 0): void {
    this.sayBytes(concat(this.#framer!.frame(type, body, subList)));
  }

  /** Says a LIST of messages. */
  sayList(...messages: readonly { readonly id: number; readonly body: Uint8Array }[]): void {
    this.sayBody(channels.main.server.find(({ name }) => name === "LIST")!.id, [listOf(messages)]);
  }

  /** Sends bytes in the steps that the script has. */
  sayBytes(bytes: Uint8Array): void {
    const { core, options, nowMs } = this.script, step = options.step ?? Infinity;
    for (let at = 0; at < bytes.length; at += step) {
      // A buffer that is spoilt afterwards, as a driver reuses its own.
      const part = bytes.slice(at, Math.min(bytes.length, at + step));
      core.receive(this.channel, part, nowMs);
      part.fill(0xee);
    }
    this.script.settle();
  }

  /** The connection ends. */
  end(error: ProtocolError | null = null): void {
    this.script.core.ended(this.channel, error, this.script.nowMs);
    this.script.settle();
  }

  /** Bytes of the client. */
  hear(bytes: Uint8Array): void {
    if (this.script.options.silent?.(this.channel)) return;
    if (this.#deframer === null) {
      try {
        return this.#linked(this.#link.receive(bytes));
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        return this.sayBytes(concat(this.#link.answerTo(error)));
      }
    }
    this.#deframer.push(bytes);
    const declaration = channelByType(this.channel.type)!;
    for (let frame = this.#deframer.next(); frame !== undefined; frame = this.#deframer.next()) {
      const { name, wire } = declaration.byId.client.get(frame.type)!;
      this.said.push({ name, value: decode(wire, frame.body, { exact: true }) });
    }
  }

  #linked(outputs: readonly ServerLinkOutput[]): void {
    // The client may answer while the last word of the link is on its way to it.
    for (const output of outputs) if (output.do === "linked") this.#begin(output);
    for (const output of outputs) {
      switch (output.do) {
        case "send":
          this.sayBytes(concat(output.chunks));
          break;
        case "offer": {
          this.connectionId = output.request.connectionId;
          const refuse = this.script.options.answer?.(this.channel) ?? LinkErr.OK;
          const commonCaps = this.script.options.commonCaps ?? COMMON_CAPS;
          const channelCaps = this.channel.type === channels.display.type ? [DisplayCap.PREF_COMPRESSION] : [];
          this.#linked(this.#link.offer(refuse === LinkErr.OK ? { commonCaps, channelCaps } : { refuse }));
          break;
        }
        case "make-key":
          this.#linked(this.#link.key(new Uint8Array(162)));
          break;
        case "check":
          this.#linked(this.#link.verdict(true));
          break;
        case "linked":
          break;
      }
    }
  }

  #begin({ peer, rest }: Extract<ServerLinkOutput, { do: "linked" }>): void {
    this.header = peer.header;
    this.#framer = new Framer(peer.header);
    this.#deframer = new Deframer(peer.header);
    this.#deframer.push(rest);
  }
}

/** The body of a LIST: the offsets, then the messages. */
export function listOf(messages: readonly { readonly id: number; readonly body: Uint8Array }[]): Uint8Array {
  const head = new Uint8Array(2 + 4 * messages.length), view = new DataView(head.buffer);
  view.setUint16(0, messages.length, true);
  let at = head.length;
  const parts = messages.flatMap(({ id, body }, i) => {
    view.setUint32(2 + 4 * i, at, true);
    at += 6 + body.length;
    const header = new Uint8Array(6), fields = new DataView(header.buffer);
    fields.setUint16(0, id, true);
    fields.setUint32(2, body.length, true);
    return [header, body];
  });
  return concat([head, ...parts]);
}
