/** Moves bytes, time and tickets between a session core and the world. The only place where a session waits. */
import { ProtocolError } from "../../protocol/errors.ts";
import type { ChannelId, SessionEvent } from "../core/events.ts";
import type { SessionCore, SessionOutput } from "../core/session_core.ts";
import { asProtocolError, type Connection, Pipe } from "../../io/pipe.ts";
import { ImageDecoder } from "./image_decoder.ts";
import { encryptTicket } from "./ticket.ts";

/** What a driver needs. */
export interface DriverOptions {
  /** Makes a connection for a channel. */
  readonly open: (channel: ChannelId, signal: AbortSignal) => Promise<Connection>;
  /** The ticket's password; empty for a server without one. */
  readonly password: string;
  /** Called for every event, in order. It must not throw. */
  readonly onEvent: (event: SessionEvent) => void;
  /** Workers for large images that the core asks for, at most; 0 for none. */
  readonly workers: number;
}

/** Drives one session until it is over. */
export class SessionDriver {
  readonly #pipes = new Map<string, Pipe>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  readonly #decoder: ImageDecoder;
  /** Looks again whether a channel has its image. */
  readonly #onDecoded = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #draining = false;

  constructor(readonly core: SessionCore, readonly options: DriverOptions) {
    this.#decoder = new ImageDecoder(options.workers);
  }

  /** Begins the session. */
  start(): void {
    this.core.start(now());
    this.drain();
  }

  /** Does what the core asks. Call it after every command. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let output = this.core.poll(); output !== undefined; output = this.core.poll()) this.#do(output);
    } finally {
      this.#draining = false;
    }
  }

  /** Ends the session; resolves when no socket, timer or task is left. What was sent before goes out first. */
  async close(): Promise<void> {
    let limit: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([this.flushed(), new Promise<void>((done) => limit = setTimeout(done, CLOSE_MS))]);
    clearTimeout(limit);
    this.core.close();
    this.drain();
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }

  /** Resolves when all that was sent has gone to the system. */
  async flushed(): Promise<void> {
    await Promise.all([...this.#pipes.values()].map((pipe) => pipe.flushed()));
  }

  #do(output: SessionOutput): void {
    switch (output.do) {
      case "open":
        return this.#task(this.#open(output.channel));
      case "send":
        return this.#pipes.get(keyOf(output.channel))?.send(output.chunks);
      case "ask":
        return this.#task(this.#ask(output.id, output.question));
      case "emit":
        return this.options.onEvent(output.event);
      case "decode":
        return this.#decoder.decode(output, (result) => {
          this.core.decoded(output.id, result, now());
          this.drain();
          for (const look of this.#onDecoded) look();
        });
      case "wake":
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => {
          this.core.tick(now());
          this.drain();
        }, Math.max(0, output.atMs - now()));
        return;
      case "close":
        if (output.channel !== null) this.#pipes.get(keyOf(output.channel))?.close();
        else this.#closeAll();
        // Whoever waits for an image waits no more.
        for (const look of this.#onDecoded) look();
    }
  }

  #closeAll(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.#decoder.close();
    for (const pipe of this.#pipes.values()) pipe.close();
  }

  #task(task: Promise<void>): void {
    const kept = task.finally(() => this.#tasks.delete(kept));
    this.#tasks.add(kept);
  }

  async #ask(id: number, question: Extract<SessionOutput, { do: "ask" }>["question"]): Promise<void> {
    if (question.kind !== "encrypt-ticket") throw new TypeError(`A client answers no ${question.kind}`);
    try {
      const encrypted = await encryptTicket(question.publicKey, this.options.password);
      this.core.answer(id, { kind: "encrypt-ticket", encrypted }, now());
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.core.answer(id, { kind: "failed", error }, now());
    }
    this.drain();
  }

  async #open(channel: ChannelId): Promise<void> {
    const key = keyOf(channel);
    let pipe: Pipe;
    try {
      pipe = new Pipe(await this.options.open(channel, this.#abort.signal));
    } catch (error) {
      this.core.ended(channel, asProtocolError(error, "connect to"), now());
      return this.drain();
    }
    if (this.core.closed) return pipe.close();
    this.#pipes.set(key, pipe);
    this.core.opened(channel, now());
    this.drain();
    const error = await pipe.pump((bytes) => {
      this.core.receive(channel, bytes, now());
      this.drain();
      return this.#until(() => !this.core.isBehind(channel));
    });
    await this.#until(() => !this.core.isDecoding(channel));
    this.#pipes.delete(key);
    this.core.ended(channel, error, now());
    this.drain();
  }

  /** Waits for images until something holds. */
  #until(holds: () => boolean): Promise<void> | undefined {
    if (holds()) return undefined;
    return new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        this.#onDecoded.delete(look);
        resolve();
      };
      this.#onDecoded.add(look);
    });
  }
}

/** How long what was sent may take to go out when the session is closed. */
const CLOSE_MS = 1000;

function keyOf({ type, id }: ChannelId): string {
  return `${type}:${id}`;
}

/** Milliseconds of a clock that never goes back. */
function now(): number {
  return performance.now();
}
