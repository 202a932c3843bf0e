import assert from "node:assert/strict";
import { type Count, countLine, countReport, runSuite, sum } from "./count_tests.ts";

/** Runs a suite of one file in a folder of its own. */
async function suite(code: string, timeLimitMs = 60_000): Promise<Count> {
  const cwd = await Deno.makeTempDir();
  try {
    const test = "deno test --no-check --allow-all --quiet";
    await Deno.writeTextFile(`${cwd}/deno.json`, JSON.stringify({ tasks: { test } }));
    if (code !== "") await Deno.writeTextFile(`${cwd}/a_test.ts`, code);
    return await runSuite("test", { cwd, timeLimitMs, quiet: true });
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

Deno.test("countReport() counts steps, failures and skipped tests", () => {
  const report = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="5" failures="2" errors="0" time="0.015">
    <testsuite name="./a_test.ts" tests="5" disabled="1" errors="0" failures="2">
        <testcase name="x" classname="./a_test.ts" time="0.005" line="2" col="6">
            <failure message="1 test step failed">1 test step failed.</failure>
        </testcase>
        <testcase name="ok &lt;1&gt;" classname="./a_test.ts" time="0.005" line="3" col="6">
        </testcase>
        <testcase name="a &amp; b" classname="./a_test.ts" time="0.000" line="4" col="6">
            <skipped/>
        </testcase>
        <testcase name="x &gt; in" classname="./a_test.ts" time="0.000" line="2" col="394"/>
        <testcase name="x &gt; bad" classname="./a_test.ts" time="0.001" line="2" col="424">
            <failure message="no">Error: &lt;skipped/&gt; &lt;testcase name="x"/&gt;</failure>
        </testcase>
    </testsuite>
</testsuites>`;
  assert.deepEqual(countReport(report), { passed: 2, failed: 2, skipped: 1, skippedNames: ["a & b"] });
  assert.deepEqual(countReport(""), { passed: 0, failed: 0, skipped: 0, skippedNames: [] });
});

Deno.test("countLine() and sum() make the last line", () => {
  const total = sum([{ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 }]);
  assert.equal(countLine(total), "11 passed, 22 failed, 33 skipped");
  assert.equal(countLine(sum([])), "0 passed, 0 failed, 0 skipped");
});

Deno.test("runSuite() counts a real run", async () => {
  const count = await suite(`
    Deno.test("good", async (t) => { await t.step("step", () => {}); });
    Deno.test("bad", () => { throw new Error("on purpose"); });
    Deno.test({ name: "skipped", ignore: true, fn() {} });
  `);
  assert.deepEqual(count, { passed: 2, failed: 1, skipped: 1 });
});

Deno.test("runSuite() counts a run that breaks outside its tests as failed", async () => {
  assert.deepEqual(await suite('throw new Error("on purpose");'), { passed: 0, failed: 1, skipped: 0 });
  assert.deepEqual(await suite("no code at all;"), { passed: 0, failed: 1, skipped: 0 });
  assert.deepEqual(await suite("export {};"), { passed: 0, failed: 1, skipped: 0 });
  assert.deepEqual(await suite(""), { passed: 0, failed: 1, skipped: 0 });
});

Deno.test("runSuite() stops a suite that hangs", async () => {
  const hang = 'Deno.test("hangs", () => new Promise((r) => setTimeout(r, 60_000)));';
  assert.deepEqual(await suite(hang, 1_500), { passed: 0, failed: 1, skipped: 0 });
});
