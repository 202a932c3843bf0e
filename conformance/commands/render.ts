/** `conformance render`: the picture that a capture ends in. */
import { ExitCode } from "../../cli/exit_code.ts";
import { FileError } from "../../cli/file_error.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { readConnectionsAt } from "../capture.ts";
import { linkEndText } from "../captured_link.ts";
import { encodePng } from "../../cli/png.ts";
import { type Replay, replay, serverReads, sessionsOf } from "../replay.ts";
import type { Command } from "../../cli/command.ts";

/** See {@link Command}. */
export const render: Command = {
  name: "render",
  summary: "Draw what the server of a capture sent, and write the last picture",
  usage: "<capture> <out.png>",
  details: [
    "The server's bytes are fed to Saffron's client; what it does not support is told, and missing from the picture. Of a",
    "capture with several sessions the last one that has the display is drawn. The exit code is 1 when there is no such",
    "display, and when the session ended with an error.",
  ],
  examples: ["render conformance/vectors/streams/ops-off.tar.gz screen.png"],
  options: [{ name: "display", value: "N", about: "number of the display channel (default 0)" }],
  takes: [2, 2],
  prepare(args) {
    const display = args.integer("display", 0, 255) ?? 0;
    const [path, out] = [args.positionals[0]!, args.positionals[1]!];
    if (!/\.png$/i.test(out)) throw new UsageError(`the picture is a PNG: want a name that ends in .png, not "${out}"`);
    return async (world) => {
      const read = readConnectionsAt(path);
      for (const one of read) {
        if ("error" in one) world.warn(`${one.name}: ${one.error.message}`);
        else if ("handshake" in one) world.warn(`${one.name}: ${linkEndText(one.handshake.link)}`);
      }
      const connections = read.flatMap((one) => "connection" in one ? [one.connection] : []);
      const sessions = sessionsOf(connections).map((session) => replay(serverReads(session)));
      const shown = sessions.findLast(({ core }) => core.displays.get(display)?.primary);
      const told = shown ?? sessions.at(-1);
      for (const line of told === undefined ? [] : unsupportedLines(told)) world.warn(line);
      const ended = told === undefined ? null : errorOf(told);
      if (ended !== null) world.warn(`the session ended early: ${ended.message}`);
      const primary = shown?.core.displays.get(display)?.primary;
      if (primary === undefined || primary === null) {
        const there = sessions.flatMap(({ core }) => [...core.displays].filter(([, { primary }]) => primary !== null));
        const numbers = [...new Set(there.map(([id]) => id))].join(", ");
        world.warn(
          `error: there is no picture of display ${display} (${numbers === "" ? "of none" : `of ${numbers}`})`,
        );
        return ExitCode.FAILED;
      }
      try {
        await Deno.writeFile(out, encodePng(primary));
      } catch (error) {
        throw new FileError(out, "write", error);
      }
      await world.out(`${out}: ${primary.width} × ${primary.height}`);
      return ended === null ? ExitCode.DONE : ExitCode.FAILED;
    };
  },
};

/** One line for each kind of message that was not acted on: how often, and why, for the first of them. */
function unsupportedLines({ events }: Replay): string[] {
  const counts = new Map<string, { count: number; message: string }>();
  for (const event of events) {
    if (event.type !== "unsupported") continue;
    const { wireName, message } = event.error, known = counts.get(wireName);
    if (known === undefined) counts.set(wireName, { count: 1, message });
    else known.count++;
  }
  return [...counts].map(([name, { count, message }]) => `unsupported: ${count} × ${name} (${message})`);
}

function errorOf({ events }: Replay): Error | null {
  for (const event of events) if (event.type === "closed") return event.error;
  return null;
}
