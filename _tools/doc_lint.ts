/** What `deno doc --lint` finds: public names without JSDoc, and public names that mention types nobody can import. */

import type { Finding } from "./finding.ts";

/** Where types are inferred on purpose: docs/decisions/0004-inferred-types.md. */
const INFERRED: readonly string[] = ["protocol/messages/", "protocol/capabilities.ts"];

/** Files whose findings are known and not yet mended; one without findings must leave the list. */
const UNMENDED: readonly string[] = [];

/**
 * Reads the output of `deno doc --lint`.
 *
 * @param output All that it wrote, without colours.
 * @param root Path of the repository without a slash at the end, taken off file names.
 * @param unmended Files to pass over, each of which must have findings.
 * @returns What it found, but for missing types of the protocol's declarations; and a finding if not all of it could be
 * read.
 */
export function readDocLint(output: string, root: string, unmended: readonly string[] = UNMENDED): Finding[] {
  const entry = /^error\[([a-z-]+)\]: (.+)\n *--> (.+?):(\d+):\d+$/gm;
  const findings = [...output.matchAll(entry)].map(([, rule = "", text = "", path = "", line]): Finding => {
    const file = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
    return { file, line: Number(line), rule, text };
  });
  const said = /^error: Found (\d+) documentation lint errors?\b/m.exec(output)?.[1];
  if (Number(said ?? 0) !== findings.length || (said === undefined && /^error\b/m.test(output))) {
    const text = `\`deno doc --lint mod.ts\` cannot be read: ${output.trim().split("\n").at(0)}`;
    return [{ file: "mod.ts", line: 0, rule: "lint", text }];
  }
  const mended = unmended.filter((file) => !findings.some((one) => one.file === file));
  return [
    ...findings.filter(({ file, rule }) =>
      !unmended.includes(file) &&
      (rule !== "missing-explicit-type" || !INFERRED.some((place) => file.startsWith(place)))
    ),
    ...mended.map((file) => ({ file, line: 0, rule: "lint", text: "has no findings: take it off UNMENDED" })),
  ];
}
