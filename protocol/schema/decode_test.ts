import assert from "node:assert/strict";
import { ProtocolError, type ProtocolErrorCode } from "../errors.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { decode, type DecodeOptions } from "./decode.ts";
import { enumeration, flags } from "./enumeration.ts";
import {
  array,
  bytes,
  countOf,
  enumOf,
  fd,
  flagsOf,
  i16,
  i32,
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
const Bits = flags("bits", 8, { A: 0, B: 1, C: 2, D: 7 });
const Point = struct("Point", { x: u8, y: u8 });

const of = (...values: number[]) => Uint8Array.from(values);

/** Decodes and must fail: code, path, offset and a part of the text. */
function refuses(
  wire: Wire<unknown>,
  body: Uint8Array,
  code: ProtocolErrorCode,
  path: string,
  offset: number,
  text: RegExp,
  options: DecodeOptions = {},
): void {
  assert.throws(() => decode(wire, body, options), (error) => {
    assert.ok(error instanceof ProtocolError, String(error));
    assert.deepEqual([error.code, error.path, error.offset, error.by], [code, path, offset, "remote"], error.message);
    assert.match(error.message, text);
    return true;
  });
}

Deno.test("decode() reads integers of every width, sign and byte order", () => {
  const Wire = struct("W", { a: u8, b: i8, c: u16, d: i16, e: u32, f: i32, g: u64, h: i64, i: u16be, j: u32be });
  const body = of(
    ...[0xff, 0xff, 0xfe, 0xff, 0xfe, 0xff, 1, 2, 3, 0x84, 0xff, 0xff, 0xff, 0xff],
    ...[1, 2, 3, 4, 5, 6, 7, 0x88, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ...[0x12, 0x34, 0x12, 0x34, 0x56, 0x78],
  );
  assert.deepEqual(decode(Wire, body, { exact: true }), {
    a: 255,
    b: -1,
    c: 0xfffe,
    d: -2,
    e: 0x84030201,
    f: -1,
    g: 0x8807060504030201n,
    h: -2n,
    i: 0x1234,
    j: 0x12345678,
  });
});

Deno.test("decode() reads from a body that starts inside a buffer", () => {
  const whole = of(9, 9, 1, 4, 0, 0, 0, 7, 9);
  const Wire = struct("W", { to: pointer(u8) });
  assert.deepEqual(decode(Wire, whole.subarray(3, 8)), { to: 7 });
});

Deno.test("decode() hands out views, not copies", () => {
  const body = of(2, 10, 11, 12, 13);
  const Wire = struct("W", { n: countOf("data", u8), data: bytes("n"), rest: bytes(REST) });
  const { data, rest } = decode(Wire, body);
  assert.equal(data.buffer, body.buffer);
  body[1] = 99;
  body[3] = 98;
  assert.deepEqual([data, rest], [of(99, 11), of(98, 13)]);
});

Deno.test("decode() leaves out counts, tags and descriptors", () => {
  const Wire = struct("W", {
    n: countOf("list", u8),
    handle: fd,
    type: tagOf("body", Kind),
    list: array(u16, "n"),
    body: match("type", { NONE: nothing, DOTS: Point }),
  });
  assert.deepEqual(decode(Wire, of(2, 1, 5, 0, 6, 0, 7, 8)), {
    list: [5, 6],
    body: { is: "DOTS", value: { x: 7, y: 8 } },
  });
  assert.deepEqual(decode(Wire, of(0, 0)), { list: [], body: { is: "NONE", value: null } });
});

Deno.test("decode() keeps unknown enumeration values and flag bits, and masks the bits that select", () => {
  const Wire = struct("W", {
    kind: enumOf(Kind),
    bits: flagsOf(Bits),
    a: whenFlag("bits", "A", u8),
    b: unlessFlag("bits", "B", u8),
    c: whenFlag("bits", "C", u8, u16),
  });
  assert.deepEqual(decode(Wire, of(200, 0b11111000, 1, 2, 3)), {
    kind: 200,
    bits: 0b11111000,
    a: null,
    b: 1,
    c: { is: "otherwise", value: 0x0302 },
  });
  assert.deepEqual(decode(Wire, of(0, 0b10000111, 1, 3)), {
    kind: 0,
    bits: 0x80,
    a: 1,
    b: null,
    c: { is: "C", value: 3 },
  });
});

Deno.test("decode() finds counts and sizes in any enclosing struct, across pointers, elements and cases", () => {
  const Inner = struct("Inner", { list: array(u8, "n"), rows: imageBytes(4, "w", "h") });
  const Wire = struct("W", {
    n: countOf("to.deep.list", u8),
    w: u8,
    h: u8,
    type: tagOf("body", Kind),
    to: pointer(struct("Middle", { deep: Inner })),
    body: match("type", { DOTS: struct("Case", { again: array(u8, "n") }) }),
  });
  const body = of(2, 3, 2, 1, 10, 0, 0, 0, 21, 22, 31, 32, 1, 2, 3, 4);
  assert.deepEqual(decode(Wire, body, { exact: true }), {
    w: 3,
    h: 2,
    to: { deep: { list: [31, 32], rows: of(1, 2, 3, 4) } },
    body: { is: "DOTS", value: { again: [21, 22] } },
  });
  // The nearest field of a name counts.
  const Shadow = struct("Shadow", { n: countOf("list", u8), list: array(u8, "n") });
  const Outer = struct("Outer", { n: countOf("after", u8), shadow: Shadow, after: array(u8, "n") });
  assert.deepEqual(decode(Outer, of(1, 2, 3, 4, 5)), { shadow: { list: [3, 4] }, after: [5] });
});

Deno.test("decode() reads null, shared and empty targets", () => {
  const Wire = struct("W", { n: countOf("data", u8), may: optionalPointer(Point), data: pointer(bytes("n")) });
  assert.deepEqual(decode(Wire, of(0, 0, 0, 0, 0, 0, 0, 0, 0)), { may: null, data: of() });
  assert.deepEqual(decode(Wire, of(0, 0, 0, 0, 0, 9, 0, 0, 0)), { may: null, data: of() });
  assert.deepEqual(decode(Wire, of(2, 9, 0, 0, 0, 9, 0, 0, 0, 7, 8)), { may: { x: 7, y: 8 }, data: of(7, 8) });
  const List = struct("L", { list: pointer(array(u8, REST)) });
  assert.deepEqual(decode(List, of(0, 0, 0, 0)), { list: [] });
});

Deno.test("decode() reports truncated fields with path and offset", () => {
  const Part = struct("Part", { at: Point, n: countOf("data", u8), data: bytes("n") });
  const Wire = struct("DRAW", { a: u8, list: array(Part, 2) });
  refuses(Wire, of(), "truncated", "a", 0, /Cannot decode DRAW at byte 0 \(a\): need 1 bytes, 0 left/);
  refuses(Wire, of(1, 2, 3, 1, 9, 4, 5, 7, 6), "truncated", "list[1].data", 8, /need 7 bytes, 1 left/);
  refuses(Wire, of(1, 2, 3, 3, 9, 4, 5, 7), "truncated", "list[1].at.y", 8, /need 1 bytes, 0 left/);
  refuses(bytes(3), of(1, 2), "truncated", "", 0, /Cannot decode bytes at byte 0: need 3 bytes, 2 left/);
  refuses(array(u16, REST), of(1, 2, 3), "truncated", "[1]", 2, /need 2 bytes, 1 left/);
});

Deno.test("decode() uses the name it is given", () => {
  assert.throws(() => decode(u16, of(1), { name: "PING" }), /Cannot decode PING at byte 0: need 2/);
});

Deno.test("decode() checks counts against the bytes left before it allocates", () => {
  const Wire = struct("W", { n: countOf("list"), list: array(Point, "n") });
  refuses(Wire, of(2, 0, 0, 0, 1, 2, 3), "bad-count", "list", 4, /2 elements of at least 2 bytes, 3 bytes left/);
  const started = performance.now();
  refuses(Wire, of(0xff, 0xff, 0xff, 0xff, 1, 2), "bad-count", "list", 4, /4294967295 elements/);
  const Bytes = struct("W", { n: countOf("data"), data: bytes("n") });
  refuses(Bytes, of(0xff, 0xff, 0xff, 0xff, 1), "truncated", "data", 4, /need 4294967295 bytes, 1 left/);
  const Image = struct("W", { w: u32, h: u32, data: imageBytes(8, "w", "h") });
  refuses(
    Image,
    of(255, 255, 255, 255, 255, 255, 255, 255, 0),
    "truncated",
    "data",
    8,
    /need 18446744\d+ bytes, 1 left/,
  );
  assert.ok(performance.now() - started < 1000);
});

Deno.test("decode() reports pointers that lead outside, or are null and must not be", () => {
  const Wire = struct("W", { a: u8, to: pointer(Point) });
  refuses(Wire, of(1, 0, 0, 0, 0), "bad-pointer", "to", 1, /null, but the target is needed/);
  refuses(Wire, of(1, 6, 0, 0, 0), "bad-pointer", "to", 1, /offset 6 in a body of 5 bytes/);
  refuses(Wire, of(1, 255, 255, 255, 255), "bad-pointer", "to", 1, /offset 4294967295/);
  refuses(Wire, of(1, 5, 0, 0, 0), "truncated", "to.x", 5, /need 1 bytes, 0 left/);
  const Counted = struct("W", { n: countOf("list", u8), list: pointer(array(u8, "n")) });
  refuses(Counted, of(2, 0, 0, 0, 0), "bad-count", "list", 5, /2 elements/);
});

Deno.test("decode() reports tags and flags that select no case, or several", () => {
  const Tag = struct("W", { type: tagOf("body", Kind), body: match("type", { NONE: nothing, DOTS: u8 }) });
  refuses(Tag, of(2), "bad-tag", "body", 1, /type is 2, which has no case here/);
  refuses(Tag, of(200), "bad-tag", "body", 1, /type is 200/);
  const Flag = struct("W", { bits: flagsOf(Bits), part: matchFlag("bits", { A: u8, B: u16 }) });
  refuses(Flag, of(4, 1, 2), "bad-tag", "part", 1, /bits is 4, which has 0 of A, B/);
  refuses(Flag, of(3, 1, 2), "bad-tag", "part", 1, /bits is 3, which has 2 of A, B/);
  assert.deepEqual(decode(Flag, of(0x82, 1, 2)), { bits: 0x80, part: { is: "B", value: 0x0201 } });
});

Deno.test("decode() reports a body over the limit, and trailing bytes only when asked", () => {
  const limits = { ...DEFAULT_LIMITS, messageBytes: 3 };
  refuses(bytes(REST), of(1, 2, 3, 4), "too-large", "", 0, /4 bytes, at most 3 allowed/, { limits });
  assert.deepEqual(decode(bytes(REST), of(1, 2, 3), { limits }), of(1, 2, 3));
  assert.equal(decode(u8, of(1, 2, 3)), 1);
  refuses(u8, of(1, 2, 3), "trailing", "", 1, /2 bytes after the last field/, { exact: true });
  const Wire = struct("W", { to: pointer(u8) });
  assert.deepEqual(decode(Wire, of(5, 0, 0, 0, 0, 7), { exact: true }), { to: 7 });
  refuses(Wire, of(5, 0, 0, 0, 0, 7, 9), "trailing", "", 6, /1 bytes after/, { exact: true });
});

Deno.test("decode() bounds the number of pointers", () => {
  const Wire = struct("W", { list: array(pointer(u8), 3) });
  const body = of(12, 0, 0, 0, 12, 0, 0, 0, 12, 0, 0, 0, 7);
  assert.deepEqual(decode(Wire, body, { limits: { ...DEFAULT_LIMITS, pointers: 3 } }), { list: [7, 7, 7] });
  refuses(Wire, body, "too-large", "list[2]", 12, /more than 2 pointers/, {
    limits: { ...DEFAULT_LIMITS, pointers: 2 },
  });
});

Deno.test("decode() answers a flood of pointers to the same bytes in bounded time", () => {
  // 900 pointers lead to 900 pointers each, and these to nearly the whole body: 3 GB, were there no budget.
  const Flood = struct("W", { list: array(pointer(array(pointer(array(u8, REST)), 900)), 1000) });
  const body = new Uint8Array(4000);
  const view = new DataView(body.buffer);
  for (let at = 0; at < 4000; at += 4) view.setUint32(at, 4, true);
  const started = performance.now();
  assert.throws(() => decode(Flood, body), (error) => error instanceof ProtocolError && error.code === "too-large");
  const Wide = struct("W", { list: array(pointer(bytes(REST)), REST) });
  assert.throws(() => decode(Wide, body), (error) => error instanceof ProtocolError && error.code === "too-large");
  assert.ok(performance.now() - started < 1000);
});

Deno.test("decode() refuses a switch that stands in no struct: a mistake in the declaration", () => {
  assert.throws(() => decode(match("type", { NONE: u8 }), of(1)), TypeError);
});
