import assert from "node:assert/strict";
import FLOOR from "./floor.json" with { type: "json" };
import { fallen, floorOf, raise } from "./floor.ts";
import { readLedger } from "./ledger.ts";

Deno.test("coverage does not shrink", () => {
  const lost = fallen(FLOOR, floorOf(readLedger()));
  assert.deepEqual(
    lost,
    [],
    "the ledger covers less than it did. Bring the captures, vectors or cases back; if the items themselves are gone, " +
      "lower conformance/ledger/floor.json by hand. `deno task generate` raises it when coverage grows.",
  );
});

Deno.test("raise() never lowers, and fallen() tells each number", () => {
  const was = { link: { covered: 5, captured: 3 }, gone: { covered: 1, captured: 1 } };
  const now = { link: { covered: 4, captured: 4 }, new: { covered: 2, captured: 0 } };
  assert.deepEqual(raise(was, now), { link: { covered: 5, captured: 4 }, new: { covered: 2, captured: 0 } });
  assert.deepEqual(fallen(was, now), [
    "link: 4 items covered, 5 before",
    "gone: 0 items covered, 1 before",
    "gone: 0 items captured, 1 before",
  ]);
});
