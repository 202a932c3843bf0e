import assert from "node:assert/strict";
import type { Run } from "../report/run.ts";
import { trimRun } from "./trim_run.ts";

Deno.test("trimRun() keeps the begin and the end of long evidence, and says what it leaves out", () => {
  const evidence = Array.from({ length: 100 }, (_, i) => ({
    atMs: i,
    connection: 1,
    by: "peer" as const,
    what: `message ${i}`,
    hex: "ab".repeat(500),
    length: 500,
  }));
  const result = {
    address: "a/b/c",
    title: "",
    requirement: "",
    source: "",
    level: "must" as const,
    reason: "",
    ms: 1,
  };
  const run: Run = {
    peer: "p",
    judges: "server",
    date: "",
    results: [{ ...result, verdict: "ok", evidence }, { ...result, verdict: "failed", evidence: evidence.slice(0, 3) }],
  };
  const [ok, failed] = trimRun(run).results;
  assert.equal(ok!.evidence.length, 25);
  assert.deepEqual(ok!.evidence.map(({ what }) => what).slice(11, 14), ["message 11", "… 76 more", "message 88"]);
  assert.deepEqual([ok!.evidence[0]!.hex!.length, ok!.evidence[0]!.length], [64, 500]);
  assert.deepEqual(failed!.evidence.map(({ hex }) => hex!.length), [320, 320, 320]);
});
