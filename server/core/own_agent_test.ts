import assert from "node:assert/strict";
import { capsOfWords } from "../../protocol/capabilities.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import {
  AgentAnnounceCapabilities,
  AgentMonitorsConfig,
  decodeAgentBody,
  VDAgentMessage,
} from "../../protocol/messages/agent.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import type { Message } from "../../protocol/schema/message.ts";
import { OwnAgent } from "./own_agent.ts";
import type { MachineInput } from "./vdi.ts";

function agent() {
  const inputs: MachineInput[] = [], sent: Uint8Array[] = [];
  const sizes = [{ width: 800, height: 600 }, { width: 0, height: 0 }, null, { width: 640, height: 480 }];
  const own = new OwnAgent({
    limits: DEFAULT_LIMITS,
    send: (data) => void sent.push(data),
    size: (head) => sizes[head] ?? null,
    input: (input) => void inputs.push(input),
  });
  const answers = () => sent.splice(0).map((data) => decodeAgentBody(decode(VDAgentMessage, data), []));
  return { own, inputs, answers };
}

function bytesOf<T>(message: Message<string, T>, value: T): Uint8Array {
  const data = encodeBytes(message.wire, value);
  return encodeBytes(VDAgentMessage, { protocol: 1, type: message.id, opaque: 0n, data });
}

const monitor = (width: number, height: number) => ({ width, height, depth: 32, x: 0, y: 0 });
const config = (...monitors: [number, number][]) =>
  bytesOf(AgentMonitorsConfig, { flags: 0, monitors: monitors.map(([w, h]) => monitor(w, h)), physicalSizes: null });

Deno.test("OwnAgent announces what it can when it is asked, and nothing of clipboards", () => {
  const { own, answers } = agent();
  own.receive(bytesOf(AgentAnnounceCapabilities, { request: 0, caps: [0xffffffff] }));
  assert.deepEqual(answers(), []);
  own.receive(bytesOf(AgentAnnounceCapabilities, { request: 1, caps: [0xffffffff] }));
  const [answer] = answers();
  assert(answer?.name === "VD_AGENT_ANNOUNCE_CAPABILITIES");
  assert.equal(answer.value.request, 0);
  assert.deepEqual(capsOfWords(answer.value.caps), [1, 2, 7]);
});

Deno.test("OwnAgent asks for the sizes that differ, of heads that can change them, in any split", () => {
  const bytes = config([1024, 768], [300, 200], [1, 1], [0, 0], [5, 5]);
  for (let split = 1; split <= bytes.length; split++) {
    const { own, inputs, answers } = agent();
    for (let at = 0; at < bytes.length; at += split) own.receive(bytes.subarray(at, at + split));
    assert.deepEqual(inputs, [
      { kind: "resize", head: 0, width: 1024, height: 768 },
      { kind: "resize", head: 1, width: 300, height: 200 },
      { kind: "resize", head: 3, width: 0, height: 0 },
    ]);
    assert.deepEqual(answers(), [{ name: "VD_AGENT_REPLY", value: { type: 2, error: 1 } }]);
  }
});

Deno.test("OwnAgent leaves equal sizes and the first head's light alone", () => {
  const { own, inputs } = agent();
  own.receive(config([800, 600], [0, 0]));
  own.receive(config([0, 0]));
  own.receive(config([0, 600]));
  assert.deepEqual(inputs, []);
});

Deno.test("OwnAgent passes over what it does not know, however long, and reads on after it", () => {
  const { own, inputs } = agent();
  const header = new Uint8Array(20), view = new DataView(header.buffer);
  view.setUint32(0, 1, true);
  view.setUint32(4, 4, true);
  view.setUint32(16, 3_000_000, true);
  own.receive(header);
  for (let left = 3_000_000; left > 0; left -= 2000) own.receive(new Uint8Array(Math.min(left, 2000)));
  own.receive(config([1024, 768]));
  assert.equal(inputs.length, 1);
});

Deno.test("OwnAgent throws typed errors at what is no agent message", () => {
  const { own } = agent();
  assert.throws(() => own.receive(new Uint8Array(20)), { code: "bad-value", path: "protocol" });
  const short = config([1024, 768]).slice();
  short[20] = 200; // monitors
  assert.throws(() => agent().own.receive(short), { name: "ProtocolError", code: "bad-count" });
});
