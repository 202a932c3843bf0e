/** Our server core on what real clients said: captured streams in, input for the machine out. */
import assert from "node:assert/strict";
import type { MachineInput } from "../../mod.ts";
import { InputsKeyDown, InputsKeyScancode, InputsKeyUp } from "../../protocol/messages/inputs.ts";
import { type CapturedConnection, captureNames, readCapture } from "../capture.ts";
import { sessionsOf } from "../replay.ts";
import { replayToServer } from "../server_replay.ts";

/** Channels that our server does not serve yet, and why; one that is served goes out. */
const NOT_SERVED: Readonly<Record<string, string>> = {
  playback: "no sound",
  record: "no sound",
  smartcard: "no devices",
  usbredir: "no devices",
  port: "no devices",
  webdav: "no devices",
};

/** There is no migration that these channels could be part of. */
const LEFT: Readonly<Record<string, RegExp>> = Object.fromEntries(
  ["main", "display", "inputs"].map((channel) =>
    [channel, /^Cannot handle MIGRATE_FLUSH_MARK: there is no migration under way$/] as const
  ),
);

/** Its main channel comes from another server's session, and the others name that session. */
const ARRIVED: Readonly<Record<string, RegExp>> = Object.fromEntries(
  ["main", "display", "cursor", "inputs"].map((channel) => [channel, /refused with BAD_CONNECTION_ID$/] as const),
);

/** Connections that end in an error by right, by capture and session. */
const ENDS: Readonly<Record<string, readonly Readonly<Record<string, RegExp>>[]>> = {
  "libspice-migration-two-displays": [LEFT, ARRIVED],
  "migration-seamless-source": [LEFT],
  "migration-seamless-target": [ARRIVED],
};

for (const name of captureNames()) {
  Deno.test(`${name}: the server takes all that the client says, in any split`, () => {
    for (const [session, connections] of sessionsOf(readCapture(name).connections).entries()) {
      const whole = replayToServer(connections);
      for (const connection of connections) {
        assertEnd(
          name,
          connection,
          whole.closed.get(connection.name),
          ENDS[name]?.[session]?.[connection.channel.name],
        );
      }
      if (ENDS[name] === undefined) {
        assert.equal(whole.core.viewers.length, 1);
        assert.deepEqual(whole.inputs.filter(({ kind }) => kind === "key"), keysSaid(connections));
      }
      for (const step of [1, 7, 251]) {
        const split = replayToServer(connections, step);
        assert.deepEqual([split.inputs, split.events, split.closed], [whole.inputs, whole.events, whole.closed]);
      }
    }
  });
}

function assertEnd(
  name: string,
  { name: number, channel }: CapturedConnection,
  end: string | undefined,
  expected: RegExp | undefined,
): void {
  const where = `${name} ${number} ${channel.name}`;
  if (NOT_SERVED[channel.name] !== undefined) {
    assert.match(end ?? "", /refused with CHANNEL_NOT_AVAILABLE$/, `${where}: ${NOT_SERVED[channel.name]}`);
  } else if (expected !== undefined) assert.match(end ?? "", expected, where);
  else assert.equal(end, undefined, where);
}

/** What the machine must get of the keys that a client pressed: bytes of set 1, E0 before those of extended keys. */
function keysSaid(connections: readonly CapturedConnection[]): MachineInput[] {
  const bytes = connections.flatMap(({ messages }) =>
    messages.client.flatMap(({ declaration, body }): number[] => {
      if (declaration === InputsKeyScancode) return [...body];
      // A code of four bytes: the first is the lowest, and zeros follow the last.
      return declaration === InputsKeyDown || declaration === InputsKeyUp ? [...body].filter((byte) => byte !== 0) : [];
    })
  );
  return bytes.flatMap((byte, i): MachineInput[] => {
    if (byte === 0xe0) return [];
    const scancode = (bytes[i - 1] === 0xe0 ? 0xe000 : 0) | byte & 0x7f;
    return [{ kind: "key", scancode, down: (byte & 0x80) === 0 }];
  });
}
