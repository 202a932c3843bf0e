import assert from "node:assert/strict";
import { PaletteCache } from "./palette_cache.ts";

Deno.test("PaletteCache keeps the newest palettes, up to its limit", () => {
  const cache = new PaletteCache(2);
  const palette = (colour: number) => Uint32Array.of(colour);
  cache.put(1n, palette(1));
  cache.put(2n, palette(2));
  cache.put(1n, palette(11));
  cache.put(3n, palette(3));
  assert.deepEqual([cache.get(1n), cache.get(2n), cache.get(3n)], [palette(11), undefined, palette(3)]);
  cache.delete(3n);
  cache.delete(99n);
  assert.equal(cache.get(3n), undefined);
  cache.clear();
  assert.equal(cache.get(1n), undefined);
});
