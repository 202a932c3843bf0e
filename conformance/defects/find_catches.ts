/**
 * Finds which cases notice each seeded defect, and writes the table that the test checks: `caught.json`.
 *
 * deno run --allow-all conformance/defects/find_catches.ts [DEFECT]…
 */
import { CASES } from "../suite/all_cases.ts";
import { defectsOf, startDefectiveEnd } from "./judge_defects.ts";

/** The file: defect → addresses of cases that notice it, the first ones. */
export type Catches = Record<"server" | "client", Record<string, readonly string[]>>;

/** Where the table is. */
export const CATCHES: URL = new URL("./caught.json", import.meta.url);

/** Cases kept for a defect: one is enough, more tell how well it is noticed. */
const MOST_KEPT = 3;

if (import.meta.main) {
  const found: Catches = JSON.parse(await Deno.readTextFile(CATCHES).catch(() => '{"server": {}, "client": {}}'));
  for (const end of ["server", "client"] as const) {
    await using own = await startDefectiveEnd(end);
    const all = CASES.filter(({ judges, level }) => judges === end && level !== "info");
    const good = await own.judge(all, null),
      isOk = new Set(good.filter(({ verdict }) => verdict === "ok").map(({ address }) => address));
    // A case that takes long tells little more than a quick one.
    const quick = new Set(good.filter(({ ms }) => ms < 1500).map(({ address }) => address));
    const cases = all.filter(({ address }) => isOk.has(address) && quick.has(address));
    for (const defect of defectsOf(end)) {
      if (Deno.args.length > 0 && !Deno.args.includes(defect.name)) continue;
      const kept: string[] = [];
      for (const one of cases) {
        const [result] = await own.judge([one], defect);
        if (result!.verdict === "failed" || result!.verdict === "non-strict") kept.push(one.address);
        if (kept.length === MOST_KEPT) break;
      }
      found[end][defect.name] = kept;
      console.log(`${end} ${defect.name}: ${kept.join(", ") || "NOT CAUGHT"}`);
    }
  }
  await Deno.writeTextFile(CATCHES, `${JSON.stringify(found, null, 2)}\n`);
}
