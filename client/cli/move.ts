/** `client move`: the pointer to a place. */
import type { Command } from "./command.ts";
import { POINTER_CHANNELS, POINTER_OPTIONS, readPointerOptions } from "./pointer_options.ts";
import { parsePlace } from "./values.ts";

/** See {@link Command}. */
export const move: Command = {
  name: "move",
  summary: "Move the pointer",
  usage: "<target> <X,Y>",
  examples: ["move spice://127.0.0.1:5930 320,200", "move spice://127.0.0.1:5930 320,200 --mouse-mode server"],
  options: POINTER_OPTIONS,
  takes: [2, 2],
  prepare(args) {
    const place = parsePlace("the place", args.positionals[1]!);
    const options = readPointerOptions(args);
    return async (world) => {
      const session = await world.connect(POINTER_CHANNELS);
      await session.pointer.move(place, options);
    };
  },
};
