import assert from "node:assert/strict";
import { prng } from "../../protocol/schema/prng.ts";
import { mutate } from "./mutate.ts";

Deno.test("mutate() changes, shortens and lengthens, and leaves its input alone", () => {
  const source = Uint8Array.from({ length: 100 }, (_, i) => i), before = source.slice();
  let shorter = 0, longer = 0, changed = 0;
  for (let seed = 0; seed < 500; seed++) {
    const out = mutate(source, prng(seed));
    assert.deepEqual(mutate(source, prng(seed)), out, "the same seed does the same");
    shorter += Number(out.length < 100);
    longer += Number(out.length > 100);
    changed += Number(out.length === 100 && out.some((byte, i) => byte !== i));
  }
  assert.deepEqual(source, before);
  for (const count of [shorter, longer, changed]) assert.ok(count > 50, `${[shorter, longer, changed]}`);
});

Deno.test("mutate() takes empty input, and keeps to 64 KiB, or to what it is told", () => {
  for (let seed = 0; seed < 100; seed++) {
    assert.ok(mutate(new Uint8Array(0), prng(seed)).length < 1000);
    assert.ok(mutate(new Uint8Array(100_000), prng(seed)).length <= 65536);
    assert.ok(mutate(new Uint8Array(100), prng(seed), undefined, 90).length <= 90);
  }
});
