/** All subcommands, in the order of the help. */
import type { Command } from "./command.ts";
import { convert } from "./convert.ts";
import { dump } from "./dump.ts";
import { judge } from "./judge.ts";
import { record } from "./record.ts";
import { render } from "./render.ts";
import { roundtrip } from "./roundtrip.ts";

/** All subcommands, in the order of the help. */
export const COMMANDS: readonly Command[] = [judge, roundtrip, dump, render, record, convert];

/** What is called by an option and not by a name, and is not here yet: option to what it comes with. */
export const PLANNED: ReadonlyMap<string, string> = new Map([
  ["--ledger", "the ledger"],
]);
