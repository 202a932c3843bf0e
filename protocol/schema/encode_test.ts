import assert from "node:assert/strict";
import { ProtocolError } from "../errors.ts";
import { decode } from "./decode.ts";
import { concat, encode, encodeBytes } from "./encode.ts";
import { enumeration, flags } from "./enumeration.ts";
import {
  array,
  bytes,
  countOf,
  enumOf,
  fd,
  flagsOf,
  i16,
  i64,
  i8,
  imageBytes,
  match,
  matchFlag,
  nothing,
  optionalPointer,
  pointer,
  REST,
  struct,
  tagOf,
  u16,
  u16be,
  u32,
  u32be,
  u64,
  u8,
  unlessFlag,
  whenFlag,
  type Wire,
} from "./wire.ts";

const Kind = enumeration("kind", 8, { NONE: 0, DOTS: 1, LINE: 2 });
const Bits = flags("bits", 16, { A: 0, B: 1, C: 2, D: 15 });
const Point = struct("Point", { x: u8, y: u8 });

const of = (...values: number[]) => Uint8Array.from(values);

/** Encodes and must fail. The value is of any type: a caller without types can hand in anything. */
function refuses(wire: Wire<unknown>, value: unknown, code: string, path: string, text: RegExp): void {
  assert.throws(() => encode(wire, value), (error) => {
    assert.ok(error instanceof ProtocolError, String(error));
    assert.deepEqual([error.code, error.path, error.by], [code, path, "local"], error.message);
    assert.match(error.message, text);
    return true;
  });
}

Deno.test("encode() writes integers of every width, sign and byte order", () => {
  const Wire = struct("W", { a: u8, b: i8, c: i16, d: u32, e: u64, f: i64, g: u16be, h: u32be });
  assert.deepEqual(
    encodeBytes(Wire, {
      a: 255,
      b: -1,
      c: -2,
      d: 0x84030201,
      e: 0x8807060504030201n,
      f: -2n,
      g: 0x1234,
      h: 0x12345678,
    }),
    of(
      ...[255, 255, 254, 255, 1, 2, 3, 0x84, 1, 2, 3, 4, 5, 6, 7, 0x88, 254, 255, 255, 255, 255, 255, 255, 255],
      ...[0x12, 0x34, 0x12, 0x34, 0x56, 0x78],
    ),
  );
});

Deno.test("encode() derives counts, tags and selecting flags", () => {
  const Wire = struct("W", {
    n: countOf("list", u8),
    m: countOf("maybe.names", u8),
    k: countOf("body", u8),
    type: tagOf("body", Kind),
    handle: fd,
    bits: flagsOf(Bits),
    list: array(u8, "n"),
    maybe: optionalPointer(struct("Names", { names: array(u8, "m") })),
    body: match("type", { NONE: nothing, LINE: array(u8, "k") }),
    a: whenFlag("bits", "A", u8),
    b: unlessFlag("bits", "B", u8),
    c: whenFlag("bits", "C", u8, u16),
  });
  const value = {
    bits: 0x8007,
    list: [1, 2],
    maybe: { names: [3] },
    body: { is: "LINE" as const, value: [4, 5, 6] },
    a: 7,
    b: 8,
    c: { is: "otherwise" as const, value: 9 },
  };
  // The bits of the value that select are not believed: 0x8007 has B and C, the parts have A only.
  assert.deepEqual(
    encodeBytes(Wire, value),
    of(2, 1, 3, 2, 0x01, 0x80, 1, 2, 19, 0, 0, 0, 4, 5, 6, 7, 8, 9, 0, 3),
  );
  assert.deepEqual(
    encodeBytes(Wire, {
      ...value,
      bits: 0,
      maybe: null,
      body: { is: "NONE", value: null },
      a: null,
      b: null,
      c: { is: "C", value: 9 },
    }),
    of(2, 0, 0, 0, 0x06, 0x00, 1, 2, 0, 0, 0, 0, 9),
  );
});

Deno.test("encode() sets the one flag that a part stands for", () => {
  const Wire = struct("W", {
    n: countOf("part", u8),
    bits: flagsOf(Bits),
    part: matchFlag("bits", { A: u8, D: array(u8, "n") }),
  });
  assert.deepEqual(encodeBytes(Wire, { bits: 2, part: { is: "D", value: [5] } }), of(1, 0x02, 0x80, 5));
});

Deno.test("encode() places targets first in, first out; eager ones queue theirs at once", () => {
  const Leaf = struct("Leaf", { name: u8 });
  const Node = struct("Node", { name: u8, to: pointer(Leaf) });
  const deferred = struct("W", { a: pointer(Node), b: pointer(Node), c: pointer(Leaf) });
  const value = { a: { name: 1, to: { name: 2 } }, b: { name: 3, to: { name: 4 } }, c: { name: 5 } };
  const offset = (at: number) => [at, 0, 0, 0];
  // a, b and c are queued before the targets of a and b.
  assert.deepEqual(
    encodeBytes(deferred, value),
    of(...offset(12), ...offset(17), ...offset(22), 1, ...offset(23), 3, ...offset(24), 5, 2, 4),
  );
  // a is written when it is met, and so its target comes before b.
  const eager = struct("W", { a: pointer(Node, "eager"), b: pointer(Node), c: optionalPointer(Leaf, "eager") });
  assert.deepEqual(
    encodeBytes(eager, value),
    of(...offset(12), ...offset(18), ...offset(23), 1, ...offset(17), 2, 3, ...offset(24), 5, 4),
  );
  assert.deepEqual(decode(deferred, encodeBytes(deferred, value), { exact: true }), value);
  assert.deepEqual(decode(eager, encodeBytes(eager, value), { exact: true }), value);
});

Deno.test("encode() gives a target without bytes the offset 0", () => {
  const Wire = struct("W", {
    n: countOf("data", u8),
    data: pointer(bytes("n")),
    may: optionalPointer(array(u8, REST)),
  });
  assert.deepEqual(encodeBytes(Wire, { data: of(), may: [] }), of(0, 0, 0, 0, 0, 0, 0, 0, 0));
  assert.deepEqual(encodeBytes(Wire, { data: of(), may: [3] }), of(0, 0, 0, 0, 0, 9, 0, 0, 0, 3));
});

Deno.test("encode() passes long bytes on by reference, patches offsets around them, and copies short ones", () => {
  const long = new Uint8Array(5000).map((_, i) => i & 0xff), short = of(1, 2, 3);
  const Part = struct("Part", { n: countOf("data"), data: bytes("n"), to: pointer(u8) });
  const Wire = struct("W", { first: Part, second: pointer(Part), short: bytes(3) });
  const value = { first: { data: long, to: 1 }, second: { data: long, to: 2 }, short };
  const chunks = encode(Wire, value);
  assert.equal(chunks.filter((chunk) => chunk === long).length, 2);
  const whole = concat(chunks);
  assert.deepEqual(decode(Wire, whole, { exact: true }), value);
  short[0] = 99;
  assert.deepEqual(concat(chunks), whole);
});

Deno.test("concat() joins chunks, and hands on a single one", () => {
  const one = of(1, 2);
  assert.equal(concat([one]), one);
  assert.deepEqual(concat([]), of());
  assert.deepEqual(concat([one, of(), of(3)]), of(1, 2, 3));
});

Deno.test("encode() refuses numbers outside their field", () => {
  const Wire = struct("W", { at: struct("At", { small: u8, signed: i16 }), kind: enumOf(Kind), id: u64, stamp: i64 });
  const value = { at: { small: 0, signed: 0 }, kind: 0, id: 0n, stamp: 0n };
  assert.equal(encodeBytes(Wire, value).length, 20);
  for (const small of [256, -1, 1.5, NaN, Infinity]) {
    refuses(Wire, { ...value, at: { small, signed: 0 } }, "bad-value", "at.small", /does not fit u8/);
  }
  refuses(Wire, { ...value, at: { small: 0, signed: 32768 } }, "bad-value", "at.signed", /32768 does not fit i16/);
  refuses(Wire, { ...value, at: { small: 0, signed: -32769 } }, "bad-value", "at.signed", /does not fit i16/);
  refuses(Wire, { ...value, kind: 256 }, "bad-value", "kind", /256 does not fit u8/);
  refuses(Wire, { ...value, id: 1n << 64n }, "bad-value", "id", /does not fit 64 bits/);
  refuses(Wire, { ...value, id: -1n }, "bad-value", "id", /-1 does not fit/);
  refuses(Wire, { ...value, stamp: 1n << 63n }, "bad-value", "stamp", /does not fit/);
  refuses(Wire, { ...value, id: 1 }, "bad-value", "id", /1 is no bigint/);
  refuses(Wire, { ...value, kind: "DOTS" }, "bad-value", "kind", /DOTS is no number/);
  refuses(Wire, { ...value, at: undefined }, "bad-value", "at", /undefined is no object/);
  refuses(Wire, null, "bad-value", "", /Cannot encode W: null is no object/);
});

Deno.test("encode() refuses lengths that a field cannot have", () => {
  const Fixed = struct("W", { uuid: bytes(4), list: array(u8, 2) });
  refuses(Fixed, { uuid: of(1), list: [1, 2] }, "bad-count", "uuid", /1 given, 4 needed/);
  refuses(Fixed, { uuid: of(1, 2, 3, 4), list: [1] }, "bad-count", "list", /1 given, 2 needed/);
  refuses(Fixed, { uuid: [1, 2, 3, 4], list: [1, 2] }, "bad-value", "uuid", /no Uint8Array/);
  refuses(Fixed, { uuid: of(1, 2, 3, 4), list: of(1, 2) }, "bad-value", "list", /no array/);
  const Counted = struct("W", { n: countOf("data", u8), data: bytes("n") });
  refuses(Counted, { data: new Uint8Array(256) }, "bad-value", "n", /256 does not fit u8/);
  refuses(Counted, { data: 3 }, "bad-count", "n", /data is neither bytes nor an array/);
  const Image = struct("W", { w: u8, h: u8, data: imageBytes(1, "w", "h") });
  refuses(Image, { w: 9, h: 2, data: of(1, 2, 3) }, "bad-count", "data", /3 bytes, w × h needs 4/);
  assert.equal(encodeBytes(Image, { w: 9, h: 2, data: of(1, 2, 3, 4) }).length, 6);
});

Deno.test("encode() refuses two fields that share a count and differ in length", () => {
  const Wire = struct("W", { n: countOf("a", u8), a: array(u8, "n"), b: pointer(bytes("n")) });
  assert.equal(encodeBytes(Wire, { a: [1, 2], b: of(3, 4) }).length, 9);
  refuses(Wire, { a: [1, 2], b: of(3) }, "bad-count", "b", /1 given, 2 needed/);
  const Plain = struct("W", { n: u8, data: bytes("n") });
  refuses(Plain, { n: 2, data: of(1) }, "bad-count", "data", /1 given, 2 needed/);
});

Deno.test("encode() refuses unknown cases and missing targets, and names the place behind a pointer", () => {
  const Wire = struct("W", {
    type: tagOf("body", Kind),
    body: match("type", { NONE: nothing, DOTS: pointer(struct("D", { list: array(pointer(u8), 2) })) }),
  });
  refuses(Wire, { body: { is: "LINE", value: null } }, "bad-tag", "type", /no case LINE/);
  refuses(Wire, { body: null }, "bad-value", "type", /null is no object/);
  refuses(Wire, { body: { is: "DOTS", value: null } }, "bad-value", "body", /null, but the target is needed/);
  refuses(Wire, { body: { is: "DOTS", value: { list: [1, 256] } } }, "bad-value", "body.list[1]", /256 does not fit/);
  refuses(array(Point, REST), [{ x: 1, y: 2 }, { x: 1, y: -2 }], "bad-value", "[1].y", /-2 does not fit u8/);
});

Deno.test("encode() uses the name it is given", () => {
  assert.throws(() => encode(u8, 256, "PING"), /Cannot encode PING: 256/);
});
