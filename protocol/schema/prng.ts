/** A small random number generator whose state the caller holds, so that a seed gives the same values for ever. */

/** State of a generator: pass it on, and it moves. */
export interface Prng {
  /** 32-bit unsigned. */
  state: number;
}

/** @param seed Any integer; its low 32 bits count. Neighbouring seeds give unrelated numbers. */
export function prng(seed: number): Prng {
  return { state: mix(seed + WEYL) };
}

/** @returns The next number, 0 to 2^32 - 1. */
export function nextU32(random: Prng): number {
  random.state = (random.state + WEYL) >>> 0;
  return mix(random.state);
}

/** @returns An integer from 0 to `limit` - 1; `limit` is 1 to 2^32. The slight bias does not matter for test data. */
export function below(random: Prng, limit: number): number {
  return Math.floor(nextU32(random) / 2 ** 32 * limit);
}

/** The odd number next to 2^32 / golden ratio: adding it visits every state once. */
const WEYL = 0x9e3779b9;

/** Spreads every bit of the input over the output. Source: the 32-bit finalizer of MurmurHash3 (public domain). */
function mix(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
