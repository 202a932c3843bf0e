/** The command line of the conformance suite, from its words to an exit code. */
import { ExitCode } from "../../cli/exit_code.ts";
import { type Failure, type Program, runProgram } from "../../cli/program.ts";
import type { Terminal } from "../../cli/terminal.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { TargetError } from "../../protocol/target_error.ts";
import { CaptureError } from "../capture_error.ts";
import { COMMANDS } from "./commands.ts";

const PROGRAM: Program = {
  name: "deno task conformance",
  about: "Record what SPICE peers say, look at it, and check it.",
  commands: COMMANDS,
  note:
    "A capture is a .tar.gz, or a folder, with NN.c2s, NN.s2c and NN.idx for each connection: see docs/captures.md.",
  exitCodes: [
    "    0  done",
    "    1  failed, or what was checked did not pass",
    "    2  the command line is wrong, or asks for what this version cannot do",
    "  130  ended by Ctrl-C (143 by SIGTERM); record ends so with 0",
  ],
  reword: withName,
  describe,
};

/**
 * Runs the command line.
 *
 * @param words The words behind the name of the program.
 * @param terminal What it needs of the system.
 * @returns The exit code; see `ExitCode`.
 */
export function run(words: readonly string[], terminal: Terminal): Promise<number> {
  return runProgram(PROGRAM, words, terminal);
}

/** Two commands are called by an option as well, before or behind other words. */
function withName(words: readonly string[]): readonly string[] {
  if (COMMANDS.some(({ name }) => name === words[0])) return words;
  if (words.includes("--ledger")) return ["ledger", ...words.filter((word) => word !== "--ledger")];
  return words.some((word) => /^--(against|server|client|dry-run)(=|$)/.test(word)) ? ["judge", ...words] : words;
}

function describe(error: unknown): Failure | undefined {
  if (error instanceof TargetError) return { code: ExitCode.USAGE, line: error.message };
  if (error instanceof ProtocolError) {
    return { code: error.code === "unsupported" ? ExitCode.USAGE : ExitCode.FAILED, line: error.message };
  }
  return error instanceof CaptureError ? { code: ExitCode.FAILED, line: error.message } : undefined;
}
