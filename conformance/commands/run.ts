/** The command line of the conformance suite, from its words to an exit code. */
import { readArguments } from "../../cli/arguments.ts";
import { ExitCode } from "../../cli/exit_code.ts";
import { FileError } from "../../cli/file_error.ts";
import { printable } from "../../cli/printable.ts";
import type { Terminal } from "../../cli/terminal.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { nearest } from "../../protocol/nearest.ts";
import { TargetError } from "../../protocol/target_error.ts";
import { CaptureError } from "../capture_error.ts";
import type { Command, CommandWorld } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { commandHelp, HELP_OPTION, programHelp } from "./help.ts";

/**
 * Runs the command line.
 *
 * @param words The words behind the name of the program.
 * @param terminal What it needs of the system.
 * @returns The exit code; see `ExitCode`.
 */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = words.map((word) => word === "-h" ? "--help" : word);
  const world: CommandWorld = {
    out: (line) => terminal.out(new TextEncoder().encode(`${line.split("\n").map(printable).join("\n")}\n`)),
    warn: (line) => terminal.err(printable(line)),
    signal: terminal.signal,
  };
  try {
    if (first === "--help" || first === "help") {
      const about = COMMANDS.find(({ name }) => name === rest[0]);
      await world.out(about === undefined ? programHelp(COMMANDS) : commandHelp(about));
      return ExitCode.DONE;
    }
    if (first === undefined) {
      terminal.err(programHelp(COMMANDS));
      return ExitCode.USAGE;
    }
    const named = withName([first, ...rest]);
    return await runCommand(findCommand(named[0]!), named.slice(1), world);
  } catch (error) {
    return tell(error, terminal);
  }
}

/** Two commands are called by an option as well, before or behind other words. */
function withName(words: readonly string[]): readonly string[] {
  if (COMMANDS.some(({ name }) => name === words[0])) return words;
  if (words.includes("--ledger")) return ["ledger", ...words.filter((word) => word !== "--ledger")];
  return words.some((word) => /^--(against|server|client|dry-run)(=|$)/.test(word)) ? ["judge", ...words] : words;
}

/** @throws {UsageError} There is none of that name. */
function findCommand(first: string): Command {
  const command = COMMANDS.find(({ name }) => name === first);
  if (command !== undefined) return command;
  const names = COMMANDS.map(({ name }) => name), [near] = nearest(first, names);
  const hint = near === undefined ? `there are ${names.join(", ")}` : `did you mean ${near}?`;
  throw new UsageError(`"${first}" is no command (${hint})`);
}

async function runCommand(command: Command, words: readonly string[], world: CommandWorld): Promise<number> {
  const args = readArguments(words, [...command.options, HELP_OPTION]);
  if (args.flag("help")) {
    await world.out(commandHelp(command));
    return ExitCode.DONE;
  }
  const [least, most] = command.takes, { positionals } = args;
  if (positionals.length < least) throw new UsageError(`${command.name} wants ${command.usage}`);
  if (positionals.length > most) {
    throw new UsageError(`"${positionals[most]}" is one argument too many: ${command.name} wants ${command.usage}`);
  }
  return await command.prepare(args)(world);
}

function tell(error: unknown, terminal: Terminal): number {
  // The reader of our output went away, as `head` does: nobody is left to tell.
  if (error instanceof Deno.errors.BrokenPipe) return ExitCode.FAILED;
  const { signal } = terminal;
  if (signal.aborted) return typeof signal.reason === "number" ? signal.reason : ExitCode.FAILED;
  const { code, line } = describe(error);
  terminal.err(`error: ${printable(line)}`);
  return code;
}

function describe(error: unknown): { readonly code: number; readonly line: string } {
  if (error instanceof UsageError || error instanceof TargetError) return { code: ExitCode.USAGE, line: error.message };
  if (error instanceof ProtocolError) {
    return { code: error.code === "unsupported" ? ExitCode.USAGE : ExitCode.FAILED, line: error.message };
  }
  if (error instanceof Deno.errors.NotCapable) {
    return { code: ExitCode.FAILED, line: `Deno was not given a permission: ${error.message}` };
  }
  if (error instanceof CaptureError || error instanceof FileError) {
    return { code: ExitCode.FAILED, line: error.message };
  }
  if (error instanceof Error) return { code: ExitCode.FAILED, line: `${error.name}: ${error.message}` };
  return { code: ExitCode.FAILED, line: String(error) };
}
