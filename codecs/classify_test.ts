import assert from "node:assert/strict";
import { classify } from "./classify.ts";

Deno.test("classify() counts shares and colours, and heeds no top byte", () => {
  const noise = Uint32Array.from({ length: 100 * 100 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 8);
  const wild = classify(noise, 100);
  assert.ok(wild.contrasting > 0.9);
  assert.deepEqual([wild.kind, wild.colors], ["drawing", 257]);
  assert.equal(wild.repeated + wild.gradual + wild.contrasting, 1);
  const four = Uint32Array.from({ length: 100 * 100 }, (_, i) => (i << 24 | (i & 3) * 0x404040) >>> 0);
  assert.equal(classify(four, 100).colors, 4);
  const slope = Uint32Array.from({ length: 100 * 100 }, (_, i) => i % 100 + (i / 100 | 0) << 8);
  assert.deepEqual(classify(slope, 100), { kind: "photo", repeated: 0, gradual: 1, contrasting: 0, colors: 197 });
});

Deno.test("classify() takes pictures of any size", () => {
  for (const [width, height] of [[1, 1], [1, 9], [9, 1], [2, 2], [4096, 1]] as const) {
    const { kind } = classify(Uint32Array.from({ length: width * height }, (_, i) => i * 0x303030), width);
    assert.equal(kind, "drawing");
  }
});
