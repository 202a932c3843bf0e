import assert from "node:assert/strict";
import { fillSolid } from "./fill.ts";
import type { Rect } from "./rect.ts";
import { Rop } from "./rop.ts";
import { createSurface, type SurfaceFormat } from "./surface.ts";

const rect = (left: number, top: number, right: number, bottom: number): Rect => ({ top, left, bottom, right });
const lowest = -(2 ** 31), highest = 2 ** 31 - 1;

Deno.test("fillSolid() fills the box and nothing around it", () => {
  const surface = createSurface(4, 3, "32_xRGB", 12);
  const region = fillSolid(surface, rect(1, 1, 3, 9), null, 0xffabcdef);
  const f = 0xffabcdef;
  assert.deepEqual([...surface.pixels], [0, 0, 0, 0, 0, f, f, 0, 0, f, f, 0]);
  assert.deepEqual([...region], [1, 1, 3, 3]);
});

Deno.test("fillSolid() with XOR touches a pixel once where clip rectangles overlap", () => {
  const surface = createSurface(4, 1, "32_xRGB", 4);
  fillSolid(surface, rect(0, 0, 4, 1), [rect(0, 0, 3, 1), rect(1, 0, 3, 1), rect(2, 0, 9, 1)], 0xff, Rop.XOR);
  assert.deepEqual([...surface.pixels], [0xff, 0xff, 0xff, 0xff]);
});

Deno.test("fillSolid() does all operations inside the bits of the format", () => {
  const equations: Record<keyof typeof Rop, (s: number, d: number) => number> = {
    CLEAR: () => 0,
    AND: (s, d) => s & d,
    AND_REVERSE: (s, d) => s & ~d,
    COPY: (s) => s,
    AND_INVERTED: (s, d) => ~s & d,
    NOOP: (_, d) => d,
    XOR: (s, d) => s ^ d,
    OR: (s, d) => s | d,
    NOR: (s, d) => ~(s | d),
    EQUIV: (s, d) => ~(s ^ d),
    INVERT: (_, d) => ~d,
    OR_REVERSE: (s, d) => s | ~d,
    COPY_INVERTED: (s) => ~s,
    OR_INVERTED: (s, d) => ~s | d,
    NAND: (s, d) => ~(s & d),
    SET: () => -1,
  };
  const formats: [SurfaceFormat, number][] = [["32_xRGB", -1], ["32_ARGB", -1], ["16_555", 0xffff], ["8_A", 0xff]];
  for (const [format, mask] of formats) {
    for (const name of Object.keys(Rop) as (keyof typeof Rop)[]) { // Object.keys() forgets the type of its argument
      const surface = createSurface(1, 1, format, 1), before = 0x5aa5c33c & mask, color = 0xf00f3c5a;
      surface.pixels[0] = before;
      fillSolid(surface, rect(0, 0, 1, 1), null, color, Rop[name]);
      assert.equal(surface.pixels[0], (equations[name](color, before) & mask) >>> 0, `${format} ${name}`);
    }
  }
});

Deno.test("fillSolid() takes any coordinates", () => {
  const surface = createSurface(2, 2, "8_A", 4);
  fillSolid(surface, rect(highest, highest, lowest, lowest), null, 1);
  fillSolid(surface, rect(2, 0, highest, highest), null, 1);
  fillSolid(surface, rect(lowest, lowest, 0, highest), null, 1);
  assert.deepEqual([...surface.pixels], [0, 0, 0, 0]);
  fillSolid(surface, rect(lowest, lowest, highest, highest), [rect(lowest, 1, highest, highest)], 0x1ff);
  assert.deepEqual([...surface.pixels], [0, 0, 255, 255]);
});
