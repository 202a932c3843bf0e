/**
 * The command line of the codecs: `deno task codec --help`.
 *
 * Needs `--allow-read` and `--allow-write` for streams and pictures.
 */
import { systemTerminal } from "../cli/terminal.ts";
import { run } from "./cli/run.ts";

if (import.meta.main) Deno.exit(await run(Deno.args, systemTerminal()));
