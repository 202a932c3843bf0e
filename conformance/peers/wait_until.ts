/** Polling with a time limit, for what a peer offers no event for. */

/** How {@linkcode waitUntil} waits. */
export interface WaitOptions {
  /** Longest wait in milliseconds, 10000 by default. */
  readonly timeoutMs?: number;
  /** Pause between two looks in milliseconds, 20 by default. */
  readonly everyMs?: number;
}

/**
 * Look again and again until there is something to see.
 *
 * @param what What is waited for, for the error text: "port 21200 open".
 * @param look One look. `undefined` and `false` mean "not yet"; an exception ends the wait.
 * @param options Time limit and pause.
 * @returns What `look` returned.
 * @throws {Error} When the time is over.
 */
export async function waitUntil<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  options: WaitOptions = {},
): Promise<T> {
  const { timeoutMs = 10_000, everyMs = 20 } = options;
  const end = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() >= end) throw new Error(`Cannot see ${what}: gave up after ${timeoutMs} ms`);
    await pause(everyMs);
  }
}

/**
 * Let time pass.
 *
 * @param ms Milliseconds.
 */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
