/**
 * Judges the peers of the matrix and writes the page of all: `deno task conformance:matrix [PEER]… [--out FILE]`.
 *
 * With `--propose`, lists of known failures are written for peers that have none, their reasons what the cases said.
 */
import { parseArgs } from "node:util";
import { htmlReport } from "../report/html.ts";
import { countVerdicts, type Run } from "../report/run.ts";
import { surprises } from "../suite/expected.ts";
import { expectedOf, judgePeer } from "./judge_peer.ts";
import { PEERS } from "./peers.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: "string" }, json: { type: "string" }, propose: { type: "boolean", default: false } },
});
const chosen = PEERS.filter(({ id }) => positionals.length === 0 || positionals.includes(id));
const runs: Run[] = [];
let wrong = 0;
for (const peer of chosen) {
  const start = performance.now(), run = await judgePeer(peer);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${peer.id}: ${JSON.stringify(countVerdicts(run.results))} in ${seconds} s`);
  if (values.propose) await propose(peer.id, run);
  const expected = await expectedOf(peer);
  runs.push({ ...run, known: expected.known });
  for (const { about, text } of surprises(run.results, expected, true, true)) {
    console.log(`  ${about}: ${text}`);
    wrong++;
  }
}
if (values.out !== undefined) await Deno.writeTextFile(values.out, await htmlReport(runs));
if (values.json !== undefined) await Deno.writeTextFile(values.json, JSON.stringify(runs));
Deno.exit(wrong === 0 ? 0 : 1);

async function propose(id: string, { peer, results }: Run): Promise<void> {
  const known = results.filter(({ verdict, level }) => verdict === "failed" && level !== "info")
    .map(({ address, verdict, reason }) => ({ cases: address, verdict, reason }));
  const path = new URL(`../expected/${id}.json`, import.meta.url);
  await Deno.writeTextFile(path, `${JSON.stringify({ peer, known }, null, 2)}\n`, { createNew: true }).catch(() => {});
}
