import assert from "node:assert/strict";
import { repositoryRoot } from "./files.ts";
import { pick, run, STEPS } from "./ok.ts";

Deno.test("pick() takes all steps, or those named, in order", () => {
  assert.deepEqual(pick([]), STEPS);
  assert.deepEqual(pick(["lint", "fmt"]).map(({ name }) => name), ["fmt", "lint"]);
  assert.deepEqual(pick(["lint", "fmt"], ["fmt"]).map(({ name }) => name), ["lint"]);
  assert.equal(pick([], ["real"]).length, STEPS.length - 1);
  assert.throws(() => pick(["no"]), RangeError);
  assert.throws(() => pick([], ["no"]), RangeError);
});

Deno.test("ok.ts exits 2 for a step that does not exist", async () => {
  const args = ["run", "--allow-all", "_tools/ok.ts", "no"];
  const { code } = await new Deno.Command(Deno.execPath(), { args, cwd: repositoryRoot }).output();
  assert.equal(code, 2);
});

Deno.test("run() goes on after a step that fails, and names it", async () => {
  const cwd = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${cwd}/deno.json`, "{}\n");
    await Deno.writeTextFile(`${cwd}/good.ts`, "export const a = 1;\n");
    await Deno.writeTextFile(`${cwd}/ugly.ts`, "export const a=1\n");
    const printed: string[] = [];
    const outcomes = await run([
      { name: "bad", about: "", check: ["check", "missing.ts"] },
      { name: "good", about: "", check: ["check", "good.ts"] },
      { name: "ugly", about: "", check: ["fmt", "--check", "ugly.ts"] },
    ], { cwd, print: (text) => void printed.push(text) });
    assert.deepEqual(outcomes.map(({ name, count }) => [name, count.passed, count.failed]), [
      ["bad", 0, 1],
      ["good", 1, 0],
      ["ugly", 0, 1],
    ]);
    assert.match(printed.join("\n"), /missing\.ts[^]*bad +FAILED[^]*good +ok[^]*ugly +FAILED/);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
