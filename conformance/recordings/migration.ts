/** A session that moves from one libspice server to another without a break, both sides in one capture. */

import type { Capture } from "../capture.ts";
import { type LibspiceEvent, type LibspiceOptions, startLibspice } from "../peers/libspice_generator.ts";
import { startTap } from "../peers/tap.ts";
import { pause } from "../peers/wait_until.ts";
import { type Recorded, type Recording, recordSpiceGtk } from "./recording.ts";

/** All of them. */
export const MIGRATION_RECORDINGS: readonly Recording[] = [
  { name: "libspice-migration-two-displays", record: recordTwoDisplays },
];

/** Images and palettes that a client kept are dropped when the machine arrives. */
async function recordTwoDisplays(): Promise<Recorded> {
  const options: LibspiceOptions = {
    scene: "moving",
    displays: 2,
    size: { width: 256, height: 192 },
    compression: "off",
    ticket: "throw-away",
    migration: true,
  };
  await using source = await startLibspice(options);
  await using target = await startLibspice({ ...options, incoming: true });
  await using tap = await startTap(target.uri);
  // On a unix socket, spice-gtk would stay where it is.
  const { capture, picture } = await recordSpiceGtk(source.uri, async () => {
    await source.waitEvent("the client", ({ event, present }) => event === "client" && present === 1);
    await pause(200);
    await source.play();
    await source.command(`migrate 127.0.0.1 ${new URL(tap.uri).port}`);
    await source.waitEvent("the client at the target", isMigration("connected"));
    await target.command("arrived");
    await source.command("moved 1");
    await pause(100);
    await target.command("vm 1");
    await source.waitEvent("the end of the migration", isMigration("ended"));
    await pause(300);
    await target.play();
    await pause(200);
  }, { ticket: "throw-away", tcp: true });
  return { capture: joined(capture, await tap.finish()), picture };
}

function isMigration(what: string): (event: LibspiceEvent) => boolean {
  return (event) => event.event === "migration" && event["what"] === what;
}

/** The connections of both, numbered on. */
function joined(first: Capture, second: Capture): Capture {
  const numbered = second.connections.map((connection, i) => {
    return { ...connection, name: `${first.connections.length + i}`.padStart(2, "0") };
  });
  return { ...first, connections: [...first.connections, ...numbered] };
}
