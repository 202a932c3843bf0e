/** Wireshark's dissector reads the captures of real peers as our schema does: the instrument, judged by known sessions. */
import assert from "node:assert/strict";
import { type Capture, type CapturedConnection, captureNames, readCapture } from "../capture.ts";
import { assertTsharkAgrees } from "../peers/assert_tshark_agrees.ts";
import { peerTest } from "../peers/require_peer.ts";
import { LIVE_SESSIONS, TSHARK_WEAKNESSES } from "../peers/tshark_weaknesses.ts";

for (const name of captureNames()) {
  peerTest({
    name: `tshark reads ${name} as the schema does`,
    needs: ["tshark"],
    fn: async () => void await assertTsharkAgrees(readCapture(name), name),
  });
}

peerTest({
  name: "tshark notices another message type and another size",
  needs: ["tshark"],
  fn: async () => {
    const capture = readCapture("surfaces");
    const { offset } = capture.connections[0]!.messages.server.find(({ declaration }) => declaration?.name === "PING")!;
    await assert.rejects(
      assertTsharkAgrees(damaged(capture, offset, 3), "surfaces"),
      /main server PING.*Server SET_ACK/s,
    );
    await assert.rejects(assertTsharkAgrees(damaged(capture, offset + 2, 11), "surfaces"), /main server PING/);
  },
});

Deno.test("every known weakness of tshark is of a session that is tested", () => {
  const tested = [...captureNames(), ...LIVE_SESSIONS];
  for (const { message, sessions } of TSHARK_WEAKNESSES) {
    assert.ok(sessions.length > 0, message);
    for (const session of sessions) assert.ok(tested.includes(session), `${message}: ${session}`);
  }
});

/** The capture with one byte changed that its main channel's server sent; where messages begin and end stays known. */
function damaged(capture: Capture, offset: number, byte: number): Capture {
  const [main, ...others] = capture.connections;
  const server = main!.streams.server.slice();
  server[offset] = byte;
  const changed: CapturedConnection = { ...main!, streams: { ...main!.streams, server } };
  return { ...capture, connections: [changed, ...others] };
}
