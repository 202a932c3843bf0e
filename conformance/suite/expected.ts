/** What a peer is known to fail, each with its reason; a list that has become wrong fails the run. */
import { fits } from "./glob.ts";
import type { CaseResult } from "./run_cases.ts";
import type { Verdict } from "./verdict.ts";

/** The file `expected/PEER.json`. */
export interface Expected {
  /** For people: `QEMU 7.2 with libspice 0.15.1`. */
  readonly peer: string;
  readonly known: readonly KnownFailure[];
}

/** One entry. */
export interface KnownFailure {
  /** Pattern of addresses, see `fits`. */
  readonly cases: string;
  readonly verdict: Exclude<Verdict, "ok">;
  /** Why, with a source where there is one. */
  readonly reason: string;
}

/** Something that a run must not pass over. */
export interface Surprise {
  /** Address of a case, or the pattern of an entry. */
  readonly about: string;
  readonly text: string;
}

/**
 * Compares a run with what was expected of the peer.
 *
 * @param results All of the run; a run of some cases only looks at entries that match one of them.
 * @param strict Whether `should` counts as `must` does.
 * @param whole Whether every case ran, so that an entry that matches nothing is wrong.
 */
export function surprises(
  results: readonly CaseResult[],
  expected: Expected,
  strict: boolean,
  whole: boolean,
): Surprise[] {
  const found: Surprise[] = [], used = new Set<KnownFailure>();
  for (const { address, verdict, level, reason } of results) {
    const entries = expected.known.filter((one) => fits(address, one.cases) && one.verdict === verdict);
    for (const entry of entries) used.add(entry);
    if (entries.length > 0) continue;
    if (verdict === "failed" && (level === "must" || (strict && level === "should"))) {
      found.push({ about: address, text: `failed (${level}): ${reason}` });
    }
  }
  for (const entry of expected.known) {
    if (used.has(entry)) continue;
    const matched = results.filter(({ address }) => fits(address, entry.cases));
    if (matched.length > 0) {
      const now = [...new Set(matched.map(({ verdict }) => verdict))].join(", ");
      found.push({ about: entry.cases, text: `expected ${entry.verdict}, but now it is ${now}: remove the entry` });
    } else if (whole) found.push({ about: entry.cases, text: "the entry matches no case: remove it" });
  }
  return found;
}

/**
 * Reads a list.
 * @throws {TypeError} Naming what is wrong with it.
 */
export function readExpected(json: string): Expected {
  const value: unknown = JSON.parse(json);
  const isRecord = (it: unknown): it is Record<string, unknown> => typeof it === "object" && it !== null;
  if (!isRecord(value) || typeof value["peer"] !== "string" || !Array.isArray(value["known"])) {
    throw new TypeError('Cannot read expected failures: need {"peer": "…", "known": […]}');
  }
  const known = value["known"].map((entry: unknown, i): KnownFailure => {
    if (isRecord(entry)) {
      const { cases, verdict, reason } = entry;
      const isVerdict = verdict === "failed" || verdict === "non-strict" || verdict === "unimplemented";
      if (typeof cases === "string" && isVerdict && typeof reason === "string" && reason !== "") {
        return { cases, verdict, reason };
      }
    }
    throw new TypeError(`Cannot read expected failures: entry ${i} needs "cases", "verdict" and a "reason"`);
  });
  return { peer: value["peer"], known };
}
