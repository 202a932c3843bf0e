/** One thing that a check found wrong, and how a check ends. */

/** One broken rule, at a line of a file. */
export interface Finding {
  /** Path from the repository root, with `/`. */
  readonly file: string;
  /** First line is 1; 0 is the file as a whole. */
  readonly line: number;
  /** Which rule, in a word or two. */
  readonly rule: string;
  /** What is wrong, and what to do about it. */
  readonly text: string;
}

/**
 * Prints every finding, or one line that says what was looked at.
 *
 * @param findings What the check found.
 * @param summary What was looked at when nothing was found, as `112 files`.
 * @returns Exit code: 0 for none, 1 for any.
 */
export function report(findings: readonly Finding[], summary: string): 0 | 1 {
  for (const { file, line, rule, text } of findings) {
    console.error(`${line > 0 ? `${file}:${line}` : file}  ${rule}: ${text}`);
  }
  if (findings.length > 0) {
    console.error(`${findings.length} found`);
    return 1;
  }
  console.log(`nothing found in ${summary}`);
  return 0;
}
