/** QEMU's machine protocol (QMP): one JSON value a line, over a unix socket. */

import { parsePpm } from "./ppm.ts";
import type { Picture } from "./picture.ts";

/** An event that QEMU told of its own accord. */
export interface QmpEvent {
  /** Name, as `STOP`. */
  readonly event: string;
  /** Its data, `{}` when it has none. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A QMP session in command mode. Disposing closes the socket. */
export interface Qmp extends AsyncDisposable {
  /** All events so far, oldest first. */
  readonly events: readonly QmpEvent[];
  /**
   * Run a command.
   *
   * @param command Name, as `query-status`.
   * @param args Its arguments.
   * @returns The `return` member of the answer.
   * @throws {QmpError} When QEMU refuses.
   * @throws {Error} When the connection ends, or no answer comes in 10 s.
   */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /**
   * Wait for an event, one that came already included.
   *
   * @param name As `STOP`.
   * @param timeoutMs 10000 by default.
   * @returns The first event of that name.
   */
  event(name: string, timeoutMs?: number): Promise<QmpEvent>;
  /** Stop the machine's processors and clock. */
  stop(): Promise<void>;
  /** Let the machine run on. */
  cont(): Promise<void>;
  /**
   * The pixels that QEMU's own display code holds.
   *
   * @param head Device id and head, for machines with several.
   */
  screendump(head?: { readonly device: string; readonly head?: number }): Promise<Picture>;
}

/** A command that QEMU refused. */
export class QmpError extends Error {
  override readonly name = "QmpError";

  constructor(
    /** The command. */
    readonly command: string,
    /** QEMU's error class, as `GenericError`. */
    readonly errorClass: string,
    detail: string,
  ) {
    super(`Cannot run QMP ${command}: ${detail}`);
  }
}

/**
 * Connect, read the greeting and enter command mode.
 *
 * @param socketPath QEMU's `-qmp unix:PATH,server=on,wait=off`.
 * @returns The session. Own it with `await using`.
 * @throws {Error} When nothing listens there or it does not speak QMP.
 *
 * Source: QEMU docs/interop/qmp-spec.txt.
 */
export async function connectQmp(socketPath: string): Promise<Qmp> {
  const conn = await Deno.connect({ transport: "unix", path: socketPath });
  const events: QmpEvent[] = [];
  const waiting = new Map<number, { command: string; answer: PromiseWithResolvers<unknown> }>();
  const watchers = new Set<() => void>();
  let lastId = 0;
  let closed = false;

  const reading = readLines(conn, (line) => {
    const message = asRecord(JSON.parse(line));
    if (typeof message["event"] === "string") {
      events.push({ event: message["event"], data: asRecord(message["data"] ?? {}) });
      for (const watcher of watchers) watcher();
    }
    const id = message["id"];
    const waiter = typeof id === "number" ? waiting.get(id) : undefined;
    if (!waiter || typeof id !== "number") return;
    waiting.delete(id);
    if ("error" in message) {
      const error = asRecord(message["error"]);
      waiter.answer.reject(new QmpError(waiter.command, String(error["class"]), String(error["desc"])));
    } else waiter.answer.resolve(message["return"]);
  }).finally(() => {
    closed = true;
    for (const { command, answer } of waiting.values()) {
      answer.reject(new Error(`Cannot run QMP ${command}: the connection ended`));
    }
  });

  const execute = async (command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> => {
    if (closed) throw new Error(`Cannot run QMP ${command}: the connection ended`);
    const id = ++lastId;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, { command, answer });
    const limit = setTimeout(() => answer.reject(new Error(`Cannot run QMP ${command}: no answer in 10 s`)), 10_000);
    try {
      await writeAll(conn, new TextEncoder().encode(JSON.stringify({ execute: command, arguments: args, id }) + "\n"));
      return await answer.promise;
    } finally {
      clearTimeout(limit);
      waiting.delete(id);
    }
  };

  const qmp: Qmp = {
    events,
    execute,
    event: async (name, timeoutMs = 10_000) => {
      const found = Promise.withResolvers<QmpEvent>();
      const look = () => {
        const event = events.find((each) => each.event === name);
        if (event) found.resolve(event);
      };
      const limit = setTimeout(
        () => found.reject(new Error(`Cannot see QMP ${name}: none in ${timeoutMs} ms`)),
        timeoutMs,
      );
      watchers.add(look);
      look();
      try {
        return await found.promise;
      } finally {
        watchers.delete(look);
        clearTimeout(limit);
      }
    },
    stop: async () => void await execute("stop"),
    cont: async () => void await execute("cont"),
    screendump: async (head) => {
      const path = await Deno.makeTempFile({ prefix: "saffron-screendump-", suffix: ".ppm" });
      try {
        await execute("screendump", { filename: path, ...head });
        return parsePpm(await Deno.readFile(path));
      } finally {
        await Deno.remove(path);
      }
    },
    [Symbol.asyncDispose]: async () => {
      closeQuietly(conn);
      await reading;
    },
  };

  try {
    await execute("qmp_capabilities");
    return qmp;
  } catch (error) {
    await qmp[Symbol.asyncDispose]();
    throw error;
  }
}

async function readLines(conn: Deno.Conn, take: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16_384);
  let rest = "";
  for (;;) {
    const count = await conn.read(buffer).catch(() => null);
    if (count === null) return;
    const lines = (rest + decoder.decode(buffer.subarray(0, count), { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (line.trim() !== "") take(line);
  }
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new Error(`Cannot read QMP: ${JSON.stringify(value)}`);
  return { ...value };
}
