/** The files of all message vectors, made anew. */
import { type Capture, captureNames, CAPTURES, readCapture } from "../capture.ts";
import { valueToJson } from "../value_json.ts";
import { type CapturedExample, chooseExamples, type Variant } from "./choose_examples.ts";
import { deriveExamples } from "./derive_examples.ts";
import { examplesIn } from "./examples.ts";
import { allKinds, type Kind } from "./kinds.ts";
import type { MessageVector, VectorOrigin } from "./message_vector.ts";
import { variantNames } from "./variant_names.ts";

/** Longer bodies are left out, so that a file stays below 64 KB: the bytes stand in it twice, in hexadecimal. */
const MOST_BYTES = 15_000;

/** Who spoke in a capture. */
type Origins = Readonly<Record<string, Readonly<Record<string, { readonly peer: string; readonly version: string }>>>>;

/**
 * Makes all message vectors: from captures where there is one that shows it, from declarations where there is none.
 *
 * @returns Path below `messages/` to vector, sorted by path.
 * @throws {RangeError} A capture that `streams/origins.json` does not tell of.
 */
export function messageVectors(): Map<string, MessageVector> {
  const kinds = allKinds(), origins = readOrigins(), vectors: [string, MessageVector][] = [];
  const chosen = chooseExamples(kinds, examples(captureNames().map(readCapture), origins), MOST_BYTES);
  for (const [key, kind] of kinds) {
    const captured = chosen.get(key)!, shown = new Set(captured.flatMap(({ facets }) => [...facets]));
    const derived = deriveExamples(kind, shown, captured.length > 0, MOST_BYTES);
    const names = variantNames([...captured, ...derived].map(({ facets }) => facets));
    const made = [
      ...captured.map((variant) => vectorOf(variant, variant.from.header, capturedOrigin(variant, origins))),
      ...derived.map((variant) => vectorOf(variant, null, { kind: "derived", clause: clauseOf(kind) })),
    ];
    made.forEach((vector, i) => vectors.push([`${key}-${names[i]}.json`, vector]));
  }
  return new Map(vectors.sort(([a], [b]) => a < b ? -1 : 1));
}

/** What others sent; our own words prove nothing. */
function* examples(captures: readonly Capture[], origins: Origins): Generator<CapturedExample> {
  for (const capture of captures) {
    for (const example of examplesIn(capture)) {
      if (origins[capture.name]?.[example.by]?.peer !== "Saffron") yield { ...example, capture: capture.name };
    }
  }
}

function readOrigins(): Origins {
  return JSON.parse(Deno.readTextFileSync(new URL("origins.json", CAPTURES)));
}

function vectorOf<E>(
  { kind: { name, channel, from, type, wire }, bytes, value }: Variant<E>,
  header: MessageVector["header"],
  origin: VectorOrigin,
): MessageVector {
  const direction = from === "client" ? "client-to-server" : "server-to-client";
  return { name, channel, direction, header, type, bytes: bytes.toHex(), value: valueToJson(wire, value), origin };
}

function capturedOrigin({ from }: Variant<CapturedExample>, origins: Origins): VectorOrigin {
  const { capture, connection, offset, by } = from, told = origins[capture]?.[by];
  if (told === undefined) {
    throw new RangeError(`Cannot make vectors: origins.json does not tell the ${by} of ${capture}`);
  }
  return { kind: "captured", capture, connection, offset, peer: told.peer, version: told.version };
}

function clauseOf({ name, wire }: Kind): string {
  const { source } = wire.info;
  if (source === undefined) throw new RangeError(`Cannot make vectors: the declaration of ${name} names no source`);
  return source;
}
