/** `client screenshot`: the picture of a head, complete and at rest. */
import { FileError } from "../../cli/file_error.ts";
import type { OptionSpec } from "../../cli/option.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { parseChoice } from "../../cli/values.ts";
import type { Command } from "./command.ts";
import { encodePicture, formatOf, writeFile } from "./picture_file.ts";
import { unsupportedLines } from "./unsupported_lines.ts";
import { parseRegion } from "./values.ts";

/** Which head, and which part of it: the same for all commands that look. */
export const PICTURE_OPTIONS: readonly OptionSpec[] = [
  { name: "display", value: "N", about: "number of the head, as `info` counts them (default 0)" },
  { name: "region", value: "X,Y,W,H", about: "a part of the head, in its pixels (default all)" },
  { name: "cursor", about: "with the pointer drawn into the picture" },
];

/** See {@link Command}. */
export const screenshot: Command = {
  name: "screenshot",
  summary: "Write a picture of the screen to a file",
  usage: "<target> <out.png|out.ppm|->",
  details: [
    "Waits until the server has sent the picture whole and nothing has changed for a while. A screen that never rests",
    "is taken after --settle-ms, with a warning. What this client cannot draw is counted on the standard error.",
  ],
  examples: [
    "screenshot spice://127.0.0.1:5930 screen.png",
    "screenshot spice+unix:///run/vm.sock - --region 0,0,320,200 > corner.png",
  ],
  options: [
    ...PICTURE_OPTIONS,
    { name: "format", value: "NAME", about: "png or ppm (default: as the name of the file says, png for -)" },
    { name: "quiet-ms", value: "MS", about: "how long nothing may change (default 300)" },
    { name: "settle-ms", value: "MS", about: "how long to wait for that, then take it all the same (default 2000)" },
    { name: "timeout-ms", value: "MS", about: "fail when there is no whole picture after this time (default 10000)" },
    { name: "json", about: "tell size and what was not drawn as JSON" },
  ],
  takes: [2, 2],
  prepare(args) {
    const path = args.positionals[1]!;
    const format = args.read("format", (what, text) => parseChoice(what, text, ["png", "ppm"])) ?? formatOf(path);
    const region = args.read("region", parseRegion);
    const options = {
      head: args.integer("display", 0, 255) ?? 0,
      cursor: args.flag("cursor"),
      quietMs: args.integer("quiet-ms", 0, 3_600_000) ?? 300,
      settleMs: args.integer("settle-ms", 0, 3_600_000) ?? 2000,
      timeoutMs: args.integer("timeout-ms", 1, 86_400_000) ?? 10_000,
      ...(region === undefined ? {} : { region }),
    };
    if (path === "-" && args.flag("json")) throw new UsageError("--json needs the standard output: give a file");
    return async (world) => {
      if (path === "-" && world.terminal) throw new UsageError("a terminal shows no pictures: give a file, or a pipe");
      const session = await world.connect(options.cursor ? ["display", "cursor"] : ["display"]);
      const picture = await session.screen.screenshot(options);
      const { width, height, quiet } = picture;
      if (region !== undefined && (width < region.right - region.left || height < region.bottom - region.top)) {
        throw new FileError(path, "write", "the region reaches beyond the head; see its size with info");
      }
      const bytes = encodePicture(picture, format);
      if (path === "-") await world.out(bytes);
      else await writeFile(path, bytes);
      if (!quiet) world.warn(`the screen was not at rest: something changed within ${options.quietMs} ms`);
      for (const line of unsupportedLines(session.unsupported)) world.warn(line);
      if (args.flag("json")) {
        const unsupported = session.unsupported.map(({ count, error }) => ({
          count,
          message: error.wireName,
          error: error.message,
        }));
        await world.out(`${JSON.stringify({ file: path, width, height, quiet, unsupported })}\n`);
      } else if (path !== "-") await world.out(`${path}: ${width} × ${height}\n`);
    };
  },
};
