/** Every message vector decodes to its value and encodes to its bytes; cut anywhere, it is refused. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ProtocolError } from "../../protocol/errors.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import { type Node, REST } from "../../protocol/schema/wire.ts";
import { schemaErrors } from "../json_schema.ts";
import { facetsOf } from "../ledger/facets.ts";
import { mark } from "../ledger/mark.ts";
import { valueFromJson, valueToJson } from "../value_json.ts";
import { allKinds, type Kind, kindKey } from "../vectors/kinds.ts";
import type { MessageVector } from "../vectors/message_vector.ts";
import { readMessageVectors } from "../vectors/read_messages.ts";

/** Most bytes of one file, and of all. */
const MOST_BYTES = 64 * 1024, MOST_BYTES_IN_ALL = 12 * 1024 * 1024;

const VECTORS = readMessageVectors();
const KINDS = allKinds();

/** Declarations that take all bytes that are left: cut behind its fixed part, such a message is a shorter one. */
const OPEN_ENDED = new Set([
  "CURSOR_INIT",
  "CURSOR_SET",
  "DISPLAY_QUALITY_INDICATOR",
  "INPUTS_KEY_SCANCODE",
  "LIST",
  "MAIN_AGENT_DATA",
  "MAIN_QUALITY_INDICATOR",
  "MIGRATE_DATA",
  "NOTIFY",
  "PING",
  "PLAYBACK_DATA",
  "PLAYBACK_MODE",
  "RECORD_DATA",
  "RECORD_MODE",
  "SPICEVMC_COMPRESSED_DATA",
  "SPICEVMC_DATA",
  "VD_AGENT_ANNOUNCE_CAPABILITIES",
  "VD_AGENT_CLIPBOARD",
  "VD_AGENT_CLIPBOARD_GRAB",
  "VD_AGENT_CLIPBOARD_GRAB_NO_SELECTION",
  "VD_AGENT_CLIPBOARD_GRAB_NO_SERIAL",
  "VD_AGENT_CLIPBOARD_GRAB_PLAIN",
  "VD_AGENT_CLIPBOARD_PLAIN",
  "VD_AGENT_FILE_XFER_DATA",
  "VD_AGENT_FILE_XFER_START",
  "VD_AGENT_FILE_XFER_STATUS",
]);

Deno.test(`${VECTORS.size} message vectors keep to the schema, and are small`, () => {
  const schema: unknown = JSON.parse(
    Deno.readTextFileSync(new URL("../vectors/message.schema.json", import.meta.url)),
  );
  let all = 0;
  for (const [path, vector] of VECTORS) {
    assert.deepEqual(schemaErrors(schema, vector), [], path);
    assert.ok(path.startsWith(`${kindKey(kindOf(path, vector))}-`), path);
    const bytes = JSON.stringify(vector, null, 2).length;
    assert.ok(bytes <= MOST_BYTES, `${path}: ${bytes} bytes`);
    all += bytes;
  }
  assert.ok(all <= MOST_BYTES_IN_ALL, `${all} bytes`);
});

Deno.test(`${VECTORS.size} message vectors decode to their values and encode to their bytes`, () => {
  for (const [path, vector] of VECTORS) {
    const { wire, type } = kindOf(path, vector), bytes = Uint8Array.fromHex(vector.bytes);
    const value = decode(wire, bytes, { exact: true });
    assert.equal(vector.type, type, path);
    assert.deepEqual(valueToJson(wire, value), vector.value, path);
    assert.equal(encodeBytes(wire, valueFromJson(wire, vector.value)).toHex(), vector.bytes, path);
  }
});

Deno.test(`the vectors show each facet of all ${KINDS.size} kinds of messages`, () => {
  const shown = new Map<string, Set<string>>();
  for (const [path, vector] of VECTORS) {
    const kind = kindOf(path, vector), key = kindKey(kind);
    const facets = shown.get(key) ?? new Set<string>();
    shown.set(key, facets);
    for (const facet of mark(kind.wire, valueFromJson(kind.wire, vector.value))) facets.add(facet);
  }
  for (const [key, { wire }] of KINDS) {
    assert.deepEqual(facetsOf(wire).filter((facet) => !shown.get(key)?.has(facet)), [], key);
  }
});

Deno.test("the messages that may be shorter are those whose declaration takes all that is left", () => {
  const open = [...KINDS.values()].filter(({ wire }) => isOpenEnded(wire)).map(({ name }) => name);
  assert.deepEqual([...new Set(open)].sort(), [...OPEN_ENDED].sort());
});

Deno.test("a message vector that is cut anywhere is a typed error, or a shorter message where it is open-ended", () => {
  const limit = Error.stackTraceLimit;
  // Nobody reads them, and they take most of the time.
  Error.stackTraceLimit = 0;
  try {
    const counts = { refused: 0, shorter: 0 };
    for (const [path, vector] of VECTORS) {
      const kind = kindOf(path, vector), bytes = Uint8Array.fromHex(vector.bytes);
      for (let length = 0; length < bytes.length; length++) counts[cut(kind, bytes.subarray(0, length), path)]++;
    }
    assert.ok(counts.refused > 150_000, `${counts.refused} refused`);
    assert.ok(counts.shorter > 10_000, `${counts.shorter} shorter`);
  } finally {
    Error.stackTraceLimit = limit;
  }
});

function cut({ name, wire }: Kind, part: Uint8Array, path: string): "refused" | "shorter" {
  try {
    const again = encodeBytes(wire, decode(wire, part, { exact: true }));
    assert.ok(OPEN_ENDED.has(name), `${path}: the first ${part.length} bytes are a message`);
    assert.equal(Buffer.compare(again, part), 0, `${path}: the first ${part.length} bytes encode otherwise`);
    return "shorter";
  } catch (error) {
    assert.ok(error instanceof ProtocolError, `${path}: the first ${part.length} bytes: ${error}`);
    return "refused";
  }
}

function kindOf(path: string, { channel, direction, name }: MessageVector): Kind {
  const from = direction === "client-to-server" ? "client" : "server";
  return KINDS.get(kindKey({ channel, from, name })) ?? assert.fail(`${path}: no such kind`);
}

function isOpenEnded(node: Node): boolean {
  switch (node.kind) {
    case "bytes":
      return node.length === REST;
    case "array":
      return node.count === REST || isOpenEnded(node.of);
    case "pointer":
      return isOpenEnded(node.to);
    case "struct":
      return Object.values(node.fields).some(isOpenEnded);
    case "match":
      return Object.values(node.cases).some(isOpenEnded);
    case "flag":
      return isOpenEnded(node.set) || isOpenEnded(node.clear);
    default:
      return false;
  }
}
