/** Checks that imports point one way, over every import of every file: `deno task ok layers`. */

import { readText, repositoryFiles } from "./files.ts";
import { type Finding, report } from "./finding.ts";
import { codeLines, importsOf } from "./imports.ts";
import { type AllowedImport, judgeAllowed, judgeImport, layerOf } from "./layers.ts";
import allowedImports from "./allowed_imports.json" with { type: "json" };

/**
 * Judges all imports of all files.
 *
 * @param files Path from the repository root to text.
 * @param allowed Packages that pure layers may import.
 * @returns Every import that breaks a rule, every `mod.ts` with code in it, every stale entry of the allow-list.
 */
export function checkLayers(files: ReadonlyMap<string, string>, allowed: readonly AllowedImport[]): Finding[] {
  const findings: Finding[] = [];
  const used = new Set<string>();
  for (const [file, text] of files) {
    if (layerOf(file) === undefined) {
      findings.push({ file, line: 0, rule: "layer", text: "is in no layer: add its folder to _tools/layers.ts" });
      continue;
    }
    for (const found of importsOf(file, text)) {
      used.add(`${file} ${found.specifier}`);
      const finding = judgeImport(file, found, allowed);
      if (finding !== null) findings.push(finding);
    }
    if (!/(^|\/)mod\.ts$/.test(file)) continue;
    for (const line of codeLines(file, text)) {
      findings.push({ file, line, rule: "code in mod.ts", text: 'holds nothing but `export … from "…"`' });
    }
  }
  return [...findings, ...judgeAllowed(allowed, used)];
}

/**
 * Reads all TypeScript and JavaScript of the repository.
 *
 * @returns Path from the repository root to text.
 */
export async function readSources(): Promise<Map<string, string>> {
  const paths = (await repositoryFiles()).filter((path) => /\.(ts|tsx|js|mjs)$/.test(path));
  const texts = await Promise.all(paths.map((path) => readText(path)));
  return new Map(paths.map((path, i) => [path, texts[i] ?? ""]));
}

if (import.meta.main) {
  const files = await readSources();
  Deno.exit(report(checkLayers(files, allowedImports), `${files.size} files`));
}
