/** The client's command line as a process, with the permissions that its task gives it and no others. */

import config from "../../deno.json" with { type: "json" };

/** What stands around a command. */
export interface ClientOptions {
  /** What it reads on its standard input; nothing by default. */
  readonly stdin?: string;
  /** The password in SPICE_PASSWORD; by default the variable is not set. */
  readonly password?: string;
  /** Longest life in milliseconds, 30000 by default. */
  readonly lifeMs?: number;
}

/** What a command left. */
export interface ClientResult {
  readonly code: number;
  readonly stdout: Uint8Array;
  /** Standard output as text. */
  readonly out: string;
  /** Lines of the standard error. */
  readonly err: readonly string[];
  /** Wall time in milliseconds. */
  readonly ms: number;
}

/**
 * Run a command to its end.
 *
 * @param args As behind `deno task client`.
 * @param options Standard input, password, time limit.
 */
export async function runClient(args: readonly string[], options: ClientOptions = {}): Promise<ClientResult> {
  return await startClient(args, options).result;
}

/** A command that runs. */
export interface ClientProcess {
  readonly pid: number;
  /** Ask it to end. */
  signal(name: "SIGINT" | "SIGTERM"): void;
  readonly result: Promise<ClientResult>;
}

/**
 * Start a command that stays. Await its result, or the test leaks it.
 *
 * @param args As behind `deno task client`.
 * @param options Standard input, password, time limit.
 */
export function startClient(args: readonly string[], options: ClientOptions = {}): ClientProcess {
  const [program, ...words] = config.tasks.client.command.split(" ");
  if (program !== "deno") throw new Error(`Cannot run the client: its task calls ${program}`);
  const start = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [...words, ...args],
    cwd: new URL("../..", import.meta.url),
    env: options.password === undefined ? {} : { SPICE_PASSWORD: options.password },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const limit = setTimeout(() => child.kill("SIGKILL"), options.lifeMs ?? 30_000);
  const feed = async () => {
    const writer = child.stdin.getWriter();
    // A command that does not read its input may be gone already.
    await writer.write(new TextEncoder().encode(options.stdin ?? "")).catch(() => {});
    await writer.close().catch(() => {});
  };
  const finish = async (): Promise<ClientResult> => {
    const [{ code, stdout, stderr }] = await Promise.all([child.output(), feed()]);
    clearTimeout(limit);
    const decoder = new TextDecoder();
    const err = decoder.decode(stderr).split("\n").slice(0, -1);
    return { code, stdout, out: decoder.decode(stdout), err, ms: performance.now() - start };
  };
  return { pid: child.pid, signal: (name) => child.kill(name), result: finish() };
}
