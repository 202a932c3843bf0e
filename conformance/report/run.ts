/** One peer's run, as reports take it and `--json` writes it. */
import type { KnownFailure } from "../suite/expected.ts";
import type { CaseResult } from "../suite/run_cases.ts";
import type { Verdict } from "../suite/verdict.ts";

/** A run of the suite on one peer. */
export interface Run {
  /** For people: `spice-gtk 0.42`. */
  readonly peer: string;
  /** A short name: `spice-gtk`. */
  readonly id?: string;
  readonly judges: "server" | "client";
  /** ISO date. */
  readonly date: string;
  /** What it was judged with: versions of packages, as `chromium 156.0.8078.108`. */
  readonly versions?: readonly string[];
  /** Failures that were known, with their reasons. */
  readonly known?: readonly KnownFailure[];
  readonly results: readonly CaseResult[];
}

/** Verdicts from best to worst, with how many of each. */
export function countVerdicts(results: readonly CaseResult[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { ok: 0, "non-strict": 0, unimplemented: 0, failed: 0 };
  for (const { verdict } of results) counts[verdict]++;
  return counts;
}
