/** What must hold for every input, as named functions. */
import { CanvasError } from "../../canvas/errors.ts";
import { CodecError } from "../../codecs/errors.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { TargetError } from "../../protocol/target_error.ts";
import type { AllocationMeter } from "./allocation_meter.ts";
import { Violation } from "./target.ts";

/**
 * An input ends in a value, or in an error of ours that blames the peer and says what broke.
 *
 * @returns What `run` returns, or the error's code.
 * @throws Anything else that `run` throws: a crash.
 */
export function endsInValueOrTypedError(run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (error instanceof ProtocolError) {
      if (error.by !== "remote") throw new Violation(`We are to blame: ${error.message}`, { cause: error });
      if (error.wireName === "" || error.detail === "") throw new Violation("It does not say what", { cause: error });
      return error.code;
    }
    if (error instanceof CodecError || error instanceof CanvasError) return `${error.name} ${error.code}`;
    if (error instanceof TargetError) return `${error.name} ${error.code}`;
    throw error;
  }
}

/** How often what seems slow is measured. */
const MOST_TRIES = 3;

/**
 * An input takes no longer than `mostMs`. What seems slow is done again, since it may have waited for the machine: the
 * best time counts.
 *
 * @param run Does the same each time.
 * @param clock Milliseconds of a clock that never goes back.
 * @param slowMs From how many milliseconds on it is done again. Default: `mostMs`.
 * @returns What `run` returns, and the milliseconds it took.
 * @throws {Violation} It took longer. What never ends is noticed by the campaign's own watch.
 */
export function withinTime<T>(
  run: () => T,
  mostMs: number,
  clock: () => number,
  slowMs: number = mostMs,
): { result: T; ms: number } {
  let best = Infinity;
  for (let left = MOST_TRIES;;) {
    const start = clock(), result = run();
    best = Math.min(best, clock() - start);
    if (--left > 0 && best > slowMs) continue;
    if (best > mostMs) throw new Violation(`it took ${Math.round(best)} ms, ${mostMs} allowed`);
    return { result, ms: best };
  }
}

/**
 * An input makes us allocate no more than it may, at once and in all.
 *
 * @param meter Installed.
 * @param largestBytes Most bytes of one buffer or array.
 * @param totalBytes Most bytes of all of them.
 * @throws {Violation} It allocated more.
 */
export function withinMemory<T>(run: () => T, meter: AllocationMeter, largestBytes: number, totalBytes: number): T {
  meter.reset(largestBytes);
  try {
    const result = run();
    if (meter.total > totalBytes) throw new Violation(`${meter.total} bytes allocated in all, ${totalBytes} allowed`);
    return result;
  } finally {
    meter.reset(Infinity);
  }
}

/**
 * A decoded value has no more parts than its bytes can pay for.
 *
 * @param value Any value of a declaration.
 * @param inputBytes Bytes that it was decoded from.
 * @throws {Violation} It has more.
 */
export function partsPaidFor(value: unknown, inputBytes: number): void {
  // The decoder lets a message visit each of its bytes four times; a field takes one byte and may be wrapped four deep.
  const most = 16 * inputBytes + 20_000;
  let parts = 0;
  const visit = (part: unknown): void => {
    if (++parts > most) throw new Violation(`more than ${most} parts from ${inputBytes} bytes`);
    if (part instanceof Uint8Array || typeof part !== "object" || part === null) return;
    for (const inner of Array.isArray(part) ? part : Object.values(part)) visit(inner);
  };
  visit(value);
}

/**
 * Two ways of doing the same come to the same.
 *
 * @throws {Violation} They do not.
 */
export function sameOutcome(what: string, one: string, other: string): void {
  if (one !== other) throw new Violation(`${what}: ${one.slice(0, 300)} against ${other.slice(0, 300)}`);
}
