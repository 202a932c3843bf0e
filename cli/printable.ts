/**
 * Makes text of a peer safe to show: a terminal obeys control characters.
 *
 * @param text Any text.
 * @returns The same, control and bidirectional override characters as `\x1b` or `\u202e`.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, (char) => {
    const code = char.charCodeAt(0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}
