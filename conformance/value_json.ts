/**
 * Values as JSON that any language can read, and back: 64-bit integers as decimal strings, bytes as hexadecimal, all
 * else as the declaration says (a switch is `{ "is": CASE, "value": … }`).
 */
import type { Node, Wire } from "../protocol/schema/wire.ts";

/** Anything that JSON holds. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * @param wire The declaration.
 * @param value A value of it.
 * @returns The value as JSON.
 */
export function valueToJson<T>(wire: Wire<T>, value: T): Json {
  return map(wire, value, (_, leaf) => {
    if (leaf instanceof Uint8Array) return leaf.toHex();
    return typeof leaf === "bigint" ? String(leaf) : Number(leaf);
    // Leaves are made so, and all else is lists, records and null.
  }) as Json;
}

/**
 * @param wire The declaration.
 * @param json What {@link valueToJson} made.
 * @returns The value again.
 * @throws {RangeError} It is no value of the declaration.
 */
export function valueFromJson<T>(wire: Wire<T>, json: unknown): T {
  return map(wire, json, (node, leaf) => {
    if (node.kind === "bytes") {
      if (typeof leaf === "string" && /^(?:[0-9a-f]{2})*$/.test(leaf)) return Uint8Array.fromHex(leaf);
    } else if (node.kind === "int" && node.bits === 64) {
      if (typeof leaf === "string" && /^-?\d{1,20}$/.test(leaf)) return BigInt(leaf);
    } else if (Number.isInteger(leaf)) return leaf;
    return wrong(node, leaf);
    // The walker builds what the declaration says, which is what T was inferred from.
  }) as T;
}

/** Walks a value, numbers and bytes replaced. */
function map(node: Node, value: unknown, leaf: (node: Node, value: unknown) => unknown): unknown {
  switch (node.kind) {
    case "int":
    case "enum":
    case "bytes":
      return leaf(node, value);
    case "struct": {
      const { plan } = node, fields = fieldsOf(node, value);
      const kept = plan.fields.filter(({ derived }) => !derived);
      return Object.fromEntries(kept.map((field) => [field.name, map(field.node, fields[field.name], leaf)]));
    }
    case "array":
      return Array.isArray(value) ? value.map((element) => map(node.of, element, leaf)) : wrong(node, value);
    case "pointer":
      return value === null ? null : map(node.to, value, leaf);
    case "match": {
      const { is, value: part } = fieldsOf(node, value), chosen = node.cases[String(is)];
      return chosen === undefined ? wrong(node, is) : { is, value: map(chosen, part, leaf) };
    }
    case "flag": {
      if (node.form === "either") {
        const { is, value: part } = fieldsOf(node, value);
        return { is, value: map(is === node.flag ? node.set : node.clear, part, leaf) };
      }
      return value === null ? null : map(node.form === "set" ? node.set : node.clear, value, leaf);
    }
    case "nothing":
    case "fd":
    case "count":
    case "tag":
      return null;
  }
}

function fieldsOf(node: Node, value: unknown): Readonly<Record<string, unknown>> {
  // Any object may be read by name.
  if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  return wrong(node, value);
}

function wrong(node: Node, value: unknown): never {
  const name = node.kind === "struct" ? node.name : node.kind;
  throw new RangeError(`Cannot read value of ${name}: ${JSON.stringify(value)?.slice(0, 60)}`);
}
