import assert from "node:assert/strict";
import { enumeration, flags } from "../../protocol/schema/enumeration.ts";
import {
  array,
  bytes,
  countOf,
  enumOf,
  flagsOf,
  match,
  nothing,
  optionalPointer,
  REST,
  struct,
  tagOf,
  u32,
  u8,
  unlessFlag,
  whenFlag,
} from "../../protocol/schema/wire.ts";
import { facetsOf } from "./facets.ts";
import { mark } from "./mark.ts";

const Colour = enumeration("colour", 8, { INVALID: 0, RED: 1, BLUE: 2 });
const Trim = flags("trim", 8, { LACE: 0, BOWS: 1, NAMED: 2, BARE: 3 });
const Shape = enumeration("shape", 8, { NONE: 0, DOTS: 1 });

const Dots = struct("Dots", { count: countOf("dots", u8), dots: array(enumOf(Colour), "count") });
const Hat = struct("Hat", {
  colour: enumOf(Colour),
  trim: flagsOf(Trim),
  name: whenFlag("trim", "NAMED", u32),
  extra: unlessFlag("trim", "BARE", u8),
  shape: tagOf("pattern", Shape),
  pattern: match("shape", { NONE: nothing, DOTS: Dots }),
  box: optionalPointer(struct("Box", { lid: enumOf(Colour) })),
  pair: array(u8, 2),
  rest: bytes(REST),
});

Deno.test("facetsOf() names members, flags, cases, pointers and arrays", () => {
  assert.deepEqual(facetsOf(Hat), [
    "colour=RED",
    "colour=BLUE",
    "trim=LACE",
    "trim=BOWS",
    "name=present",
    "name=absent",
    "extra=absent",
    "extra=present",
    "pattern=NONE",
    "pattern=DOTS",
    "pattern<DOTS>.dots=empty",
    "pattern<DOTS>.dots=filled",
    "pattern<DOTS>.dots[]=RED",
    "pattern<DOTS>.dots[]=BLUE",
    "box=absent",
    "box=present",
    "box.lid=RED",
    "box.lid=BLUE",
  ]);
});

Deno.test("facetsOf() does not enter the cases of a shallow struct", () => {
  const facets = facetsOf(Hat, new Set([Hat]));
  assert(facets.includes("pattern=DOTS") && facets.includes("name=present") && facets.includes("box.lid=RED"));
  assert(!facets.some((facet) => facet.startsWith("pattern<")));
});

const plain = {
  colour: 2,
  trim: Trim.BOWS,
  name: null,
  extra: 7,
  pattern: { is: "NONE", value: null },
  box: null,
  pair: [1, 2],
  rest: new Uint8Array(),
} as const;

Deno.test("mark() names what a value shows", () => {
  assert.deepEqual([...mark(Hat, plain)], [
    "colour=BLUE",
    "trim=BOWS",
    "name=absent",
    "extra=present",
    "pattern=NONE",
    "box=absent",
  ]);
  const rich = {
    ...plain,
    colour: 9,
    trim: 0,
    name: 5,
    extra: null,
    pattern: { is: "DOTS", value: { dots: [1, 0] } },
    box: { lid: 1 },
  } as const;
  assert.deepEqual([...mark(Hat, rich)], [
    "name=present",
    "extra=absent",
    "pattern=DOTS",
    "pattern<DOTS>.dots=filled",
    "pattern<DOTS>.dots[]=RED",
    "box=present",
    "box.lid=RED",
  ]);
});

Deno.test("mark() tells of structs below a shallow one and does not name what is in them", () => {
  const seen: string[] = [];
  const value = { ...plain, pattern: { is: "DOTS", value: { dots: [] } } } as const;
  const found = mark(Hat, value, { shallow: new Set([Hat]), onStruct: ({ name }) => seen.push(name) });
  assert.deepEqual(seen, ["Hat", "Dots"]);
  assert(found.has("pattern=DOTS") && !found.has("pattern<DOTS>.dots=empty"));
});
