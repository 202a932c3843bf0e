/**
 * The fuzz campaign: random and mutated inputs for everything that reads what a peer sent.
 *
 * ```text
 * deno task fuzz [--target NAME]… [--inputs N] [--minutes M] [--seed S] [--from INDEX]
 * ```
 *
 * Without a target, all share the inputs by their weights. Crashing inputs are written to conformance/crashes/ and tried by crashes_test.ts for ever. Exit codes: 0 none found,
 * 1 some found, 2 usage.
 */
import { parseArgs } from "node:util";
import { addCounts, Campaign, type Count, type Crash } from "./campaign.ts";
import { readCorpus } from "./corpus.ts";
import { writeCrash } from "./crash_file.ts";
import { targets as allTargets } from "./targets.ts";
import type { Finding, Order } from "./worker.ts";

/** Inputs that a worker gets at once. */
const BATCH = 5000;
/** An input that takes longer is taken for one that never ends, and its worker is stopped. */
const HANG_MS = 20_000;
const USAGE = "usage: deno task fuzz [--target NAME]… [--inputs N] [--minutes M] [--seed S] [--from INDEX]";

if (import.meta.main) Deno.exit(await main(Deno.args));

/**
 * Runs the campaign.
 *
 * @param args Command line.
 * @returns Exit code.
 */
export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === "string") {
    console.error(options);
    return 2;
  }
  const { targets, inputs, seed, from } = options,
    names = targets.map(({ name }) => name),
    start = performance.now(),
    last = start + options.minutes * 60_000;
  const counts = new Map<string, Count>(), at = new Int32Array(new SharedArrayBuffer(4));
  let crashes = 0, next = from;
  const crash = (found: Crash): void => {
    crashes++;
    const name = writeCrash(found);
    if (name !== null) console.error(`${name}: ${found.reason}`);
  };
  let worker = startWorker();
  while (next < from + inputs && performance.now() < last) {
    const end = Math.min(from + inputs, next + BATCH),
      found = await runBatch(worker, { targets: names, seed, from: next, end, at });
    if (found === null) {
      worker.terminate();
      worker = startWorker();
      const index = Atomics.load(at, 0),
        { target, input } = new Campaign(targets, readCorpus(), seed, () => 0).inputOf(index);
      crash({ target: target.name, seed, index, reason: `it did not end within ${HANG_MS} ms`, input });
      // What the batch had counted is lost with its worker: all before the hang is run again.
      const again = await runBatch(worker, { targets: names, seed, from: next, end: index, at });
      if (again !== null) addCounts(counts, again.counts);
      next = index + 1;
      continue;
    }
    addCounts(counts, found.counts);
    found.crashes.forEach(crash);
    next = end;
    progress(next - from, inputs, crashes);
  }
  worker.terminate();
  report(counts, next - from, seed, performance.now() - start, crashes);
  return crashes === 0 ? 0 : 1;
}

/** @returns What to run, or what to tell a user who asks for what is not there. */
function readOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        target: { type: "string", multiple: true, default: [] },
        inputs: { type: "string" },
        minutes: { type: "string" },
        seed: { type: "string", default: "1" },
        from: { type: "string", default: "0" },
      },
    });
    const minutes = Number(values.minutes ?? Infinity);
    const inputs = Number(values.inputs ?? (values.minutes === undefined ? 100_000 : Infinity));
    const seed = Number(values.seed), from = Number(values.from);
    const fine = inputs >= 0 && minutes >= 0 && Number.isInteger(seed) && Number.isInteger(from);
    const unknown = values.target.find((wanted) => allTargets.every(({ name }) => name !== wanted));
    if (unknown !== undefined) {
      return `There is no target ${unknown}: ${allTargets.map(({ name }) => name).join(", ")}\n${USAGE}`;
    }
    const targets = allTargets.filter(({ name }) => values.target.length === 0 || values.target.includes(name));
    return fine ? { targets, inputs, minutes, seed, from } : USAGE;
  } catch {
    return USAGE;
  }
}

function startWorker(): Worker {
  return new Worker(new URL("worker.ts", import.meta.url), { type: "module" });
}

/** @returns `null` when an input did not end. */
function runBatch(worker: Worker, order: Order): Promise<Finding | null> {
  return new Promise((resolve, reject) => {
    let seen = -1, sinceMs = performance.now();
    const done = (finding: Finding | null): void => {
      clearInterval(watch);
      worker.removeEventListener("message", onMessage);
      resolve(finding);
    };
    const onMessage = (event: MessageEvent<Finding>): void => done(event.data);
    const watch = setInterval(() => {
      const index = Atomics.load(order.at, 0), nowMs = performance.now();
      if (index !== seen) {
        seen = index;
        sinceMs = nowMs;
      } else if (nowMs - sinceMs > HANG_MS) done(null);
    }, 500);
    worker.addEventListener("message", onMessage);
    worker.addEventListener("error", (event) => {
      clearInterval(watch);
      reject(new Error(`The fuzz worker failed: ${event.message}`));
    }, { once: true });
    worker.postMessage(order);
  });
}

function progress(done: number, inputs: number, crashes: number): void {
  if (!Deno.stderr.isTerminal()) return;
  const of = inputs === Infinity ? "" : ` of ${inputs}`;
  Deno.stderr.writeSync(new TextEncoder().encode(`\r${done}${of} inputs, ${crashes} crashes `));
}

function report(all: ReadonlyMap<string, Count>, inputs: number, seed: number, ms: number, crashes: number): void {
  console.log(`\n${inputs} inputs in ${(ms / 1000).toFixed(0)} s, seed ${seed}: ${crashes} crashes`);
  for (
    const [name, { inputs, bytes, outcomes, slowest, largest }] of [...all].sort(([, a], [, b]) => b.inputs - a.inputs)
  ) {
    const ends = Object.entries(outcomes).sort(([, a], [, b]) => b - a).map(([outcome, n]) =>
      `${outcome} ${n} (${share(n, inputs)})`
    )
      .join(", ");
    console.log(
      `${name.padEnd(16)} ${String(inputs).padStart(8)} inputs, ${Math.round(bytes / inputs)} bytes each; slowest ` +
        `${slowest.ms.toFixed(1)} ms (${slowest.index}); largest allocation ${largest.bytes} bytes (${largest.index})`,
    );
    console.log(`                 ${ends}`);
  }
}

/** A part as a percentage. */
function share(part: number, all: number): string {
  return `${(part / all * 100).toFixed(part < all / 100 ? 2 : 0)}%`;
}
