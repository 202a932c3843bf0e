import assert from "node:assert/strict";
import type { CaseResult } from "../suite/run_cases.ts";
import { htmlReport, readRuns } from "./html.ts";
import { junitReport } from "./junit.ts";
import type { Run } from "./run.ts";

const result = (address: string, rest: Partial<CaseResult>): CaseResult => ({
  address,
  title: "does it",
  requirement: 'The peer MUST do <it> & "that"',
  source: "spice.proto",
  level: "must",
  verdict: "ok",
  reason: "",
  ms: 12,
  evidence: [{ atMs: 1.5, connection: 1, by: "peer", what: "<script>", hex: "00ff", length: 2 }],
  ...rest,
});
const run: Run = {
  peer: "peer <1> & co",
  judges: "server",
  date: "2026-11-26T00:00:00.000Z",
  results: [
    result("link/a", {}),
    result("link/b", { verdict: "failed", reason: 'it says "no" & <dies>\u0001' }),
    result("link/c", { verdict: "failed", level: "info", reason: "it tells" }),
    result("link/d", { verdict: "unimplemented", reason: "no such channel" }),
  ],
};

Deno.test("junitReport() counts failures of must and should, and escapes what peers say", () => {
  const xml = junitReport(run);
  assert.match(xml, /tests="4" failures="1" skipped="1"/);
  assert.match(
    xml,
    /<testcase classname="link" name="b: does it" time="0.012"><failure type="must" message="it says &quot;no&quot; &amp; &lt;dies&gt;\ufffd">/,
  );
  assert.match(xml, /<skipped message="no such channel"\/>/);
});

Deno.test("htmlReport() shows every case once, and lets no peer write the page", async () => {
  const html = await htmlReport([run, { ...run, peer: "other", id: "o", results: run.results.slice(1) }]);
  assert.equal(html.match(/<tr id="server:/g)!.length, 4);
  assert.match(html, /<tr id="server:link\/a" data-v="o-" data-l="must">/);
  assert.ok(html.includes("<b>peer &lt;1> &amp; co</b>") && html.includes("do &lt;it>"));
  // The page's own, with the runs and with what it does.
  assert.equal(html.match(/<script/g)!.length, 2);
  assert.ok(!html.includes("<h2>Clients</h2>"));
});

Deno.test("readRuns() takes the runs out of a page", async () => {
  const known = [{ cases: "link/b", verdict: "failed", reason: "its fault" }] as const;
  const runs = [run, { ...run, id: "o", versions: ["a 1"], known }];
  const [first, second] = await readRuns(await htmlReport(runs));
  assert.deepEqual([first, second], runs);
  await assert.rejects(readRuns("<p>"), TypeError);
});
