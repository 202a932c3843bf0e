/**
 * Runs of several peers as one page: case × peer, the evidence behind each verdict, filters, readable on a phone.
 *
 * The page holds the runs themselves, packed, and takes evidence from there when it is asked for; so `readRuns` can take
 * them out again, and one peer's run can be replaced.
 */
import { fits } from "../suite/glob.ts";
import type { CaseResult } from "../suite/run_cases.ts";
import type { Verdict } from "../suite/verdict.ts";
import { type PackedRuns, runPage } from "./page_script.ts";
import { PAGE_STYLE } from "./page_style.ts";
import { countVerdicts, type Run } from "./run.ts";

/** @returns The page; it needs nothing but itself. */
export async function htmlReport(runs: readonly Run[]): Promise<string> {
  const kinds = (["server", "client"] as const).map((judges) => ({
    judges,
    runs: runs.filter((run) => run.judges === judges),
  })).filter(({ runs }) => runs.length > 0);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>SPICE conformance</title>
<style>${PAGE_STYLE}</style>
<h1>SPICE conformance</h1>
<p>What servers and clients of the SPICE protocol do right, case by case. Press a verdict to see why, and what went over
the wire.</p>
<p class="key"><span><b class="o">ok</b> as required</span> <span><b class="l">lax</b> works, but not as required in full</span>
<span><b class="f">failed</b> does not</span> <span><b class="n">none</b> lacks it, or nobody can make it show it</span></p>
<p>A <i>must</i> that fails makes a peer wrong, a <i>should</i> unwise; an <i>info</i> only tells.</p>
${kinds.map(({ judges, runs }) => overview(judges, runs)).join("\n")}
<form id="filter" role="search">
<input id="words" type="search" placeholder="Find: link/ticket, lz, …" aria-label="Address or words">
<select id="peer" aria-label="Peer"><option value="">all peers</option>${
    kinds.map(({ runs }) => runs.map((run) => `<option>${escape(shortName(run))}</option>`).join("")).join("")
  }</select>
<select id="level" aria-label="Level"><option value="">every level</option><option>must</option><option>should</option><option>info</option></select>
<span>${
    VERDICTS.map(([letter, word]) =>
      `<label class="${letter}"><input type="checkbox" value="${letter}" checked>${word}</label>`
    ).join("")
  }</span>
<output id="count"></output>
</form>
${kinds.map(({ judges, runs }) => table(judges, runs)).join("\n")}
<dialog id="detail"><button id="close" aria-label="Close">×</button><div></div></dialog>
<script id="runs" type="text/plain">${await pack(runs)}</script>
<script>(${runPage})();</script>
</html>
`;
}

/**
 * Takes the runs out of a page.
 * @throws {TypeError} The page holds none.
 */
export async function readRuns(html: string): Promise<Run[]> {
  const packed = /<script id="runs" type="text\/plain">([^<]*)<\/script>/.exec(html)?.[1];
  if (packed === undefined) throw new TypeError("Cannot read runs: this page holds none");
  const stream = new Blob([Uint8Array.fromBase64(packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
  // Written by pack().
  const { cases, runs } = await new Response(stream).json() as PackedRuns;
  return runs.map((run) => ({
    ...run,
    results: run.results.map(({ known: _known, ...result }) => ({ ...result, ...cases[result.address]! })),
  }));
}

/** What all runs say of a case stands there once. */
async function pack(runs: readonly Run[]): Promise<string> {
  const cases: Record<string, PackedRuns["cases"][string]> = {};
  const packed: PackedRuns = {
    cases,
    runs: runs.map((run) => ({
      ...run,
      results: run.results.map((result) => {
        const { title, requirement, source, level, ...rest } = result, known = knownReason(run, result);
        cases[result.address] = { title, requirement, source, level };
        return { ...rest, ...(known !== undefined && { known }) };
      }),
    })),
  };
  const stream = new Blob([JSON.stringify(packed)]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).bytes()).toBase64();
}

/** Letter, word and verdict, as the page has them. */
const VERDICTS: readonly (readonly [string, string, Verdict])[] = [
  ["o", "ok", "ok"],
  ["l", "lax", "non-strict"],
  ["f", "failed", "failed"],
  ["n", "none", "unimplemented"],
];
const LETTERS: Readonly<Record<Verdict, string>> = { ok: "o", "non-strict": "l", failed: "f", unimplemented: "n" };

function shortName({ id, peer }: Run): string {
  return id ?? peer;
}

/** A card for each peer. */
function overview(judges: Run["judges"], runs: readonly Run[]): string {
  const cards = runs.map((run) => {
    const { peer, date, results, versions = [] } = run, counts = countVerdicts(results);
    const parts = VERDICTS.map(([letter, word, verdict]) => {
      return `<span class="${letter}" style="flex-grow:${counts[verdict]}" title="${counts[verdict]} ${word}"></span>`;
    });
    const numbers = VERDICTS.map(([letter, word, verdict]) => `<b class="${letter}">${counts[verdict]}</b> ${word}`);
    const musts = results.filter(({ verdict, level }) => verdict === "failed" && level === "must").length;
    return `<button class="card" data-peer="${escape(shortName(run))}"><b>${escape(peer)}</b>
<span class="bar">${parts.join("")}</span><span>${numbers.join(" · ")}</span>
<small>${musts === 0 ? "no must fails" : musts === 1 ? "1 must fails" : `${musts} musts fail`} · ${
      escape(date.slice(0, 10))
    }</small>${versions.length === 0 ? "" : `<small>${escape(versions.join(", "))}</small>`}</button>`;
  });
  return `<h2>${judges === "server" ? "Servers" : "Clients"}</h2><div class="cards">${cards.join("\n")}</div>`;
}

/** Rows of cases, in areas; columns of peers. */
function table(judges: Run["judges"], runs: readonly Run[]): string {
  const cases = new Map<string, CaseResult>(),
    found = runs.map(({ results }) => {
      for (const result of results) cases.set(result.address, result);
      return new Map(results.map((result) => [result.address, result]));
    });
  const areas = Map.groupBy(cases.values(), ({ address }) => address.slice(0, address.indexOf("/")));
  const names = runs.map((run) => escape(shortName(run)));
  const head = names.map((name) => `<th scope="col" data-peer="${name}">${name}</th>`).join("");
  const bodies = [...areas].map(([area, list]) => {
    const tallies = found.map((results, i) => {
      const verdicts = list.flatMap(({ address }) => results.get(address)?.verdict ?? []);
      const good = verdicts.filter((one) => one === "ok" || one === "non-strict").length;
      return `<td data-peer="${names[i]}">${good}/${verdicts.length}</td>`;
    });
    const rows = list.map(({ address, requirement, source, level }) => {
      const letters = found.map((results) => {
        const verdict = results.get(address)?.verdict;
        return verdict === undefined ? "-" : LETTERS[verdict];
      });
      const cells = letters.map((letter, i) => {
        const word = VERDICTS.find(([one]) => one === letter)?.[1];
        if (word === undefined) return `<td data-peer="${names[i]}"></td>`;
        return `<td data-peer="${names[i]}"><button class="${letter}">${word}</button></td>`;
      });
      return `<tr id="${judges}:${escape(address)}" data-v="${
        letters.join("")
      }" data-l="${level}"><th scope="row"><code>${escape(address)}</code> <i>${level}</i><p>${
        escape(requirement)
      }</p><small>${escape(source)}</small></th>${cells.join("")}</tr>`;
    });
    return `<tbody><tr class="area"><th scope="rowgroup">${escape(area)} <small>${list.length} cases</small></th>${
      tallies.join("")
    }</tr>
${rows.join("\n")}</tbody>`;
  });
  return `<section data-judges="${judges}"><h2>${judges === "server" ? "Servers" : "Clients"}, case by case</h2>
<table><thead><tr><th>${cases.size} cases</th>${head}</tr></thead>
${bodies.join("\n")}</table></section>`;
}

/** What is known of a failure; `undefined` when it is in no list. */
function knownReason({ known = [] }: Run, { address, verdict }: CaseResult): string | undefined {
  const entries = known.filter((one) => one.verdict === verdict && fits(address, one.cases));
  // The longest pattern says most.
  return entries.toSorted((a, b) => b.cases.length - a.cases.length)[0]?.reason;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
