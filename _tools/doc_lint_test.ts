import assert from "node:assert/strict";
import { readDocLint } from "./doc_lint.ts";

Deno.test("readDocLint() reads what deno doc --lint finds", async () => {
  const found = await lint({
    "mod.ts": 'export * from "./a.ts";\nexport * from "./protocol/messages/b.ts";\n',
    "a.ts": [
      "interface Hidden {}",
      "/** Said. */ export const said: number = 1;",
      "/** Said. */ export const inferred = said();",
      "export interface Bare { x: number }",
      "/** Said. */ export function shows(): Hidden { return {}; }",
    ].join("\n"),
    "protocol/messages/b.ts": "/** Said. */ export const inferred2 = Math.max(1);\nexport const bare: number = 1;\n",
  });
  assert.deepEqual(found, [
    "a.ts:3 missing-explicit-type",
    "a.ts:4 missing-jsdoc",
    "a.ts:4 missing-jsdoc",
    "a.ts:5 private-type-ref",
    "protocol/messages/b.ts:2 missing-jsdoc",
  ]);
});

Deno.test("readDocLint() finds nothing in what is documented", async () => {
  assert.deepEqual(await lint({ "mod.ts": "/** Said. */ export const said: number = 1;\n" }), []);
});

Deno.test("readDocLint() does not take output that it cannot read for nothing", () => {
  const rules = (output: string) => readDocLint(output, "/r", []).map(({ rule }) => rule);
  assert.deepEqual(rules("error: Module not found\n"), ["lint"]);
  assert.deepEqual(rules("error: Found 2 documentation lint errors.\n"), ["lint"]);
  assert.deepEqual(rules("error[missing-jsdoc]: no\n --> /r/a.ts:1:1\n"), ["lint"]);
  assert.deepEqual(
    rules("error[missing-jsdoc]: no\n --> /r/a.ts:1:1\nerror: Found 1 documentation lint error.\n"),
    ["missing-jsdoc"],
  );
});

Deno.test("readDocLint() passes over files that wait, as long as they do", () => {
  const output = "error[missing-jsdoc]: no\n --> /r/a.ts:1:1\nerror: Found 1 documentation lint error.\n";
  assert.deepEqual(readDocLint(output, "/r", ["a.ts"]), []);
  assert.deepEqual(readDocLint(output, "/r", ["a.ts", "b.ts"]).map(({ file }) => file), ["b.ts"]);
});

/** What {@link readDocLint} finds in a module. */
async function lint(tree: Record<string, string>): Promise<string[]> {
  const root = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${root}/protocol/messages`, { recursive: true });
    for (const [name, text] of Object.entries(tree)) await Deno.writeTextFile(`${root}/${name}`, text);
    const options = { args: ["doc", "--lint", "mod.ts"], cwd: root, env: { NO_COLOR: "1" } };
    const { stderr } = await new Deno.Command(Deno.execPath(), options).output();
    const findings = readDocLint(new TextDecoder().decode(stderr), await Deno.realPath(root), []);
    return findings.map(({ file, line, rule }) => `${file}:${line} ${rule}`).sort();
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
