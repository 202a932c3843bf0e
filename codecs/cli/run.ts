/** The command line of the codecs, from its words to an exit code. */
import { ExitCode } from "../../cli/exit_code.ts";
import { type Failure, type Program, runProgram } from "../../cli/program.ts";
import type { Terminal } from "../../cli/terminal.ts";
import { CodecError } from "../errors.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { info } from "./info.ts";
import { verify } from "./verify.ts";

const PROGRAM: Program = {
  name: "deno task codec",
  about: "Decode and encode SPICE images.",
  commands: [info, decode, encode, verify],
  note: "Pictures are .png or .raw; streams are what stands in SPICE messages, without the image descriptor.",
  exitCodes: ["    0  done", "    1  failed, or what was checked did not pass", "    2  the command line is wrong"],
  describe: (error): Failure | undefined =>
    error instanceof CodecError ? { code: ExitCode.FAILED, line: error.message } : undefined,
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
