/**
 * A whole session as one pure state machine: which channels to open, what each says, and what the application hears.
 *
 * A driver opens connections, moves bytes, encrypts the ticket and reads the clock; see `client/io/session_driver.ts`.
 */
import { CommonCap, DisplayCap, MainCap } from "../../protocol/capabilities.ts";
import { GlzWindow } from "../../codecs/glz.ts";
import type { Answer, Question } from "../../protocol/question.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { Fifo } from "../../protocol/fifo.ts";
import { DEFAULT_LIMITS, type Limits } from "../../protocol/limits.ts";
import { channelByType, channels } from "../../protocol/messages/channels.ts";
import { MouseMode } from "../../protocol/messages/enums.ts";
import { ChannelCore, type ChannelHost } from "./channel_core.ts";
import { type AskDecode, DecodeAhead, type DecodeJob, type DecodeResult } from "./decode_ahead.ts";
import { CursorChannel } from "./cursor_channel.ts";
import { DisplayChannel } from "./display_channel.ts";
import type { ChannelId, SessionEvent } from "./events.ts";
import { ImageCache } from "./image_cache.ts";
import { InputsChannel } from "./inputs_channel.ts";
import { MainChannel } from "./main_channel.ts";
import { PixelBudget } from "./pixel_budget.ts";
import type { Handler, Port } from "./port.ts";
import { QuietChannel } from "./quiet_channel.ts";

/** What a session is asked to be. */
export interface SessionOptions {
  /** Bounds for what a server may make us hold, and how long it may keep us waiting. Default: `DEFAULT_LIMITS`. */
  readonly limits?: Limits;
  /** Channel types to open beside main; all that the server offers unless given. */
  readonly channelTypes?: readonly number[];
  /** Ask for the 6-byte data header. Default: true. */
  readonly miniHeader?: boolean;
  /** `client`: the pointer goes where we say (needs a tablet or agent in the guest). Default: client, if offered. */
  readonly mouseMode?: "client" | "server";
  /** Image compression to ask for, a member of `ImageCompression`. The server chooses unless given. */
  readonly preferredCompression?: number;
  /** Pixels from which on an image of a slow codec is asked of the driver (`decode`). None is unless given. */
  readonly decodeElsewhere?: number;
}

/** What a session asks of its driver. */
export type SessionOutput =
  /** Open a connection for this channel, then call `opened` or `ended`. */
  | { readonly do: "open"; readonly channel: ChannelId }
  | { readonly do: "send"; readonly channel: ChannelId; readonly chunks: readonly Uint8Array[] }
  | { readonly do: "ask"; readonly id: number; readonly question: Question }
  | { readonly do: "emit"; readonly event: SessionEvent }
  /** Decode an image (`decodeJob`), then call `decoded`; see {@link SessionOptions.decodeElsewhere}. */
  | { readonly do: "decode"; readonly id: number } & DecodeJob
  /** Call `tick` then; replaces the last wake. */
  | { readonly do: "wake"; readonly atMs: number }
  /** Close this channel's connection, or all of them. */
  | { readonly do: "close"; readonly channel: ChannelId | null };

/** Common capabilities of this client. */
const COMMON_CAPS: readonly number[] = [CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.AUTH_SPICE];

/** Capabilities of this client by channel type: only what works. */
const CHANNEL_CAPS: Readonly<Record<number, readonly number[]>> = {
  [channels.main.type]: [MainCap.NAME_AND_UUID, MainCap.AGENT_CONNECTED_TOKENS],
  // LZ4 is the only image type that has one. Source: spice-gtk src/channel-display.c.
  [channels.display.type]: [DisplayCap.MONITORS_CONFIG, DisplayCap.PREF_COMPRESSION, DisplayCap.LZ4_COMPRESSION],
};

/** A channel, and until when its handshake must end. */
interface Member {
  readonly core: ChannelCore;
  readonly deadlineMs: number;
}

/**
 * The session core. Methods are getters, inputs (what happened), commands, and `poll`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { SessionCore } from "../../mod.ts";
 *
 * const main = { type: 1, id: 0 };
 * const session = new SessionCore();
 * session.start(0); // milliseconds of any clock that never goes back
 * assert.deepEqual(session.poll(), { do: "open", channel: main }); // make a connection …
 * assert.deepEqual(session.poll(), { do: "wake", atMs: 10_000 });
 *
 * session.opened(main, 5); // … say that it is there …
 * const output = session.poll(); // … write what is to be sent, hand in what comes with `receive`
 * assert.ok(output?.do === "send" && output.chunks[0]?.length === 16); // the link header
 *
 * session.ended(main, null, 20); // here the server hangs up
 * const over = session.poll();
 * assert.ok(over?.do === "emit" && over.event.type === "closed" && over.event.error?.code === "closed");
 * ```
 */
export class SessionCore {
  /** Bounds against a hostile server, as they hold. */
  readonly limits: Limits;
  readonly #options: SessionOptions;
  readonly #outputs = new Fifo<SessionOutput>();
  readonly #members = new Map<string, Member>();
  readonly #asked = new Map<number, ChannelCore>();
  /** Who asked for an image. */
  readonly #decodes = new Map<number, { readonly channel: ChannelId; readonly display: DisplayChannel }>();
  readonly #displays = new Map<number, DisplayChannel>();
  readonly #cursors = new Map<number, CursorChannel>();
  readonly #images: ImageCache;
  readonly #glz: GlzWindow;
  readonly #budget: PixelBudget;
  /** Channels of unknown types that have been told of. */
  readonly #unknown = new Set<string>();
  #questions = 0;
  #connectionId = 0;
  #main: MainChannel | null = null;
  #inputs: InputsChannel | null = null;
  /** Until when INIT and the channel list must have come; `null` once they have. */
  #readyDeadlineMs: number | null = null;
  #nowMs = 0;
  #offered = false;
  #closed = false;

  /** A session that has not begun; see {@link start}. */
  constructor(options: SessionOptions = {}) {
    this.#options = options;
    this.limits = options.limits ?? DEFAULT_LIMITS;
    this.#images = new ImageCache(this.limits.imageCachePixels);
    // Images that overtake others come on top of what the server counts.
    this.#glz = new GlzWindow(2 * this.limits.glzWindowPixels);
    this.#budget = new PixelBudget(this.limits.totalPixels);
  }

  /** The main channel, once linked. */
  get main(): MainChannel | null {
    return this.#main;
  }

  /** The inputs channel, once linked. */
  get inputs(): InputsChannel | null {
    return this.#inputs;
  }

  /** Display channels by number, once linked. */
  get displays(): ReadonlyMap<number, DisplayChannel> {
    return this.#displays;
  }

  /** Cursor channels by number, once linked. */
  get cursors(): ReadonlyMap<number, CursorChannel> {
    return this.#cursors;
  }

  /** True once the channel list has come and every channel that was opened is linked, refused or closed. */
  get ready(): boolean {
    return this.#offered && !this.#closed && [...this.#members.values()].every(({ core }) => core.linked);
  }

  /** True once the session is over. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Begins: asks for the main connection. */
  start(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#readyDeadlineMs = nowMs + this.limits.handshakeMs;
    this.#open({ type: channels.main.type, id: 0 });
    this.#wake();
  }

  /** Input: the connection that `open` asked for is there. */
  opened(channel: ChannelId, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#guard(channel, (core) => core.start());
  }

  /** Input: bytes of a channel, in any split; the buffer may be reused afterwards. */
  receive(channel: ChannelId, bytes: Uint8Array, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#guard(channel, (core) => {
      try {
        core.receive(bytes);
      } catch (error) {
        // What others waited for may have come before the fault: the split of the bytes must not matter.
        this.#pumpAll(core);
        throw error;
      }
      this.#pumpAll();
      core.checkWaiting();
    });
  }

  /** Input: a connection ended, or could not be made (`error` then says why). */
  ended(channel: ChannelId, error: ProtocolError | null, nowMs: number): void {
    this.#nowMs = nowMs;
    const member = this.#members.get(keyOf(channel));
    if (member === undefined || this.#closed) return;
    const ended = member.core.end(), why = error ?? ended;
    const wasLinked = member.core.linked;
    this.#members.delete(keyOf(channel));
    if (channel.type === channels.main.type || (why !== null && wasLinked)) {
      const closed = new ProtocolError({
        code: "closed",
        action: "continue",
        message: member.core.declaration.name,
        detail: "the server closed the connection",
      });
      return this.#finish(why ?? closed);
    }
    this.#emit({ type: "channel-closed", channel, error: why });
    this.#pumpGuarded();
  }

  /** Input: the answer to a question. */
  answer(id: number, answer: Answer, nowMs: number): void {
    this.#nowMs = nowMs;
    const core = this.#asked.get(id);
    this.#asked.delete(id);
    // A channel that ended meanwhile may have been opened anew: that one has a question of its own.
    if (core === undefined || this.#closed || this.#members.get(keyOf(core.channel))?.core !== core) return;
    if (answer.kind === "failed") return this.#finish(answer.error);
    if (answer.kind !== "encrypt-ticket") throw new TypeError(`A client asks for no ${answer.kind}`);
    this.#guard(core.channel, (core) => {
      core.ticket(answer.encrypted);
      this.#pumpAll();
    });
  }

  /** Input: an image that was asked for, or why it does not decode. */
  decoded(id: number, result: DecodeResult, nowMs: number): void {
    this.#nowMs = nowMs;
    const asked = this.#decodes.get(id);
    this.#decodes.delete(id);
    if (asked === undefined || this.#closed) return;
    asked.display.decoded(id, result);
    this.#guard(asked.channel, () => this.#pumpAll());
  }

  /** Whether a channel waits for an image that is decoded elsewhere: until then, it has not come to its end. */
  isDecoding(channel: ChannelId): boolean {
    return !this.#closed && (this.#members.get(keyOf(channel))?.core.decoding ?? false);
  }

  /** Whether so many bytes wait behind that image that its socket must not be read until it is there. */
  isBehind(channel: ChannelId): boolean {
    return !this.#closed && (this.#members.get(keyOf(channel))?.core.behind ?? false);
  }

  /** Input: the time that `wake` asked for has come. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#closed) return;
    for (const { core, deadlineMs } of this.#members.values()) {
      if (!core.linked && nowMs >= deadlineMs) return this.#finish(core.timeout());
    }
    if (this.#readyDeadlineMs !== null && nowMs >= this.#readyDeadlineMs) {
      const detail = `no MAIN_INIT and channel list after ${this.limits.handshakeMs} ms`;
      return this.#finish(new ProtocolError({ code: "timeout", action: "begin", message: "main", detail }));
    }
    this.#wake();
  }

  /** Command: ends the session. */
  close(): void {
    this.#finish(null);
  }

  /** The next thing to do, or `undefined`. */
  poll(): SessionOutput | undefined {
    return this.#outputs.shift();
  }

  #emit(event: SessionEvent): void {
    this.#outputs.push({ do: "emit", event });
  }

  #finish(error: ProtocolError | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#emit({ type: "closed", error });
    this.#outputs.push({ do: "close", channel: null });
  }

  #wake(): void {
    const deadlines = [...this.#members.values()].filter(({ core }) => !core.linked).map(({ deadlineMs }) =>
      deadlineMs
    );
    if (this.#readyDeadlineMs !== null) deadlines.push(this.#readyDeadlineMs);
    if (deadlines.length > 0) this.#outputs.push({ do: "wake", atMs: Math.min(...deadlines) });
  }

  /** Runs an input of a channel; a broken rule ends the session, a refused channel only that channel. */
  #guard(channel: ChannelId, input: (core: ChannelCore) => void): void {
    const member = this.#members.get(keyOf(channel));
    if (member === undefined || this.#closed) return;
    try {
      input(member.core);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (error.code === "link-refused" && channel.type !== channels.main.type) {
        this.#members.delete(keyOf(channel));
        this.#emit({ type: "channel-closed", channel, error });
        this.#outputs.push({ do: "close", channel });
        return this.#pumpGuarded();
      }
      this.#finish(error);
    }
  }

  /** Others may have waited for a channel that is gone. */
  #pumpGuarded(): void {
    try {
      this.#pumpAll();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#finish(error);
    }
  }

  /** One channel's progress may be what another waits for. @param but One that is at its end. */
  #pumpAll(but: ChannelCore | null = null): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const { core } of this.#members.values()) if (core !== but) moved = core.pump() || moved;
    }
  }

  #open(channel: ChannelId): void {
    const declaration = channelByType(channel.type);
    if (declaration === undefined) {
      if (this.#unknown.has(keyOf(channel))) return;
      this.#unknown.add(keyOf(channel));
      const detail = `channel type ${channel.type} is not known`;
      const error = new ProtocolError({
        code: "unsupported",
        action: "open",
        message: `channel ${channel.type}`,
        detail,
      });
      return this.#emit({ type: "channel-closed", channel, error });
    }
    if (this.#members.size >= this.limits.channels) {
      const detail = `more than ${this.limits.channels} channels`;
      throw new ProtocolError({ code: "too-large", action: "open", message: declaration.name, detail });
    }
    const miniHeader = this.#options.miniHeader ?? true;
    const core = new ChannelCore(channel, declaration, {
      connectionId: this.#connectionId,
      commonCaps: miniHeader ? [...COMMON_CAPS, CommonCap.MINI_HEADER] : COMMON_CAPS,
      channelCaps: CHANNEL_CAPS[channel.type] ?? [],
      limits: this.limits,
    }, this.#hostOf(channel));
    this.#members.set(keyOf(channel), { core, deadlineMs: this.#nowMs + this.limits.handshakeMs });
    this.#outputs.push({ do: "open", channel });
  }

  #hostOf(channel: ChannelId): ChannelHost {
    return {
      send: (chunks) => this.#outputs.push({ do: "send", channel, chunks }),
      emit: (event) => this.#emit(event),
      encrypt: (publicKey) => {
        const id = ++this.#questions;
        this.#asked.set(id, this.#members.get(keyOf(channel))!.core);
        this.#outputs.push({ do: "ask", id, question: { kind: "encrypt-ticket", publicKey } });
      },
      linked: (port) => this.#handlerOf(channel, port),
      serialOf: (type, id) => this.#members.get(keyOf({ type, id }))?.core.serial ?? null,
    };
  }

  #handlerOf(channel: ChannelId, port: Port): Handler {
    switch (channel.type) {
      case channels.main.type:
        return this.#main = new MainChannel(
          port,
          {
            init: ({ sessionId }) => {
              this.#connectionId = sessionId;
            },
            offered: (offered) => this.#openOffered(offered),
          },
          this.limits,
          MouseMode[this.#options.mouseMode === "server" ? "SERVER" : "CLIENT"],
        );
      case channels.display.type: {
        const { decodeElsewhere } = this.#options;
        const ask: AskDecode = (image) => {
          const id = ++this.#questions;
          this.#decodes.set(id, { channel, display });
          this.#outputs.push({ do: "decode", id, image, maxPixels: this.limits.pixels });
          return id;
        };
        const ahead = decodeElsewhere === undefined ? null : new DecodeAhead(ask, decodeElsewhere);
        const display = new DisplayChannel(port, {
          images: this.#images,
          glz: this.#glz,
          hasOthers: () =>
            [...this.#members.values()].some(({ core }) =>
              core.channel.type === channel.type && core.channel.id !== channel.id
            ),
          budget: this.#budget,
          limits: this.limits,
          preferredCompression: this.#options.preferredCompression ?? null,
          ahead,
        });
        this.#displays.get(channel.id)?.release();
        this.#displays.set(channel.id, display);
        return display;
      }
      case channels.cursor.type: {
        const cursor = new CursorChannel(port, this.limits);
        this.#cursors.set(channel.id, cursor);
        return cursor;
      }
      case channels.inputs.type:
        return this.#inputs = new InputsChannel(port);
      default:
        return new QuietChannel(port, channelByType(channel.type)!.name);
    }
  }

  #openOffered(offered: readonly ChannelId[]): void {
    this.#readyDeadlineMs = null;
    this.#offered = true;
    const wanted = this.#options.channelTypes;
    for (const { type, id } of offered) {
      const known = this.#members.has(keyOf({ type, id }));
      if (!known && (wanted === undefined || wanted.includes(type))) this.#open({ type, id });
    }
    this.#wake();
  }
}

function keyOf({ type, id }: ChannelId): string {
  return `${type}:${id}`;
}
