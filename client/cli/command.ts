/** What a subcommand is, and what it is given. */
import type { Arguments } from "../../cli/arguments.ts";
import type { OptionSpec } from "../../cli/option.ts";
import type { ChannelName } from "../../protocol/messages/channels.ts";
import type { ConnectOptions } from "../connect.ts";
import type { Session } from "../session.ts";

/** A subcommand. */
export interface Command {
  readonly name: string;
  /** One line of help. */
  readonly summary: string;
  /** Its arguments, as `<target> <chord>…`. */
  readonly usage: string;
  /** More lines of help. */
  readonly details?: readonly string[];
  /** Command lines that work, without the name of the program. */
  readonly examples: readonly string[];
  /** Its own options, beside those of all commands. */
  readonly options: readonly OptionSpec[];
  /** Fewest and most arguments, the target included. */
  readonly takes: readonly [least: number, most: number];
  /**
   * Reads its arguments and returns what to do, so that a wrong command line is told before anything is connected.
   * @throws {UsageError} The command line is wrong.
   */
  prepare(args: Arguments): (world: CommandWorld) => Promise<void>;
}

/** What a subcommand may touch. */
export interface CommandWorld {
  /**
   * Connects to the target. The session is closed when the command ends.
   * @param needs Channels without which the command cannot work; beside them only main is opened. All without it.
   * @param options Over those of the command line.
   */
  connect(needs?: readonly ChannelName[], options?: ConnectOptions): Promise<Session>;
  /** Where the target is, for people; no password in it. */
  readonly address: string;
  /** Writes to the standard output: a line, or bytes as they are. */
  out(data: string | Uint8Array): Promise<void>;
  /** Writes a line to the standard error. */
  warn(line: string): void;
  /** Reads the standard input to its end. */
  stdin(): Promise<Uint8Array>;
  /** True when the standard output is a terminal. */
  readonly terminal: boolean;
}
