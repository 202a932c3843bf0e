/** `client click`: a button, at a place or where the pointer is. */
import type { Command } from "./command.ts";
import { BUTTON_OPTION, POINTER_CHANNELS, POINTER_OPTIONS, readPointerOptions } from "./pointer_options.ts";
import { parsePlace } from "./values.ts";

/** See {@link Command}. */
export const click: Command = {
  name: "click",
  summary: "Click, at a place or where the pointer is",
  usage: "<target> [X,Y]",
  examples: ["click spice://127.0.0.1:5930 320,200", "click spice://127.0.0.1:5930 320,200 --button right"],
  options: [
    ...POINTER_OPTIONS,
    BUTTON_OPTION,
    { name: "count", value: "N", about: "how often: 2 for a double click (default 1)" },
  ],
  takes: [1, 2],
  prepare(args) {
    const word = args.positionals[1];
    const place = word === undefined ? null : parsePlace("the place", word);
    const options = { ...readPointerOptions(args), count: args.integer("count", 1, 100) ?? 1 };
    return async (world) => {
      const session = await world.connect(place === null ? ["inputs"] : POINTER_CHANNELS);
      await session.pointer.click(place, options);
    };
  },
};
