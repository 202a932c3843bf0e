/** All subcommands, in the order of the help. */
import { click } from "./click.ts";
import type { Command } from "./command.ts";
import { drag } from "./drag.ts";
import { events } from "./events.ts";
import { info } from "./info.ts";
import { key } from "./key.ts";
import { move } from "./move.ts";
import { screenshot } from "./screenshot.ts";
import { type } from "./type.ts";
import { wait } from "./wait.ts";
import { wheel } from "./wheel.ts";

/** All subcommands, in the order of the help. */
export const COMMANDS: readonly Command[] = [info, screenshot, type, key, click, move, drag, wheel, wait, events];
