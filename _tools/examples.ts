/**
 * TypeScript examples in pages and in JSDoc. `deno test --doc` runs those that can run; the others say `ts ignore`, which
 * takes them from the type checker as well. Here these are found, to be type-checked all the same.
 */

/** An example that is not run. */
export interface Example {
  /** Path from the repository root. */
  readonly file: string;
  /** Line of its first line of code; first line is 1. */
  readonly line: number;
  readonly code: string;
}

/**
 * Finds the examples that say `ts ignore`.
 *
 * @param file Path from the repository root; a page ends in `.md`.
 * @param text Its whole text.
 * @returns In the order of the file.
 */
export function ignoredExamples(file: string, text: string): Example[] {
  const margin = file.endsWith(".md") ? "[ \\t]*" : "[ \\t]*\\*[ \\t]?";
  const fence = new RegExp(`^${margin}\`\`\`ts ignore\\n((?:(?!${margin}\`\`\`).*\\n)*)${margin}\`\`\``, "gm");
  return [...text.matchAll(fence)].map(({ 0: whole, 1: code = "", index }) => ({
    file,
    line: text.slice(0, index + whole.indexOf("\n")).split("\n").length + 1,
    code: code.replaceAll(new RegExp(`^${margin}`, "gm"), ""),
  }));
}

/**
 * An example as a module of its own that can lie anywhere.
 *
 * @param example Its imports are explicit.
 * @param root URL of the repository with a slash at the end.
 * @returns Code whose relative imports are URLs, on the same lines.
 */
export function moduleOf({ file, code }: Example, root: string): string {
  const absolute = code.replaceAll(
    /\b(from\s*|import\s*\(?\s*)"(\.{1,2}\/[^"]+)"/g,
    (_, before: string, target: string) => `${before}"${new URL(target, new URL(file, root)).href}"`,
  );
  return `${absolute}\nexport {};\n`;
}
