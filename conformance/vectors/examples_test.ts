import assert from "node:assert/strict";
import { decode } from "../../protocol/schema/decode.ts";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import { captureNames, readCapture } from "../capture.ts";
import { examplesIn } from "./examples.ts";
import { allKinds } from "./kinds.ts";

const ECHOES = ["libspice-ports-and-agent", "libspice-older-link"];

Deno.test("examplesIn() gives bytes that decode and encode, all of known kinds", () => {
  const kinds = allKinds();
  for (const name of captureNames()) {
    for (const { kind, bytes } of examplesIn(readCapture(name))) {
      // The agent of these captures sends back what it gets, also what no agent says.
      if (ECHOES.includes(name) && kind.startsWith("agent/server/") && !kinds.has(kind)) continue;
      const wire = kinds.get(kind)?.wire ?? assert.fail(kind);
      assert.deepEqual(encodeBytes(wire, decode(wire, bytes, { exact: true })), bytes, kind);
    }
  }
});

Deno.test("examplesIn() says where the bytes begin in their stream", () => {
  const capture = readCapture("libspice-heads"), examples = [...examplesIn(capture)];
  const inner = examples.filter(({ header }) => header === "sub-message");
  assert.equal(inner.length, 8);
  assert.deepEqual(inner.slice(0, 2).map(({ kind }) => kind), [
    "base/server/WAIT_FOR_CHANNELS",
    "display/server/DISPLAY_INVAL_LIST",
  ]);
  for (const { kind, bytes, connection, offset, header } of examples) {
    const { streams } = capture.connections.find(({ name }) => name === connection)!;
    const at = offset + { mini: 6, full: 18, "sub-message": 6, none: 0 }[header ?? "none"];
    const stream = streams[kind.split("/")[1] === "client" ? "client" : "server"];
    assert.deepEqual(stream.subarray(at, at + bytes.length), bytes, kind);
  }
});

Deno.test("examplesIn() puts the agent's messages together, and names who said them", () => {
  const agent = [...examplesIn(readCapture("agent-and-port"))].filter(({ kind }) => kind.startsWith("agent/"));
  const said = agent.filter(({ kind }) => !kind.endsWith("/VDAgentMessage"));
  assert.equal(said.length, 15);
  assert.deepEqual(new Set(said.map(({ by }) => by)), new Set(["client", "agent"]));
  assert.equal(said[0]!.kind, "agent/client/VD_AGENT_ANNOUNCE_CAPABILITIES");
});
