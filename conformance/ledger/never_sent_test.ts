import assert from "node:assert/strict";
import { AREAS } from "./areas.ts";
import { readLedger } from "./ledger.ts";
import { NEVER_SENT, neverSent, wrongEntries } from "./never_sent.ts";

Deno.test("what no peer sends is there, is not captured, and is said with its source", () => {
  const coverage = readLedger();
  assert.deepEqual(wrongEntries(coverage.items, (address) => coverage.origin(address) === "captured"), []);
  for (const { items, reason } of NEVER_SENT) {
    assert.match(reason, /(?:libspice|spice-gtk|PureSpice) .*\b[\w-]+\.(?:cpp|c)\b/, items[0]);
  }
  const globs = NEVER_SENT.flatMap(({ items }) => items);
  assert.equal(new Set(globs).size, globs.length);
});

Deno.test("what no peer sends is covered all the same, in the core areas", () => {
  const coverage = readLedger();
  const bare = coverage.items.filter(({ address, area }) => area.core && coverage.origin(address) === "none");
  assert.deepEqual(bare.map(({ address }) => address), []);
});

Deno.test("wrongEntries() tells of patterns that fit nothing and of items that are captured", () => {
  const items = ["link/a", "link/b/c", "link/d"].map((address) => ({ address, area: AREAS[0]! }));
  const entries = [{ items: ["link/b", "link/x"], reason: "" }, { items: ["link/a"], reason: "" }];
  assert.deepEqual(wrongEntries(items, (address) => address === "link/a", entries), [
    "link/x fits no item",
    "link/a is sent: a capture has link/a",
  ]);
  assert.deepEqual([...neverSent(items, entries)], ["link/a", "link/b/c"]);
});
