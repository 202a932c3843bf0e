/** Runs a part of a campaign off the main thread, so that the main thread can notice an input that never ends. */
/// <reference lib="deno.worker" />
import { Campaign, type Count, type Crash } from "./campaign.ts";
import { readCorpus } from "./corpus.ts";
import { targets } from "./targets.ts";

/** What to run. */
export interface Order {
  /** Names of the targets that take the inputs. */
  readonly targets: readonly string[];
  readonly seed: number;
  readonly from: number;
  readonly end: number;
  /** Where the number of the input at hand is written. */
  readonly at: Int32Array<SharedArrayBuffer>;
}

/** What was found. */
export interface Finding {
  readonly end: number;
  readonly counts: ReadonlyMap<string, Count>;
  readonly crashes: readonly Crash[];
}

const corpus = readCorpus();

self.addEventListener("message", (event: MessageEvent<Order>) => {
  const { seed, from, end, at } = event.data, names = new Set(event.data.targets);
  const chosen = targets.filter(({ name }) => names.has(name));
  const campaign = new Campaign(chosen, corpus, seed, () => performance.now());
  campaign.run(from, end, (index) => Atomics.store(at, 0, index));
  const finding: Finding = { end, counts: campaign.counts, crashes: campaign.crashes };
  self.postMessage(finding);
});
