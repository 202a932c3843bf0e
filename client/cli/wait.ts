/** `client wait`: until the screen shows something. */
import { UsageError } from "../../cli/usage_error.ts";
import type { Command } from "./command.ts";
import { readPicture } from "./picture_file.ts";
import { PICTURE_OPTIONS } from "./screenshot.ts";
import { unsupportedLines } from "./unsupported_lines.ts";
import { parseRegion } from "./values.ts";

/** See {@link Command}. */
export const wait: Command = {
  name: "wait",
  summary: "Wait until the screen equals or differs from a picture, or rests",
  usage: "<target> --equals FILE | --differs FILE | --quiet-ms MS",
  details: [
    "Compares pixel for pixel; the picture has the size of the region, or of the head. Fails, with code 1, when the time",
    "is over.",
  ],
  examples: [
    "wait spice://127.0.0.1:5930 --equals login.png --region 100,80,200,60 --timeout-ms 60000",
    "wait spice://127.0.0.1:5930 --quiet-ms 1000",
  ],
  options: [
    { name: "equals", value: "FILE", about: "until the region equals this PNG or PPM" },
    { name: "differs", value: "FILE", about: "until a pixel of the region differs from this PNG or PPM" },
    { name: "quiet-ms", value: "MS", about: "until no pixel of the region has changed for so long" },
    ...PICTURE_OPTIONS,
    { name: "timeout-ms", value: "MS", about: "how long to wait (default 10000)" },
  ],
  takes: [1, 1],
  prepare(args) {
    const equals = args.text("equals"), differs = args.text("differs");
    const quietMs = args.integer("quiet-ms", 0, 3_600_000);
    if ([equals, differs, quietMs].filter((one) => one !== undefined).length !== 1) {
      throw new UsageError("say what to wait for: one of --equals FILE, --differs FILE, --quiet-ms MS");
    }
    const region = args.read("region", parseRegion);
    const options = {
      head: args.integer("display", 0, 255) ?? 0,
      cursor: args.flag("cursor"),
      timeoutMs: args.integer("timeout-ms", 1, 86_400_000) ?? 10_000,
      ...(region === undefined ? {} : { region }),
    };
    if (quietMs !== undefined && quietMs >= options.timeoutMs) {
      throw new UsageError(`--timeout-ms (${options.timeoutMs}) must be longer than --quiet-ms (${quietMs})`);
    }
    return async (world) => {
      const file = equals ?? differs;
      const picture = file === undefined ? null : await readPicture(file);
      const session = await world.connect(options.cursor ? ["display", "cursor"] : ["display"]);
      try {
        if (picture === null) await session.screen.waitStill({ ...options, quietMs: quietMs! });
        else await session.screen.waitFor(picture, equals === undefined ? "different" : "equal", options);
      } finally {
        for (const line of unsupportedLines(session.unsupported)) world.warn(line);
      }
    };
  },
};
