/** The ledger of what is kept with the source. */
import { CASES } from "../suite/all_cases.ts";
import { Coverage } from "./coverage.ts";
import { allItems } from "./items.ts";
import { captureSources, claimSources, vectorSources } from "./sources.ts";

/** @returns All items, and what the captures, message vectors and cases of the tree cover. Takes about a second. */
export function readLedger(): Coverage {
  const items = allItems();
  return new Coverage(items, [...captureSources(), ...vectorSources(), ...claimSources(CASES, items)]);
}
