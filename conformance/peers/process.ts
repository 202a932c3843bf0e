/** Start a program, read what it says, and leave nothing of it behind. Linux only: it uses setsid and setpriv. */

import { pause } from "./wait_until.ts";

/** How a program is run. */
export interface ProcessOptions {
  /** Variables added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory. */
  readonly cwd?: string;
  /** Longest life in milliseconds, 180000 by default: then the program is killed. */
  readonly lifeMs?: number;
}

/** How a program that stays is run. */
export interface StartOptions extends ProcessOptions {
  /** Gets every whole line of standard output as it comes, without its end. */
  readonly onLine?: (line: string) => void;
}

/** A running program with all of its children. Disposing ends them and waits until they are gone. */
export interface PeerProcess extends AsyncDisposable {
  /** Program name as given. */
  readonly program: string;
  /** Process id, and the id of its process group. */
  readonly pid: number;
  /** The last 64 Ki characters of standard output and standard error, in order of arrival. */
  output(): string;
  /** Write to its standard input. */
  write(text: string): Promise<void>;
  /** How it ended, or `undefined` while it runs. */
  ended(): Deno.CommandStatus | undefined;
  /** Throw with what the program said if it has ended. For use inside a wait. */
  mustRun(): void;
}

/** What a program that ran to its end left. */
export interface ProcessResult {
  /** Exit code; 128 + signal when killed. */
  readonly code: number;
  /** Standard output. */
  readonly stdout: string;
  /** Standard error. */
  readonly stderr: string;
  /** Wall time in milliseconds. */
  readonly ms: number;
}

/**
 * Start a program that stays, such as a server.
 *
 * @param program Name or path of the executable.
 * @param args Its arguments.
 * @param options Environment, directory, longest life.
 * @returns The process. Own it with `await using`.
 */
export function startProcess(program: string, args: readonly string[], options: StartOptions = {}): PeerProcess {
  const child = spawn(program, args, options, "piped");
  const input = child.stdin.getWriter();
  let text = "", lineBegin = "";
  let status: Deno.CommandStatus | undefined;
  const keep = (part: string) => void (text = (text + part).slice(-65_536));
  const keepLines = (part: string) => {
    keep(part);
    if (options.onLine === undefined) return;
    const lines = (lineBegin + part).split("\n");
    lineBegin = lines.pop()!;
    for (const line of lines) options.onLine(line);
  };
  const readers = [child.stdout.getReader(), child.stderr.getReader()];
  const reading = [readAll(readers[0]!, keepLines), readAll(readers[1]!, keep)];
  const ending = child.status.then((s) => void (status = s));
  const life = setTimeout(() => signalGroup(child.pid, "SIGKILL"), options.lifeMs ?? 180_000);

  return {
    program,
    pid: child.pid,
    output: () => text,
    write: (part) => input.write(new TextEncoder().encode(part)),
    ended: () => status,
    mustRun: () => {
      if (status) throw new Error(`${program} ended with code ${status.code}:\n${text}`);
    },
    [Symbol.asyncDispose]: async () => {
      clearTimeout(life);
      await endGroup(child.pid, ending);
      // The pipe is broken when the program left something unread.
      await input.close().catch(() => {});
      // A grandchild that left the group could still hold the pipes: it must not hold us.
      const late = setTimeout(() => readers.forEach((reader) => void reader.cancel().catch(() => {})), 1000);
      await Promise.all(reading);
      clearTimeout(late);
    },
  };
}

/**
 * Run a program to its end.
 *
 * @param program Name or path of the executable.
 * @param args Its arguments.
 * @param options Environment and directory; `lifeMs` is the time limit, 30000 by default.
 * @returns Exit code, output and wall time. A code other than 0 does not throw.
 */
export async function runProcess(
  program: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessResult> {
  const start = performance.now();
  const child = spawn(program, args, options, "null");
  const life = setTimeout(() => signalGroup(child.pid, "SIGKILL"), options.lifeMs ?? 30_000);
  try {
    const { code, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    return {
      code,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
      ms: performance.now() - start,
    };
  } finally {
    clearTimeout(life);
    signalGroup(child.pid, "SIGKILL");
  }
}

/**
 * As {@linkcode runProcess}, but an exit code other than 0 throws with what the program said.
 *
 * @param program Name or path of the executable.
 * @param args Its arguments.
 * @param options Environment, directory, time limit.
 * @returns Output and wall time.
 * @throws {Error} With code and output.
 */
export async function mustRunProcess(
  program: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessResult> {
  const result = await runProcess(program, args, options);
  if (result.code !== 0) {
    throw new Error(`${program} ended with code ${result.code}:\n${result.stdout}${result.stderr}`);
  }
  return result;
}

/**
 * setsid makes a process group, so that children can be ended with their parent; setpriv ends the program when this
 * process dies without having disposed of it. Both exec, so the process id stays.
 */
function spawn(
  program: string,
  args: readonly string[],
  options: ProcessOptions,
  stdin: "null" | "piped",
): Deno.ChildProcess {
  return new Deno.Command("setsid", {
    args: ["setpriv", "--pdeathsig", "KILL", "--", program, ...args],
    stdin,
    stdout: "piped",
    stderr: "piped",
    ...(options.env && { env: { ...options.env } }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  }).spawn();
}

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>, keep: (part: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    keep(decoder.decode(value, { stream: true }));
  }
}

/** Ask the group to end, wait two seconds, then make it. */
async function endGroup(pid: number, ending: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  if (signalGroup(pid, "SIGTERM")) {
    await Promise.race([ending, new Promise<void>((resolve) => timer = setTimeout(resolve, 2000))]);
    clearTimeout(timer);
  }
  // The leader is gone, but its children may linger.
  for (let tries = 0; tries < 30 && signalGroup(pid, "SIGKILL"); tries++) await pause(10);
  await ending;
}

/** @returns False when no process of the group is left. */
function signalGroup(pid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(-pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
