/** The suite is tested itself: each seeded defect is noticed by the cases that the table names, and by none without it. */
import assert from "node:assert/strict";
import { CASES } from "../suite/all_cases.ts";
import { CATCHES, type Catches } from "./find_catches.ts";
import { defectsOf, startDefectiveEnd } from "./judge_defects.ts";

const catches: Catches = JSON.parse(await Deno.readTextFile(CATCHES));

for (const end of ["server", "client"] as const) {
  Deno.test(`${defectsOf(end).length} seeded defects of a ${end} are each caught`, async (t) => {
    assert.deepEqual(Object.keys(catches[end]).toSorted(), defectsOf(end).map(({ name }) => name).toSorted());
    await using own = await startDefectiveEnd(end);
    for (const defect of defectsOf(end)) {
      await t.step(defect.name, async () => {
        const address = catches[end][defect.name];
        assert(address, "no case catches it");
        const cases = CASES.filter((one) => one.judges === end && one.address === address);
        assert.equal(cases.length, 1, `there is no case ${address}`);
        const [good] = await own.judge(cases, null);
        assert.equal(good!.verdict, "ok", `${address} without the defect: ${good!.reason}`);
        const [bad] = await own.judge(cases, defect);
        assert.match(bad!.verdict, /^(failed|non-strict)$/, `${address} does not notice it`);
      });
    }
  });
}
