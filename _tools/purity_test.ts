import assert from "node:assert/strict";
import { findImpurities } from "./purity.ts";

/** Rules that this code breaks. */
function rules(code: string): string[] {
  return findImpurities(new Map([["canvas/a.ts", code]])).map(({ rule }) => rule);
}

function caught(rule: string, codes: readonly string[]): void {
  for (const code of codes) {
    const found = rules(code);
    assert.ok(found.length > 0, `not caught: ${code}`);
    assert.ok(found.every((one) => one === rule), `${code}: ${found}`);
  }
}

function passed(codes: readonly string[]): void {
  for (const code of codes) assert.deepEqual(rules(code), [], code);
}

Deno.test("findImpurities() catches waiting", () => {
  caught("async", [
    "export async function f() {}",
    "export const f = async () => {};",
    "export const o = { async m() {} };",
    "export class C { async m() {} }",
    "export async function* g() {}",
  ]);
  caught("await", ["await f(); function f() {}", "await using x = f(); function f() { return null; }"]);
  assert.deepEqual(rules("export async function f(x: X) { for await (const y of x); }"), ["async", "for await"]);
  passed(["export function* g() { yield 1; }", "export const o = { async: 1 }; o.async;"]);
});

Deno.test("findImpurities() catches every global that is not the language's", () => {
  const names = [
    "Date",
    "performance",
    "crypto",
    "Deno",
    "document",
    "window",
    "console",
    "globalThis",
    "self",
    "fetch",
  ];
  const more = ["setTimeout", "setInterval", "queueMicrotask", "Promise", "Worker", "navigator", "process", "Buffer"];
  const rest = ["eval", "Function", "require", "WeakRef", "FinalizationRegistry", "Intl", "ImageData", "Temporal"];
  for (const name of [...names, ...more, ...rest]) {
    caught("global", [
      `export function f() { return ${name}; }`,
      `export function f() { return ${name}.x; }`,
      `export function f() { return new ${name}(); }`,
      `export function f() { return { ${name} }; }`,
      `export function f() { return typeof ${name}; }`,
      `export function f(x = ${name}) { return x; }`,
      `export class C extends ${name} {}`,
      `export class C { x = ${name}; }`,
      `export { ${name} };`,
      `for (;;); ${name};`,
    ]);
    passed([
      `export function f(${name}: number) { return ${name} + 1; }`,
      `export function f(x: { ${name}: number }) { return x.${name}; }`,
      `export function f({ ${name}: y }: X) { return y; }`,
      `export function f({ ${name} }: X) { return ${name}; }`,
      `export function f() { const ${name} = 1; return { ${name} }; }`,
      `export function f() { return { ${name}: 1 }; }`,
      `export type T = ${name}; export interface I extends ${name} { x: ${name} }`,
      `import { x as ${name} } from "./b.ts"; ${name}();`,
      `export { ${name} } from "./b.ts";`,
      `export class C implements ${name} { ${name}() { return this.${name}; } }`,
      `export enum E { ${name} }`,
    ]);
  }
});

Deno.test("findImpurities() does not mix up names of two files", () => {
  const files = new Map([["canvas/a.ts", "const window = 1;"], ["canvas/b.ts", "window;"]]);
  assert.deepEqual(findImpurities(files).map(({ file, line }) => [file, line]), [["canvas/b.ts", 1]]);
});

Deno.test("findImpurities() passes the language", () => {
  passed([
    "export const f = (x: number) => Math.floor(x) + Number.MAX_SAFE_INTEGER + BigInt(2).toString().length;",
    "export const f = () => new TextDecoder().decode(new Uint8Array(4)) + undefined + NaN + Infinity;",
    "export class E extends RangeError { override readonly name = 'E'; #x = new Map(); get x() { return this.#x; } }",
    "export function f(): never { throw new TypeError(JSON.stringify([...new Set([1])])); }",
    "outer: for (const a of [1]) { for (;;) { if (a) continue outer; break outer; } }",
    "const f = <const T>(x: T): x is T => structuredClone(x) === x; f(1);",
    "import data from './x.json' with { type: 'json' }; data;",
    "declare const brand: unique symbol; export type Branded = { [brand]: 1 };",
  ]);
});

Deno.test("findImpurities() catches randomness, the place of the module, late imports, declared hosts", () => {
  caught("randomness", [
    "export const f = () => Math.random();",
    "export const f = Math.random;",
    "export const f = () => Math['random']();",
    "const { random } = Math; random();",
    "const { random: r } = Math; r();",
  ]);
  passed(["const { floor } = Math; floor(1);", "export const f = (x: X) => x.random();"]);
  caught("import.meta", ["import.meta.url;", "if (import.meta.main) f(); function f() {}"]);
  caught("import()", ["import('./b.ts');"]);
  caught("declare", [
    "declare const Deno: X; Deno.exit();",
    "declare global { var x: number }",
    "declare function f(): void;",
  ]);
});

Deno.test("findImpurities() catches variables of the module", () => {
  caught("module state", [
    "let n = 0; n;",
    "var n = 0; n;",
    "export let n: number;",
    "export class C { static n = 0; }",
  ]);
  passed([
    "const n = 0; n;",
    "export function f() { let n = 0; return n++; }",
    "for (let i = 0; i < 4; i++) { let c = i; c++; }",
    "export class C { static readonly n = 0; m = 1; }",
  ]);
});

Deno.test("findImpurities() catches collections of the module that can change", () => {
  caught("module state", [
    "const m = new Map(); m;",
    "export const m = new Set<number>([1]);",
    "const m: Map<string, number> = new Map();",
    "const a = [1, 2]; a;",
    "const a: number[] = [];",
    "const a = Array.from({ length: 4 }, () => 1);",
    "const a = new Array(4);",
    "const m = new WeakMap<object, number>(); m;",
  ]);
  passed([
    "const m: ReadonlyMap<string, number> = new Map([['a', 1]]); m;",
    "const m = new Set([1]) as ReadonlySet<number>; m;",
    "const m = new Map() satisfies ReadonlyMap<string, number>; m;",
    "const a = [1, 2] as const; a;",
    "const a: readonly number[] = [1]; a;",
    "const a: ReadonlyArray<number> = Array.from({ length: 4 }, () => 1); a;",
    "const a = Object.freeze([1]); a;",
    "const t = new Uint32Array(256); for (let i = 0; i < 256; i++) t[i] = i;",
    "const t = Uint8Array.of(1, 2); t;",
    "const t = (() => { const t = new Int32Array(4); t[0] = 1; t.fill(2); return t; })(); t;",
    "// Built once per declaration. pure: cache\nconst m = new WeakMap<object, number>(); m;",
    "export const f = () => { const m = new Map(); return m.set(1, 2); };",
    "const r = /x/g; export const f = (s: string) => s.replaceAll(r, '').match(/y/g);",
  ]);
});

Deno.test("findImpurities() catches functions that write to what the module holds", () => {
  caught("module state", [
    "const t = new Uint8Array(4); export function f() { t[0] = 1; }",
    "const t = new Uint8Array(4); export const f = () => t.fill(1);",
    "const t = new Uint8Array(4); export class C { m() { t.set([1]); } }",
    "const t = new Uint8Array(4); export class C { x = t[0]++; }",
    "const o = { n: 0 }; export function f() { o.n++; }",
    "const o = { a: { n: 0 } }; export function f() { o.a!.n += 1; }",
    "const o: X = {}; export function f() { delete o.x; }",
    "const o: X = {}; export function f() { [o.x] = [1]; }",
    "const o: X = {}; export function f() { ({ y: o.x } = g()); } function g() { return { y: 1 }; }",
    "const o: X = {}; export function f() { for (o.x of [1]); }",
    "const o = {}; export function f() { Object.assign(o, { x: 1 }); }",
    "const v = new DataView(new ArrayBuffer(8)); export function f() { v.setFloat64(0, 1); }",
    "const m: ReadonlyMap<string, number> = new Map(); export function f() { (m as Map<string, number>).set('a', 1); }",
    "const r = /x/g; export const f = (s: string) => r.exec(s);",
    "const r = /x/y; export const f = (s: string) => r.test(s);",
    "class C { static readonly o = { n: 0 }; } export function f() { C.o.n = 1; }",
    "import { o } from './b.ts'; export function f() { o.n = 1; }",
    "export const next = (() => { let n = 0; return () => n++; })();",
  ]);
  passed([
    "export function f(t: Uint8Array) { t[0] = 1; t.fill(2); }",
    "export function f() { const o = { n: 0 }; const g = () => o.n++; return g; }",
    "export class C { n = 0; m() { this.n++; this.m(); } }",
    "const r = /x/i; export const f = (s: string) => r.test(s);",
    "const ops = { add: (a: number) => a }; export const f = () => ops.add(1);",
    "import * as region from './region.ts'; export const f = () => region.add(1);",
    "const t = new Uint8Array(4); export const f = () => t.slice().fill(1);",
    "// pure: cache\nconst m = new WeakMap<object, number>(); export const f = (k: object) => m.set(k, 1);",
  ]);
});
