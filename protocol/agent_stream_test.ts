import assert from "node:assert/strict";
import { agentAssembler, agentChunks, encodeAgentMessage } from "./agent_stream.ts";
import { ProtocolError, type ProtocolErrorCode } from "./errors.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { AgentReply, VD_AGENT_MAX_DATA_SIZE } from "./messages/agent.ts";
import { concat } from "./schema/encode.ts";

const HEADER = 20;
const message = (length: number) => ({
  protocol: 1,
  type: 4,
  opaque: 0x1122334455667788n,
  data: new Uint8Array(length).map((_, i) => i * 31),
});

function assertRefused(run: () => unknown, code: ProtocolErrorCode): void {
  assert.throws(run, (error) => error instanceof ProtocolError && error.code === code && error.by === "remote");
}

Deno.test("agentChunks() fills bodies to 2048 bytes and never sends an empty one", () => {
  const lengths = (length: number) => agentChunks(message(length)).map((chunk) => chunk.length);
  assert.deepEqual(lengths(0), [HEADER]);
  assert.deepEqual(lengths(VD_AGENT_MAX_DATA_SIZE - HEADER), [2048]);
  assert.deepEqual(lengths(VD_AGENT_MAX_DATA_SIZE - HEADER + 1), [2048, 1]);
  assert.deepEqual(lengths(2 * VD_AGENT_MAX_DATA_SIZE - HEADER), [2048, 2048]);
  assert.deepEqual(lengths(5000), [2048, 2048, 924]);
});

Deno.test("agentAssembler() puts together what agentChunks() cut, bodies of any length", () => {
  for (const length of [0, 1, 2028, 2029, 4076, 4096, 4097, 70_000]) {
    const assembler = agentAssembler();
    assert.deepEqual(agentChunks(message(length)).flatMap((chunk) => assembler.receive(chunk)), [message(length)]);
    assert.equal(assembler.idle, true);
  }
});

Deno.test("agentAssembler() takes any split", () => {
  const sent = [message(0), message(3000), message(7)];
  const stream = concat(sent.flatMap(agentChunks));
  for (const size of [1, 7, 19, 20, 21, 2047, stream.length]) {
    const assembler = agentAssembler();
    const got = [];
    for (let at = 0; at < stream.length; at += size) got.push(...assembler.receive(stream.subarray(at, at + size)));
    assert.deepEqual(got, sent);
  }
});

Deno.test("agentAssembler() keeps bodies apart from the bytes it was given", () => {
  const bytes = agentChunks(message(4))[0]!;
  const [got] = agentAssembler().receive(bytes);
  bytes.fill(0);
  assert.deepEqual(got, message(4));
});

Deno.test("agentAssembler() refuses another agent protocol and sizes over the limit", () => {
  assertRefused(() => agentAssembler().receive(agentChunks({ ...message(0), protocol: 2 })[0]!), "bad-value");
  const limits = { ...DEFAULT_LIMITS, agentMessageBytes: 100 };
  assert.equal(agentAssembler(limits).receive(concat(agentChunks(message(100)))).length, 1);
  assertRefused(() => agentAssembler(limits).receive(concat(agentChunks(message(101)))), "too-large");
  const huge = agentChunks(message(0))[0]!;
  new DataView(huge.buffer).setUint32(16, 0xffffffff, true);
  assertRefused(() => agentAssembler().receive(huge), "too-large");
});

Deno.test("encodeAgentMessage() writes header and body", () => {
  assert.deepEqual(encodeAgentMessage(AgentReply, { type: 2, error: 1 }), [
    Uint8Array.from([1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0]),
  ]);
});
