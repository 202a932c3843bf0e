/** Bytes for what no capture shows: values made up from the declaration, as few and as small as cover it. */
import { arbitrary } from "../../protocol/schema/arbitrary.ts";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import { facetsOf } from "../ledger/facets.ts";
import { mark } from "../ledger/mark.ts";
import type { Variant } from "./choose_examples.ts";
import type { Kind } from "./kinds.ts";

/** Seeds that are tried at least, for small values; and at most, for rare facets. */
const LEAST_SEEDS = 60, MOST_SEEDS = 3000;

/** What derived bytes come from. */
export interface Seed {
  readonly seed: number;
}

/**
 * Makes up values of a kind.
 *
 * @param kind What to make.
 * @param shown Facets that captured variants show.
 * @param captured Whether there is a captured one at all.
 * @param mostBytes Longer ones are left out.
 * @returns Variants that together show all the rest that made-up values can show; the same every time.
 */
export function deriveExamples(
  kind: Kind,
  shown: ReadonlySet<string>,
  captured: boolean,
  mostBytes: number,
): Variant<Seed>[] {
  const missing = new Set(facetsOf(kind.wire).filter((facet) => !shown.has(facet)));
  if (captured && missing.size === 0) return [];
  const best = new Map<string, Variant<Seed>>();
  let plain: Variant<Seed> | null = null;
  for (let seed = 1; seed <= MOST_SEEDS && (seed <= LEAST_SEEDS || best.size < missing.size); seed++) {
    const value = arbitrary(kind.wire, seed), bytes = encodeBytes(kind.wire, value);
    if (bytes.length > mostBytes) continue;
    const variant = { kind, facets: mark(kind.wire, value), bytes, value, from: { seed } };
    if (plain === null || bytes.length < plain.bytes.length) plain = variant;
    for (const facet of variant.facets) {
      if (!missing.has(facet)) continue;
      const known = best.get(facet);
      if (known === undefined || bytes.length < known.bytes.length) best.set(facet, variant);
    }
  }
  if (missing.size === 0) return plain === null ? [] : [plain];
  return fewest(best);
}

/** The variant that shows most of what is still missing, again and again. */
function fewest(best: ReadonlyMap<string, Variant<Seed>>): Variant<Seed>[] {
  const left = new Set(best.keys()), chosen: Variant<Seed>[] = [];
  const candidates = [...new Set(best.values())];
  while (left.size > 0) {
    const gains = candidates.map((variant) => ({
      variant,
      gain: [...variant.facets].filter((one) => left.has(one)).length,
    }));
    const { variant } = gains.reduce((a, b) => {
      return b.gain > a.gain || b.gain === a.gain && b.variant.bytes.length < a.variant.bytes.length ? b : a;
    });
    chosen.push(variant);
    for (const facet of variant.facets) left.delete(facet);
  }
  return chosen;
}
