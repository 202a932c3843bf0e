/** `client key`: chords. */
import type { Arguments } from "../../cli/arguments.ts";
import type { OptionSpec } from "../../cli/option.ts";
import { parseChord } from "../core/keyboard/chord.ts";
import { layoutByName } from "../core/keyboard/layout_by_name.ts";
import type { KeyOptions } from "../keyboard.ts";
import type { Command } from "./command.ts";

/** Layout and pace: the same for all commands that press keys. */
export const KEY_OPTIONS: readonly OptionSpec[] = [
  { name: "layout", value: "NAME", about: "keyboard layout of the guest, as us, gb, fr, de, es (default us)" },
  { name: "delay-ms", value: "MS", about: "pause after each press and release (default 10)" },
];

/** See {@link Command}. */
export const key: Command = {
  name: "key",
  summary: "Press keys, as ctrl+alt+f2",
  usage: "<target> <chord>…",
  details: ["The keys of a chord go down in order and up in reverse order; chords follow one another."],
  examples: ["key spice://127.0.0.1:5930 ctrl+alt+f2", "key spice://127.0.0.1:5930 down down enter --delay-ms 50"],
  options: KEY_OPTIONS,
  takes: [2, 10_000],
  prepare(args) {
    const options = readKeyOptions(args);
    const chords = args.positionals.slice(1);
    for (const chord of chords) parseChord(chord, layoutByName(options.layout ?? "us"));
    return async (world) => {
      const session = await world.connect(["inputs"]);
      await session.keyboard.press(chords, options);
    };
  },
};

/** @returns What {@link KEY_OPTIONS} say. */
export function readKeyOptions(args: Arguments): KeyOptions {
  const layout = args.text("layout");
  const delayMs = args.integer("delay-ms", 0, 60_000);
  return { ...(layout === undefined ? {} : { layout }), ...(delayMs === undefined ? {} : { delayMs }) };
}
