/**
 * Which folder may import which: the rule of the house, as data.
 *
 * ```text
 * mod → server, client → canvas, codecs, protocol
 * ```
 *
 * Server and client never import each other; `protocol`, `codecs` and `canvas` know nothing of each other. The cases
 * and the runner of `conformance/` see a peer through a socket and the schema; the rest of it reaches our cores through
 * `mod.ts`, and its command line is made of what all our command lines are made of.
 */

import type { Finding } from "./finding.ts";
import type { Import } from "./imports.ts";

/** One layer: the files in it and what it may import besides itself. */
export interface Layer {
  readonly name: string;
  /** Path starts; one without a slash at the end is a file. The first layer that fits a path takes it. */
  readonly at: readonly string[];
  readonly may: readonly string[];
  /** No I/O, no clock, no randomness, no state of its own: see `purity.ts`. */
  readonly pure?: true;
  /** Not part of what users import: may import anything from npm without an argument. */
  readonly workshop?: true;
}

const BASE = ["protocol", "codecs", "canvas"] as const;
const LIBRARY = [...BASE, "io", "cli", "client", "client/core", "client/io", "client/web"] as const;
const SERVER = ["server", "server/core", "server/io", "server/machines"] as const;

/** All layers. */
export const LAYERS: readonly Layer[] = [
  { name: "mod", at: ["mod.ts", "machines.ts", "mod_test.ts"], may: [...LIBRARY, ...SERVER] },
  { name: "codecs/main", at: ["codecs/main.ts", "codecs/main_test.ts", "codecs/cli/"], may: ["cli", ...BASE] },
  { name: "protocol", at: ["protocol/"], may: [], pure: true },
  { name: "codecs", at: ["codecs/"], may: [], pure: true },
  { name: "canvas", at: ["canvas/"], may: [], pure: true },
  { name: "io", at: ["io/"], may: BASE },
  { name: "cli", at: ["cli/"], may: ["protocol"] },
  { name: "client/core", at: ["client/core/"], may: BASE, pure: true },
  { name: "client/io", at: ["client/io/"], may: ["client/core", "io", ...BASE] },
  { name: "client/web", at: ["client/web/"], may: ["client/io", "client/core", "io", ...BASE] },
  { name: "client", at: ["client/"], may: ["client/web", "client/io", "client/core", "cli", "io", ...BASE] },
  { name: "server/core", at: ["server/core/"], may: BASE, pure: true },
  { name: "server/io", at: ["server/io/"], may: ["server/core", "io", ...BASE] },
  { name: "server/machines", at: ["server/machines/"], may: ["server/io", "server/core", "io", ...BASE] },
  { name: "server", at: ["server/"], may: ["server/machines", "server/io", "server/core", "cli", "io", ...BASE] },
  { name: "conformance/cases", at: ["conformance/cases/", "conformance/suite/"], may: ["protocol"], workshop: true },
  {
    name: "conformance",
    at: ["conformance/"],
    may: ["mod", "cli", "codecs/main", "conformance/cases", "_tools", ...BASE],
    workshop: true,
  },
  {
    name: "bench",
    at: ["bench/"],
    may: ["mod", "codecs/main", "conformance", "_tools", ...LIBRARY, ...SERVER],
    workshop: true,
  },
  { name: "_tools", at: ["_tools/"], may: ["mod", "conformance", ...LIBRARY, ...SERVER], workshop: true },
];

/** An import of a package that a pure layer may make after all. */
export interface AllowedImport {
  readonly file: string;
  /** As written, with its range. */
  readonly specifier: string;
  /** Why it is pure and worth it. */
  readonly reason: string;
}

/**
 * The layer of a file.
 *
 * @param path From the repository root, with `/`.
 * @returns Undefined for a file in no layer.
 */
export function layerOf(path: string): Layer | undefined {
  return LAYERS.find(({ at }) =>
    at.some((start) => path === start || (!start.endsWith(".ts") && path.startsWith(start)))
  );
}

/** Whether a file is a test: it stands beside what it tests and may use what the checks and vectors offer. */
export function isTest(path: string): boolean {
  return /_test\.tsx?$/.test(path);
}

/**
 * Judges one import.
 *
 * @param from File that imports, from the repository root.
 * @param found What it imports.
 * @param allowed Packages that pure layers may import.
 * @returns What is wrong with it, or null.
 */
export function judgeImport(from: string, found: Import, allowed: readonly AllowedImport[]): Finding | null {
  const layer = layerOf(from);
  const wrong = (rule: string, text: string): Finding => ({ file: from, line: found.line, rule, text });
  if (layer === undefined) return wrong("layer", "the file that imports is in no layer");
  const { specifier } = found;
  const free = layer.workshop === true || isTest(from);
  if (specifier === null) {
    if (free) return null;
    return wrong("computed import", "a module named at run time cannot be checked: name it in a string");
  }
  if (/^\.{1,2}\//.test(specifier)) {
    if (found.kind === "url" && free) return null;
    return judgeRelative(from, layer, specifier, wrong);
  }
  if (found.kind === "url") return null;
  if (!/^(npm|node):./.test(specifier)) {
    return wrong(
      "specifier",
      `"${specifier}" does not resolve for who imports us by URL: use a relative path, npm: or node:`,
    );
  }
  if (free) return null;
  if (specifier.startsWith("npm:")) {
    if (!/^npm:(@[^/]+\/)?[^@/]+@[\^~]?\d/.test(specifier)) {
      return wrong("npm range", `"${specifier}" has no version range, as npm:name@^1.2`);
    }
    if (!found.argued) {
      return wrong("npm argument", `"${specifier}" needs one line that argues for it, in a comment above`);
    }
  }
  const entry = allowed.some((one) => one.file === from && one.specifier === specifier);
  if (layer.pure === true && !entry) {
    return wrong("pure import", `"${specifier}" in ${layer.name}, which is pure: see _tools/allowed_imports.json`);
  }
  return null;
}

/**
 * Finds entries of the allow-list that nothing uses any more.
 *
 * @param allowed The list.
 * @param used Every import in the tree as `file specifier`.
 * @returns One finding for each stale or unargued entry.
 */
export function judgeAllowed(allowed: readonly AllowedImport[], used: ReadonlySet<string>): Finding[] {
  const file = "_tools/allowed_imports.json";
  return allowed.flatMap((entry): Finding[] => {
    const text = `${entry.file} ${entry.specifier}`;
    if (!used.has(text)) return [{ file, line: 0, rule: "stale entry", text: `nothing imports ${text} any more` }];
    if (entry.reason.trim() === "") return [{ file, line: 0, rule: "no reason", text }];
    return [];
  });
}

function judgeRelative(
  from: string,
  layer: Layer,
  specifier: string,
  wrong: (rule: string, text: string) => Finding,
): Finding | null {
  const path = new URL(specifier, `file:///tree/${from}`).pathname;
  if (!path.startsWith("/tree/")) return wrong("layer", `"${specifier}" is outside the repository`);
  const target = path.slice("/tree/".length);
  const to = layerOf(target);
  if (target === "deno.json" && (layer.workshop === true || isTest(from))) return null;
  if (to === undefined) return wrong("layer", `"${specifier}" is in no layer: add its folder to _tools/layers.ts`);
  if (isTest(target) && !isTest(from)) return wrong("test import", `"${specifier}" is a test`);
  if (to === layer || layer.may.includes(to.name)) return null;
  if (isTest(from) && to.workshop === true && layer.name !== "conformance/cases") return null;
  return wrong("direction", `${layer.name} may not import ${to.name} ("${specifier}"), only ${list(layer)}`);
}

function list({ name, may }: Layer): string {
  return may.length === 0 ? `its own folder` : [name, ...may].join(", ");
}
