/** `client wheel`: steps of the mouse wheel. */
import { parseInteger } from "../../cli/values.ts";
import type { Command } from "./command.ts";
import { POINTER_CHANNELS, POINTER_OPTIONS, readPointerOptions } from "./pointer_options.ts";
import { parsePlace } from "./values.ts";

/** See {@link Command}. */
export const wheel: Command = {
  name: "wheel",
  summary: "Turn the mouse wheel",
  usage: "<target> <steps> [X,Y]",
  details: ["Steps go down when above zero, up when below; at a place, or where the pointer is."],
  examples: ["wheel spice://127.0.0.1:5930 3", "wheel spice://127.0.0.1:5930 -3 320,200"],
  options: POINTER_OPTIONS,
  takes: [2, 3],
  prepare(args) {
    const steps = parseInteger("the steps", args.positionals[1]!, -1000, 1000);
    const word = args.positionals[2];
    const place = word === undefined ? null : parsePlace("the place", word);
    const options = readPointerOptions(args);
    return async (world) => {
      const session = await world.connect(place === null ? ["inputs"] : POINTER_CHANNELS);
      if (place !== null) await session.pointer.move(place, options);
      await session.pointer.wheel(steps, options);
    };
  },
};
