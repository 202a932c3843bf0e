/** The texts of `--help`. */
import { optionLines } from "../../cli/option.ts";
import type { Command } from "./command.ts";
import { COMMON_OPTIONS } from "./common_options.ts";
import { TARGET_FORMS } from "./target.ts";

/** How the program is called in its own texts. */
const PROGRAM = "deno task client";

/** @returns The help of the whole program. */
export function programHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    "See and drive a machine over SPICE.",
    "",
    `Usage: ${PROGRAM} <command> <target> [arguments] [options]`,
    "",
    "Commands:",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    `The target is ${TARGET_FORMS}.`,
    "A server that serves one client at a time ends the session of the one before.",
    "",
    `${PROGRAM} <command> --help tells more of each.`,
    "",
    "Exit codes:",
    ...EXIT_CODES,
  ].join("\n");
}

/** @returns The help of one command. */
export function commandHelp(command: Command): string {
  return [
    `${command.summary}.`,
    "",
    `Usage: ${PROGRAM} ${command.name} ${command.usage} [options]`,
    ...(command.details === undefined ? [] : ["", ...command.details]),
    ...(command.options.length === 0 ? [] : ["", "Options:", ...optionLines(command.options)]),
    "",
    "Options of all commands:",
    ...optionLines(COMMON_OPTIONS),
    "",
    `The target is ${TARGET_FORMS}.`,
    "",
    "Examples:",
    ...command.examples.map((example) => `  ${PROGRAM} ${example}`),
  ].join("\n");
}

const EXIT_CODES = [
  "    0  done",
  "    1  failed, a wait whose time was over among it",
  "    2  the command line is wrong",
  "    3  the server refused: password, permission, TLS",
  "    4  the server is not there, or does not answer",
  "  130  ended by Ctrl-C (143 by SIGTERM)",
];
