/** Moves bytes, time, keys and input between a server core, its sockets and its machine. The only place that waits. */
import { asProtocolError, type Connection, Pipe } from "../../io/pipe.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import type { Question } from "../../protocol/question.ts";
import type { ServerCore, ServerEvent, ServerOutput } from "../core/server_core.ts";
import type { Machine, Vdi } from "../core/vdi.ts";
import { PictureEncoder } from "./picture_encoder.ts";
import { TicketKeys } from "./ticket_keys.ts";

/** Pictures are made while fewer bytes than this wait for a viewer's socket. */
const LOW_WATER_BYTES = 128 * 1024;
/** A viewer that leaves more than this unread is let go. */
const HIGH_WATER_BYTES = 64 * 1024 * 1024;
/** Bytes read at once of a viewer: little memory for who says nothing, and others get their turn while one floods. */
const READ_BYTES = 8 * 1024;
/** How long the last words to a connection may take. */
const FAREWELL_MS = 1000;

/** What went over all connections since the start. */
export interface Traffic {
  /** Bytes handed to viewers' sockets, links included. */
  readonly sentBytes: number;
  /** Bytes that came from viewers. */
  readonly receivedBytes: number;
}

/** Drives one server until it is stopped. */
export class ServerDriver {
  readonly #pipes = new Map<number, Pipe>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #keys = new TicketKeys();
  readonly #encoder: PictureEncoder;
  #connections = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #scheduled = false;
  #draining = false;
  #sentBytes = 0;
  #receivedBytes = 0;

  constructor(
    readonly core: ServerCore,
    readonly machine: Machine,
    /** Called for every event, in order. It must not throw. */
    readonly onEvent: (event: ServerEvent) => void,
    /** For large pictures, at most; the core must have been told the same number. */
    workers: number,
  ) {
    this.#encoder = new PictureEncoder(workers, (id, result) => {
      this.core.encoded(id, result, now());
      this.#turn();
    });
  }

  /** What went over all connections since the start. */
  get traffic(): Traffic {
    return { sentBytes: this.#sentBytes, receivedBytes: this.#receivedBytes };
  }

  /** What the machine tells goes to the core, and in one go to the viewers. */
  get vdi(): Vdi {
    const { core } = this;
    const then = () => this.#schedule();
    return {
      identity: (name, uuid) => core.identity(name, uuid),
      head: (head, size) => (core.head(head, size), then()),
      resizable: (head, can) => (core.resizable(head, can), then()),
      draw: (head, drawable) => (core.draw(head, drawable), then()),
      drawing: (head, going) => (core.drawing(head, going), then()),
      cursor: (head, cursor) => (core.cursor(head, cursor), then()),
      leds: (modifiers) => (core.leds(modifiers), then()),
      mouseModes: (modes) => (core.mouseModes(modes), then()),
    };
  }

  /** A connection came in; it belongs to the driver from now on. */
  accept(connection: Connection, address: string): void {
    const number = ++this.#connections;
    const pipe = new Pipe(connection, () => this.#schedule(), READ_BYTES);
    this.#pipes.set(number, pipe);
    this.core.accepted(number, address, now());
    this.#task(this.#read(number, pipe));
    this.#turn();
  }

  /** Ends every connection, with a `link_err` as the reason; resolves when no socket, timer or task is left. */
  async stop(reason: number): Promise<void> {
    this.core.close(reason, now());
    this.#turn();
    this.#encoder.close();
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
    clearTimeout(this.#timer);
  }

  async #read(number: number, pipe: Pipe): Promise<void> {
    const error = await pipe.pump((bytes) => {
      this.#receivedBytes += bytes.length;
      this.core.receive(number, bytes, now());
      this.#turn();
    });
    this.#pipes.delete(number);
    this.core.ended(number, error, now());
    this.#turn();
  }

  /** One turn for all that happens until the present task ends. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  /** Does what the core asks, then lets each viewer that can take more have more. */
  #turn(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      this.#drain();
      for (const [number, pipe] of this.#pipes) {
        while (pipe.queuedBytes < LOW_WATER_BYTES && this.core.pull(number, now())) this.#drain();
      }
    } finally {
      this.#draining = false;
    }
  }

  #drain(): void {
    for (let output = this.core.poll(); output !== undefined; output = this.core.poll()) this.#do(output);
  }

  #do(output: ServerOutput): void {
    switch (output.do) {
      case "send":
        return this.#send(output.connection, output.chunks);
      case "ask":
        return this.#task(this.#ask(output.id, output.question));
      case "input":
        return this.machine.input(output.input);
      case "watched":
        return this.machine.watched(output.viewers);
      case "emit":
        return this.onEvent(output.event);
      case "wake":
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => {
          this.core.tick(now());
          this.#turn();
        }, Math.max(0, output.atMs - now()));
        return;
      case "forget-key":
        return this.#keys.forget(output.keyId);
      case "encode":
        return this.#encoder.encode(output.id, output.job);
      case "cancel-encode":
        return this.#encoder.cancel(output.id);
      case "close": {
        const pipe = this.#pipes.get(output.connection);
        if (pipe !== undefined) this.#task(closeGently(pipe));
      }
    }
  }

  #send(connection: number, chunks: readonly Uint8Array[]): void {
    const pipe = this.#pipes.get(connection);
    if (pipe === undefined) return;
    for (const chunk of chunks) this.#sentBytes += chunk.length;
    pipe.send(chunks);
    // Answers do not wait for room, so a viewer that asks and never reads must go.
    if (pipe.queuedBytes > HIGH_WATER_BYTES) pipe.close();
  }

  #task(task: Promise<void>): void {
    const kept = task.finally(() => this.#tasks.delete(kept));
    this.#tasks.add(kept);
  }

  async #ask(id: number, question: Question): Promise<void> {
    try {
      if (question.kind === "ticket-key") {
        const publicKey = await this.#keys.make(id);
        const [random] = crypto.getRandomValues(new Uint32Array(1));
        this.core.answer(id, { kind: "ticket-key", publicKey, random: random! }, now());
      } else if (question.kind === "decrypt-ticket") {
        const password = await this.#keys.decrypt(question.keyId, question.encrypted);
        this.core.answer(id, { kind: "decrypt-ticket", password }, now());
      } else throw new TypeError(`A server answers no ${question.kind}`);
    } catch (thrown) {
      if (thrown instanceof TypeError) throw thrown;
      const error = thrown instanceof ProtocolError ? thrown : asProtocolError(thrown, "answer");
      this.core.answer(id, { kind: "failed", error }, now());
    }
    this.#turn();
  }
}

/** Closes once what was sent is out, or after a second. */
async function closeGently(pipe: Pipe): Promise<void> {
  let limit: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([pipe.flushed(), new Promise<void>((done) => limit = setTimeout(done, FAREWELL_MS))]);
  clearTimeout(limit);
  pipe.close();
}

/** Milliseconds of a clock that never goes back. */
function now(): number {
  return performance.now();
}
