import assert from "node:assert/strict";
import { summarize } from "./summarize.ts";

Deno.test("summarize() takes the middle, by value and not as text", () => {
  assert.deepEqual(summarize([100, 9, 20]), { median: 20, best: 9, runs: 3 });
});

Deno.test("summarize() takes the mean of two in the middle", () => {
  assert.deepEqual(summarize([4, 1, 3, 10]), { median: 3.5, best: 1, runs: 4 });
});

Deno.test("summarize() refuses an empty list", () => {
  assert.throws(() => summarize([]), RangeError);
});
