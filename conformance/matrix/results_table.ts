/** The runs of all peers as a table for a page of the docs. */
import { countVerdicts, type Run } from "../report/run.ts";

/** The lines between which the table stands. */
const BEGIN = "<!-- results: written by deno task conformance:publish -->", END = "<!-- /results -->";

/**
 * Puts the table into a page.
 * @throws {RangeError} The page has no place for it.
 */
export function putResults(page: string, runs: readonly Run[]): string {
  const begin = page.indexOf(BEGIN), end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new RangeError(`Cannot write results: need ${BEGIN} and ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${resultsTable(runs)}\n${page.slice(end)}`;
}

function resultsTable(runs: readonly Run[]): string {
  const rows = [
    ["Peer", "Judged on", "ok", "lax", "failed", "a must", "none"],
    ...runs.map(({ peer, date, results }) => {
      const counts = countVerdicts(results);
      const musts = results.filter(({ verdict, level }) => verdict === "failed" && level === "must").length;
      const numbers = [counts.ok, counts["non-strict"], counts.failed, musts, counts.unimplemented];
      return [peer, date.slice(0, 10), ...numbers.map(String)];
    }),
  ];
  const widths = rows[0]!.map((_, i) => Math.max(3, ...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) => {
    return `| ${row.map((cell, i) => i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join(" | ")} |`;
  };
  const rule = `| ${widths.map((width, i) => i < 2 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`).join(" | ")} |`;
  const [head, ...body] = rows.map(line);
  return `${[head, rule, ...body].join("\n")}\n`;
}
