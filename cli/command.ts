/** What a subcommand is, and what it is given. */
import type { Arguments } from "./arguments.ts";
import type { OptionSpec } from "./option.ts";

/** A subcommand of a program. */
export interface Command {
  readonly name: string;
  /** One line of help. */
  readonly summary: string;
  /** Its arguments, as `<capture>…`. */
  readonly usage: string;
  /** More lines of help. */
  readonly details?: readonly string[];
  /** Command lines that work, without the name of the program. */
  readonly examples: readonly string[];
  /** Its options, `--help` left out. */
  readonly options: readonly OptionSpec[];
  /** Fewest and most arguments. */
  readonly takes: readonly [least: number, most: number];
  /**
   * Reads its arguments and returns what to do, so that a wrong command line is told before anything is done.
   * @throws {UsageError} The command line is wrong.
   */
  prepare(args: Arguments): (world: CommandWorld) => Promise<number>;
}

/** What a subcommand may touch. It ends with an exit code. */
export interface CommandWorld {
  /** Writes a line to the standard output. What others said in it is made safe to show. */
  out(line: string): Promise<void>;
  /** Writes a line to the standard error. */
  warn(line: string): void;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}
