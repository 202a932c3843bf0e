import assert from "node:assert/strict";
import { enumeration, flags, isEnumeration, metaOf, nameOf, namesOf } from "./enumeration.ts";

const Kind = enumeration("kind", 8, { NONE: 0, DOTS: 1, LINE: 100 });
const Bits = flags("bits", 32, { A: 0, B: 3, LAST: 31 });

Deno.test("enumeration() has its members as constants, and only those", () => {
  assert.equal(Kind.LINE, 100);
  assert.deepEqual(Object.keys(Kind), ["NONE", "DOTS", "LINE"]);
  assert.ok(Object.isFrozen(Kind));
  assert.deepEqual({ ...metaOf(Kind), names: [...metaOf(Kind).names] }, {
    name: "kind",
    bits: 8,
    flags: false,
    members: { NONE: 0, DOTS: 1, LINE: 100 },
    names: [[0, "NONE"], [1, "DOTS"], [100, "LINE"]],
  });
});

Deno.test("flags() holds bits, the highest as an unsigned number", () => {
  assert.deepEqual([Bits.A, Bits.B, Bits.LAST], [1, 8, 0x80000000]);
  assert.equal(metaOf(Bits).flags, true);
});

Deno.test("nameOf() and namesOf() keep what has no name", () => {
  assert.equal(nameOf(Kind, 100), "LINE");
  assert.equal(nameOf(Kind, 7), "7");
  assert.deepEqual(namesOf(Bits, 0x80000009), ["A", "B", "LAST"]);
  assert.deepEqual(namesOf(Bits, 0x80000100), ["LAST", "0x100"]);
  assert.deepEqual(namesOf(Bits, 0), []);
});

Deno.test("isEnumeration() tells enumerations from other values", () => {
  assert.deepEqual([Kind, Bits, {}, null, 3, "kind"].map(isEnumeration), [true, true, false, false, false, false]);
});
