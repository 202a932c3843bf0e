/** `conformance roundtrip`: every message, decoded and encoded again. */
import { ExitCode } from "../../cli/exit_code.ts";
import { CaptureError } from "../capture_error.ts";
import { captureName } from "../capture_files.ts";
import { readConnectionsAt } from "../capture.ts";
import { type RoundTrip, roundTripLine, roundTrips } from "../round_trip.ts";
import type { Command } from "../../cli/command.ts";

/** See {@link Command}. */
export const roundtrip: Command = {
  name: "roundtrip",
  summary: "Decode and encode every message of captures: the bytes must be the same",
  usage: "<capture>…",
  details: [
    "Link messages and the messages inside lists are looked at, too. There is a line for each that does not come back,",
    "with capture, connection, sender, byte offset in the sender's stream and name; and for what is not looked at, as a",
    "last message that was cut off. The last line is `N passed, N failed, N skipped`.",
  ],
  examples: ["roundtrip conformance/vectors/streams/ops-off.tar.gz"],
  options: [],
  takes: [1, Infinity],
  prepare: ({ positionals }) => async (world) => {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const path of positionals) {
      for (const trip of tripsOf(path)) {
        counts[trip.verdict]++;
        if (trip.verdict !== "passed") await world.out(`${captureName(path)} ${roundTripLine(trip)}`);
      }
    }
    const { passed, failed, skipped } = counts;
    await world.out(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return failed === 0 ? ExitCode.DONE : ExitCode.FAILED;
  },
};

/** A capture that cannot be read is one failure, and leaves the others alone. */
function tripsOf(path: string): Iterable<RoundTrip> {
  try {
    return roundTrips(readConnectionsAt(path));
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    const nothing = { connection: "all connections", from: null, message: "", offset: 0, kind: "connection" } as const;
    return [{ ...nothing, verdict: "failed", problem: error.message }];
  }
}
