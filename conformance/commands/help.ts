/** The texts of `--help`. */
import { optionLines, type OptionSpec } from "../../cli/option.ts";
import type { Command } from "./command.ts";

/** How the program is called in its own texts. */
const PROGRAM = "deno task conformance";

/** The option of every command. */
export const HELP_OPTION: OptionSpec = { name: "help", about: "this text" };

/** @returns The help of the whole program. */
export function programHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    "Record what SPICE peers say, look at it, and check it.",
    "",
    `Usage: ${PROGRAM} <command> [arguments] [options]`,
    "",
    "Commands:",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    CAPTURE,
    "",
    `${PROGRAM} <command> --help tells more of each.`,
    "",
    "Exit codes:",
    "    0  done",
    "    1  failed, or what was checked did not pass",
    "    2  the command line is wrong, or asks for what this version cannot do",
    "  130  ended by Ctrl-C (143 by SIGTERM); record ends so with 0",
  ].join("\n");
}

/** @returns The help of one command. */
export function commandHelp(command: Command): string {
  return [
    `${command.summary}.`,
    "",
    `Usage: ${PROGRAM} ${command.name} ${command.usage} [options]`,
    ...(command.details === undefined ? [] : ["", ...command.details]),
    "",
    "Options:",
    ...optionLines([...command.options, HELP_OPTION]),
    "",
    CAPTURE,
    "",
    "Examples:",
    ...command.examples.map((example) => `  ${PROGRAM} ${example}`),
  ].join("\n");
}

const CAPTURE =
  "A capture is a .tar.gz, or a folder, with NN.c2s, NN.s2c and NN.idx for each connection: see docs/captures.md.";
