/** The ledger on the command line: `deno run --allow-read=conformance conformance/ledger/main.ts --help`. */
import { ledgerCommand } from "./command.ts";

if (import.meta.main) Deno.exit(ledgerCommand(Deno.args));
