/** Which items are covered, by what, and how far that can be trusted. */
import type { Area } from "./areas.ts";
import type { Item } from "./items.ts";

/** `captured`: a real peer sent it. `derived`: we made it from the specification. */
export type Origin = "captured" | "derived";

/** Something that covers items. */
export interface Source {
  /** What it is, as `ops-off`, `messages/main/init.json` or `link/ticket/right`. */
  readonly by: string;
  readonly origin: Origin;
  /** Who sent it, for a capture. */
  readonly peer?: string;
  readonly addresses: Iterable<string>;
}

/** What covers one item. */
export type Evidence = Omit<Source, "addresses">;

/** How many items there are, by the best that covers them. */
export interface Counts {
  readonly captured: number;
  readonly derived: number;
  readonly none: number;
}

/** The ledger: items, and what covers each. */
export class Coverage {
  readonly #evidence: ReadonlyMap<string, Evidence[]>;
  readonly #strays: { by: string; address: string }[] = [];

  /** @param items All that is counted. @param sources All that covers, in any order. */
  constructor(readonly items: readonly Item[], sources: Iterable<Source>) {
    this.#evidence = new Map(items.map(({ address }) => [address, []]));
    for (const { addresses, ...evidence } of sources) {
      for (const address of new Set(addresses)) {
        const found = this.#evidence.get(address);
        if (found === undefined) this.#strays.push({ by: evidence.by, address });
        else found.push(evidence);
      }
    }
  }

  /** What sources claim to cover and is no item: a mistake in either. */
  get strays(): readonly { readonly by: string; readonly address: string }[] {
    return this.#strays;
  }

  /** @returns What covers an item, captures first. */
  evidence(address: string): readonly Evidence[] {
    const all = this.#evidence.get(address) ?? [];
    return [...all].sort((a, b) => Number(a.origin !== "captured") - Number(b.origin !== "captured"));
  }

  /** @returns The best origin of an item. */
  origin(address: string): Origin | "none" {
    return this.evidence(address)[0]?.origin ?? "none";
  }

  /** @returns How many of some items are covered. */
  count(of: (area: Area) => boolean): Counts {
    const counts = { captured: 0, derived: 0, none: 0 };
    for (const { address, area } of this.items) if (of(area)) counts[this.origin(address)]++;
    return counts;
  }
}
