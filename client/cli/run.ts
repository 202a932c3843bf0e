/** The command line, from its words to an exit code. */
import { type Arguments, readArguments } from "../../cli/arguments.ts";
import { ExitCode } from "../../cli/exit_code.ts";
import { printable } from "../../cli/printable.ts";
import type { Terminal } from "../../cli/terminal.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { type ChannelName, channels } from "../../protocol/messages/channels.ts";
import { nearest } from "../../protocol/nearest.ts";
import { connect } from "../connect.ts";
import type { Session } from "../session.ts";
import type { Command, CommandWorld } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { COMMON_OPTIONS, findPassword, readConnectOptions } from "./common_options.ts";
import { eventToLine } from "./event_text.ts";
import { type Circumstances, describeFailure } from "./failure.ts";
import { commandHelp, programHelp } from "./help.ts";
import { readTarget, showTarget } from "./target.ts";

/**
 * Runs the command line. All sessions that it opened are closed when it returns.
 *
 * @param words The words behind the name of the program.
 * @param terminal What it needs of the system.
 * @returns The exit code; see `ExitCode`.
 */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  const end = words.indexOf("--");
  const args = words.map((word, i) => word === "-h" && (end < 0 || i < end) ? "--help" : word);
  const command = COMMANDS.find(({ name }) => name === args[0]);
  if (command !== undefined) return await runCommand(command, args.slice(1), terminal);
  const [first, second] = args;
  if (first === "--help" || first === "help") {
    const about = COMMANDS.find(({ name }) => name === second);
    await print(terminal, `${about === undefined ? programHelp(COMMANDS) : commandHelp(about)}\n`);
    return ExitCode.DONE;
  }
  if (first === undefined) {
    terminal.err(programHelp(COMMANDS));
    return ExitCode.USAGE;
  }
  const names = COMMANDS.map(({ name }) => name);
  const [near] = first.includes("://") ? [`info ${showWord(first)}`] : nearest(first, names);
  const hint = near === undefined ? `there are ${names.join(", ")}` : `did you mean ${near}?`;
  terminal.err(`error: "${showWord(first)}" is no command (${hint})`);
  return ExitCode.USAGE;
}

/** A password can be in a URI. */
function showWord(word: string): string {
  return word.includes("://") ? "<target>" : printable(word);
}

async function runCommand(command: Command, words: readonly string[], terminal: Terminal): Promise<number> {
  const tracker = new Sessions(terminal.signal);
  const known = { address: "the server", password: false, connected: false };
  let verbose = words.includes("--verbose");
  try {
    const args = readArguments(words, [...command.options, ...COMMON_OPTIONS]);
    verbose = args.flag("verbose");
    if (args.flag("help")) {
      await print(terminal, `${commandHelp(command)}\n`);
      return ExitCode.DONE;
    }
    checkCount(command, args);
    await tracker.race(perform(command, args, terminal, tracker, known));
    return ExitCode.DONE;
  } catch (error) {
    return tell(error, command, terminal, known, verbose);
  } finally {
    await tracker.close();
  }
}

function checkCount(command: Command, { positionals }: Arguments): void {
  const [least, most] = command.takes;
  if (positionals.length < least) throw new UsageError(`${command.name} wants ${command.usage}`);
  if (positionals.length <= most) return;
  const extra = printable(positionals[most] ?? "");
  throw new UsageError(`"${extra}" is one argument too many: ${command.name} wants ${command.usage}`);
}

async function perform(
  command: Command,
  args: Arguments,
  terminal: Terminal,
  tracker: Sessions,
  known: { -readonly [K in keyof Circumstances]: Circumstances[K] },
): Promise<void> {
  const act = command.prepare(args);
  const common = readConnectOptions(args);
  const target = await readTarget(args.positionals[0]!);
  known.address = showTarget(target);
  const password = await findPassword(args, {
    target: target.password,
    environment: terminal.env("SPICE_PASSWORD"),
    stdin: () => terminal.stdin(),
  });
  known.password = password !== undefined && password !== "";
  const start = performance.now();
  const world: CommandWorld = {
    address: known.address,
    terminal: terminal.isTerminal,
    out: (data) => print(terminal, data),
    warn: (line) => terminal.err(printable(line)),
    stdin: () => terminal.stdin(),
    connect: async (needs, options = {}) => {
      const session = await tracker.add(connect(target, {
        ...common,
        ...(needs === undefined ? {} : { channelTypes: needs.map((name) => channels[name].type) }),
        ...(password === undefined ? {} : { password }),
        ...options,
        signal: terminal.signal,
        onEvent: (event) => {
          options.onEvent?.(event);
          if (!args.flag("verbose")) return;
          terminal.err(`+${((performance.now() - start) / 1000).toFixed(3)} ${printable(eventToLine(event))}`);
        },
      }));
      known.connected = true;
      for (const name of needs ?? []) checkOpen(session, name);
      return session;
    },
  };
  await act(world);
}

/** @throws {ProtocolError} No channel of this name is open; with the server's reason, if it told one. */
function checkOpen(session: Session, name: ChannelName): void {
  const same = session.channels.filter(({ type }) => type === channels[name].type);
  if (same.some(({ capabilities }) => capabilities !== null)) return;
  for (const { error } of same) if (error !== null) throw error;
  const detail = "the server does not offer it";
  throw new ProtocolError({ code: "unexpected", action: "open", message: `the ${name} channel`, detail });
}

function tell(error: unknown, command: Command, terminal: Terminal, known: Circumstances, verbose: boolean): number {
  const { signal } = terminal;
  if (signal.aborted) return typeof signal.reason === "number" ? signal.reason : ExitCode.FAILED;
  // The reader of our output went away, as `head` does: nobody is left to tell.
  if (error instanceof Deno.errors.BrokenPipe) return ExitCode.FAILED;
  const { code, line } = describeFailure(error, known);
  const see = error instanceof UsageError ? `; see ${command.name} --help` : "";
  terminal.err(`error: ${printable(line)}${see}`);
  if (verbose) { for (const text of chain(error)) terminal.err(text.split("\n").map(printable).join("\n")); }
  return code;
}

/** All of an error, and what caused it. */
function chain(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return [error.stack ?? error.message, ...chain(error.cause).map((text) => `Caused by: ${text}`)];
}

async function print(terminal: Terminal, data: string | Uint8Array): Promise<void> {
  await terminal.out(typeof data === "string" ? new TextEncoder().encode(data) : data);
}

/** The sessions of a command, so that none outlives it. */
class Sessions {
  readonly #attempts = new Set<Promise<Session>>();

  constructor(readonly signal: AbortSignal) {}

  add(attempt: Promise<Session>): Promise<Session> {
    this.#attempts.add(attempt);
    return attempt;
  }

  /** Waits for the work, or for the signal. */
  async race(work: Promise<void>): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = () => reject(this.signal.reason);
    if (this.signal.aborted) abort();
    this.signal.addEventListener("abort", abort, { once: true });
    try {
      await Promise.race([work, promise]);
    } finally {
      this.signal.removeEventListener("abort", abort);
    }
  }

  /** Resolves when no socket of any session is left. */
  async close(): Promise<void> {
    for (const attempt of this.#attempts) {
      const session = await attempt.catch(() => null);
      await session?.close();
    }
  }
}
