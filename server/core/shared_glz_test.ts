import assert from "node:assert/strict";
import { encodeGlz } from "../../codecs/glz.ts";
import { LzType } from "../../codecs/lz.ts";
import { SharedGlz } from "./shared_glz.ts";

Deno.test("SharedGlz takes the first offer, and no more than it will keep", () => {
  const glz = new SharedGlz();
  assert.equal(glz.dictionary, null);
  glz.offer(100_000);
  glz.offer(1_000_000);
  assert.equal(glz.dictionary!.windowPixels, 100_000);
  assert.equal(glz.dictionary, glz.dictionary);
  const large = new SharedGlz();
  large.offer(2 ** 31 - 1);
  assert.ok(large.dictionary!.windowPixels < 2 ** 23);
});

Deno.test("SharedGlz has no dictionary for a window that is none", () => {
  for (const offer of [0, -5, -(2 ** 31), 10]) {
    const glz = new SharedGlz();
    glz.offer(offer);
    assert.deepEqual([glz.offered, glz.dictionary], [false, null]);
  }
});

Deno.test("SharedGlz refers to nothing before the end of a channel", () => {
  const glz = new SharedGlz();
  glz.offer(1_000_000);
  const pixels = Uint32Array.from({ length: 2500 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 8);
  const encode = () => encodeGlz({ type: LzType.RGB32, width: 50, height: 50, pixels }, glz.dictionary!).length;
  const first = encode();
  assert.ok(encode() < first / 10);
  glz.channelEnded();
  assert.equal(encode(), first);
  assert.equal(glz.dictionary!.state.nextId, 3n);
});
