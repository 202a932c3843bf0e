import assert from "node:assert/strict";
import { AREAS } from "./areas.ts";
import { Coverage } from "./coverage.ts";

Deno.test("the best origin wins, whatever comes first", () => {
  const items = ["a", "b", "c"].map((address) => ({ address, area: AREAS[0]! }));
  const coverage = new Coverage(items, [
    { by: "case", origin: "derived", addresses: ["a", "a", "b"] },
    { by: "capture", origin: "captured", peer: "QEMU", addresses: ["a"] },
  ]);
  assert.deepEqual(items.map(({ address }) => coverage.origin(address)), ["captured", "derived", "none"]);
  assert.deepEqual(coverage.evidence("a").map(({ by }) => by), ["capture", "case"]);
  assert.deepEqual(coverage.count(() => true), { captured: 1, derived: 1, none: 1 });
});
