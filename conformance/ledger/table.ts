/** The ledger as text: a table of areas for people, a page, a list of items. */
import { type Area, AREAS } from "./areas.ts";
import type { Counts, Coverage, Evidence } from "./coverage.ts";
import type { Item } from "./items.ts";
import { NEVER_SENT, neverSent } from "./never_sent.ts";

/** One line of the table. */
export interface AreaRow extends Counts {
  readonly name: string;
  readonly about: string;
  readonly total: number;
  /** Of those that are not captured, how many no real peer that we know sends. */
  readonly neverSent: number;
}

/**
 * The rows of the table: areas, then sums.
 *
 * @param areas Which to show. Default: all; only then there are sums.
 */
export function areaRows(coverage: Coverage, areas: readonly Area[] = AREAS): AreaRow[] {
  const never = neverSent(coverage.items);
  const row = (name: string, about: string, of: (area: Area) => boolean): AreaRow => {
    const counts = coverage.count(of);
    const unsent = coverage.items.filter(({ address, area }) =>
      of(area) && never.has(address) && coverage.origin(address) !== "captured"
    );
    const total = counts.captured + counts.derived + counts.none;
    return { name, about, ...counts, total, neverSent: unsent.length };
  };
  return [
    ...areas.map((area) => row(area.name, area.about, (one) => one === area)),
    ...(areas.length < AREAS.length ? [] : [
      row("core areas", "no session can do without them", ({ core }) => core),
      row("all", "", () => true),
    ]),
  ];
}

const HEAD = [
  ...["area", "captured", "derived", "none", "total", "covered", "from real peers"],
  ...["no peer sends", "captured of the rest"],
];

/** The table, aligned, for a terminal. */
export function textTable(rows: readonly AreaRow[]): string {
  const lines = [HEAD, ...rows.map((row) => [row.name, ...numbersOf(row)])];
  const widths = HEAD.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines.map((line) =>
    line.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join("  ")
  ).join("\n");
}

/** One line an item: its best origin, its address, and what covers it. */
export function itemLines(coverage: Coverage, items: readonly Item[]): string {
  return items.map(({ address }) => {
    const by = coverage.evidence(address).map(nameOf);
    const more = by.length > SHOWN ? ` and ${by.length - SHOWN} more` : "";
    const words = by.length === 0 ? "" : `  ${by.slice(0, SHOWN).join("; ")}${more}`;
    return `${coverage.origin(address).padEnd(8)}  ${address}${words}`;
  }).join("\n");
}

const SHOWN = 3;

/** The page of the ledger. */
export function ledgerPage(coverage: Coverage): string {
  const rows = areaRows(coverage);
  const table = [
    `| ${HEAD.join(" | ")} | what is in it |`,
    `| --- | ${HEAD.slice(1).map(() => "---:").join(" | ")} | --- |`,
    ...rows.map((row) => `| ${row.name} | ${numbersOf(row).join(" | ")} | ${row.about} |`),
  ];
  return [
    "# The ledger",
    "What the protocol offers, item by item, and what covers it. Both are computed: the items from the declarations, " +
    "the coverage from the [captures](../conformance/vectors/streams/README.md), the message vectors and the cases. " +
    "`deno task generate` writes this page anew.",
    "An item is a message of a channel in one direction, or something that it can show: a member of an enumeration, a " +
    "flag, a case of a switch, a pointer that is there or null, an array with or without elements. There are items " +
    "for what no single message shows, too: forms of images and cursors, steps of caches, layouts of monitors, ways " +
    "through a migration. *Captured* means that a real peer sent it, *derived* that we made it from the " +
    "specification, *none* that nothing covers it yet.",
    "*From real peers* is of all items. Some of them no real peer sends: *no peer sends* counts those of which " +
    "the source of every peer that we know was read, in the core areas only, and *captured of the rest* leaves them " +
    "out. [They are listed below](#what-no-peer-sends), each with its reason; vectors and cases cover them, and a " +
    "test fails when a capture holds one of them.",
    table.join("\n"),
    "`conformance/ledger/floor.json` holds what was covered once: a test fails when it becomes less.",
    "## What is not covered in the core areas",
    ...missingParts(coverage),
    "## What no peer sends",
    "Read were the sources of libspice-server 0.15.1 (in QEMU and Xspice), spice-gtk 0.42 (in spicy and remote-viewer), " +
    "spice-html5 and PureSpice. Peers that are no more, as spicec, are not known here.",
    NEVER_SENT.map(({ items, reason }) => `- ${items.map((glob) => `\`${glob}\``).join(", ")}: ${reason}`).join("\n"),
  ].join("\n\n");
}

function missingParts(coverage: Coverage): string[] {
  const parts = AREAS.filter(({ core }) => core).flatMap((area) => missingPart(coverage, area));
  return parts.length === 0 ? ["Nothing."] : parts;
}

function missingPart(coverage: Coverage, area: Area): string[] {
  const missing = coverage.items.filter((item) => item.area === area && coverage.origin(item.address) === "none");
  if (missing.length === 0) return [];
  const groups = Map.groupBy(missing, ({ address }) => address.slice(0, address.lastIndexOf("/")));
  const lines = [...groups].map(([start, items]) => {
    const ends = items.map(({ address }) => `\`${address.slice(start.length + 1)}\``);
    return `- \`${start}\`: ${ends.join(", ")}`;
  });
  return [`### ${area.name}`, lines.join("\n")];
}

function numbersOf({ captured, derived, none, total, neverSent }: AreaRow): string[] {
  // Rounded down, so that 100 % is all.
  const percent = (part: number, of = total) => `${of === 0 ? 0 : Math.floor(100 * part / of)} %`;
  return [
    ...[captured, derived, none, total].map(String),
    ...[percent(captured + derived), percent(captured)],
    ...[`${neverSent}`, percent(captured, total - neverSent)],
  ];
}

function nameOf({ by, peer }: Evidence): string {
  return peer === undefined ? by : `${by} (${peer})`;
}
