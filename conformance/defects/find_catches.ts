/**
 * Finds which cases notice each seeded defect, and writes the table that the test checks: `caught.json`.
 *
 * deno run --allow-all conformance/defects/find_catches.ts [DEFECT]…
 */
import { CASES } from "../suite/all_cases.ts";
import type { Case } from "../suite/case.ts";
import { fits } from "../suite/glob.ts";
import { defectsOf, startDefectiveEnd } from "./judge_defects.ts";

/** The file: defect → address of a case that notices it. */
export type Catches = Record<"server" | "client", Record<string, string>>;

/** Where the table is. */
export const CATCHES: URL = new URL("./caught.json", import.meta.url);

/** Where cases that notice a defect are looked for first, by its name. */
const NEAR: readonly (readonly [name: RegExp, area: string])[] = [
  [/^(wrong-(magic|version)|fixed-key|caps-offset|link-|connection-|channel-zero)/, "link"],
  [/ticket|refusal/, "link/ticket"],
  [/header|sub-list/, "headers"],
  [/^(pong|ack|wait|sub-list)/, "base"],
  [/^(session|mouse-mode|no-agent|list|attach)/, "main"],
  [/^name/, "capabilities"],
  [/^(inputs|motion|leds|key|place|buttons|mouse-mode)/, "inputs"],
  [/^cursor/, "cursor"],
  [/^(quic|lz|glz|zlib|lz4|jpeg)-/, "codec"],
  [/./, "display"],
];

if (import.meta.main) {
  const found: Catches = JSON.parse(await Deno.readTextFile(CATCHES).catch(() => '{"server": {}, "client": {}}'));
  for (const end of ["server", "client"] as const) {
    const chosen = defectsOf(end).filter(({ name }) => Deno.args.length === 0 || Deno.args.includes(name));
    if (chosen.length === 0) continue;
    await using own = await startDefectiveEnd(end);
    // For a few defects only the areas are judged where they are looked for.
    const areas = Deno.args.length === 0 ? ["**"] : chosen.flatMap(({ name }) => nearOf(name));
    const all = CASES.filter(({ judges, level, address }) => {
      return judges === end && level !== "info" && areas.some((area) => area === "**" || fits(address, area));
    });
    const good = await own.judge(all, null),
      isOk = new Set(good.filter(({ verdict }) => verdict === "ok").map(({ address }) => address));
    // A case that takes long tells little more than a quick one.
    const quick = new Set(good.filter(({ ms }) => ms < 4000).map(({ address }) => address));
    const cases = all.filter(({ address }) => isOk.has(address) && quick.has(address));
    for (const defect of chosen) {
      const near = nearOf(defect.name);
      const first = near.length === 1 ? near : near.slice(0, -1);
      const isNear = ({ address }: Case) => first.some((area) => fits(address, area));
      const order = [...cases.filter(isNear), ...cases.filter((one) => !isNear(one))];
      found[end][defect.name] = "";
      for (const one of order) {
        const [result] = await own.judge([one], defect);
        if (result!.verdict !== "failed" && result!.verdict !== "non-strict") continue;
        found[end][defect.name] = one.address;
        break;
      }
      console.log(`${end} ${defect.name}: ${found[end][defect.name] || "NOT CAUGHT"}`);
      await Deno.writeTextFile(CATCHES, `${JSON.stringify(found, null, 2)}\n`);
    }
  }
}

/** Areas whose cases may notice a defect, the likeliest first. */
function nearOf(defect: string): string[] {
  return NEAR.filter(([name]) => name.test(defect)).map(([, area]) => area);
}
