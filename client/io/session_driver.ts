/** Moves bytes, time and tickets between a session core and the world. The only place where a session waits. */
import { ProtocolError } from "../../protocol/errors.ts";
import { concat } from "../../protocol/schema/encode.ts";
import type { ChannelId, SessionEvent } from "../core/events.ts";
import type { SessionCore, SessionOutput } from "../core/session_core.ts";
import type { Connection } from "./connection.ts";
import { encryptTicket } from "./ticket.ts";

/** What a driver needs. */
export interface DriverOptions {
  /** Makes a connection for a channel. */
  readonly open: (channel: ChannelId, signal: AbortSignal) => Promise<Connection>;
  /** The ticket's password; empty for a server without one. */
  readonly password: string;
  /** Called for every event, in order. It must not throw. */
  readonly onEvent: (event: SessionEvent) => void;
}

/** Bytes read at once. */
const READ_BYTES = 256 * 1024;
/** Chunks smaller than this are joined before they are written. */
const JOIN_BYTES = 16 * 1024;

/** Drives one session until it is over. */
export class SessionDriver {
  readonly #pipes = new Map<string, Pipe>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #draining = false;

  constructor(readonly core: SessionCore, readonly options: DriverOptions) {}

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
      case "wake":
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => {
          this.core.tick(now());
          this.drain();
        }, Math.max(0, output.atMs - now()));
        return;
      case "close":
        if (output.channel !== null) return this.#pipes.get(keyOf(output.channel))?.close();
        clearTimeout(this.#timer);
        this.#abort.abort();
        for (const pipe of this.#pipes.values()) pipe.close();
    }
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
    });
    this.#pipes.delete(key);
    this.core.ended(channel, error, now());
    this.drain();
  }
}

/** How long what was sent may take to go out when the session is closed. */
const CLOSE_MS = 1000;

/** One connection: a read loop, and a single writer that sends in order. */
class Pipe {
  readonly #queue: Uint8Array[] = [];
  #writing: Promise<void> = Promise.resolve();
  #busy = false;
  #closed = false;
  #broken: ProtocolError | null = null;

  constructor(readonly connection: Connection) {}

  send(chunks: readonly Uint8Array[]): void {
    this.#queue.push(...chunks);
    if (this.#busy || this.#closed) return;
    this.#busy = true;
    this.#writing = this.#write();
  }

  flushed(): Promise<void> {
    return this.#writing;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.length = 0;
    this.connection.close();
  }

  /** Reads until the end. @returns What went wrong with the connection, or `null`. */
  async pump(receive: (bytes: Uint8Array) => void): Promise<ProtocolError | null> {
    const buffer = new Uint8Array(READ_BYTES);
    try {
      for (let n = await this.#read(buffer); typeof n === "number"; n = await this.#read(buffer)) {
        receive(buffer.subarray(0, n));
      }
      return this.#broken;
    } finally {
      this.close();
      await this.#writing;
    }
  }

  /** @returns `null` at the end of the stream, whatever the end. */
  async #read(buffer: Uint8Array): Promise<number | null> {
    if (this.#closed) return null;
    try {
      const n = await this.connection.read(buffer);
      return this.#closed ? null : n;
    } catch (error) {
      if (!this.#closed && !isHangUp(error)) this.#broken = asProtocolError(error, "read from");
      return null;
    }
  }

  async #write(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        let bytes = this.#next();
        while (bytes.length > 0) bytes = bytes.subarray(await this.connection.write(bytes));
      }
    } catch {
      // The reader learns of a broken connection too, and tells it with what came before.
      this.#queue.length = 0;
    } finally {
      this.#busy = false;
    }
  }

  /** The next chunk, small ones joined. */
  #next(): Uint8Array {
    let count = 0, size = 0;
    while (count < this.#queue.length && (count === 0 || size + this.#queue[count]!.length <= JOIN_BYTES)) {
      size += this.#queue[count++]!.length;
    }
    return concat(this.#queue.splice(0, count));
  }
}

/** A peer that closes without ceremony ends the stream as well as one that closes politely. */
function isHangUp(error: unknown): boolean {
  return error instanceof Error && ["ConnectionReset", "BrokenPipe", "UnexpectedEof"].includes(error.name);
}

function asProtocolError(error: unknown, action: string): ProtocolError {
  if (error instanceof ProtocolError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ProtocolError({ code: "closed", action, message: "the server", detail, cause: error });
}

function keyOf({ type, id }: ChannelId): string {
  return `${type}:${id}`;
}

/** Milliseconds of a clock that never goes back. */
function now(): number {
  return performance.now();
}
