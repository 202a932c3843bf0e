/** Stands in for a task whose part of the project comes later: says so in one line and exits 2. */

/** Which part brings which task. */
const PARTS = new Map([
  ["codec", "the codecs"],
]);

/**
 * The line to print.
 *
 * @param task Name of the task in `deno.json`.
 * @returns One sentence for people.
 */
export function notYet(task: string): string {
  return `deno task ${task}: not in this version, it comes with ${PARTS.get(task) ?? "a later part"}`;
}

if (import.meta.main) {
  console.error(notYet(Deno.args[0] ?? "?"));
  Deno.exit(2);
}
