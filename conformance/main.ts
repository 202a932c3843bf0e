/**
 * The command line of the conformance suite: `deno task conformance --help`.
 *
 * Needs `--allow-read` and `--allow-write` for captures, pictures and unix sockets, and `--allow-net` to record.
 */
import { systemTerminal } from "../cli/terminal.ts";
import { run } from "./commands/run.ts";

if (import.meta.main) Deno.exit(await run(Deno.args, systemTerminal()));
