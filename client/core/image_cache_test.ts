import assert from "node:assert/strict";
import { ImageCache } from "./image_cache.ts";

const image = (pixels: number) => ({ width: pixels, height: 1, pixels: new Uint32Array(pixels), alpha: false });

Deno.test("ImageCache keeps, replaces and forgets, and knows how many pixels it has", () => {
  const cache = new ImageCache(50), first = image(10), second = image(20);
  assert.equal(cache.put(1n, first), true);
  assert.equal(cache.put(2n ** 64n - 1n, second), true);
  assert.deepEqual([cache.get(1n), cache.get(2n ** 64n - 1n), cache.get(2n)], [first, second, undefined]);
  assert.deepEqual([cache.size, cache.pixels], [2, 30]);
  cache.put(1n, second);
  assert.deepEqual([cache.get(1n), cache.size, cache.pixels], [second, 2, 40]);
  cache.delete(5n);
  cache.delete(1n);
  assert.deepEqual([cache.get(1n), cache.size, cache.pixels], [undefined, 1, 20]);
  cache.clear();
  assert.deepEqual([cache.size, cache.pixels], [0, 0]);
});

Deno.test("ImageCache names an image without a loss once it is there", () => {
  const cache = new ImageCache(50), lossy = image(10), lossless = image(10);
  cache.put(1n, lossy, true);
  assert.deepEqual([cache.get(1n), cache.getLossless(1n), cache.getLossless(2n)], [lossy, undefined, undefined]);
  cache.put(1n, lossless);
  assert.equal(cache.get(1n), lossless);
  assert.equal(cache.getLossless(1n), lossless);
});

Deno.test("ImageCache takes twice what it offered and no more, the replaced image not counted", () => {
  const cache = new ImageCache(50);
  assert.equal(cache.put(1n, image(60)), true);
  assert.equal(cache.put(2n, image(41)), false);
  assert.equal(cache.get(2n), undefined);
  assert.equal(cache.put(2n, image(40)), true);
  assert.equal(cache.put(1n, image(60)), true);
  assert.equal(cache.pixels, 100);
});
