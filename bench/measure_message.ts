/**
 * Measures one message case in a process of its own, so that no other case has shaped the compiled code. Prints JSON.
 *
 *     deno run --allow-read bench/measure_message.ts CASE
 */
import { allocations } from "./allocations.ts";
import { messageCases } from "./message_cases.ts";

/** What one process found out. */
export interface MessageMeasurement {
  /** Nanoseconds an operation: one number for each batch of some 20 ms, after warming up. */
  readonly nsPerOp: readonly number[];
  /** Bytes that an operation allocates on V8's heap, with compiled code as it is after warming up. */
  readonly heapBytesPerOp: number;
  /** Bytes of array buffers that an operation allocates outside the heap. */
  readonly bufferBytesPerOp: number;
}

const WARM_UP_MS = 300;
const BATCH_MS = 20;
const BATCHES = 25;

/** Keeps the last results, so that they escape and must be made. */
const kept: unknown[] = [];

if (import.meta.main) {
  const [name] = Deno.args;
  const found = messageCases().find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no case ${name}`);
  console.log(JSON.stringify(measure(() => found.run())));
}

function measure(run: () => unknown): MessageMeasurement {
  let ops = 1;
  for (const end = performance.now() + WARM_UP_MS; performance.now() < end;) {
    const ms = time(run, ops);
    if (ms < BATCH_MS) ops = Math.ceil(ops * Math.min(10, 1.2 * BATCH_MS / Math.max(ms, 0.1)));
  }
  const nsPerOp = Array.from({ length: BATCHES }, () => time(run, ops) * 1e6 / ops);
  const { heapBytes, bufferBytes } = allocations(run, Math.max(ops, 1000), 8);
  return { nsPerOp, heapBytesPerOp: heapBytes, bufferBytesPerOp: bufferBytes };
}

function time(run: () => unknown, ops: number): number {
  const start = performance.now();
  repeat(run, ops);
  return performance.now() - start;
}

function repeat(run: () => unknown, ops: number): void {
  for (let i = 0; i < ops; i++) kept[i & 7] = run();
}
