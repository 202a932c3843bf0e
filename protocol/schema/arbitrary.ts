/** The walker that makes up values: valid, random, small, and the same for the same seed. */
import { metaOf } from "./enumeration.ts";
import { below, nextU32, type Prng, prng } from "./prng.ts";
import {
  type BytesNode,
  type Count,
  type EnumNode,
  type FieldPlan,
  type IntNode,
  type Node,
  REST,
  type StructNode,
  type Wire,
} from "./wire.ts";

/** Most elements of an array; most bytes of most byte fields, and of a few; most rows, or units of width, of an image. */
const MOST = { elements: 5, bytes: 24, manyBytes: 2048, rows: 9 } as const;

/**
 * Makes up a value of a declaration, for round-trip tests, fuzz seeds and benches.
 *
 * Every case of a switch and every flag is reached by some seed; counts and sizes agree; numbers are often at the ends
 * of their range; enumerations and flags hold known members only. A value is canonical: decoding its encoding gives an
 * equal value.
 *
 * @param seed Any integer, or a generator to draw from.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { arbitrary, decode, encodeBytes, messages } from "../../mod.ts";
 *
 * const { wire } = messages.DisplayDrawCopy;
 * for (let seed = 0; seed < 100; seed++) {
 *   const value = arbitrary(wire, seed);
 *   assert.deepEqual(decode(wire, encodeBytes(wire, value)), value);
 * }
 * ```
 */
export function arbitrary<T>(wire: Wire<T>, seed: number | Prng): T {
  const random = typeof seed === "number" ? prng(seed) : seed;
  // The walker builds what the declaration says, which is what T was inferred from.
  return new Maker(random).make(wire, null) as T;
}

/** Numbers that sizes are looked up in, by field name. */
interface Scope {
  readonly numbers: Record<string, number>;
  readonly outer: Scope | null;
}

class Maker {
  constructor(readonly random: Prng) {}

  make(node: Node, scope: Scope | null): unknown {
    switch (node.kind) {
      case "int":
        return this.#int(node);
      case "enum":
        return this.#enum(node, 0);
      case "struct":
        return this.#struct(node, scope);
      case "bytes":
        return this.#bytes(node, this.#length(node, scope));
      case "array": {
        const length = this.#number(node.count, scope) ?? below(this.random, MOST.elements + 1);
        return Array.from({ length }, () => this.make(node.of, scope));
      }
      case "pointer": {
        if (node.nullable && below(this.random, 4) === 0) return null;
        const target = this.make(node.to, scope);
        // A target without bytes has offset 0, which reads as null.
        return node.nullable && isEmpty(node.to, target) ? null : target;
      }
      case "match": {
        const names = Object.keys(node.cases);
        const is = names[below(this.random, names.length)]!;
        return { is, value: this.make(node.cases[is]!, scope) };
      }
      case "flag": {
        const set = below(this.random, 2) === 0;
        const value = this.make(set ? node.set : node.clear, scope);
        return node.form === "either" ? { is: set ? node.flag : "otherwise", value } : value;
      }
      case "nothing":
      case "fd":
      case "count":
      case "tag":
        return null;
    }
  }

  #struct(node: StructNode, outer: Scope | null): Record<string, unknown> {
    const scope: Scope = { numbers: {}, outer };
    const value: Record<string, unknown> = {};
    const measures = new Set(node.plan.fields.flatMap((field) => measuresOf(field.node)));
    for (const field of node.plan.fields) {
      const made = this.#field(node, field, measures.has(field.name), scope);
      if (typeof made === "number") scope.numbers[field.name] = made;
      if (!field.derived) value[field.name] = made;
    }
    return value;
  }

  #field(struct: StructNode, field: FieldPlan, measure: boolean, scope: Scope): unknown {
    const { node, mask } = field;
    // A count is drawn before what it counts; the encoder will derive the same number.
    if (node.kind === "count") {
      return struct.fields[node.of]?.kind === "bytes" && node.int.bits > 8
        ? this.#size()
        : below(this.random, MOST.elements + 1);
    }
    if (node.kind === "int" && measure) return below(this.random, MOST.rows + 1);
    if (node.kind === "enum") return this.#enum(node, mask);
    return this.make(node, scope);
  }

  #int(node: IntNode): number | bigint {
    const { bits, signed } = node;
    if (bits === 64) {
      const whole = BigInt(nextU32(this.random)) << 32n | BigInt(nextU32(this.random));
      const shaped = this.#shape(whole, 1n << 63n);
      return signed ? BigInt.asIntN(64, shaped) : BigInt.asUintN(64, shaped);
    }
    const shaped = this.#shape(BigInt(nextU32(this.random)), 1n << BigInt(bits - 1));
    return Number(signed ? BigInt.asIntN(bits, shaped) : BigInt.asUintN(bits, shaped));
  }

  /** The number itself, a small one, or one at an end of the range. */
  #shape(value: bigint, half: bigint): bigint {
    switch (below(this.random, 4)) {
      case 0:
        return value & 0xffn;
      case 1:
        return [0n, 1n, -1n, half, half - 1n][below(this.random, 5)]!;
      default:
        return value;
    }
  }

  /** A member, or any of the bits that select no part. */
  #enum(node: EnumNode, mask: number): number {
    const { flags, members } = metaOf(node.of);
    const values = Object.values(members);
    if (!flags) return values[below(this.random, values.length)]!;
    const bits = nextU32(this.random);
    return values.reduce((sum, bit, i) => (bits >>> (i % 32) & 1) === 1 ? (sum | bit & ~mask) >>> 0 : sum, 0);
  }

  #bytes(node: BytesNode, length: number): Uint8Array {
    return Uint8Array.from({ length }, () => node.text ? 0x20 + below(this.random, 0x5f) : nextU32(this.random) >>> 24);
  }

  #length(node: BytesNode, scope: Scope | null): number {
    if (typeof node.length === "object") {
      const { bitsPerPixel, width, rows } = node.length;
      return Math.ceil(bitsPerPixel * lookup(width, scope) / 8) * lookup(rows, scope);
    }
    return this.#number(node.length, scope) ?? this.#size();
  }

  /** Mostly few bytes; now and then enough for the encoder to pass them on by reference. */
  #size(): number {
    return below(this.random, (below(this.random, 32) === 0 ? MOST.manyBytes : MOST.bytes) + 1);
  }

  #number(count: Count, scope: Scope | null): number | undefined {
    if (typeof count === "number") return count;
    return count === REST ? undefined : lookup(count, scope);
  }
}

function lookup(name: string, scope: Scope | null): number {
  for (let at = scope; at !== null; at = at.outer) {
    const number = at.numbers[name];
    if (number !== undefined) return number;
  }
  throw new TypeError(`Cannot make up a value: no field ${name} in scope`);
}

/** Names of the fields that say how large something is, in a node and the parts below it. */
function measuresOf(node: Node): readonly string[] {
  switch (node.kind) {
    case "bytes":
      return typeof node.length === "object" ? [node.length.width, node.length.rows] : namesIn(node.length);
    case "array":
      return [...namesIn(node.count), ...measuresOf(node.of)];
    case "pointer":
      return measuresOf(node.to);
    case "match":
      return Object.values(node.cases).flatMap(measuresOf);
    case "flag":
      return [...measuresOf(node.set), ...measuresOf(node.clear)];
    case "struct":
      return node.plan.free;
    default:
      return [];
  }
}

function namesIn(count: Count): readonly string[] {
  return typeof count === "string" ? [count] : [];
}

/** Whether a value takes no bytes on the wire. */
function isEmpty(node: Node, value: unknown): boolean {
  if (value instanceof Uint8Array) return value.length === 0;
  if (Array.isArray(value)) return value.length === 0;
  if (node.kind === "nothing" || node.kind === "fd") return true;
  if (node.kind !== "struct" || typeof value !== "object" || value === null) return false;
  const values: Readonly<Record<string, unknown>> = { ...value };
  return node.plan.fields.every((field) => isEmpty(field.node, values[field.name]));
}
