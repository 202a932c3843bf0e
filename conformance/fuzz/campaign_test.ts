import assert from "node:assert/strict";
import { ProtocolError } from "../../protocol/errors.ts";
import { nextU32 } from "../../protocol/schema/prng.ts";
import { addCounts, Campaign } from "./campaign.ts";
import { readCorpus } from "./corpus.ts";
import type { Target } from "./target.ts";
import { targets } from "./targets.ts";

const corpus = readCorpus();
/** Inputs of the short campaign; `deno task fuzz` runs any number. */
const INPUTS = 20_000;

Deno.test(`${INPUTS} inputs end in a value or a typed error, in time, within memory`, () => {
  const campaign = new Campaign(targets, corpus, 20260, () => performance.now());
  campaign.run(0, INPUTS);
  assert.deepEqual(campaign.crashes.map(({ target, index, reason }) => `${target} ${index}: ${reason}`), []);
  for (const { name } of targets) {
    const count = campaign.counts.get(name)!;
    // A target that knows one answer only is not reached, or not understood.
    assert.ok(count.inputs > 50 && (count.outcomes["value"] ?? 0) > 5, `${name} ${JSON.stringify(count)}`);
    assert.ok(Object.keys(count.outcomes).length > 1, name);
  }
});

/** A target with every fault. */
const faulty: Target = {
  name: "faulty",
  weight: 1,
  largestBytes: () => 1000,
  totalBytes: () => 5000,
  generate: (random) => Uint8Array.of(nextU32(random) % 6),
  run: ([fault]) => {
    if (fault === 1) throw new TypeError("no such thing");
    if (fault === 2) return String(new Uint8Array(1001).length);
    if (fault === 3) return Array.from({ length: 6 }, () => new Uint8Array(900).length).join();
    if (fault === 4) throw new ProtocolError({ code: "truncated", message: "X", detail: "x" });
    if (fault === 5) throw new ProtocolError({ by: "local", code: "truncated", message: "X", detail: "x" });
    return "value";
  },
};

Deno.test("A campaign finds every kind of fault, and the same ones again", () => {
  let nowMs = 0;
  const run = () => {
    const campaign = new Campaign([faulty], corpus, 5, () => nowMs++);
    campaign.run(0, 200);
    return campaign;
  };
  const one = run(), count = one.counts.get("faulty")!;
  assert.deepEqual(Object.keys(count.outcomes).sort(), ["CRASH", "truncated", "value"]);
  const reasons = new Set(one.crashes.map(({ input, reason }) => `${input[0]} ${reason}`));
  assert.deepEqual([...reasons].sort(), [
    "1 TypeError: no such thing",
    "2 Violation: 1001 bytes allocated at once, 1000 allowed",
    "3 Violation: 5448 bytes allocated in all, 5000 allowed",
    "5 Violation: We are to blame: Cannot decode X: x",
  ]);
  assert.deepEqual(run().crashes.map(({ index }) => index), one.crashes.map(({ index }) => index));
  const { index, input } = one.crashes[0]!;
  assert.deepEqual(one.inputOf(index).input, input);
});

Deno.test("addCounts() adds, and keeps the slowest and the largest", () => {
  const count = (ms: number) => ({
    inputs: 2,
    bytes: 10,
    outcomes: { value: 2 },
    slowest: { ms, index: ms },
    largest: { bytes: 9 - ms, index: ms },
  });
  const all = new Map();
  addCounts(all, new Map([["a", count(3)]]));
  addCounts(all, new Map([["a", count(5)], ["b", count(1)]]));
  assert.deepEqual(all.get("a"), {
    inputs: 4,
    bytes: 20,
    outcomes: { value: 4 },
    slowest: { ms: 5, index: 5 },
    largest: { bytes: 6, index: 3 },
  });
  assert.equal(all.size, 2);
});
