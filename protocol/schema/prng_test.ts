import assert from "node:assert/strict";
import { below, nextU32, prng } from "./prng.ts";

Deno.test("prng() gives the same numbers for the same seed, for ever", () => {
  const random = prng(1);
  assert.deepEqual([nextU32(random), nextU32(random), nextU32(random)], [2339934983, 518083216, 1998734851]);
});

Deno.test("prng() gives other numbers for a neighbouring seed", () => {
  const seen = new Set(Array.from({ length: 1000 }, (_, seed) => nextU32(prng(seed))));
  assert.equal(seen.size, 1000);
});

Deno.test("below() reaches every number below its limit about equally often, and no other", () => {
  const random = prng(7), counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) counts[below(random, 10)]! += 1;
  assert.equal(counts.length, 10);
  for (const count of counts) assert.ok(count > 850 && count < 1150, `${counts}`);
});
