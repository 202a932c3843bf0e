import assert from "node:assert/strict";
import { enumeration, flags } from "./enumeration.ts";
import { print } from "./print.ts";
import {
  array,
  bytes,
  countOf,
  enumOf,
  flagsOf,
  i32,
  i64,
  match,
  nothing,
  optionalPointer,
  pointer,
  REST,
  struct,
  tagOf,
  textBytes,
  u16,
  u64,
  u8,
  unlessFlag,
  whenFlag,
} from "./wire.ts";

const Kind = enumeration("kind", 8, { NONE: 0, DOTS: 1 });
const Bits = flags("bits", 8, { A: 0, B: 1, C: 7 });
const Dot = struct("Dot", { x: i32, y: i32 });

Deno.test("print() shows one field a line, nested by indentation", () => {
  const Wire = struct("Shape", {
    id: u64,
    delta: i64,
    kind: tagOf("body", Kind),
    body: match("kind", { NONE: nothing, DOTS: struct("Dots", { n: countOf("dots", u16), dots: array(Dot, "n") }) }),
    to: optionalPointer(Dot),
    other: pointer(array(u8, 3)),
  });
  const text = print(Wire, {
    id: 0xdeadn,
    delta: -5n,
    body: { is: "DOTS", value: { dots: [{ x: 1, y: -2 }, { x: 3, y: 4 }] } },
    to: { x: 5, y: 6 },
    other: [7, 8, 9],
  });
  assert.equal(
    text,
    `Shape
  id: 0xdead (57005)
  delta: -5
  body: DOTS Dots
    dots: 2
      [0]: Dot
        x: 1
        y: -2
      [1]: Dot
        x: 3
        y: 4
  to: -> Dot
    x: 5
    y: 6
  other: -> 3 [7, 8, 9]`,
  );
  assert.match(
    print(Wire, { id: 0n, delta: 0n, body: { is: "NONE", value: null }, to: null, other: [1, 2, 3] }),
    /\n {2}body: NONE\n {2}to: null\n/,
  );
});

Deno.test("print() shows enumerations and flags by wire name, unknown ones as numbers", () => {
  const Wire = struct("Names", { kind: enumOf(Kind), bits: flagsOf(Bits), kinds: array(enumOf(Kind), REST) });
  assert.equal(
    print(Wire, { kind: 1, bits: 0x83, kinds: [0, 9] }),
    "Names\n  kind: DOTS\n  bits: A | B | C\n  kinds: 2 [NONE, 9]",
  );
  assert.equal(print(Wire, { kind: 200, bits: 0x44, kinds: [] }), "Names\n  kind: 200\n  bits: 0x44\n  kinds: 0 []");
  assert.match(print(Wire, { kind: 0, bits: 0, kinds: [] }), /bits: 0\n/);
});

Deno.test("print() shows parts that a flag selects", () => {
  const Wire = struct("Parts", {
    bits: flagsOf(Bits),
    a: whenFlag("bits", "A", u8, u16),
    b: whenFlag("bits", "B", Dot),
    c: unlessFlag("bits", "C", u8),
  });
  assert.equal(
    print(Wire, { bits: 0, a: { is: "A", value: 7 }, b: { x: 1, y: 2 }, c: 4 }),
    "Parts\n  bits: 0\n  a: A 7\n  b: Dot\n    x: 1\n    y: 2\n  c: 4",
  );
  assert.equal(
    print(Wire, { bits: 0, a: { is: "otherwise", value: 300 }, b: null, c: null }),
    "Parts\n  bits: 0\n  a: otherwise 300\n  b: null\n  c: null",
  );
});

Deno.test("print() shows bytes as length and head, and text as text without losing a byte", () => {
  const Wire = struct("Bytes", { data: bytes(4), name: textBytes(REST) });
  const name = Uint8Array.of(0x68, 0x22, 0x5c, 0x0a, 0x00, 0xff);
  assert.equal(
    print(Wire, { data: Uint8Array.of(0, 1, 0xab, 255), name }),
    'Bytes\n  data: 4 bytes 00 01 ab ff\n  name: 6 bytes "h\\"\\\\\\n\\0\\xff"',
  );
  assert.equal(
    print(Wire, { data: Uint8Array.of(0, 1, 2, 3), name }, { bytes: 2 }),
    'Bytes\n  data: 4 bytes 00 01 …\n  name: 6 bytes "h\\"" …',
  );
  assert.equal(print(bytes(REST), new Uint8Array(0)), "0 bytes");
});

Deno.test("print() shows the first elements of a long array and says how many follow", () => {
  const dots = [{ x: 1, y: 1 }, { x: 2, y: 2 }, { x: 3, y: 3 }];
  assert.equal(
    print(array(Dot, REST), dots, { elements: 1 }),
    "3\n  [0]: Dot\n    x: 1\n    y: 1\n  and 2 more",
  );
  assert.equal(print(array(u8, REST), [1, 2, 3], { elements: 2 }), "3 [1, 2, and 1 more]");
});
