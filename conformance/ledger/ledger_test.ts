import assert from "node:assert/strict";
import { readLedger } from "./ledger.ts";

Deno.test("readLedger(): captures, vectors and cases cover what there is, and nothing else", () => {
  const { items, strays } = readLedger();
  assert.ok(items.length > 1000);
  assert.deepEqual(strays, [], "a mistake in what they say, or in the items");
});
