/** Which captured bytes become vectors: of each variant of each kind, the smallest. */
import { decode } from "../../protocol/schema/decode.ts";
import { mark } from "../ledger/mark.ts";
import type { Example } from "./examples.ts";
import type { Kind } from "./kinds.ts";

/** Bytes, their value, and what sets them apart. */
export interface Variant<E> {
  readonly kind: Kind;
  /** What the value shows of its declaration: see `facetsOf`. */
  readonly facets: ReadonlySet<string>;
  readonly bytes: Uint8Array;
  readonly value: unknown;
  readonly from: E;
}

/** An example and the capture that holds it. */
export interface CapturedExample extends Example {
  readonly capture: string;
}

/**
 * Chooses among examples.
 *
 * @param kinds All kinds.
 * @param examples In an order that decides between two of one size.
 * @param mostBytes Longer ones are left out.
 * @returns Variants by kind, in the order of `kinds`, and then by their facets.
 */
export function chooseExamples(
  kinds: ReadonlyMap<string, Kind>,
  examples: Iterable<CapturedExample>,
  mostBytes: number,
): Map<string, Variant<CapturedExample>[]> {
  const chosen = new Map<string, Map<string, Variant<CapturedExample>>>();
  for (const from of examples) {
    const kind = kinds.get(from.kind);
    if (kind === undefined || from.bytes.length > mostBytes) continue;
    const value = decode(kind.wire, from.bytes, { exact: true }), facets = mark(kind.wire, value);
    const variants = chosen.get(from.kind) ?? new Map<string, Variant<CapturedExample>>();
    chosen.set(from.kind, variants);
    const key = [...facets].sort().join(" "), known = variants.get(key);
    if (known !== undefined && known.bytes.length <= from.bytes.length) continue;
    variants.set(key, { kind, facets, bytes: from.bytes, value, from });
  }
  const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => a < b ? -1 : 1;
  return new Map([...kinds.keys()].map((kind) => {
    return [kind, [...chosen.get(kind) ?? []].sort(byKey).map(([, variant]) => variant)];
  }));
}
