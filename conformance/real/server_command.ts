/** Our server's command line as a process, with the permissions that its task gives it and no others. */

import config from "../../deno.json" with { type: "json" };
import { waitUntil } from "../peers/wait_until.ts";

/** What stands around a server. */
export interface ServerOptions {
  /** The task: `demo` has the fewest permissions. Default: `serve`. */
  readonly task?: "serve" | "demo";
  /** The password in SPICE_PASSWORD; by default the variable is not set. */
  readonly password?: string;
  /** Longest life in milliseconds, 60000 by default. */
  readonly lifeMs?: number;
}

/** A server that runs, or has run. Disposing ends it. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  /** What it has written to its standard output. */
  out(): string;
  /** Lines that it has written to its standard error. */
  err(): readonly string[];
  /** Resolves with the URIs that it says to connect to, once it serves. */
  serving(): Promise<readonly string[]>;
  /** Ask it to end. */
  signal(name: "SIGINT" | "SIGTERM" | "SIGKILL"): void;
  /** Resolves with its exit code. */
  readonly ended: Promise<number>;
}

/**
 * Start a server.
 *
 * @param args As behind the task.
 * @param options Task, password, time limit.
 * @returns The process. Own it with `await using`.
 */
export function startServer(args: readonly string[], options: ServerOptions = {}): ServerProcess {
  const [program, ...words] = config.tasks[options.task ?? "serve"].command.split(" ");
  if (program !== "deno") throw new Error(`Cannot run the server: its task calls ${program}`);
  const child = new Deno.Command(Deno.execPath(), {
    args: [...words, ...args],
    cwd: new URL("../..", import.meta.url),
    env: options.password === undefined ? {} : { SPICE_PASSWORD: options.password },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const limit = setTimeout(() => child.kill("SIGKILL"), options.lifeMs ?? 60_000);
  const texts = { out: "", err: "" };
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>, name: "out" | "err") => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) texts[name] += text;
  };
  let alive = true;
  const ended = (async () => {
    const [{ code }] = await Promise.all([child.status, read(child.stdout, "out"), read(child.stderr, "err")]);
    clearTimeout(limit);
    alive = false;
    return code;
  })();
  return {
    pid: child.pid,
    out: () => texts.out,
    err: () => texts.err.split("\n").slice(0, -1),
    ended,
    signal: (name) => child.kill(name),
    serving: async () => {
      await waitUntil("the server's first screen", () => {
        if (!alive) throw new Error(`The server ended:\n${texts.out}${texts.err}`);
        return texts.out.includes("Ctrl-C stops it.");
      }, { timeoutMs: 30_000 });
      return [...texts.out.matchAll(/(spice(?:\+unix)?:\/\/\S+) {2}\(/g)].map(([, uri]) => uri!);
    },
    [Symbol.asyncDispose]: async () => {
      if (alive) child.kill("SIGTERM");
      const hard = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(hard);
    },
  };
}
