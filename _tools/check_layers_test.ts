import assert from "node:assert/strict";
import { checkLayers } from "./check_layers.ts";

/** Rules that one file with this code breaks. */
function rules(file: string, code: string, allowed: Parameters<typeof checkLayers>[1] = []): string[] {
  return checkLayers(new Map([[file, code]]), allowed).map(({ rule }) => rule);
}

Deno.test("checkLayers() catches every import against the direction", () => {
  const bad: [file: string, target: string][] = [
    ["protocol/a.ts", "../codecs/b.ts"],
    ["protocol/messages/a.ts", "../../canvas/b.ts"],
    ["protocol/a_test.ts", "../client/core/b.ts"],
    ["codecs/a.ts", "../protocol/b.ts"],
    ["codecs/a.ts", "../canvas/b.ts"],
    ["codecs/a.ts", "./main.ts"],
    ["canvas/a.ts", "../codecs/b.ts"],
    ["canvas/a.ts", "../protocol/b.ts"],
    ["canvas/a.ts", "../mod.ts"],
    ["client/core/a.ts", "../io/b.ts"],
    ["client/core/a.ts", "../connect.ts"],
    ["client/core/a.ts", "../../server/core/b.ts"],
    ["client/io/a.ts", "../main.ts"],
    ["client/io/a.ts", "../../server/io/b.ts"],
    ["client/main.ts", "../server/main.ts"],
    ["client/main.ts", "../mod.ts"],
    ["client/main.ts", "../_tools/b.ts"],
    ["client/main.ts", "./b_test.ts"],
    ["client/main.ts", "../conformance/vectors/b.json"],
    ["server/core/a.ts", "../io/b.ts"],
    ["server/core/a.ts", "../../client/core/b.ts"],
    ["server/main.ts", "../client/connect.ts"],
    ["conformance/cases/a.ts", "../../client/connect.ts"],
    ["conformance/cases/a.ts", "../../mod.ts"],
    ["conformance/cases/a.ts", "../../codecs/lz.ts"],
    ["conformance/runner.ts", "../server/main.ts"],
    ["conformance/golden/a_test.ts", "../../client/core/session.ts"],
  ];
  for (const [file, target] of bad) {
    for (const code of [`import "${target}";`, `export * from "${target}";`, `await import("${target}");`]) {
      const rule = target === "./b_test.ts" ? "test import" : "direction";
      assert.deepEqual(rules(file, code), [rule], `${file}: ${code}`);
    }
    assert.equal(rules(file, `type X = import("${target}").X;`).length, 1, `${file}: type of ${target}`);
    assert.equal(rules(file, `import type { X } from "${target}";`).length, 1, `${file}: import type ${target}`);
  }
});

Deno.test("checkLayers() lets imports down through", () => {
  const good: [file: string, target: string][] = [
    ["protocol/messages/a.ts", "../schema/b.ts"],
    ["protocol/a_test.ts", "./a.ts"],
    ["codecs/main.ts", "./lz.ts"],
    ["codecs/lz_test.ts", "../conformance/vectors/lz.json"],
    ["client/core/a.ts", "../../canvas/b.ts"],
    ["client/core/a.ts", "../../codecs/b.ts"],
    ["client/core/a.ts", "../../protocol/b.ts"],
    ["client/io/a.ts", "../core/b.ts"],
    ["client/web/a.ts", "../io/b.ts"],
    ["client/main.ts", "./io/b.ts"],
    ["client/main.ts", "./cli/b.ts"],
    ["server/machines/demo/a.ts", "../../core/b.ts"],
    ["conformance/cases/a.ts", "../../protocol/b.ts"],
    ["conformance/runner.ts", "./cases/b.ts"],
    ["conformance/golden/a_test.ts", "../../mod.ts"],
    ["_tools/a.ts", "../deno.json"],
    ["bench/main.ts", "../client/core/b.ts"],
  ];
  for (const [file, target] of good) assert.deepEqual(rules(file, `import "${target}";`), [], `${file}: ${target}`);
});

Deno.test("checkLayers() follows workers, and lets tests start programs of ours", () => {
  const worker = 'new Worker(new URL("../server/w.ts", import.meta.url));';
  assert.deepEqual(rules("client/connect.ts", worker), ["direction"]);
  assert.deepEqual(rules("client/connect_test.ts", worker), []);
  assert.deepEqual(rules("client/connect.ts", 'new URL("./w.ts", import.meta.url);'), []);
});

Deno.test("checkLayers() refuses what it cannot follow, in library code", () => {
  assert.deepEqual(rules("client/io/a.ts", "await import(name);"), ["computed import"]);
  assert.deepEqual(rules("client/io/a.ts", "require(name);"), ["computed import"]);
  assert.deepEqual(rules("conformance/import_by_url_test.ts", "await import(url);"), []);
});

Deno.test("checkLayers() refuses specifiers that need a configuration", () => {
  for (const specifier of ["jsr:@std/bytes", "@std/bytes", "https://example.org/x.ts", "/x.ts", "fs"]) {
    for (const file of ["client/io/a.ts", "bench/main.ts", "protocol/a_test.ts"]) {
      assert.deepEqual(rules(file, `import "${specifier}";`), ["specifier"], `${file} ${specifier}`);
    }
  }
});

Deno.test("checkLayers() refuses packages without a range or an argument", () => {
  assert.deepEqual(rules("client/io/a.ts", '// Small.\nimport "npm:fflate";'), ["npm range"]);
  assert.deepEqual(rules("client/io/a.ts", '// Small.\nimport "npm:@scope/name/sub@latest";'), ["npm range"]);
  assert.deepEqual(rules("client/io/a.ts", 'import "npm:fflate@^0.8";'), ["npm argument"]);
  assert.deepEqual(rules("client/io/a.ts", '// Small.\nimport "npm:fflate@^0.8";'), []);
  assert.deepEqual(rules("client/io/a.ts", '// Small.\nimport "npm:@scope/name@^0.8/sub";'), []);
  assert.deepEqual(rules("client/io/a.ts", 'import "node:net";'), []);
  assert.deepEqual(rules("client/io/a_test.ts", 'import "npm:fast-check";'), []);
});

Deno.test("checkLayers() keeps packages out of pure layers, but for the allow-list", () => {
  const code = '// Small.\nimport "npm:fflate@^0.8";';
  const entry = { file: "codecs/zlib.ts", specifier: "npm:fflate@^0.8", reason: "zlib in TypeScript" };
  assert.deepEqual(rules("codecs/zlib.ts", code), ["pure import"]);
  assert.deepEqual(rules("codecs/zlib.ts", code, [entry]), []);
  assert.deepEqual(rules("codecs/other.ts", code, [entry]), ["pure import", "stale entry"]);
  assert.deepEqual(rules("codecs/zlib.ts", code, [{ ...entry, reason: " " }]), ["no reason"]);
  for (const file of ["protocol/a.ts", "codecs/a.ts", "canvas/a.ts", "client/core/a.ts", "server/core/a.ts"]) {
    assert.deepEqual(rules(file, 'import "node:buffer";'), ["pure import"], file);
  }
  assert.deepEqual(rules("protocol/a_test.ts", 'import "node:assert/strict";'), []);
});

Deno.test("checkLayers() wants every file in a layer", () => {
  assert.deepEqual(rules("misc/a.ts", 'import "./b.ts";'), ["layer"]);
  assert.deepEqual(rules("misc/a.ts", "export const a = 1;"), ["layer"]);
  assert.deepEqual(rules("client/a.ts", 'import "../deno.json";'), ["layer"]);
  assert.deepEqual(rules("client/a.ts", 'import "../misc/b.ts";'), ["layer"]);
  assert.deepEqual(rules("client/a.ts", 'import "../../elsewhere.ts";'), ["layer"]);
});

Deno.test("checkLayers() wants only re-exports in mod.ts", () => {
  assert.deepEqual(rules("mod.ts", 'export { connect } from "./client/connect.ts";'), []);
  assert.deepEqual(rules("mod.ts", "export const version = 1;"), ["code in mod.ts"]);
  assert.deepEqual(rules("protocol/mod.ts", "export const version = 1;"), ["code in mod.ts"]);
  assert.deepEqual(rules("protocol/modular.ts", "export const version = 1;"), []);
});
