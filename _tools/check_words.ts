/** Checks that no text names a place on the machine where it was written: `deno task ok words`. */

import { readText, repositoryFiles } from "./files.ts";
import { type Finding, report } from "./finding.ts";

/** Top folders that stand for one machine. Written apart so that this file does not find itself. */
const MACHINE_FOLDERS = ["work", "root"];

/** In documents, also what is gone after a restart: tell the reader to choose a path. */
const DOCUMENT_FOLDERS = [...MACHINE_FOLDERS, "tmp"];

/**
 * Finds absolute paths of one machine.
 *
 * @param file Name; one that ends in `.md` is a document.
 * @param text The whole file.
 * @returns One finding a line.
 */
export function findMachinePaths(file: string, text: string): Finding[] {
  const folders = file.endsWith(".md") ? DOCUMENT_FOLDERS : MACHINE_FOLDERS;
  // A path starts after a space, a quote or a scheme, not inside a longer path, a word or a host.
  const path = new RegExp(
    `(?:^|[^\\w./~-]|://|[a-z]:)(/(?:${folders.join("|")})(?![\\w-])[^\\s"'\`)]*|/home/[a-z][^\\s"'\`)]*)`,
  );
  return text.split("\n").flatMap((line, i) => {
    const found = path.exec(line)?.[1];
    if (found === undefined) return [];
    return [{ file, line: i + 1, rule: "machine path", text: `\`${found}\` is a place on one machine` }];
  });
}

if (import.meta.main) {
  const files = await repositoryFiles();
  const findings: Finding[] = [];
  for (const file of files) findings.push(...findMachinePaths(file, await readText(file) ?? ""));
  Deno.exit(report(findings, `${files.length} files`));
}
