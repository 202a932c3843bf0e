/** Patterns of names. */

/**
 * @param pattern Any text; `*` stands for any characters, `?` for one. Letters fit in either case.
 * @returns Whether a name fits it as a whole.
 */
export function globMatcher(pattern: string): (name: string) => boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\/-]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  const expression = new RegExp(`^${source}$`, "is");
  return (name) => expression.test(name);
}
