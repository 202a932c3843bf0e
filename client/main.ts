/**
 * The command line of the client: `deno task client --help`.
 *
 * Needs `--allow-net` for the server, `--allow-read` and `--allow-write` for pictures and unix sockets, and
 * `--allow-env=SPICE_PASSWORD`.
 */
import { systemTerminal } from "../cli/terminal.ts";
import { run } from "./cli/run.ts";

if (import.meta.main) Deno.exit(await run(Deno.args, systemTerminal()));
