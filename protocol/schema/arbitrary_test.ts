import assert from "node:assert/strict";
import { channels } from "../messages/channels.ts";
import { arbitrary } from "./arbitrary.ts";
import { decode } from "./decode.ts";
import { encodeBytes } from "./encode.ts";
import { enumeration, flags } from "./enumeration.ts";
import type { Channel } from "./message.ts";
import { prng } from "./prng.ts";
import {
  array,
  bytes,
  countOf,
  enumOf,
  flagsOf,
  imageBytes,
  match,
  matchFlag,
  type Node,
  nothing,
  optionalPointer,
  struct,
  tagOf,
  textBytes,
  u16,
  u32,
  u8,
  whenFlag,
} from "./wire.ts";

const Kind = enumeration("kind", 8, { NONE: 0, DOTS: 1, LINE: 9 });
const Bits = flags("bits", 16, { A: 0, B: 1, C: 7, D: 15 });

const Everything = struct("Everything", {
  kind: enumOf(Kind),
  width: u16,
  height: u32,
  n: countOf("list", u8),
  m: countOf("name", u16),
  bits: flagsOf(Bits),
  a: whenFlag("bits", "A", u8),
  glyphs: matchFlag("bits", { B: u8, C: nothing }),
  list: optionalPointer(array(u16, "n")),
  name: textBytes("m"),
  rows: imageBytes(1, "width", "height"),
  tag: tagOf("body", Kind),
  body: match("tag", { NONE: nothing, DOTS: u8 }),
  id: bytes(16),
});

Deno.test("arbitrary() gives the same value for the same seed, and others for others", () => {
  assert.deepEqual(arbitrary(Everything, 5), arbitrary(Everything, 5));
  const texts = new Set(
    Array.from({ length: 100 }, (_, seed) => String(encodeBytes(Everything, arbitrary(Everything, seed)))),
  );
  assert.equal(texts.size, 100);
});

Deno.test("arbitrary() draws from a generator that is handed in, and so goes on where it left off", () => {
  const random = prng(5);
  assert.deepEqual(arbitrary(Everything, random), arbitrary(Everything, 5));
  assert.notDeepEqual(arbitrary(Everything, random), arbitrary(Everything, 5));
});

Deno.test("arbitrary() keeps sizes small, counts consistent and members known", () => {
  const kinds = new Set<number>(), bits = new Set<number>(), sizes = new Set<number>(), nulls = new Set<boolean>();
  for (let seed = 0; seed < 2000; seed++) {
    const value = arbitrary(Everything, seed);
    kinds.add(value.kind);
    for (const bit of [0, 1, 7, 15]) if ((value.bits >>> bit & 1) === 1) bits.add(bit);
    sizes.add(value.rows.length);
    nulls.add(value.list === null);
    assert.equal(value.rows.length, Math.ceil(value.width / 8) * value.height);
    assert.equal(value.bits & ~0x8000, 0, "only D selects no part");
    assert.ok((value.list?.length ?? 1) > 0, "an empty target reads as null");
    assert.ok(value.name.every((byte) => byte >= 0x20 && byte < 0x7f));
    assert.ok(encodeBytes(Everything, value).length < 3000);
  }
  assert.deepEqual([...kinds].sort(), [0, 1, 9]);
  assert.deepEqual([...bits], [15]);
  assert.ok(sizes.size > 5);
  assert.equal(nulls.size, 2);
});

Deno.test("arbitrary() reaches the ends of the range of every width", () => {
  for (const int of [u8, u16, u32]) {
    const { bits } = int;
    const seen = new Set(Array.from({ length: 500 }, (_, seed) => arbitrary(int, seed)));
    for (const end of [0, 1, 2 ** bits - 1, 2 ** (bits - 1), 2 ** (bits - 1) - 1]) {
      assert.ok(seen.has(end), `${bits} ${end}`);
    }
  }
});

Deno.test("arbitrary() makes canonical values of every declared message", () => {
  for (const channel of Object.values(channels)) {
    for (const { name, wire } of [...channel.server, ...channel.client]) {
      for (let seed = 0; seed < 50; seed++) {
        const value = arbitrary(wire, seed), encoded = encodeBytes(wire, value);
        assert.deepEqual(decode(wire, encoded, { exact: true }), value, `${name} ${seed}`);
        assert.deepEqual(encodeBytes(wire, decode(wire, encoded)), encoded, `${name} ${seed}`);
      }
    }
  }
});

Deno.test("arbitrary() reaches every case of every switch, every flag and both states of every pointer", () => {
  const missing: string[] = [];
  let total = 0;
  for (const channel of Object.values<Channel>(channels)) {
    for (const { name, wire } of [...channel.server, ...channel.client]) {
      const wanted = new Set<string>();
      const branches = (node: Node, path: string): void => {
        for (const [branch, next] of branchesOf(node)) {
          const to = `${path}${branch}`;
          if (node.kind === "match" || node.kind === "flag" || node.kind === "pointer") wanted.add(to);
          if (next !== null) branches(next, to);
        }
      };
      branches(wire, "");
      total += wanted.size;
      for (let seed = 0; seed < 3000 && wanted.size > 0; seed++) visit(wire, arbitrary(wire, seed), "", wanted);
      missing.push(...[...wanted].map((path) => `${name}${path}`));
    }
  }
  assert.deepEqual(missing, []);
  assert.ok(total > 500, `${total} branches`);
});

/** The ways in which a value of a node can go on, by name; `null` where it ends. */
function branchesOf(node: Node): [string, Node | null][] {
  switch (node.kind) {
    case "struct":
      return node.plan.fields.map((field) => [`.${field.name}`, field.node]);
    case "array":
      return [["[]", node.of]];
    case "pointer":
      return [...(node.nullable ? [["=null", null] as [string, null]] : []), ["->", node.to]];
    case "match":
      return Object.entries(node.cases).map(([is, part]) => [`<${is}>`, part]);
    case "flag":
      return [["<set>", node.set], ["<clear>", node.clear]];
    default:
      return [];
  }
}

/** Strikes the branches that a value takes off the list. */
function visit(node: Node, value: unknown, path: string, wanted: Set<string>): void {
  const take = (branch: string, next: Node | undefined, part: unknown): void => {
    wanted.delete(`${path}${branch}`);
    if (next !== undefined) visit(next, part, `${path}${branch}`, wanted);
  };
  const fields: Readonly<Record<string, unknown>> = typeof value === "object" && value !== null ? { ...value } : {};
  switch (node.kind) {
    case "struct":
      return node.plan.fields.forEach((field) => take(`.${field.name}`, field.node, fields[field.name]));
    case "array":
      return Object.values(fields).forEach((element) => take("[]", node.of, element));
    case "pointer":
      return value === null ? take("=null", undefined, null) : take("->", node.to, value);
    case "match":
      return take(`<${fields.is}>`, node.cases[String(fields.is)], fields.value);
    case "flag": {
      const set = node.form === "either" ? fields.is === node.flag : (node.form === "set") === (value !== null);
      return take(
        set ? "<set>" : "<clear>",
        set ? node.set : node.clear,
        node.form === "either" ? fields.value : value,
      );
    }
    default:
      return;
  }
}
