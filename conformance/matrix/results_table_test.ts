import assert from "node:assert/strict";
import type { Run } from "../report/run.ts";
import type { CaseResult } from "../suite/run_cases.ts";
import { putResults } from "./results_table.ts";

Deno.test("putResults() replaces the table between its lines", () => {
  const result = (verdict: CaseResult["verdict"], level: CaseResult["level"]): CaseResult => {
    return {
      address: "a/b/c",
      title: "",
      requirement: "",
      source: "",
      level,
      verdict,
      reason: "",
      ms: 1,
      evidence: [],
    };
  };
  const run: Run = {
    peer: "one 1.0",
    judges: "server",
    date: "2026-11-26T12:00:00.000Z",
    results: [
      result("ok", "must"),
      result("failed", "must"),
      result("failed", "info"),
      result("unimplemented", "must"),
    ],
  };
  const page = "before\n<!-- results: written by deno task conformance:publish -->\nold\n<!-- /results -->\nafter\n";
  const once = putResults(page, [run]);
  assert.equal(
    once,
    `before
<!-- results: written by deno task conformance:publish -->

| Peer    | Judged on  |  ok | lax | failed | a must | none |
| ------- | ---------- | --: | --: | -----: | -----: | ---: |
| one 1.0 | 2026-11-26 |   1 |   0 |      2 |      1 |    1 |

<!-- /results -->
after
`,
  );
  assert.equal(putResults(once, [run]), once);
  assert.throws(() => putResults("no place", [run]), RangeError);
});
