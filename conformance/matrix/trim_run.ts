/** What a published page keeps of a run. */
import type { Run } from "../report/run.ts";
import type { EvidenceEntry } from "../suite/evidence.ts";
import type { Verdict } from "../suite/verdict.ts";

/** Entries of one case, and bytes of one entry: more where something is to be seen. */
const KEPT: Readonly<Record<Verdict, { readonly entries: number; readonly bytes: number }>> = {
  ok: { entries: 24, bytes: 32 },
  unimplemented: { entries: 24, bytes: 32 },
  "non-strict": { entries: 60, bytes: 160 },
  failed: { entries: 60, bytes: 160 },
};

/**
 * Shortens the evidence: the first entries and the last ones stay, and the first bytes of each.
 * @returns A run with the same verdicts.
 */
export function trimRun(run: Run): Run {
  const results = run.results.map((result) => {
    const { evidence } = result, { entries, bytes } = KEPT[result.verdict], half = entries >> 1;
    const kept = evidence.length <= entries
      ? evidence
      : [...evidence.slice(0, half), gap(evidence[half]!, evidence.length - 2 * half), ...evidence.slice(-half)];
    return { ...result, evidence: kept.map((entry) => shorten(entry, bytes)) };
  });
  return { ...run, results };
}

function gap({ atMs, connection, by }: EvidenceEntry, count: number): EvidenceEntry {
  return { atMs, connection, by, what: `… ${count} more` };
}

function shorten(entry: EvidenceEntry, bytes: number): EvidenceEntry {
  return entry.hex === undefined ? entry : { ...entry, hex: entry.hex.slice(0, 2 * bytes) };
}
