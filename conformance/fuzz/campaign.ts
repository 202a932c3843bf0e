/** Makes inputs up, feeds them to the targets, judges them, and keeps count. */
import { below, type Prng, prng } from "../../protocol/schema/prng.ts";
import { AllocationMeter } from "./allocation_meter.ts";
import type { Corpus } from "./corpus.ts";
import { endsInValueOrTypedError, withinMemory, withinTime } from "./oracles.ts";
import type { Target } from "./target.ts";

/** An input that broke an oracle. */
export interface Crash {
  readonly target: string;
  readonly seed: number;
  readonly index: number;
  /** What went wrong, with the place in our code. */
  readonly reason: string;
  readonly input: Uint8Array;
}

/** Counts of one target. */
export interface Count {
  inputs: number;
  bytes: number;
  /** Inputs by how they ended: `value`, or the code of an error. */
  outcomes: Record<string, number>;
  /** The slowest input, in milliseconds, and its number. */
  slowest: { ms: number; index: number };
  /** The largest single allocation, in bytes, and the number of its input. */
  largest: { bytes: number; index: number };
}

/** Longest time that an input may take. */
export const MOST_MS = 1000;

/** What an input came to. */
interface Verdict {
  readonly outcome: string;
  readonly ms: number;
  /** Bytes of the largest single allocation. */
  readonly largest: number;
}

/**
 * Judges one input by all oracles.
 *
 * @param meter Installed.
 * @param clock Milliseconds of a clock that never goes back.
 * @param slowMs What takes longer is measured again.
 * @throws What an oracle throws.
 */
export function judge(
  target: Target,
  input: Uint8Array,
  meter: AllocationMeter,
  clock: () => number,
  slowMs: number = MOST_MS,
): Verdict {
  const largest = target.largestBytes(input.length), total = target.totalBytes(input.length);
  let most = 0;
  const run = () => {
    const outcome = endsInValueOrTypedError(() => target.run(input));
    most = meter.largest;
    return outcome;
  };
  const { result, ms } = withinTime(() => withinMemory(run, meter, largest, total), MOST_MS, clock, slowMs);
  return { outcome: result, ms, largest: most };
}

/** A run over inputs by number; the same seed, number and tree give the same input. */
export class Campaign {
  readonly counts = new Map<string, Count>();
  readonly crashes: Crash[] = [];
  readonly #meter = new AllocationMeter();
  readonly #weights: number;

  constructor(
    readonly targets: readonly Target[],
    readonly corpus: Corpus,
    readonly seed: number,
    readonly clock: () => number,
  ) {
    this.#weights = targets.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** Runs inputs `from` to `end` - 1. @param before Called with the number of each input before it runs. */
  run(from: number, end: number, before: (index: number) => void = () => {}): void {
    for (let index = from; index < end; index++) {
      before(index);
      const { target, input } = this.inputOf(index);
      // Only the code under test is measured, and the report is written without the meter.
      this.#meter.install();
      try {
        // What would be the slowest one is measured again: a busy machine stops any.
        const slowMs = this.counts.get(target.name)?.slowest.ms ?? MOST_MS;
        this.#count(target, index, input, judge(target, input, this.#meter, this.clock, slowMs));
      } catch (error) {
        this.crashes.push({ target: target.name, seed: this.seed, index, reason: reasonOf(error), input });
        this.#count(target, index, input, { outcome: "CRASH", ms: 0, largest: 0 });
      } finally {
        this.#meter.uninstall();
      }
    }
  }

  /** @returns An input by its number, and what takes it. */
  inputOf(index: number): { readonly target: Target; readonly input: Uint8Array } {
    const random = prng(Math.imul(this.seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
    const target = this.#pick(random);
    return { target, input: target.generate(random, this.corpus) };
  }

  #pick(random: Prng): Target {
    let left = below(random, this.#weights);
    for (const target of this.targets) if ((left -= target.weight) < 0) return target;
    throw new TypeError("There are no targets");
  }

  #count({ name }: Target, index: number, input: Uint8Array, { outcome, ms, largest }: Verdict): void {
    let count = this.counts.get(name);
    if (count === undefined) {
      count = { inputs: 0, bytes: 0, outcomes: {}, slowest: { ms: 0, index: 0 }, largest: { bytes: 0, index: 0 } };
      this.counts.set(name, count);
    }
    count.inputs++;
    count.bytes += input.length;
    count.outcomes[outcome] = (count.outcomes[outcome] ?? 0) + 1;
    if (ms > count.slowest.ms) count.slowest = { ms, index };
    if (largest > count.largest.bytes) count.largest = { bytes: largest, index };
  }
}

/** Adds the counts of `more` to `all`. */
export function addCounts(all: Map<string, Count>, more: ReadonlyMap<string, Count>): void {
  for (const [name, count] of more) {
    const sum = all.get(name);
    if (sum === undefined) {
      all.set(name, structuredClone(count));
      continue;
    }
    sum.inputs += count.inputs;
    sum.bytes += count.bytes;
    for (const [outcome, n] of Object.entries(count.outcomes)) sum.outcomes[outcome] = (sum.outcomes[outcome] ?? 0) + n;
    if (count.slowest.ms > sum.slowest.ms) sum.slowest = count.slowest;
    if (count.largest.bytes > sum.largest.bytes) sum.largest = count.largest;
  }
}

/** Name, text, and the first place in our own code. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `${error}`;
  const stack = error.cause instanceof Error ? error.cause.stack : error.stack;
  const place = stack?.split("\n").find((line) => /\/(protocol|codecs|canvas|client|server)\//.test(line))?.trim() ??
    "";
  return `${error.name}: ${error.message} ${
    place.replace(/\(?file:\S*?\/(protocol|codecs|canvas|client|server)\//, "($1/")
  }`
    .trim();
}
