/** All subcommands, in the order of the help. */
import type { Command } from "../../cli/command.ts";
import { convert } from "./convert.ts";
import { dump } from "./dump.ts";
import { judge } from "./judge.ts";
import { ledger } from "./ledger.ts";
import { record } from "./record.ts";
import { render } from "./render.ts";
import { roundtrip } from "./roundtrip.ts";

/** All subcommands, in the order of the help. */
export const COMMANDS: readonly Command[] = [judge, roundtrip, dump, render, record, convert, ledger];
