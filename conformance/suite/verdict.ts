/** What a case finds out about a peer. */

/**
 * - `ok`: the peer does what the requirement says.
 * - `non-strict`: it works, but not as the requirement says in full.
 * - `failed`: it does not.
 * - `unimplemented`: the peer lacks what the requirement is about, and says so; or nobody can make it show it.
 */
export type Verdict = "ok" | "non-strict" | "failed" | "unimplemented";

/** Ends a case with another verdict than `ok`. */
export class Finding extends Error {
  override readonly name = "Finding";

  /** @param reason One sentence without a period, for a person who knows SPICE. */
  constructor(readonly verdict: Exclude<Verdict, "ok">, readonly reason: string) {
    super(`${verdict}: ${reason}`);
  }
}

/** The peer breaks the requirement. */
export function fail(reason: string): never {
  throw new Finding("failed", reason);
}

/** The peer gets by, but not as the requirement says. */
export function lax(reason: string): never {
  throw new Finding("non-strict", reason);
}

/** The peer lacks what the case is about. */
export function lacks(reason: string): never {
  throw new Finding("unimplemented", reason);
}

/** Fails unless something holds. */
export function must(holds: boolean, reason: string): asserts holds {
  if (!holds) fail(reason);
}

/** Fails unless two values are the same; bytes and lists by content. */
export function mustEqual(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [text(actual), text(expected)];
  if (a !== b) fail(`${what} is ${a}, not ${b}`);
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, inner) => {
    if (typeof inner === "bigint") return `${inner}`;
    return inner instanceof Uint8Array ? inner.toHex() : inner;
  }) ?? "undefined";
}
