/** `client events`: what happens in a session, as it happens. */
import type { SessionEvent } from "../core/events.ts";
import type { Command } from "./command.ts";
import { eventToJson, eventToLine } from "./event_text.ts";
import { printable } from "../../cli/printable.ts";

/** See {@link Command}. */
export const events: Command = {
  name: "events",
  summary: "Tell what happens until Ctrl-C",
  usage: "<target>",
  details: ["One event a line: channels, drawing, heads, cursor, keyboard LEDs, mouse modes, notices of the server."],
  examples: ["events spice://127.0.0.1:5930", "events spice://127.0.0.1:5930 --json --for-ms 5000"],
  options: [
    { name: "json", about: "each event as an object of JSON" },
    { name: "for-ms", value: "MS", about: "end after this time" },
  ],
  takes: [1, 1],
  prepare(args) {
    const json = args.flag("json");
    const forMs = args.integer("for-ms", 1, 86_400_000);
    return async (world) => {
      // Writing may wait for a slow reader: lines queue up behind one another.
      let written = Promise.resolve();
      const { promise: over, resolve, reject } = Promise.withResolvers<void>();
      // A session that fails before it is ready is told by connect().
      over.catch(() => {});
      const tell = (event: SessionEvent) => {
        const line = json ? JSON.stringify(eventToJson(event)) : printable(eventToLine(event));
        written = written.then(() => world.out(`${line}\n`));
        written.catch(reject);
        if (event.type !== "closed") return;
        if (event.error === null) resolve();
        else reject(event.error);
      };
      let limit: ReturnType<typeof setTimeout> | undefined;
      try {
        await world.connect(undefined, { onEvent: tell });
        if (forMs !== undefined) limit = setTimeout(resolve, forMs);
        await over;
      } finally {
        clearTimeout(limit);
        await written;
      }
    };
  },
};
