import assert from "node:assert/strict";
import { judgeTargets, meanOf, type Target } from "./codec_targets.ts";
import type { CodecResult } from "./codec_result.ts";
import { geometricMean } from "./geometric_mean.ts";

const peer = (median: number, best: number) => ({ ns: { median, best, runs: 9 }, same: true, bytes: 10 });

const result = (image: string, median: number, best: number): CodecResult => ({
  codec: "QUIC RGB32",
  image,
  direction: "decode",
  pixels: 1000,
  bytes: 90,
  referenceBytes: 100,
  ns: { median, best, runs: 9 },
  besideBytes: 0,
  reference: peer(400, 200),
  html5: null,
});

const target = (of: Target["of"], value: number): Target => ({ codec: "QUIC RGB32", direction: "decode", of, value });

Deno.test("geometricMean() of ratios and their inverses is 1", () => {
  assert.ok(Math.abs(geometricMean([4, 0.25, 2, 0.5])! - 1) < 1e-12);
  assert.equal(geometricMean([]), null);
});

Deno.test("meanOf() is more for who takes less time than the peer", () => {
  const results = [result("a", 400, 100), result("b", 100, 50)];
  assert.ok(Math.abs(meanOf(results, "reference", "median")! - 2) < 1e-12);
  assert.ok(Math.abs(meanOf(results, "reference", "best")! - Math.sqrt(8)) < 1e-12);
});

Deno.test("meanOf() of some of the images would flatter: it needs all", () => {
  assert.equal(meanOf([result("a", 4, 4), { ...result("b", 4, 4), reference: null }], "reference", "best"), null);
});

Deno.test("judgeTargets() wants more speed, fewer bytes, and says when it does not know", () => {
  const targets = [target("reference", 2), target("reference", 2.1), target("bytes", 0.9), target("spice-html5", 3)];
  const judged = judgeTargets([result("a", 200, 100)], [...targets, target("MPix/s", 10_000)]);
  assert.deepEqual(judged.map(({ reached }) => reached), [true, false, true, null, true]);
});
