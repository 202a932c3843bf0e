/**
 * QEMU's machine protocol (QMP): one JSON value a line, over a socket.
 *
 * Source: QEMU docs/interop/qmp-spec.txt.
 */
import { QemuError } from "./qemu_error.ts";

/** Where QMP listens. */
export type QmpAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** An event that QEMU told of its own accord. */
export interface QmpEvent {
  /** Name, as `SHUTDOWN`. */
  readonly event: string;
  /** Its data, `{}` when it has none. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a client tells. Neither may throw. */
export interface QmpHandler {
  event(event: QmpEvent): void;
  /** The connection is over by itself. Commands on their way are refused first. */
  ended(error: QemuError): void;
}

/** The longest line that is taken, in bytes; QEMU's longest answers, its own schema aside, are far below. */
const MAX_LINE_BYTES = 1 << 20;
/** Events that wait for an answer of QEMU's main loop may take a while under emulation. */
const ANSWER_MS = 10_000;

/** A session in command mode. */
export class QmpClient {
  readonly #conn: Deno.Conn;
  readonly #handler: QmpHandler;
  readonly #waiting = new Map<number, { readonly command: string; readonly answer: PromiseWithResolvers<unknown> }>();
  readonly #greeted = Promise.withResolvers<void>();
  #lastId = 0;
  #error: QemuError | null = null;
  #writing: Promise<void> = Promise.resolve();
  #reading: Promise<void> = Promise.resolve();

  private constructor(conn: Deno.Conn, handler: QmpHandler) {
    this.#conn = conn;
    this.#handler = handler;
  }

  /**
   * Connects, reads the greeting and enters command mode.
   *
   * @param timeoutMs Longest wait for each of the greeting and the answer.
   * @throws {QemuError} `unreachable`, `timeout`, `bad-qmp`, `ended`.
   */
  static async connect(address: QmpAddress, handler: QmpHandler, timeoutMs = ANSWER_MS): Promise<QmpClient> {
    const conn = await dial(address);
    const client = new QmpClient(conn, handler);
    client.#greeted.promise.catch(() => {});
    client.#reading = client.#read();
    const limit = setTimeout(
      () => client.#greeted.reject(new QemuError("timeout", `QMP did not greet in ${timeoutMs} ms`)),
      timeoutMs,
    );
    try {
      await client.#greeted.promise;
      await client.execute("qmp_capabilities", {}, timeoutMs);
      return client;
    } catch (error) {
      await client.close();
      throw error;
    } finally {
      clearTimeout(limit);
    }
  }

  /**
   * Runs a command.
   *
   * @param command Name, as `query-status`.
   * @param args Its arguments.
   * @param timeoutMs Longest wait; an answer that comes later is dropped.
   * @returns The `return` member of the answer.
   * @throws {QemuError} `qmp` when QEMU refuses, `timeout`, or how the connection ended.
   */
  async execute(command: string, args: object = {}, timeoutMs = ANSWER_MS): Promise<unknown> {
    if (this.#error !== null) throw this.#error;
    const id = ++this.#lastId, answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { command, answer });
    const limit = setTimeout(
      () => answer.reject(new QemuError("timeout", `no answer to QMP ${command} in ${timeoutMs} ms`)),
      timeoutMs,
    );
    this.#write(JSON.stringify({ execute: command, arguments: args, id }) + "\n");
    try {
      return await answer.promise;
    } finally {
      clearTimeout(limit);
      this.#waiting.delete(id);
    }
  }

  /** Ends it without `ended`; resolves when no socket and no timer is left. */
  async close(): Promise<void> {
    this.#end(new QemuError("ended", "the QMP connection was closed"), false);
    await this.#reading;
    await this.#writing;
  }

  #write(line: string): void {
    const bytes = new TextEncoder().encode(line);
    // A write may be short, and two that run at once would mix.
    this.#writing = this.#writing.then(async () => {
      try {
        for (let at = 0; at < bytes.length && this.#error === null;) {
          at += await this.#conn.write(bytes.subarray(at));
        }
      } catch {
        // The reader sees the same end, and says why.
      }
    });
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder(), buffer = new Uint8Array(16_384);
    let rest = "";
    while (this.#error === null) {
      const count = await this.#conn.read(buffer).catch(() => null);
      if (count === null) return this.#end(new QemuError("ended", "QEMU closed its QMP connection"), true);
      const lines = (rest + decoder.decode(buffer.subarray(0, count), { stream: true })).split("\n");
      rest = lines.pop()!;
      if (rest.length > MAX_LINE_BYTES) return this.#bad(`a line is longer than ${MAX_LINE_BYTES} bytes`);
      for (const line of lines) if (this.#error === null && line.trim() !== "") this.#take(line);
    }
  }

  #take(line: string): void {
    const message = recordOf(line);
    if (message === null) return this.#bad(`it says ${JSON.stringify(line.slice(0, 60))}`);
    if ("QMP" in message) return this.#greeted.resolve();
    const event = message["event"], id = message["id"];
    if (typeof event === "string") return this.#handler.event({ event, data: asRecord(message["data"]) ?? {} });
    const waiter = typeof id === "number" ? this.#waiting.get(id) : undefined;
    if (waiter === undefined) {
      // An answer that came too late has its number; one without a number is to nothing that we said.
      if (typeof id !== "number") this.#bad(`it answers nothing that was asked: ${line.slice(0, 60)}`);
      return;
    }
    const error = asRecord(message["error"]);
    if (error !== null) {
      waiter.answer.reject(new QemuError("qmp", `QMP ${waiter.command}: ${String(error["desc"])}`));
    } else if ("return" in message) waiter.answer.resolve(message["return"]);
    else this.#bad(`an answer holds neither return nor error`);
  }

  #bad(detail: string): void {
    this.#end(new QemuError("bad-qmp", `the control socket does not speak QMP: ${detail}`), true);
  }

  #end(error: QemuError, tell: boolean): void {
    if (this.#error !== null) return;
    this.#error = error;
    this.#conn.close();
    this.#greeted.reject(error);
    for (const { answer } of this.#waiting.values()) answer.reject(error);
    if (tell) this.#handler.ended(error);
  }
}

async function dial(address: QmpAddress): Promise<Deno.Conn> {
  try {
    return address.kind === "unix"
      ? await Deno.connect({ transport: "unix", path: address.path })
      : await Deno.connect({ hostname: address.host, port: address.port });
  } catch (error) {
    const where = address.kind === "unix" ? address.path : `${address.host}:${address.port}`;
    const why = error instanceof Error ? error.message : String(error);
    throw new QemuError("unreachable", `no connection to QMP at ${where}: ${why}`, null, { cause: error });
  }
}

function recordOf(line: string): Record<string, unknown> | null {
  try {
    return asRecord(JSON.parse(line));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
}
