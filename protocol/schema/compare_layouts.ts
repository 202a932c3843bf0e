/** Compares two layouts thing by thing. */
import type { Difference, DifferenceKind } from "./difference.ts";
import type { IntItem, Item, SwitchItem } from "./layout.ts";

/** How much was compared. */
export interface LayoutCounts {
  /** Fields. */
  fields: number;
  /** Pointers: whether they may be null, and when their targets are written. */
  pointers: number;
  /** Lengths of bytes and arrays. */
  lengths: number;
  /** Cases of switches. */
  cases: number;
}

/** What a comparison needs of the one that asks for it. */
export interface LayoutComparison {
  readonly found: Difference[];
  readonly counts: LayoutCounts;
  /** `ours is theirs` for fields that one side nests in a struct and the other does not; the bytes are the same. */
  readonly nestings: Set<string>;
}

/**
 * Compares the layout of a declaration with the one of its definition.
 *
 * Fields are paired by name and order; the nesting of structs may differ, since it takes no bytes.
 *
 * @param at Start of the places in differences; the path of a field is appended.
 */
export function compareLayouts(
  at: string,
  ours: readonly Item[],
  theirs: readonly Item[],
  into: LayoutComparison,
): void {
  const { pairs, moved, renamed, onlyOurs, onlyTheirs } = pairUp(ours, theirs);
  const say = (kind: DifferenceKind, item: Item, mine: string, other: string) =>
    into.found.push({ kind, at: place(at, item), ours: mine, theirs: other });
  for (const [mine, other] of moved) {
    say("order", mine, `at ${ours.indexOf(mine)}`, `at ${theirs.indexOf(other)}`);
  }
  for (const [mine, other] of renamed) say("name", mine, nameOf(mine), nameOf(other));
  for (const item of onlyOurs) say("field", item, describe(item), "none");
  for (const item of onlyTheirs) say("field", item, "none", describe(item));
  for (const [mine, other] of [...pairs, ...moved, ...renamed]) compareItems(place(at, mine), mine, other, into);
}

function compareItems(at: string, ours: Item, theirs: Item, into: LayoutComparison): void {
  const differ = (kind: DifferenceKind, mine: string | number | boolean, other: string | number | boolean) => {
    if (mine !== other) into.found.push({ kind, at, ours: String(mine), theirs: String(other) });
  };
  into.counts.fields++;
  if (ours.kind !== "switch" && ours.path[0] !== "*" && ours.path.length !== theirs.path.length) {
    into.nestings.add(`${nameOf(ours)} is ${nameOf(theirs)}`);
  }
  if (ours.kind === "int" && theirs.kind === "int") {
    differ("width", ours.bits, theirs.bits);
    differ("sign", signOf(ours), signOf(theirs));
    differ("byte-order", ours.bigEndian ? "big-endian" : "little-endian", "little-endian");
    // Ours may say more: which enumeration a plain integer of the definition holds.
    if (theirs.enumeration !== null) differ("enumeration-of", ours.enumeration ?? "none", theirs.enumeration);
  } else if (ours.kind === "bytes" && theirs.kind === "bytes") {
    into.counts.lengths++;
    differ("length", ours.length, theirs.length);
  } else if (ours.kind === "array" && theirs.kind === "array") {
    into.counts.lengths++;
    differ("length", ours.length, theirs.length);
    compareLayouts(`${at}[].`, ours.of, theirs.of, into);
  } else if (ours.kind === "pointer" && theirs.kind === "pointer") {
    into.counts.pointers++;
    differ("null", ours.nullable ? "nullable" : "never null", theirs.nullable ? "nullable" : "never null");
    differ("target-order", ours.eager ? "eager" : "deferred", theirs.eager ? "eager" : "deferred");
    compareLayouts(`${at}->`, ours.to, theirs.to, into);
  } else if (ours.kind === "switch" && theirs.kind === "switch") {
    differ("selector", ours.on, theirs.on);
    compareCases(at, ours, theirs, into);
  } else differ("kind", describe(ours), describe(theirs));
}

function compareCases(at: string, ours: SwitchItem, theirs: SwitchItem, into: LayoutComparison): void {
  for (const label of new Set([...ours.cases.keys(), ...theirs.cases.keys()])) {
    const mine = ours.cases.get(label), other = theirs.cases.get(label);
    const where = `${at}<${label}>`;
    into.counts.cases++;
    if (mine !== undefined && other !== undefined) compareLayouts(`${where}.`, mine, other, into);
    else into.found.push({ kind: "case", at: where, ours: describeAll(mine), theirs: describeAll(other) });
  }
}

interface Pairing {
  /** Same name, same order. */
  readonly pairs: readonly [Item, Item][];
  /** Same name, other order. */
  readonly moved: readonly [Item, Item][];
  /** Other name, same place. */
  readonly renamed: readonly [Item, Item][];
  readonly onlyOurs: readonly Item[];
  readonly onlyTheirs: readonly Item[];
}

function pairUp(ours: readonly Item[], theirs: readonly Item[]): Pairing {
  const pairs = longestCommon(ours, theirs);
  const left = new Set(ours), right = new Set(theirs);
  for (const [mine, other] of pairs) {
    left.delete(mine);
    right.delete(other);
  }
  const take = (list: [Item, Item][], mine: Item, other: Item | undefined): void => {
    if (other === undefined) return;
    list.push([mine, other]);
    left.delete(mine);
    right.delete(other);
  };
  const moved: [Item, Item][] = [], renamed: [Item, Item][] = [];
  for (const mine of [...left]) take(moved, mine, [...right].find((other) => sameName(mine, other)));
  // What stands alone between the same two neighbours is one field under two names.
  const before = (items: readonly Item[], item: Item, side: 0 | 1) =>
    pairs.filter((pair) => items.indexOf(pair[side]) < items.indexOf(item)).length;
  for (const mine of [...left]) {
    const gap = before(ours, mine, 0);
    take(renamed, mine, [...right].find((other) => before(theirs, other, 1) === gap));
  }
  return { pairs, moved, renamed, onlyOurs: [...left], onlyTheirs: [...right] };
}

/** The longest run of items that both have in the same order. */
function longestCommon(ours: readonly Item[], theirs: readonly Item[]): [Item, Item][] {
  const lengths = Array.from({ length: ours.length + 1 }, () => new Array<number>(theirs.length + 1).fill(0));
  const length = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = ours.length - 1; i >= 0; i--) {
    for (let j = theirs.length - 1; j >= 0; j--) {
      lengths[i]![j] = sameName(ours[i]!, theirs[j]!)
        ? length(i + 1, j + 1) + 1
        : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const pairs: [Item, Item][] = [];
  for (let i = 0, j = 0; i < ours.length && j < theirs.length;) {
    const mine = ours[i]!, other = theirs[j]!;
    if (sameName(mine, other)) {
      pairs.push([mine, other]);
      i++, j++;
    } else if (length(i + 1, j) >= length(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

/** Switches have no name on the wire; other things have that of their field, and perhaps of structs around it. */
function sameName(ours: Item, theirs: Item): boolean {
  if (ours.kind === "switch" || theirs.kind === "switch") {
    return ours.kind === "switch" && theirs.kind === "switch" && ours.on === theirs.on &&
      [...ours.cases.keys()].some((label) => theirs.cases.has(label));
  }
  const mine = ours.path, other = theirs.path;
  const last = mine.at(-1);
  if (last !== "*" && last !== other.at(-1)) return false;
  return mine.length <= other.length ? isWithin(mine, other) : isWithin(other, mine);
}

/** Whether the steps of `short` come in `long` in the same order; `*` stands for any one. */
function isWithin(short: readonly string[], long: readonly string[]): boolean {
  let at = 0;
  for (const step of long) {
    const next = short[at];
    if (next === step || next === "*" || (next !== undefined && step === "*")) at++;
  }
  return at === short.length;
}

function place(at: string, item: Item): string {
  return `${at}${item.path.filter((step) => step !== "*").join(".")}`.replace(/[ .]$/, "");
}

function nameOf(item: Item): string {
  return item.path.join(".");
}

function signOf(item: IntItem): string {
  return item.signed ? "signed" : "unsigned";
}

function describeAll(items: readonly Item[] | undefined): string {
  return items === undefined ? "nothing" : items.map(describe).join(", ");
}

function describe(item: Item): string {
  switch (item.kind) {
    case "int":
      return `${item.signed ? "i" : "u"}${item.bits}${item.bigEndian ? "be" : ""}`;
    case "fd":
      return "fd";
    case "bytes":
      return `bytes(${item.length})`;
    case "array":
      return `array(${item.length})`;
    case "pointer":
      return "pointer";
    case "switch":
      return `switch(${item.on}: ${[...item.cases.keys()].join(", ")})`;
  }
}
