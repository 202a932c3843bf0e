/** Summaries of repeated measurements. */

/** What is told of a list of measurements. */
export interface Summary {
  /** The middle one; the mean of the two in the middle of an even number. */
  readonly median: number;
  /** The smallest. */
  readonly best: number;
  /** How many there were. */
  readonly runs: number;
}

/**
 * Summarizes measurements where less is better.
 * @param values At least one, any order; not changed.
 * @throws {RangeError} There are none.
 */
export function summarize(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError("Cannot summarize: there are no measurements");
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, best: sorted[0]!, runs: sorted.length };
}
