import assert from "node:assert/strict";
import { cutDrawables } from "./cut_drawables.ts";

Deno.test("cutDrawables() fills where there is one colour and joins equal rows", () => {
  const width = 100, height = 100, pixels = new Uint32Array(width * height).fill(0x102030);
  for (let y = 0; y < height; y++) pixels[y * width + 70] = y;
  const cut = cutDrawables({ width, height, pixels }, { left: 2, top: 1, right: 98, bottom: 97 });
  assert.deepEqual(cut.map(({ kind, area }) => [kind, area]), [
    ["fill", { left: 2, top: 1, right: 66, bottom: 97 }],
    ["pixels", { left: 66, top: 1, right: 98, bottom: 97 }],
  ]);
  const [fill, rest] = cut;
  assert.ok(fill?.kind === "fill" && fill.color === 0x102030);
  assert.ok(rest?.kind === "pixels" && rest.pixels.length === 32 * 96 && rest.pixels[4 + 32] === 2);
});

Deno.test("cutDrawables() does not join fills of different colours", () => {
  const pixels = new Uint32Array(64 * 64).fill(1);
  pixels.fill(2, 64 * 32);
  const cut = cutDrawables({ width: 64, height: 64, pixels }, { left: 0, top: 0, right: 64, bottom: 64 });
  assert.deepEqual(cut.map((one) => one.kind === "fill" ? one.color : null), [1, 2]);
});
