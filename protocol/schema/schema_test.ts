/** What must hold for every declaration there is. */
import assert from "node:assert/strict";
import { ProtocolError } from "../errors.ts";
import * as agent from "../messages/agent.ts";
import { channels } from "../messages/channels.ts";
import * as link from "../messages/link.ts";
import * as migrationData from "../messages/migration_data.ts";
import * as usbredir from "../messages/usbredir_packets.ts";
import * as vscard from "../messages/vscard.ts";
import { arbitrary } from "./arbitrary.ts";
import { decode } from "./decode.ts";
import { describe } from "./describe.ts";
import { encode, encodeBytes } from "./encode.ts";
import type { Channel } from "./message.ts";
import { print } from "./print.ts";
import { below, nextU32, prng } from "./prng.ts";
import type { StructNode } from "./wire.ts";

const SEEDS = 200;
const declared = everyDeclaration();

Deno.test("every declaration: a value comes back from its encoding, and that encodes to the same bytes", () => {
  assert.ok(declared.size > 200, `${declared.size} declarations`);
  let referenced = 0;
  for (const [name, wire] of declared) {
    for (let seed = 0; seed < SEEDS; seed++) {
      const value = arbitrary(wire, seed);
      const chunks = encode(wire, value), body = encodeBytes(wire, value);
      if (chunks.length > 1) referenced++;
      const back = decode(wire, body, { exact: true });
      assert.deepEqual(back, value, `${name} seed ${seed}`);
      assert.deepEqual(encodeBytes(wire, back), body, `${name} seed ${seed}`);
    }
  }
  assert.ok(referenced > 1000, `${referenced} encodings in several chunks`);
});

Deno.test("every declaration: a body cut at any byte decodes or is refused with a typed error", () => {
  for (const [name, wire] of declared) {
    for (let seed = 0; seed < 3; seed++) {
      const body = encodeBytes(wire, arbitrary(wire, seed));
      for (let length = 0; length < Math.min(body.length, 300); length++) survives(name, wire, body.slice(0, length));
    }
  }
});

Deno.test("every declaration: changed and random bytes decode or are refused with a typed error, in bounded time", () => {
  const random = prng(1), started = performance.now();
  let decoded = 0, refused = 0;
  for (const [name, wire] of declared) {
    for (let seed = 0; seed < SEEDS; seed++) {
      const body = encodeBytes(wire, arbitrary(wire, random)).slice();
      for (let change = 0; change <= seed % 4 && body.length > 0; change++) {
        body[below(random, body.length)] = nextU32(random) >>> 24;
      }
      const noise = Uint8Array.from({ length: below(random, 200) }, () => nextU32(random) >>> 24);
      for (const bytes of [body, noise]) survives(name, wire, bytes) ? decoded++ : refused++;
    }
  }
  assert.ok(decoded > 1000 && refused > 1000, `${decoded} decoded, ${refused} refused`);
  assert.ok(performance.now() - started < 60_000);
});

Deno.test("every declaration: fields that hold bytes are views into the body", () => {
  let views = 0;
  for (const [name, wire] of declared) {
    const body = encodeBytes(wire, arbitrary(wire, 1));
    visit(decode(wire, body), (bytes) => {
      assert.equal(bytes.buffer, body.buffer, name);
      views++;
    });
  }
  assert.ok(views > 100, `${views} views`);
});

Deno.test("every declaration: prints each field of its value and describes each field of its layout", () => {
  for (const [name, wire] of declared) {
    const text = print(wire, arbitrary(wire, 2)), rows = describe(wire);
    assert.equal(text.split("\n")[0], wire.name);
    for (const { name: field, derived } of wire.plan.fields) {
      if (!derived) assert.ok(text.includes(`\n  ${field}: `), `${name}.${field}`);
      assert.ok(rows.some(({ path }) => path.split(/[.<]/)[0] === field), `${name}.${field}`);
    }
  }
});

/** Decodes; a value must encode again. @returns Whether there was a value. */
function survives(name: string, wire: StructNode, body: Uint8Array): boolean {
  let value;
  try {
    value = decode(wire, body);
  } catch (error) {
    assert.ok(error instanceof ProtocolError && error.by === "remote", `${name}: ${error}`);
    return false;
  }
  encodeBytes(wire, value);
  return true;
}

function visit(value: unknown, onBytes: (bytes: Uint8Array) => void): void {
  if (value instanceof Uint8Array) return onBytes(value);
  if (typeof value === "object" && value !== null) Object.values(value).forEach((part) => visit(part, onBytes));
}

/** The layouts of all messages and the structs that stand by themselves, by name. */
function everyDeclaration(): Map<string, StructNode> {
  const found = new Map<string, StructNode>();
  for (const { name, server, client } of Object.values<Channel>(channels)) {
    for (const message of server) found.set(`${name} server ${message.name}`, message.wire);
    for (const message of client) found.set(`${name} client ${message.name}`, message.wire);
  }
  for (const module of [link, agent, usbredir, vscard, migrationData]) {
    for (const [name, value] of Object.entries<unknown>(module)) {
      const wire = structOf(value);
      // What takes a count from around it cannot stand by itself.
      if (wire !== null && wire.plan.free.length === 0) found.set(name, wire);
    }
  }
  return found;
}

function structOf(value: unknown): StructNode | null {
  const node = typeof value === "object" && value !== null && "wire" in value ? value.wire : value;
  return isStruct(node) ? node : null;
}

function isStruct(value: unknown): value is StructNode {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "struct";
}
