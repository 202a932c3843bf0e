import assert from "node:assert/strict";
import { PixelBudget } from "./pixel_budget.ts";

Deno.test("PixelBudget gives no more than its limit, and takes back", () => {
  const budget = new PixelBudget(10);
  assert.deepEqual([budget.take(4), budget.take(6), budget.take(1)], [true, true, false]);
  assert.equal(budget.taken, 10);
  budget.give(6);
  assert.deepEqual([budget.take(7), budget.take(6), budget.taken], [false, true, 10]);
});
