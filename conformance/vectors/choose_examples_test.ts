import assert from "node:assert/strict";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import { MainMouseModeRequest } from "../../protocol/messages/main.ts";
import { Ping } from "../../protocol/messages/base.ts";
import { type CapturedExample, chooseExamples } from "./choose_examples.ts";
import { allKinds } from "./kinds.ts";

const example = (kind: string, bytes: Uint8Array, offset: number): CapturedExample => {
  return { kind, header: "mini", bytes, connection: "00", offset, by: "server", capture: "c" };
};
const ping = (size: number, offset: number) => {
  const value = { id: 1, timestamp: 2n, data: new Uint8Array(size) };
  return example("base/server/PING", encodeBytes(Ping.wire, value), offset);
};
const mode = (mode: number, offset: number) =>
  example("main/client/MAIN_MOUSE_MODE_REQUEST", encodeBytes(MainMouseModeRequest.wire, { mode }), offset);

Deno.test("chooseExamples() keeps the smallest of each variant, and the first of two as small", () => {
  const examples = [ping(9, 1), ping(3, 2), ping(3, 3), ping(5, 4), mode(2, 5), mode(1, 6), mode(2, 7)];
  const chosen = chooseExamples(allKinds(), examples, 100);
  const offsets = (kind: string) => chosen.get(kind)!.map(({ from }) => from.offset);
  assert.deepEqual(offsets("base/server/PING"), [2]);
  assert.deepEqual(offsets("main/client/MAIN_MOUSE_MODE_REQUEST"), [5, 6]);
  assert.deepEqual(offsets("base/client/PONG"), []);
});

Deno.test("chooseExamples() leaves out what is too long", () => {
  assert.deepEqual(chooseExamples(allKinds(), [ping(100, 1)], 100).get("base/server/PING"), []);
});
