/** What an operation allocates once its code is warm. */
import { getHeapStatistics } from "node:v8";

/** Bytes an operation, garbage included. */
export interface Allocations {
  /** On V8's heap. */
  readonly heapBytes: number;
  /** Of array buffers outside the heap. */
  readonly bufferBytes: number;
}

/** Keeps the last results, so that they escape and must be made. */
const kept: unknown[] = [];

/**
 * Runs an operation that is warm, and counts.
 *
 * @param run The operation.
 * @param ops Times that it runs for the bytes on the heap, at least 1.
 * @param bufferOps Times that it runs at once for the buffers, whose results all live together.
 */
export function allocations(run: () => unknown, ops: number, bufferOps: number): Allocations {
  const before = heapAllocated();
  for (let i = 0; i < ops; i++) kept[i & 7] = run();
  const heapBytes = (heapAllocated() - before) / ops;
  kept.length = 0;
  return { heapBytes, bufferBytes: bufferBytes(run, bufferOps) };
}

/** All bytes ever allocated on the heap: collections do not lessen it. */
function heapAllocated(): number {
  const statistics: object = getHeapStatistics();
  if (!("total_allocated_bytes" in statistics)) throw new Error("This Deno does not count allocations");
  return Number(statistics.total_allocated_bytes);
}

/** Buffers count as long as they live: a few operations without a collection between, the greatest of several tries. */
function bufferBytes(run: () => unknown, ops: number): number {
  const TRIES = 10;
  let most = 0;
  for (let i = 0; i < TRIES; i++) {
    const before = Deno.memoryUsage().external;
    const results = Array.from({ length: ops }, run);
    const after = Deno.memoryUsage().external;
    kept[0] = results;
    most = Math.max(most, (after - before) / ops);
  }
  kept.length = 0;
  return most;
}
