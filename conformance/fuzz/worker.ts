/** Runs a part of a campaign off the main thread, so that the main thread can notice an input that never ends. */
/// <reference lib="deno.worker" />
import { Campaign, type Count, type Crash } from "./campaign.ts";
import { readCorpus } from "./corpus.ts";
import { targets } from "./targets.ts";

/** What to run. */
export interface Order {
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
  const { seed, from, end, at } = event.data;
  const campaign = new Campaign(targets, corpus, seed, () => performance.now());
  campaign.run(from, end, (index) => Atomics.store(at, 0, index));
  const finding: Finding = { end, counts: campaign.counts, crashes: campaign.crashes };
  self.postMessage(finding);
});
