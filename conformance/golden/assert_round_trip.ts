/** Asserts what `round_trip.ts` looks at. */
import assert from "node:assert/strict";
import type { Capture } from "../capture.ts";
import { roundTripLine, roundTrips } from "../round_trip.ts";

/** How many messages went through. */
export interface RoundTripCounts {
  readonly client: number;
  readonly server: number;
  /** Messages inside LIST messages. */
  readonly inLists: number;
}

/**
 * Decodes and encodes the link messages and every message of a capture.
 *
 * @param capture One scenario.
 * @returns Whole messages of each side.
 * @throws {AssertionError} Naming what failed.
 */
export function assertRoundTrip({ name, connections, handshakes }: Capture): RoundTripCounts {
  const counts = { client: 0, server: 0, inLists: 0 };
  const all = [
    ...connections.map((connection) => ({ name: connection.name, connection })),
    ...handshakes.map((handshake) => ({ name: handshake.name, handshake })),
  ];
  for (const trip of roundTrips(all)) {
    assert.notEqual(trip.verdict, "failed", `${name} ${roundTripLine(trip)}`);
    if (trip.kind === "message") counts[trip.from!]++;
    if (trip.kind === "sub-message") counts.inLists++;
  }
  return counts;
}
