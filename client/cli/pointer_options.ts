/** Where the pointer acts: the same for all commands that move it. */
import type { Arguments } from "../../cli/arguments.ts";
import type { OptionSpec } from "../../cli/option.ts";
import { parseChoice } from "../../cli/values.ts";
import type { ChannelName } from "../../protocol/messages/channels.ts";
import type { ClickOptions } from "../pointer.ts";

/** Channels that the pointer needs: in server mouse mode it follows the cursor that the guest shows. */
export const POINTER_CHANNELS: readonly ChannelName[] = ["inputs", "display", "cursor"];

/** Options of every command that moves the pointer. */
export const POINTER_OPTIONS: readonly OptionSpec[] = [
  { name: "display", value: "N", about: "number of the head, as `info` counts them (default 0)" },
  { name: "delay-ms", value: "MS", about: "pause after each press, release and stage (default 20)" },
];

/** The option of commands that press a button. */
export const BUTTON_OPTION: OptionSpec = {
  name: "button",
  value: "NAME",
  about: "left, middle, right, side or extra (default left)",
};

/** @returns What the options say. */
export function readPointerOptions(args: Arguments): ClickOptions {
  const head = args.integer("display", 0, 255);
  const delayMs = args.integer("delay-ms", 0, 60_000);
  const name = args.read("button", (what, text) => parseChoice(what, text, Object.keys(BUTTONS)));
  const button = BUTTONS[name ?? "left"];
  return {
    ...(head === undefined ? {} : { head }),
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(button === undefined ? {} : { button }),
  };
}

const BUTTONS: Readonly<Record<string, NonNullable<ClickOptions["button"]>>> = {
  left: "LEFT",
  middle: "MIDDLE",
  right: "RIGHT",
  side: "SIDE",
  extra: "EXTRA",
};
