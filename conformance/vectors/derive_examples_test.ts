import assert from "node:assert/strict";
import { facetsOf } from "../ledger/facets.ts";
import { deriveExamples } from "./derive_examples.ts";
import { allKinds } from "./kinds.ts";

const COPY = allKinds().get("display/server/DISPLAY_DRAW_COPY")!, MARK = allKinds().get("display/server/DISPLAY_MARK")!;

Deno.test("deriveExamples() shows every facet that is missing, the same way each time", () => {
  const all = facetsOf(COPY.wire), shown = new Set(all.filter((facet) => !facet.startsWith("base.clip")));
  for (const known of [new Set<string>(), shown]) {
    const made = deriveExamples(COPY, known, true, 15_000);
    const covered = new Set([...known, ...made.flatMap(({ facets }) => [...facets])]);
    assert.deepEqual(all.filter((facet) => !covered.has(facet)), []);
    assert.deepEqual(deriveExamples(COPY, known, true, 15_000), made);
    for (const { bytes } of made) assert.ok(bytes.length <= 15_000);
  }
  assert.ok(deriveExamples(COPY, shown, true, 15_000).length <= 4);
});

Deno.test("deriveExamples() makes nothing where captures show all, and one where there is nothing to show", () => {
  assert.deepEqual(deriveExamples(COPY, new Set(facetsOf(COPY.wire)), true, 15_000), []);
  assert.deepEqual(deriveExamples(MARK, new Set(), true, 15_000), []);
  assert.equal(deriveExamples(MARK, new Set(), false, 15_000).length, 1);
});
