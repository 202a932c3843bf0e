/** A program of subcommands, from its words to an exit code, and the texts of its `--help`. */
import { nearest } from "../protocol/nearest.ts";
import { readArguments } from "./arguments.ts";
import type { Command, CommandWorld } from "./command.ts";
import { ExitCode } from "./exit_code.ts";
import { FileError } from "./file_error.ts";
import { optionLines, type OptionSpec } from "./option.ts";
import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";

/** A program. */
export interface Program {
  /** How it is called in its own texts, as `deno task codec`. */
  readonly name: string;
  /** What it does, one line. */
  readonly about: string;
  readonly commands: readonly Command[];
  /** A line for the help of the program and of each command. */
  readonly note: string;
  /** Meanings of exit codes, a line each, as `    0  done`. */
  readonly exitCodes: readonly string[];
  /** Words that mean others. */
  readonly reword?: (words: readonly string[]) => readonly string[];
  /** An error of the program's own, as an exit code and a line. @returns `undefined` for any other. */
  readonly describe?: (error: unknown) => Failure | undefined;
}

/** How a program ends that fails. */
export interface Failure {
  readonly code: number;
  readonly line: string;
}

/** The option of every command. */
const HELP_OPTION: OptionSpec = { name: "help", about: "this text" };

/**
 * Runs a command line.
 *
 * @param words The words behind the name of the program.
 * @param terminal What it needs of the system.
 * @returns The exit code; see `ExitCode`.
 */
export async function runProgram(program: Program, words: readonly string[], terminal: Terminal): Promise<number> {
  const { commands } = program;
  const [first, ...rest] = words.map((word) => word === "-h" ? "--help" : word);
  const world: CommandWorld = {
    out: (line) => terminal.out(new TextEncoder().encode(`${line.split("\n").map(printable).join("\n")}\n`)),
    warn: (line) => terminal.err(printable(line)),
    signal: terminal.signal,
  };
  try {
    if (first === "--help" || first === "help") {
      const about = commands.find(({ name }) => name === rest[0]);
      await world.out(about === undefined ? programHelp(program) : commandHelp(program, about));
      return ExitCode.DONE;
    }
    if (first === undefined) {
      terminal.err(programHelp(program));
      return ExitCode.USAGE;
    }
    const named = program.reword?.([first, ...rest]) ?? [first, ...rest];
    return await runCommand(program, findCommand(commands, named[0]!), named.slice(1), world);
  } catch (error) {
    return tell(error, program, terminal);
  }
}

/** @throws {UsageError} There is none of that name. */
function findCommand(commands: readonly Command[], first: string): Command {
  const command = commands.find(({ name }) => name === first);
  if (command !== undefined) return command;
  const names = commands.map(({ name }) => name), [near] = nearest(first, names);
  const hint = near === undefined ? `there are ${names.join(", ")}` : `did you mean ${near}?`;
  throw new UsageError(`"${first}" is no command (${hint})`);
}

async function runCommand(
  program: Program,
  command: Command,
  words: readonly string[],
  world: CommandWorld,
): Promise<number> {
  const args = readArguments(words, [...command.options, HELP_OPTION]);
  if (args.flag("help")) {
    await world.out(commandHelp(program, command));
    return ExitCode.DONE;
  }
  const [least, most] = command.takes, { positionals } = args;
  if (positionals.length < least) throw new UsageError(`${command.name} wants ${command.usage}`);
  if (positionals.length > most) {
    throw new UsageError(`"${positionals[most]}" is one argument too many: ${command.name} wants ${command.usage}`);
  }
  return await command.prepare(args)(world);
}

function tell(error: unknown, program: Program, terminal: Terminal): number {
  // The reader of our output went away, as `head` does: nobody is left to tell.
  if (error instanceof Deno.errors.BrokenPipe) return ExitCode.FAILED;
  const { signal } = terminal;
  if (signal.aborted) return typeof signal.reason === "number" ? signal.reason : ExitCode.FAILED;
  const { code, line } = program.describe?.(error) ?? describe(error);
  terminal.err(`error: ${printable(line)}`);
  return code;
}

function describe(error: unknown): Failure {
  if (error instanceof UsageError) return { code: ExitCode.USAGE, line: error.message };
  if (error instanceof Deno.errors.NotCapable) {
    return { code: ExitCode.FAILED, line: `Deno was not given a permission: ${error.message}` };
  }
  if (error instanceof FileError) return { code: ExitCode.FAILED, line: error.message };
  if (error instanceof Error) return { code: ExitCode.FAILED, line: `${error.name}: ${error.message}` };
  return { code: ExitCode.FAILED, line: String(error) };
}

function programHelp({ name, about, commands, note, exitCodes }: Program): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    about,
    "",
    `Usage: ${name} <command> [arguments] [options]`,
    "",
    "Commands:",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    note,
    "",
    `${name} <command> --help tells more of each.`,
    "",
    "Exit codes:",
    ...exitCodes,
  ].join("\n");
}

function commandHelp({ name, note }: Program, command: Command): string {
  return [
    `${command.summary}.`,
    "",
    `Usage: ${name} ${command.name} ${command.usage} [options]`,
    ...(command.details === undefined ? [] : ["", ...command.details]),
    "",
    "Options:",
    ...optionLines([...command.options, HELP_OPTION]),
    "",
    note,
    "",
    "Examples:",
    ...command.examples.map((example) => `  ${name} ${example}`),
  ].join("\n");
}
