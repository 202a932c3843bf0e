import assert from "node:assert/strict";
import { channels } from "../../protocol/messages/channels.ts";
import { Ping } from "../../protocol/messages/base.ts";
import { DisplayMark } from "../../protocol/messages/display.ts";
import { allKinds, channelOf, kindKey } from "./kinds.ts";

Deno.test("allKinds() has every message of every channel, those of all channels once", () => {
  const kinds = allKinds();
  for (const channel of Object.values(channels)) {
    for (const from of ["client", "server"] as const) {
      for (const message of channel[from]) {
        const key = kindKey({ channel: channelOf(channel.name, message), from, name: message.name });
        assert.equal(kinds.get(key)?.wire, message.wire, key);
        assert.equal(kinds.get(key)?.type, message.id, key);
      }
    }
  }
  assert.deepEqual([...kinds.keys()].filter((key) => key.endsWith("/PING")), ["base/server/PING"]);
});

Deno.test("allKinds() files the agent's messages under who may send them", () => {
  const sides = (name: string) => [...allKinds().values()].filter((kind) => kind.name === name).map(({ from }) => from);
  assert.deepEqual(sides("VD_AGENT_MONITORS_CONFIG"), ["client"]);
  assert.deepEqual(sides("VD_AGENT_REPLY"), ["server"]);
  assert.deepEqual(sides("VD_AGENT_CLIPBOARD"), ["client", "server"]);
});

Deno.test("channelOf() knows what every channel has", () => {
  assert.equal(channelOf("display", Ping), "base");
  assert.equal(channelOf("display", DisplayMark), "display");
});
