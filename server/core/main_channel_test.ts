import assert from "node:assert/strict";
import { ProtocolError } from "../../protocol/errors.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { MachineState } from "./machine_state.ts";
import { MainChannel } from "./main_channel.ts";

/** A main channel of a machine that shows nothing, and the names of what it sends. */
function mainChannel() {
  const sent: string[] = [];
  const main = new MainChannel({
    id: 0,
    peer: { header: "mini", commonCaps: [], channelCaps: [] },
    send: (message) => sent.push(message.name),
    startAcks: () => {},
    ackFull: false,
    ping: () => {},
  }, {
    sessionId: 1,
    role: "control",
    machine: new MachineState(),
    limits: DEFAULT_LIMITS,
    input: () => {},
    mmTime: 0,
    mouseMode: () => {},
  });
  return { main, sent };
}

Deno.test("MainChannel takes AGENT_DATA of 2048 bytes and refuses more, whether or not there is an agent", () => {
  const { main, sent } = mainChannel();
  assert.deepEqual(sent, ["MAIN_INIT"]);
  main.handle({ name: "MAIN_AGENT_DATA", value: { data: new Uint8Array(2048) } });
  const more = () => main.handle({ name: "MAIN_AGENT_DATA", value: { data: new Uint8Array(2049) } });
  assert.throws(more, (error) => error instanceof ProtocolError && error.code === "too-large");
});
