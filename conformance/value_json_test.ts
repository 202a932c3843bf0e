import assert from "node:assert/strict";
import { arbitrary } from "../protocol/schema/arbitrary.ts";
import { channels } from "../protocol/messages/channels.ts";
import { Ping } from "../protocol/messages/base.ts";
import { valueFromJson, valueToJson } from "./value_json.ts";

Deno.test("valueToJson() writes u64 as decimal strings and bytes as hexadecimal", () => {
  const value = { id: 7, timestamp: 2n ** 64n - 1n, data: Uint8Array.of(0, 0xab) };
  assert.deepEqual(valueToJson(Ping.wire, value), { id: 7, timestamp: "18446744073709551615", data: "00ab" });
});

Deno.test("valueFromJson() gives back every value of every message", () => {
  for (const channel of Object.values(channels)) {
    for (const { wire } of [...channel.server, ...channel.client]) {
      for (let seed = 0; seed < 20; seed++) {
        const value = arbitrary(wire, seed), text = JSON.stringify(valueToJson(wire, value));
        assert.deepEqual(valueFromJson(wire, JSON.parse(text)), value, wire.name);
      }
    }
  }
});

Deno.test("valueFromJson() refuses what is no value", () => {
  const good = { id: 7, timestamp: "1", data: "00" };
  for (const bad of [null, [], { ...good, id: "7" }, { ...good, timestamp: 1 }, { ...good, data: "0" }, { id: 1.5 }]) {
    assert.throws(() => valueFromJson(Ping.wire, bad), RangeError);
  }
});
