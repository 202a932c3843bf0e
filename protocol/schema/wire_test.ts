import assert from "node:assert/strict";
import { enumeration, flags } from "./enumeration.ts";
import { message, type MessageOf, sameAs, type ValueOf } from "./message.ts";
import {
  array,
  bytes,
  countOf,
  enumOf,
  fd,
  flagsOf,
  i32,
  i64,
  imageBytes,
  type Infer,
  match,
  matchFlag,
  type Node,
  nothing,
  optionalPointer,
  pointer,
  REST,
  struct,
  tagOf,
  textBytes,
  u16,
  u32,
  u64,
  u8,
  unlessFlag,
  whenFlag,
} from "./wire.ts";

/** `true` when two types are the same, `false` when one is only assignable to the other. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

/** Does not compile unless its type argument is `true`. */
function holds<_T extends true>(): void {}

const Kind = enumeration("kind", 8, { NONE: 0, DOTS: 1, LINE: 2 });
const Bits = flags("bits", 16, { A: 0, B: 1, C: 2 });
const Point = struct("Point", { x: i32, y: i32 });

Deno.test("Infer gives numbers, bigints and bytes, and leaves out what is derived", () => {
  const _Wire = struct("Wire", {
    n: countOf("list", u16),
    small: u8,
    large: u64,
    signed: i64,
    kind: enumOf(Kind),
    bits: flagsOf(Bits),
    handle: fd,
    data: bytes(4),
    name: textBytes(2),
    list: array(Point, "n"),
  });
  holds<
    Equal<Infer<typeof _Wire>, {
      readonly small: number;
      readonly large: bigint;
      readonly signed: bigint;
      readonly kind: number;
      readonly bits: number;
      readonly data: Uint8Array;
      readonly name: Uint8Array;
      readonly list: readonly { readonly x: number; readonly y: number }[];
    }>
  >();
});

Deno.test("Infer makes a nullable pointer nullable, and another not", () => {
  const _Wire = struct("Wire", { must: pointer(Point), may: optionalPointer(array(u64, 2), "eager") });
  type Point = { readonly x: number; readonly y: number };
  holds<Equal<Infer<typeof _Wire>, { readonly must: Point; readonly may: readonly bigint[] | null }>>();
});

Deno.test("Infer makes a switch a union that its case narrows", () => {
  const _Wire = struct("Wire", { type: tagOf("body", Kind), body: match("type", { NONE: nothing, DOTS: Point }) });
  type Body = Infer<typeof _Wire>["body"];
  holds<
    Equal<
      Body,
      | { readonly is: "NONE"; readonly value: null }
      | { readonly is: "DOTS"; readonly value: { readonly x: number; readonly y: number } }
    >
  >();
  holds<Equal<keyof Infer<typeof _Wire>, "body">>();
  const xOf = (body: Body): number | null => body.is === "DOTS" ? body.value.x : body.value;
  assert.equal(xOf({ is: "DOTS", value: { x: 3, y: 4 } }), 3);
  assert.equal(xOf({ is: "NONE", value: null }), null);
});

Deno.test("Infer makes what a flag selects nullable, or a union", () => {
  const _Wire = struct("Wire", {
    bits: flagsOf(Bits),
    one: whenFlag("bits", "A", Point),
    other: unlessFlag("bits", "B", u64),
    either: whenFlag("bits", "C", u64, optionalPointer(u8)),
  });
  holds<
    Equal<Infer<typeof _Wire>, {
      readonly bits: number;
      readonly one: { readonly x: number; readonly y: number } | null;
      readonly other: bigint | null;
      readonly either:
        | { readonly is: "C"; readonly value: bigint }
        | { readonly is: "otherwise"; readonly value: number | null };
    }>
  >();
  const _Of = struct("Of", { bits: flagsOf(Bits), part: matchFlag("bits", { A: u8, B: u64 }) });
  holds<
    Equal<
      Infer<typeof _Of>["part"],
      { readonly is: "A"; readonly value: number } | { readonly is: "B"; readonly value: bigint }
    >
  >();
});

Deno.test("MessageOf joins name and value of each message", () => {
  const First = message("FIRST", 1, { id: u32 });
  const Second = sameAs("SECOND", 2, First);
  const Third = message("THIRD", 3, {});
  type Any = MessageOf<readonly [typeof First, typeof Second, typeof Third]>;
  type Id = { readonly id: number };
  holds<
    Equal<
      Any,
      | { readonly name: "FIRST"; readonly value: Id }
      | { readonly name: "SECOND"; readonly value: Id }
      // deno-lint-ignore ban-types -- a message without fields has the empty object for its value
      | { readonly name: "THIRD"; readonly value: {} }
    >
  >();
  holds<Equal<ValueOf<typeof Second>, Id>>();
  // @ts-expect-error Types that differ are told apart: without this the test could not fail.
  holds<Equal<ValueOf<typeof Second>, { readonly id: bigint }>>();
  assert.deepEqual([First, Second, Third].map(({ name, id }) => [name, id]), [["FIRST", 1], ["SECOND", 2], [
    "THIRD",
    3,
  ]]);
  assert.equal(Second.wire.fields, First.wire.fields);
  assert.equal(Second.wire.name, "SECOND");
});

Deno.test("struct() refuses references that lead nowhere", () => {
  const mistakes: [Record<string, Node>, RegExp][] = [
    [{ list: array(u8, "n"), n: countOf("list") }, /W\.list: n comes after it/],
    [{ n: countOf("list") }, /W\.n: list is no field after it/],
    [{ list: bytes(1), n: countOf("list") }, /W\.n: list is no field after it/],
    [{ type: tagOf("body", Kind) }, /W\.type: body is no field after it/],
    [{ body: match("type", { NONE: nothing }) }, /W\.body: type is no tag of it/],
    [{ type: u8, body: match("type", { NONE: nothing }) }, /W\.body: type is no tag of it/],
    [{ type: tagOf("other", Kind), body: match("type", { NONE: nothing }), other: u8 }, /W\.body: type is no tag/],
    [{ type: tagOf("body", Kind), body: match("type", { DASH: u8 }) }, /W\.body: type has no member DASH/],
    [{ flags: u8, part: whenFlag("flags", "A", u8) }, /W\.part: flags is no flags field/],
    [{ flags: flagsOf(Bits), part: whenFlag("flags", "D", u8) }, /W\.part: flags has no member D/],
    [{ flags: flagsOf(Bits), part: unlessFlag("fags", "A", u8) }, /W\.part: fags is no flags field/],
    [{ rows: imageBytes(8, "w", "h"), w: u8 }, /W\.rows: w comes after it/],
  ];
  for (const [fields, error] of mistakes) {
    assert.throws(() => struct("W", fields), (thrown) => thrown instanceof TypeError && error.test(thrown.message));
  }
});

Deno.test("struct() leaves open what an enclosing struct can give", () => {
  const Inner = struct("Inner", { list: array(u8, "n"), rows: imageBytes(8, "w", "h") });
  assert.deepEqual(Inner.plan.free, ["n", "w", "h"]);
  const Outer = struct("Outer", { n: countOf("inner.list"), w: u8, h: u8, inner: Inner });
  assert.deepEqual(Outer.plan.free, []);
  assert.deepEqual(Outer.plan.fields.map(({ referenced }) => referenced), [true, true, true, false]);
});

Deno.test("array() refuses elements that may take no bytes", () => {
  assert.throws(() => array(bytes(REST), 3), TypeError);
  assert.throws(() => array(struct("None", {}), "n"), TypeError);
});

Deno.test("every node knows the fewest bytes that it takes", () => {
  const minima: [Node, number][] = [
    [u8, 1],
    [u64, 8],
    [nothing, 0],
    [fd, 0],
    [bytes(5), 5],
    [bytes(REST), 0],
    [array(Point, 3), 24],
    [array(Point, REST), 0],
    [pointer(bytes(100)), 4],
    [enumOf(Kind), 1],
    [enumOf(Kind, u32), 4],
    [struct("W", { bits: flagsOf(Bits), one: whenFlag("bits", "A", u8), two: whenFlag("bits", "B", u64, u16) }), 4],
    [struct("W", { tag: tagOf("body", Kind), body: match("tag", { NONE: u16, DOTS: u8 }) }), 2],
  ];
  for (const [node, min] of minima) assert.equal(node.min, min, node.kind);
});
