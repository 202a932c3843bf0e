/** A session with a SPICE server, for programs. */
import { ProtocolError } from "../protocol/errors.ts";
import { MouseMode } from "../protocol/messages/enums.ts";
import type { ChannelCapabilities, ChannelId, SessionEvent, SessionInit } from "./core/events.ts";
import type { SessionCore } from "./core/session_core.ts";
import type { EventStream } from "./event_stream.ts";
import { InputDevice } from "./input_device.ts";
import type { SessionDriver } from "./io/session_driver.ts";
import { Keyboard } from "./keyboard.ts";
import { Pointer } from "./pointer.ts";
import { Screen } from "./screen.ts";

/** A channel of the session, and what the server can do on it. */
export interface ChannelInfo extends ChannelId {
  /** `null` while it is being opened, or when it is closed. */
  readonly capabilities: ChannelCapabilities | null;
  /** Why it is closed; `null` for an open or cleanly closed one. */
  readonly error: ProtocolError | null;
}

/** Something that the server sent and this client did not act on. */
export interface Unsupported {
  /** How often it came. */
  readonly count: number;
  /** The first of them. */
  readonly error: ProtocolError;
}

/** What a session has been told of the server. */
interface Facts {
  init: SessionInit | null;
  name: string | null;
  uuid: Uint8Array | null;
  readonly channels: Map<string, ChannelInfo>;
  readonly unsupported: Map<string, Unsupported>;
}

/**
 * A connected session. Dispose of it, or `close()` it, to leave no socket behind.
 *
 * @example
 * ```ts ignore
 * import { connect } from "../mod.ts";
 *
 * await using session = await connect("spice://127.0.0.1:5930");
 * await session.keyboard.type("root\n");
 * const picture = await session.screen.screenshot();
 * ```
 */
export class Session implements AsyncDisposable {
  /** What the machine shows. */
  readonly screen: Screen;
  /** Its keyboard. */
  readonly keyboard: Keyboard;
  /** Its mouse or tablet. */
  readonly pointer: Pointer;
  /** The state machine behind it, for reading what the session does not tell. */
  readonly core: SessionCore;
  readonly #driver: SessionDriver;
  readonly #stream: EventStream;
  readonly #facts: Facts = { init: null, name: null, uuid: null, channels: new Map(), unsupported: new Map() };
  #ended: { readonly error: ProtocolError | null } | null = null;

  /** Made by `connect`. */
  constructor(core: SessionCore, driver: SessionDriver, stream: EventStream) {
    this.core = core;
    this.#driver = driver;
    this.#stream = stream;
    stream.listen((event) => this.#note(event));
    this.screen = new Screen(core, stream);
    const device = new InputDevice(core, stream, () => driver.drain());
    this.keyboard = new Keyboard(device);
    this.pointer = new Pointer(device, this.screen);
  }

  /** What MAIN_INIT said; `null` until it came. */
  get init(): SessionInit | null {
    return this.#facts.init;
  }

  /** The machine's name; `null` when the server does not tell it. */
  get name(): string | null {
    return this.#facts.name;
  }

  /** The machine's UUID, 16 bytes; `null` when the server does not tell it. */
  get uuid(): Uint8Array | null {
    return this.#facts.uuid;
  }

  /** The channels that the server offers, by type and number; main first. */
  get channels(): readonly ChannelInfo[] {
    return [...this.#facts.channels.values()].toSorted((a, b) => a.type - b.type || a.id - b.id);
  }

  /** What this client did not act on, one entry for each message and field. */
  get unsupported(): readonly Unsupported[] {
    return [...this.#facts.unsupported.values()];
  }

  /** How the session ended; `null` while it lives. Its `error` is `null` when we closed it. */
  get ended(): { readonly error: ProtocolError | null } | null {
    return this.#ended;
  }

  /**
   * Events from now on, until the session is over. Draw events that wait to be fetched are joined.
   *
   * @returns In the order in which it happened; `closed` is the last.
   */
  events(): AsyncIterable<SessionEvent> {
    return this.#stream.iterate();
  }

  /**
   * Calls a function for each event from now on, at once and in order.
   *
   * @param listener It must not throw.
   * @returns A function that ends this.
   */
  listen(listener: (event: SessionEvent) => void): () => void {
    return this.#stream.listen(listener);
  }

  /**
   * Resolves once every channel is open, refused or closed. `connect` has waited for that already.
   *
   * @throws {ProtocolError} What ended the session before.
   */
  ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): boolean => {
        if (this.#ended !== null) reject(this.#ended.error ?? closedByUs());
        else if (this.core.ready) resolve();
        else return false;
        return true;
      };
      if (check()) return;
      const stop = this.#stream.listen(() => {
        // After this event's core has finished its turn.
        queueMicrotask(() => check() && stop());
      });
    });
  }

  /** Ends the session; resolves when no socket or timer of it is left. */
  async close(): Promise<void> {
    await this.#driver.close();
  }

  /** Asks the server for a mouse mode; the event `mouse-mode` tells what came of it. Source: spice.proto mouse_mode. */
  requestMouseMode(mode: "client" | "server"): void {
    this.core.main?.requestMouseMode(MouseMode[mode === "client" ? "CLIENT" : "SERVER"]);
    this.#driver.drain();
  }

  /** The same as {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #note(event: SessionEvent): void {
    const facts = this.#facts;
    switch (event.type) {
      case "init":
        facts.init = event.init;
        break;
      case "name":
        facts.name = event.name;
        break;
      case "uuid":
        facts.uuid = event.uuid;
        break;
      case "channels":
        for (const channel of event.channels) this.#channel(channel, {});
        break;
      case "channel-open":
        this.#channel(event.channel, { capabilities: event.capabilities });
        break;
      case "channel-closed":
        this.#channel(event.channel, { capabilities: null, error: event.error });
        break;
      case "unsupported": {
        const key = `${event.error.wireName} ${event.error.path}`;
        const { count, error } = facts.unsupported.get(key) ?? { count: 0, error: event.error };
        facts.unsupported.set(key, { count: count + 1, error });
        break;
      }
      case "closed":
        this.#ended = { error: event.error };
    }
  }

  #channel({ type, id }: ChannelId, change: Partial<ChannelInfo>): void {
    const key = `${type}:${id}`;
    const before = this.#facts.channels.get(key) ?? { type, id, capabilities: null, error: null };
    this.#facts.channels.set(key, { ...before, ...change });
  }
}

function closedByUs(): ProtocolError {
  return new ProtocolError({
    by: "local",
    code: "closed",
    action: "use",
    message: "the session",
    detail: "it is closed",
  });
}
