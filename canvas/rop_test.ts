import assert from "node:assert/strict";
import { Rop, Ropd, ropFromDescriptor, ropMasks } from "./rop.ts";

/** The equations of the reference, common/pixman_utils.c RASTER_OP. */
const equations: Record<keyof typeof Rop, (src: number, dst: number) => number> = {
  CLEAR: () => 0,
  AND: (src, dst) => src & dst,
  AND_REVERSE: (src, dst) => src & ~dst,
  COPY: (src) => src,
  AND_INVERTED: (src, dst) => ~src & dst,
  NOOP: (_, dst) => dst,
  XOR: (src, dst) => src ^ dst,
  OR: (src, dst) => src | dst,
  NOR: (src, dst) => ~src & ~dst,
  EQUIV: (src, dst) => ~src ^ dst,
  INVERT: (_, dst) => ~dst,
  OR_REVERSE: (src, dst) => src | ~dst,
  COPY_INVERTED: (src) => ~src,
  OR_INVERTED: (src, dst) => ~src | dst,
  NAND: (src, dst) => ~src | ~dst,
  SET: () => -1,
};

const names = Object.keys(Rop) as (keyof typeof Rop)[]; // Object.keys() forgets the type of its argument

Deno.test("ropMasks() gives every operation its equation", () => {
  for (const name of names) {
    const { none, source, dest, both } = ropMasks(Rop[name]);
    for (const [s, d] of [[0x0f0f1234, 0x00ff5678], [-1, 0], [0, -1], [0x80000001 | 0, 0x7ffffffe]] as const) {
      assert.equal(none ^ source & s ^ dest & d ^ both & s & d, equations[name](s, d), name);
    }
  }
});

Deno.test("ropFromDescriptor() gives every descriptor of one operation the function it spells", () => {
  for (let ropd = 0; ropd < 0x800; ropd++) {
    const s = ropd & Ropd.INVERS_BRUSH ? -4 : 3, d = ropd & Ropd.INVERS_DEST ? -6 : 5;
    const result = ropd & Ropd.INVERS_RES ? -1 : 0;
    const wanted = ropd & Ropd.OP_PUT
      ? s ^ result
      : ropd & Ropd.OP_OR
      ? (s | d) ^ result
      : ropd & Ropd.OP_AND
      ? (s & d) ^ result
      : ropd & Ropd.OP_XOR
      ? s ^ d ^ result
      : ropd & Ropd.OP_BLACKNESS
      ? 0
      : ropd & Ropd.OP_WHITENESS
      ? -1
      : ropd & Ropd.OP_INVERS
      ? ~5
      : 3;
    const rop = ropFromDescriptor(ropd, "brush", "dest");
    const name = names.find((name) => Rop[name] === rop);
    assert(name);
    assert.equal(equations[name](3, 5), wanted, `0x${ropd.toString(16)} gave ${name}`);
  }
});

Deno.test("ropFromDescriptor() spells the operations that the reference's comments name", () => {
  const { OP_PUT, OP_OR, OP_AND, OP_XOR, INVERS_SRC, INVERS_DEST, INVERS_RES } = Ropd;
  const of = (ropd: number) => ropFromDescriptor(ropd, "src", "dest");
  assert.equal(of(OP_PUT), Rop.COPY);
  assert.equal(of(OP_PUT | INVERS_SRC), Rop.COPY_INVERTED);
  assert.equal(of(OP_PUT | INVERS_SRC | INVERS_RES), Rop.COPY);
  assert.equal(of(OP_PUT | INVERS_DEST), Rop.COPY);
  assert.equal(of(OP_OR | INVERS_RES), Rop.NOR);
  assert.equal(of(OP_OR | INVERS_RES | INVERS_SRC | INVERS_DEST), Rop.AND);
  assert.equal(of(OP_OR | INVERS_RES | INVERS_SRC), Rop.AND_REVERSE);
  assert.equal(of(OP_OR | INVERS_DEST), Rop.OR_REVERSE);
  assert.equal(of(OP_AND | INVERS_SRC | INVERS_DEST), Rop.NOR);
  assert.equal(of(OP_AND | INVERS_RES | INVERS_DEST), Rop.OR_INVERTED);
  assert.equal(of(OP_XOR | INVERS_SRC), Rop.EQUIV);
  assert.equal(of(0), Rop.COPY);
  assert.equal(of(INVERS_RES | INVERS_SRC), Rop.COPY);
});

Deno.test("ropFromDescriptor() takes each inversion from the input it is about", () => {
  assert.equal(ropFromDescriptor(Ropd.OP_PUT | Ropd.INVERS_BRUSH, "src", "dest"), Rop.COPY);
  assert.equal(ropFromDescriptor(Ropd.OP_PUT | Ropd.INVERS_SRC, "brush", "dest"), Rop.COPY);
  // DRAW_OPAQUE: the brush is drawn upon the image.
  assert.equal(ropFromDescriptor(Ropd.OP_AND | Ropd.INVERS_SRC, "brush", "src"), Rop.AND_REVERSE);
  assert.equal(ropFromDescriptor(Ropd.OP_AND | Ropd.INVERS_DEST, "brush", "src"), Rop.AND);
});
