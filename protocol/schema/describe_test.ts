import assert from "node:assert/strict";
import { describe, type Row, sizeOf } from "./describe.ts";
import { enumeration, flags } from "./enumeration.ts";
import {
  array,
  bytes,
  countOf,
  enumOf,
  fd,
  flagsOf,
  i32,
  imageBytes,
  match,
  matchFlag,
  nothing,
  optionalPointer,
  pointer,
  REST,
  struct,
  tagOf,
  textBytes,
  u16,
  u32,
  u32be,
  u64,
  u8,
  unlessFlag,
  whenFlag,
} from "./wire.ts";

const Kind = enumeration("kind", 8, { NONE: 0, DOTS: 1, LINE: 2 });
const Bits = flags("bits", 16, { A: 0, B: 1 });
const Point = struct("Point", { x: i32, y: i32 }, { source: "points.h", notes: { x: "pixels" } });

/** `offset size path: type (note)`. */
function lines(rows: readonly Row[]): string[] {
  return rows.map(({ offset, size, path, type, note }) =>
    `${offset} ${size} ${path}: ${type}${note === "" ? "" : ` (${note})`}`
  );
}

Deno.test("describe() gives offset, size, path, type and note of each field, nested structs opened", () => {
  const Wire = struct("Message", {
    id: u64,
    at: Point,
    kind: enumOf(Kind),
    bits: flagsOf(Bits, u32),
    port: u32be,
    handle: fd,
    numDots: countOf("dots", u16),
    dots: array(Point, "numDots"),
    image: pointer(Point),
  }, { source: "message.h", notes: { id: "cache key" }, wire: { handle: "the_fd" } });
  const rows = describe(Wire);
  assert.deepEqual(lines(rows), [
    "0 8 id: u64 (cache key)",
    "8 4 at.x: i32 (pixels)",
    "12 4 at.y: i32",
    "16 1 kind: kind as u8",
    "17 4 bits: bits as u32",
    "21 4 port: u32be",
    "25 0 handle: file descriptor, beside the stream (spelt `the_fd` in the definition)",
    "25 2 numDots: u16 (elements of dots)",
    "27 var dots: Point[numDots]",
    "var 4 image: → Point",
  ]);
  assert.deepEqual(rows.map(({ source }) => source).slice(0, 3), ["message.h", "points.h", "points.h"]);
  assert.deepEqual(rows.map(({ of }) => of), [null, null, null, Kind, Bits, null, null, null, Point, Point]);
});

Deno.test("describe() shows a nested struct as one row when asked", () => {
  const Wire = struct("Message", { at: Point, after: u8 });
  assert.deepEqual(lines(describe(Wire, { open: () => false })), ["0 8 at: Point", "8 1 after: u8"]);
});

Deno.test("describe() lets cases start at one offset and goes on where they end together", () => {
  const Wire = struct("Message", {
    type: tagOf("body", Kind),
    body: match("type", { NONE: u32, DOTS: struct("Two", { a: u16, b: u16 }) }),
    after: u8,
    other: tagOf("last", Kind),
    last: match("other", { NONE: nothing, LINE: u8 }),
    end: u8,
  });
  assert.deepEqual(lines(describe(Wire)), [
    "0 1 type: kind as u8 (selects body)",
    "1 4 body<NONE>: u32",
    "1 2 body<DOTS>.a: u16",
    "3 2 body<DOTS>.b: u16",
    "5 1 after: u8",
    "6 1 other: kind as u8 (selects last)",
    "7 0 last<NONE>: nothing",
    "7 1 last<LINE>: u8",
    "var 1 end: u8",
  ]);
});

Deno.test("describe() shows what flags select", () => {
  const Wire = struct("Message", {
    bits: flagsOf(Bits),
    either: whenFlag("bits", "A", u32, optionalPointer(array(Point, 2))),
    maybe: whenFlag("bits", "B", u8),
    end: u8,
  });
  assert.deepEqual(lines(describe(Wire)), [
    "0 2 bits: bits as u16",
    "2 4 either<A>: u32",
    "2 4 either<otherwise>: → Point[2] or null",
    "6 1 maybe<B>: u8",
    "var 1 end: u8",
  ]);
  const Not = struct("Not", { bits: flagsOf(Bits), header: unlessFlag("bits", "A", u8), data: bytes(REST) });
  assert.deepEqual(lines(describe(Not)), [
    "0 2 bits: bits as u16",
    "2 1 header<not A>: u8",
    "var var data: bytes[to the end]",
  ]);
  const One = struct("One", { bits: flagsOf(Bits), part: matchFlag("bits", { A: u8, B: u8 }), end: u8 });
  assert.deepEqual(lines(describe(One)).slice(1), ["2 1 part<A>: u8", "2 1 part<B>: u8", "3 1 end: u8"]);
});

Deno.test("describe() names lengths", () => {
  const Wire = struct("Lengths", {
    n: countOf("name", u8),
    width: u16,
    height: u16,
    uuid: bytes(16),
    name: textBytes("n"),
    glyph: imageBytes(4, "width", "height"),
    rows: imageBytes(8, "width", "height"),
    to: pointer(bytes("n")),
  });
  assert.deepEqual(describe(Wire).map(({ type, size }) => `${type} ${size}`), [
    "u8 1",
    "u16 2",
    "u16 2",
    "bytes[16] 16",
    "text[n] var",
    "bytes[⌈width × 4 / 8⌉ × height] var",
    "bytes[width × height] var",
    "→ bytes[n] 4",
  ]);
  assert.equal(describe(Wire)[0]?.note, "bytes of name");
});

Deno.test("describe() describes what is no struct", () => {
  assert.deepEqual(lines(describe(u32)), ["0 4 : u32"]);
});

Deno.test("sizeOf() is null when values differ in size", () => {
  assert.equal(sizeOf(Point), 8);
  assert.equal(sizeOf(array(Point, 3)), 24);
  assert.equal(sizeOf(array(Point, REST)), null);
  assert.equal(sizeOf(struct("Var", { a: u8, rest: bytes(REST) })), null);
  assert.equal(sizeOf(struct("None", {})), 0);
});
