import assert from "node:assert/strict";
import type { Level } from "./case.ts";
import { readExpected, surprises } from "./expected.ts";
import type { CaseResult } from "./run_cases.ts";
import type { Verdict } from "./verdict.ts";

const result = (address: string, verdict: Verdict, level: Level = "must"): CaseResult => {
  return { address, title: "", requirement: "", source: "", level, verdict, reason: "why", ms: 1, evidence: [] };
};
const known = (cases: string) => ({ cases, verdict: "failed", reason: "it is old" } as const);

Deno.test("surprises(): what fails and is not known, by level", () => {
  const results = [
    result("a/b", "failed"),
    result("a/c", "failed", "should"),
    result("a/d", "failed", "info"),
    result("a/e", "ok"),
    result("a/f", "unimplemented"),
    result("a/g", "non-strict"),
  ];
  const about = (strict: boolean) =>
    surprises(results, { peer: "", known: [] }, strict, true).map(({ about }) => about);
  assert.deepEqual(about(false), ["a/b"]);
  assert.deepEqual(about(true), ["a/b", "a/c"]);
  assert.deepEqual(surprises(results, { peer: "", known: [known("a/b")] }, false, true), []);
});

Deno.test("surprises(): entries that match nothing, or cases that pass now", () => {
  const results = [result("a/b", "ok"), result("a/c", "failed")];
  const about = (cases: string, whole = true) =>
    surprises(results, { peer: "", known: [known("a/c"), known(cases)] }, false, whole);
  assert.match(about("a/b")[0]!.text, /now it is ok: remove/);
  assert.match(about("x/*")[0]!.text, /matches no case/);
  assert.deepEqual(about("x/*", false), []);
  assert.deepEqual(about("a/*"), []);
});

Deno.test("readExpected() wants a reason for each entry", () => {
  assert.deepEqual(readExpected('{"peer": "p", "known": []}'), { peer: "p", known: [] });
  const entry = (fields: string) => `{"peer": "p", "known": [{${fields}}]}`;
  assert.equal(readExpected(entry('"cases": "a", "verdict": "failed", "reason": "r"')).known.length, 1);
  for (
    const wrong of [
      "[]",
      "{}",
      entry('"cases": "a", "verdict": "failed", "reason": ""'),
      entry('"cases": "a", "verdict": "ok", "reason": "r"'),
    ]
  ) {
    assert.throws(() => readExpected(wrong), TypeError);
  }
});
