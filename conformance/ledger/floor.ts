/** What was covered once must stay covered: counts by area, kept with the source. */
import { AREAS } from "./areas.ts";
import type { Coverage } from "./coverage.ts";

/** Items of an area that were covered, and those of them that real peers sent. */
export interface AreaFloor {
  readonly covered: number;
  readonly captured: number;
}

/** By name of the area. */
export type Floor = Readonly<Record<string, AreaFloor>>;

/** @returns What is covered now. */
export function floorOf(coverage: Coverage): Floor {
  return Object.fromEntries(AREAS.map((area) => {
    const { captured, derived } = coverage.count((one) => one === area);
    return [area.name, { covered: captured + derived, captured }];
  }));
}

/** @returns The larger of both, number by number; areas that are no more are left out. */
export function raise(floor: Floor, now: Floor): Floor {
  return Object.fromEntries(
    Object.entries(now).map(([area, { covered, captured }]) => [area, {
      covered: Math.max(covered, floor[area]?.covered ?? 0),
      captured: Math.max(captured, floor[area]?.captured ?? 0),
    }]),
  );
}

/** @returns One sentence for each number that fell. */
export function fallen(floor: Floor, now: Floor): string[] {
  return Object.entries(floor).flatMap(([area, was]) =>
    (["covered", "captured"] as const).filter((what) => (now[area]?.[what] ?? 0) < was[what]).map((what) =>
      `${area}: ${now[area]?.[what] ?? 0} items ${what}, ${was[what]} before`
    )
  );
}
