/**
 * Known names that are near to a mistyped one.
 *
 * @param name What was written.
 * @param known Names to choose from.
 * @returns Up to three names, nearest first: those that differ in at most a third of their letters, or start with it.
 */
export function nearest(name: string, known: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  if (wanted === "") return [];
  return known
    .map((candidate) => ({ candidate, distance: distance(wanted, candidate) }))
    .filter(({ candidate, distance }) =>
      distance <= Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3)) || candidate.startsWith(wanted)
    )
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** Letters to insert, delete, replace or swap with their neighbour to make `b` of `a` (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, replace);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforeLast[j - 2]! + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
