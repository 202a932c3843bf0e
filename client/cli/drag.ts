/** `client drag`: from one place to another with a button down. */
import type { Command } from "./command.ts";
import { BUTTON_OPTION, POINTER_CHANNELS, POINTER_OPTIONS, readPointerOptions } from "./pointer_options.ts";
import { parsePlace } from "./values.ts";

/** See {@link Command}. */
export const drag: Command = {
  name: "drag",
  summary: "Drag from one place to another",
  usage: "<target> <X,Y> <X,Y>",
  examples: ["drag spice://127.0.0.1:5930 100,10 300,210"],
  options: [...POINTER_OPTIONS, BUTTON_OPTION],
  takes: [3, 3],
  prepare(args) {
    const from = parsePlace("the first place", args.positionals[1]!);
    const to = parsePlace("the second place", args.positionals[2]!);
    const options = readPointerOptions(args);
    return async (world) => {
      const session = await world.connect(POINTER_CHANNELS);
      await session.pointer.drag(from, to, options);
    };
  },
};
