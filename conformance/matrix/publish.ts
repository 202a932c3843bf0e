/**
 * Judges peers and writes what is published: `docs/conformance_matrix.html`, with all evidence that has room, and the
 * table in `docs/conformance.md`. Peers that are not named keep the run that the page holds.
 *
 * `deno task conformance:publish [PEER]…`; `none` judges nobody, and writes the page anew.
 */
import { htmlReport, readRuns } from "../report/html.ts";
import { countVerdicts, type Run } from "../report/run.ts";
import { surprises } from "../suite/expected.ts";
import { expectedOf, judgePeer } from "./judge_peer.ts";
import { PEERS } from "./peers.ts";
import { putResults } from "./results_table.ts";
import { trimRun } from "./trim_run.ts";

const PAGE = new URL("../../docs/conformance_matrix.html", import.meta.url);
const TEXT = new URL("../../docs/conformance.md", import.meta.url);

const unknown = Deno.args.filter((name) => name !== "none" && !PEERS.some(({ id }) => id === name));
if (unknown.length > 0) {
  console.error(`No such peer: ${unknown.join(", ")}; there are ${PEERS.map(({ id }) => id).join(", ")}`);
  Deno.exit(2);
}
const kept = new Map((await readPage()).map((run) => [run.id, run]));
let wrong = 0;
for (const peer of PEERS) {
  if (Deno.args.length > 0 && !Deno.args.includes(peer.id)) continue;
  const expected = await expectedOf(peer), start = performance.now(), run = await judgePeer(peer);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${peer.id}: ${JSON.stringify(countVerdicts(run.results))} in ${seconds} s`);
  for (const { about, text } of surprises(run.results, expected, true, true)) {
    console.log(`  ${about}: ${text}`);
    wrong++;
  }
  kept.set(peer.id, trimRun(run));
  // Each is kept as soon as it is there: all of them take half an hour.
  await write();
}
await write();
Deno.exit(wrong === 0 ? 0 : 1);

async function readPage(): Promise<Run[]> {
  const html = await Deno.readTextFile(PAGE).catch(() => null);
  return html === null ? [] : await readRuns(html);
}

async function write(): Promise<void> {
  const runs: Run[] = [];
  for (const peer of PEERS) {
    const run = kept.get(peer.id);
    // What is known of a peer can have become more since it was judged.
    if (run !== undefined) runs.push({ ...run, known: (await expectedOf(peer)).known });
  }
  await Deno.writeTextFile(PAGE, await htmlReport(runs));
  await Deno.writeTextFile(TEXT, putResults(await Deno.readTextFile(TEXT), runs));
}
