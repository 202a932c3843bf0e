/** The command that shows the ledger. */
import { parseArgs } from "node:util";
import { fits } from "../suite/glob.ts";
import { AREAS } from "./areas.ts";
import type { Coverage } from "./coverage.ts";
import FLOOR from "./floor.json" with { type: "json" };
import { floorOf, raise } from "./floor.ts";
import { readLedger } from "./ledger.ts";
import { areaRows, itemLines, ledgerPage, textTable } from "./table.ts";

/** What `--help` prints. */
export const LEDGER_HELP = `What the protocol offers, and what captures, vectors and cases cover of it.

  --area GLOB   only areas that fit, item by item: display/*, link
  --missing     item by item, only what nothing covers
  --json        for programs
  --markdown    as the page in docs/
  --floor       what must stay covered, raised to what is covered now`;

/** Where the command writes; `console` is one. */
export interface LedgerOutput {
  log(text: string): void;
  error(text: string): void;
}

/**
 * Shows the ledger.
 *
 * @param args Command line, see {@link LEDGER_HELP}.
 * @param output Where to.
 * @param read Where the ledger comes from. Default: what is kept with the source.
 * @returns Exit code: 0 done, 1 when something claims to cover what is no item (not for files to be kept), 2 usage.
 */
export function ledgerCommand(
  args: readonly string[],
  output: LedgerOutput = console,
  read: () => Coverage = readLedger,
): number {
  const options = readOptions(args);
  if (options === null || options.help) {
    (options === null ? output.error : output.log).call(output, LEDGER_HELP);
    return options === null ? 2 : 0;
  }
  const areas = AREAS.filter(({ name }) => options.area === undefined || fits(name, options.area));
  if (areas.length === 0) {
    output.error(`no area fits ${options.area}: there are ${AREAS.map(({ name }) => name).join(", ")}`);
    return 2;
  }
  const coverage = read();
  const items = coverage.items.filter(({ address, area }) =>
    areas.includes(area) && (!options.missing || coverage.origin(address) === "none")
  );
  for (const { by, address } of coverage.strays) output.error(`${by} covers ${address}, which is no item`);
  const code = coverage.strays.length === 0 ? 0 : 1;
  if (options.markdown || options.floor) {
    output.log(options.markdown ? ledgerPage(coverage) : JSON.stringify(raise(FLOOR, floorOf(coverage)), null, 2));
    return 0;
  }
  if (options.json) {
    const list = items.map(({ address, area }) => {
      return { address, area: area.name, origin: coverage.origin(address), by: coverage.evidence(address) };
    });
    output.log(JSON.stringify({ areas: areaRows(coverage, areas), items: list }, null, 2));
  } else {
    if (options.missing || options.area !== undefined) output.log(`${itemLines(coverage, items)}\n`);
    output.log(textTable(areaRows(coverage, areas)));
  }
  return code;
}

function readOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        area: { type: "string" },
        missing: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        markdown: { type: "boolean", default: false },
        floor: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return values;
  } catch {
    return null;
  }
}
