import assert from "node:assert/strict";
import {
  checkCommands,
  checkExamples,
  checkFeatures,
  checkLinks,
  checkSymbols,
  checkTestCommand,
  type DocJson,
  type Files,
} from "./check_docs.ts";

const files = (all: Record<string, string | null>): Files => new Map(Object.entries(all));

Deno.test("checkLinks() catches links to nothing", () => {
  for (
    const link of ["no.md", "../no.md", "../../up.md", "#no", "b.md#no", "../README.md#no", "sub", "../client/no.ts#L3"]
  ) {
    const tree = files({
      "docs/a.md": `# A\n\n[x](${link})`,
      "docs/b.md": "# B",
      "README.md": "# R",
      "client/a.ts": "",
    });
    assert.deepEqual(checkLinks(tree).map(({ file, line }) => [file, line]), [["docs/a.md", 3]], link);
  }
});

Deno.test("checkLinks() passes links to what is there", () => {
  for (
    const link of [
      ...["b.md", "./b.md#two-words", "#a", "../README.md", "../client/", "../client", "../client/a.ts#L3", ".."],
      ...["https://example.org/no.md#no", "mailto:a@example.org", "../picture%20one.png"],
    ]
  ) {
    const tree = files({
      "docs/a.md": `# A\n\n[x](${link})`,
      "docs/b.md": "# B\n\n## Two words",
      "README.md": "# R",
      "client/a.ts": "",
      "picture one.png": null,
    });
    assert.deepEqual(checkLinks(tree), [], link);
  }
});

Deno.test("checkCommands() catches tasks that do not exist and other versions", () => {
  const tasks = new Set(["ok", "test:real"]);
  const check = (command: string) =>
    checkCommands(
      files({ "README.md": `\`\`\`sh\n${command}\n\`\`\``, ".ci/run": "npx -y deno@2.9.6 task ok\n" }),
      tasks,
    )
      .map(({ rule }) => rule);
  assert.deepEqual(check("deno task no"), ["command"]);
  assert.deepEqual(check("$ npx -y deno@2.9.6 task test --flag"), ["command"]);
  assert.deepEqual(check("npx -y deno@2.9.5 task ok"), ["version"]);
  assert.deepEqual(check("npx -y deno@latest task ok"), ["version"]);
  assert.deepEqual(check("deno task ok fmt"), []);
  assert.deepEqual(check("npx -y deno@2.9.6 task test:real"), []);
  assert.deepEqual(check("deno run x.ts"), []);
});

Deno.test("checkTestCommand() wants one command in README and CI", () => {
  const check = (readme: string, run: string) => checkTestCommand(files({ "README.md": readme, ".ci/run": run }));
  assert.equal(check("Run `npx -y deno@2.9.6 task ok`.", "set -e\nnpx -y deno@2.9.6 task ok\n").length, 0);
  assert.equal(check("Run `npx -y deno@2.9.6 task test`.", "npx -y deno@2.9.6 task ok\n").length, 1);
  assert.equal(check("Run `npx -y deno@2.9.6 task ok`.", "npx -y deno@2.9.6 task ok fmt\n").length, 1);
  assert.equal(check("Run `npx -y deno@2.9.6 task ok`.", "# npx -y deno@2.9.6 task ok\n").length, 1);
});

Deno.test("checkFeatures() wants a test behind every yes", () => {
  const check = (cell: string) =>
    checkFeatures(
      "docs/f.md",
      files({
        "docs/f.md": `| Feature | Server | Browser |\n| - | - | - |\n| yes | no | ${cell} |\n`,
        "client/a_test.ts": "",
        "client/a.ts": "",
      }),
    ).map(({ line }) => line);
  for (const cell of ["no", "[yes](../client/a_test.ts)", "[partly](../client/a_test.ts)"]) {
    assert.deepEqual(check(cell), [], cell);
  }
  for (
    const cell of [
      ...["yes", "partly", "", "No", "maybe", "[no](../client/a_test.ts)", "[yes](../client/a.ts)"],
      ...["[yes](../client/no_test.ts)", "[yes](client/a_test.ts)", "[yes](https://example.org/a_test.ts)"],
      "[yes](../client/a_test.ts) in part",
    ]
  ) assert.deepEqual(check(cell), [3], cell);
});

Deno.test("checkFeatures() leaves other tables alone, and wants at least one of its own", () => {
  const other = "| Word | Meaning |\n| - | - |\n| yes | a test proves it |\n";
  assert.equal(checkFeatures("f.md", files({ "f.md": other })).length, 1);
  assert.equal(checkFeatures("f.md", files({})).length, 1);
  assert.deepEqual(checkFeatures("f.md", files({ "f.md": `${other}\n| X | Server |\n| - | - |\n| a | no |\n` })), []);
});

Deno.test("checkExamples() type-checks what is not run, and tells the line", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.writeTextFile(`${root}/deno.json`, "{}\n");
    await Deno.writeTextFile(`${root}/mod.ts`, "export function half(x: number): number {\n  return x / 2;\n}\n");
    const page = (use: string) =>
      `# A\n\n\`\`\`ts ignore\nimport { half } from "./mod.ts";\n\nawait 1;\n${use}\n\`\`\`\n`;
    const jsDoc = `/**\n * \`\`\`ts ignore\n * import { half } from "../mod.ts";\n * half(no);\n * \`\`\`\n */\n`;
    const good = files({ "README.md": page("half(2);"), "other.json": "```ts ignore\nno;\n```\n", "a.png": null });
    assert.deepEqual(await checkExamples(good, root), []);
    const wrong = await checkExamples(files({ "README.md": page('half("2");'), "sub/a.ts": jsDoc }), root);
    assert.deepEqual(wrong.map(({ file, line, rule }) => [file, line, rule]), [
      ["README.md", 7, "example"],
      ["sub/a.ts", 4, "example"],
    ]);
    assert.match(wrong[0]?.text ?? "", /TS2345: .*'string'/);
    const lost = await checkExamples(files({ "README.md": page("half(2);").replace("./mod.ts", "./lost.ts") }), root);
    assert.deepEqual(lost.map(({ rule }) => rule), ["example"]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("checkSymbols() catches public names without JSDoc, as deno doc sees them", async () => {
  const found = await symbols({
    "mod.ts": 'export * from "./a.ts";\nexport * as ns from "./ns.ts";\n',
    "ns.ts": "export const bare = 1;\n/** Said. */ export const said = 1;\n",
    "a.ts": [
      "/** Said. */ export const said = 1;",
      "export const bare = 1;",
      "export function f(): void {}",
      "export type T = number;",
      "export interface I { x: number }",
      "export class K {",
      "  m(): void {}",
      "  /** Said. */ said(): void {}",
      "  private p(): void {}",
      "  override toString(): string { return ''; }",
      "  [Symbol.iterator](): void {}",
      "  #h(): void {}",
      "}",
      "/** Said once. */ export function over(x: number): void;",
      "export function over(x: string): void;",
      "export function over(): void {}",
      "/** @returns One. */ export function one(): number { return 1; }",
      "/** @internal */ export function bare2(): void {}",
    ].join("\n"),
  });
  assert.deepEqual(found, ["a.ts:18", "a.ts:2", "a.ts:3", "a.ts:4", "a.ts:5", "a.ts:6", "a.ts:7", "ns.ts:1"]);
});

/** Places that {@link checkSymbols} finds in a module. */
async function symbols(tree: Record<string, string>): Promise<string[]> {
  const root = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(tree)) await Deno.writeTextFile(`${root}/${name}`, text);
    const command = new Deno.Command(Deno.execPath(), { args: ["doc", "--json", "mod.ts"], cwd: root });
    const doc: DocJson = JSON.parse(new TextDecoder().decode((await command.output()).stdout));
    return checkSymbols(doc, `file://${root}/`).map(({ file, line }) => `${file}:${line}`).sort();
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
