import assert from "node:assert/strict";
import { CommonCap, hasCap, MainCap } from "../protocol/capabilities.ts";
import { channels } from "../protocol/messages/channels.ts";
import { concat } from "../protocol/schema/encode.ts";
import { readLink } from "./captured_link.ts";
import { clearedText, type Clearing, LinkFilter, readCleared } from "./cleared.ts";
import { madeUpLink } from "./ledger/made_up_link.ts";

const COMMON = [CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.MINI_HEADER];
const WITHOUT: readonly Clearing[] = [
  { set: "common", cap: CommonCap.MINI_HEADER },
  { set: channels.main.type, cap: MainCap.AGENT_CONNECTED_TOKENS, from: "client" },
];

function filtered(step: number, channelType = channels.main.type) {
  const said = madeUpLink({
    common: COMMON,
    channelType,
    instead: { client: new Uint8Array(132), server: new Uint8Array(4) },
  });
  const filter = new LinkFilter(WITHOUT);
  const pass = (from: "client" | "server") => {
    const out: Uint8Array[] = [];
    for (let at = 0; at < said[from].length; at += step) {
      out.push(filter.pass(from, said[from].subarray(at, at + step)));
    }
    return concat([...out, filter.rest(from)]);
  };
  return { said, filter, streams: { client: pass("client"), server: pass("server") } };
}

Deno.test("LinkFilter clears what it is told to in both link messages, in any split, and nothing else", () => {
  for (const step of [1, 7, 1000]) {
    const { said, filter, streams } = filtered(step);
    const { mess, reply } = readLink(streams);
    for (const caps of [mess!.caps!, reply!.caps!]) {
      assert.deepEqual(COMMON.map((cap) => hasCap(caps.common, cap)), [true, false]);
    }
    assert.deepEqual(filter.cleared, [
      { from: "client", set: "common", cap: 3 },
      { from: "server", set: "common", cap: 3 },
    ]);
    for (const from of ["client", "server"] as const) {
      const changed = said[from].filter((byte, i) => byte !== streams[from][i]).length;
      assert.deepEqual([streams[from].length, changed], [said[from].length, 1]);
    }
  }
});

Deno.test("LinkFilter lets pass what is no link message, and gives back what it held at the end", () => {
  const filter = new LinkFilter(WITHOUT);
  const noise = new Uint8Array(40).fill(7);
  assert.deepEqual(filter.pass("client", noise), noise);
  const { client } = madeUpLink();
  assert.deepEqual(filter.pass("server", client.subarray(0, 20)), new Uint8Array());
  assert.deepEqual(filter.rest("server"), client.subarray(0, 20));
  assert.deepEqual(filter.cleared, []);
});

Deno.test("readCleared() reads what clearedText() wrote, and nothing else", () => {
  const { filter } = filtered(1000);
  assert.equal(clearedText(filter.cleared), "> common 3\n< common 3\n");
  assert.deepEqual(readCleared("00", new TextEncoder().encode(clearedText(filter.cleared))), filter.cleared);
  assert.deepEqual(readCleared("00", undefined), []);
  assert.throws(() => readCleared("00", new TextEncoder().encode("> other 3\n")), /line 1 of 00\.alt/);
});
