import assert from "node:assert/strict";
import { codeLines, importsOf } from "./imports.ts";

Deno.test("importsOf() finds every way to name a module", () => {
  const ways: [code: string, kind: string, specifier: string | null][] = [
    ['import "./x.ts";', "static", "./x.ts"],
    ['import x from "./x.ts";', "static", "./x.ts"],
    ['import { x } from "./x.ts";', "static", "./x.ts"],
    ['import * as x from "./x.ts";', "static", "./x.ts"],
    ['import data from "./x.json" with { type: "json" };', "static", "./x.json"],
    ['import type { X } from "./x.ts";', "type", "./x.ts"],
    ['export { x } from "./x.ts";', "export", "./x.ts"],
    ['export * from "./x.ts";', "export", "./x.ts"],
    ['export * as x from "./x.ts";', "export", "./x.ts"],
    ['export type { X } from "./x.ts";', "export", "./x.ts"],
    ['type X = import("./x.ts").X;', "type", "./x.ts"],
    ['const x: typeof import("./x.ts") = y;', "type", "./x.ts"],
    ['const x = await import("./x.ts");', "dynamic", "./x.ts"],
    ["const x = await import(`./x.ts`);", "dynamic", "./x.ts"],
    ["const x = await import(`./${name}.ts`);", "dynamic", null],
    ["const x = () => { for (;;); import(name); };", "dynamic", null],
    ['import x = require("./x.ts");', "require", "./x.ts"],
    ['const x = require("./x.ts");', "require", "./x.ts"],
    ['/// <reference path="./x.ts" />', "reference", "./x.ts"],
    ['new Worker(new URL("./x.ts", import.meta.url));', "url", "./x.ts"],
    ["new URL(name, import.meta.url);", "url", null],
  ];
  for (const [code, kind, specifier] of ways) {
    const found = importsOf("a.ts", `const first = 1;\n`.repeat(kind === "reference" ? 0 : 1) + code);
    assert.deepEqual(found.map((one) => [one.kind, one.specifier]), [[kind, specifier]], code);
    assert.equal(found[0]?.line, kind === "reference" ? 1 : 2, code);
  }
});

Deno.test("importsOf() finds nothing in strings, comments, plain exports and other URLs", () => {
  const code = `
    // import "./x.ts";
    const s = 'import "./x.ts"';
    export { s };
    new URL("./x", "https://example.org/");
    x.require("./x.ts");
  `;
  assert.deepEqual(importsOf("a.ts", code), []);
});

Deno.test("importsOf() sees the comment that argues for an import", () => {
  const argued = (code: string) => importsOf("a.ts", code)[0]?.argued;
  assert.equal(argued('// Small and pure.\nimport x from "npm:x@^1";'), true);
  assert.equal(argued('import x from "npm:x@^1"; // Small and pure.'), true);
  assert.equal(argued('/* Small and pure. */\nimport x from "npm:x@^1";'), true);
  assert.equal(argued('import x from "npm:x@^1";'), false);
  assert.equal(argued('const url = "https://x";\nimport x from "npm:x@^1";'), false);
  assert.equal(argued('// Far away.\n\nimport x from "npm:x@^1";'), false);
});

Deno.test("codeLines() allows re-exports only", () => {
  assert.deepEqual(codeLines("mod.ts", '/** Doc. */\nexport * from "./a.ts";\nexport { b } from "./b.ts";\n'), []);
  assert.deepEqual(codeLines("mod.ts", 'export * from "./a.ts";\nexport const b = 1;\n'), [2]);
  assert.deepEqual(codeLines("mod.ts", 'import { a } from "./a.ts";\nexport { a };\n'), [1, 2]);
  assert.deepEqual(codeLines("mod.ts", "console.log(1);\n"), [1]);
});
