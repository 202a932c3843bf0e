/**
 * The command line of the server: `deno task serve --help`.
 *
 * Needs `--allow-net` for the port, `--allow-env=SPICE_PASSWORD`, and, for what goes beyond the demo machine on a TCP
 * port, more: see `docs/permissions.md`.
 */
import { systemTerminal } from "../cli/terminal.ts";
import { run } from "./cli/run.ts";

if (import.meta.main) Deno.exit(await run(Deno.args, systemTerminal()));
