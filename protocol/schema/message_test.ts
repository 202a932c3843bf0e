import assert from "node:assert/strict";
import { channel, message } from "./message.ts";
import { u8 } from "./wire.ts";

const Up = message("UP", 1, { id: u8 });
const Down = message("DOWN", 1, {});
const More = message("MORE", 7, {});

Deno.test("channel() finds messages by direction and id", () => {
  const { byId, server, client, name, type } = channel("both", 9, [Down, More], [Up]);
  assert.deepEqual([name, type, server.length, client.length], ["both", 9, 2, 1]);
  assert.equal(byId.server.get(1), Down);
  assert.equal(byId.client.get(1), Up);
  assert.equal(byId.server.get(7), More);
  assert.equal(byId.client.get(7), undefined);
});

Deno.test("channel() refuses two messages of one direction with the same id", () => {
  assert.throws(() => channel("twice", 1, [], [Up, Down]), /Cannot declare channel twice: two messages 1/);
});
