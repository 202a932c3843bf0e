import assert from "node:assert/strict";
import { ignoredExamples, moduleOf } from "./examples.ts";

Deno.test("ignoredExamples() finds what is not run in pages", () => {
  const page =
    "# A\n\n```ts\nruns();\n```\n\n```ts ignore\na();\n\nb();\n```\n\n```sh\nls\n```\n\n1. B\n\n   ```ts ignore\n   c();\n   ```\n";
  assert.deepEqual(ignoredExamples("a.md", page), [
    { file: "a.md", line: 8, code: "a();\n\nb();\n" },
    { file: "a.md", line: 20, code: "c();\n" },
  ]);
});

Deno.test("ignoredExamples() finds what is not run in JSDoc, without its margin", () => {
  const code = [
    "/**",
    " * A.",
    " * ```ts ignore",
    " * if (x) {",
    " *   a();",
    " *",
    " * }",
    " * ```",
    " */",
    "export class A {",
    "  /**",
    "   * ```ts ignore",
    "   * b();",
    "   * ```",
    "   * ```ts",
    "   * runs();",
    "   * ```",
    "   */",
    "  b() {}",
    "}",
  ].join("\n");
  assert.deepEqual(ignoredExamples("x/a.ts", code), [
    { file: "x/a.ts", line: 4, code: "if (x) {\n  a();\n\n}\n" },
    { file: "x/a.ts", line: 13, code: "b();\n" },
  ]);
});

Deno.test("moduleOf() leads relative imports to the repository, and no others", () => {
  const code = [
    'import { a } from "../mod.ts"; // from here',
    'import "./side.ts";',
    'const lazy = await import("./lazy.ts");',
    'import assert from "node:assert/strict";',
    'const said = "./said.ts";',
  ].join("\n");
  assert.deepEqual(moduleOf({ file: "client/a.ts", line: 1, code }, "file:///r/").split("\n"), [
    'import { a } from "file:///r/mod.ts"; // from here',
    'import "file:///r/client/side.ts";',
    'const lazy = await import("file:///r/client/lazy.ts");',
    'import assert from "node:assert/strict";',
    'const said = "./said.ts";',
    "export {};",
    "",
  ]);
});
