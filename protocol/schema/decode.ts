/** The decoding walker: bytes and a declaration in, a value out. It defines what a declaration means. */
import { ProtocolError, type ProtocolErrorCode } from "../errors.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import {
  type BytesNode,
  type Count,
  type FieldPlan,
  type FlagNode,
  type IntNode,
  type MatchNode,
  type Node,
  type PointerNode,
  REST,
  type StructNode,
  type Wire,
} from "./wire.ts";

/** What a caller may ask of {@link decode}. */
export interface DecodeOptions {
  /** Name for errors. Default: the struct's own. */
  readonly name?: string;
  /** `messageBytes` and `pointers` count here. Default: `DEFAULT_LIMITS`. */
  readonly limits?: Limits;
  /** Refuse bytes that no field covers. The reference ignores them, and so do we unless asked. */
  readonly exact?: boolean;
}

/**
 * Decodes one value from the start of `body`.
 *
 * Pointers are offsets from the start of `body`. Byte fields are views into `body`, never copies: keep the body alive
 * and unchanged as long as the value. Every count is checked against the bytes left before anything is allocated.
 *
 * @throws {ProtocolError} `truncated`, `bad-count`, `bad-pointer`, `bad-tag`, `too-large`, and `trailing` with `exact`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decode, messages } from "../../mod.ts";
 *
 * const body = Uint8Array.of(1, 0, 0, 0, 2, 0);
 * const { channels } = decode(messages.MainChannelsList.wire, body);
 * assert.deepEqual(channels, [{ type: 2, id: 0 }]); // the count is on the wire, not in the value
 * ```
 */
export function decode<T>(wire: Wire<T>, body: Uint8Array, options: DecodeOptions = {}): T {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const name = options.name ?? (wire.kind === "struct" ? wire.name : wire.kind);
  const reader = new Reader(body, limits, name);
  if (body.length > limits.messageBytes) {
    reader.fail("too-large", `${body.length} bytes, at most ${limits.messageBytes} allowed`);
  }
  const value = reader.read(wire, null);
  if (options.exact && reader.covered < body.length) {
    reader.at = reader.covered;
    reader.fail("trailing", `${body.length - reader.covered} bytes after the last field`);
  }
  // The walker builds what the declaration says, which is what T was inferred from.
  return value as T;
}

/** Raw values of fields that others refer to, and the scope of the enclosing struct. */
interface Scope {
  readonly raw: Record<string, number>;
  readonly outer: Scope | null;
}

class Reader {
  at = 0;
  /** End of the last byte that any field covered. */
  covered = 0;
  /** Bytes that may still be visited. Pointers may share a target, but not multiply a message into a flood. */
  #budget: number;
  #pointersLeft: number;
  readonly #view: DataView;
  readonly #path: (string | number)[] = [];

  constructor(readonly body: Uint8Array, readonly limits: Limits, readonly name: string) {
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.#budget = 4 * body.length + 4096;
    this.#pointersLeft = limits.pointers;
  }

  fail(code: ProtocolErrorCode, detail: string): never {
    const path = this.#path.map((step) => typeof step === "number" ? `[${step}]` : `.${step}`).join("").replace(
      /^\./,
      "",
    );
    throw new ProtocolError({ by: "remote", code, message: this.name, path, offset: this.at, detail });
  }

  read(node: Node, scope: Scope | null): unknown {
    switch (node.kind) {
      case "int":
        return this.#int(node);
      case "enum":
        return this.#int(node.int);
      case "struct":
        return this.#struct(node, scope);
      case "bytes":
        return this.#bytes(node, scope);
      case "array":
        return this.#array(node.of, node.count, scope);
      case "pointer":
        return this.#pointer(node, scope);
      case "match":
      case "flag":
        throw new TypeError(`Cannot decode a ${node.kind} outside a struct`);
      case "count":
      case "tag":
        return this.#int(node.int);
      case "nothing":
      case "fd":
        return null;
    }
  }

  #struct(node: StructNode, outer: Scope | null): Record<string, unknown> {
    // Without a field that others refer to, the struct has nothing to look up.
    const scope: Scope | null = node.plan.refers ? { raw: {}, outer } : outer;
    const value: Record<string, unknown> = {};
    for (const field of node.plan.fields) {
      this.#path.push(field.name);
      const read = this.#field(field, scope);
      if (field.referenced) scope!.raw[field.name] = Number(read);
      if (!field.derived) value[field.name] = field.mask === 0 ? read : (Number(read) & ~field.mask) >>> 0;
      this.#path.pop();
    }
    return value;
  }

  #field({ node, choices }: FieldPlan, scope: Scope | null): unknown {
    if (node.kind === "flag") return this.#flag(node, choices, scope);
    if (node.kind === "match") return this.#match(node, choices, scope);
    return this.read(node, scope);
  }

  #int(node: IntNode): number | bigint {
    const at = this.at, bytes = node.bits / 8, view = this.#view;
    this.#take(bytes);
    const little = !node.bigEndian;
    switch (node.bits) {
      case 8:
        return node.signed ? view.getInt8(at) : view.getUint8(at);
      case 16:
        return node.signed ? view.getInt16(at, little) : view.getUint16(at, little);
      case 32:
        return node.signed ? view.getInt32(at, little) : view.getUint32(at, little);
      case 64:
        return node.signed ? view.getBigInt64(at, little) : view.getBigUint64(at, little);
    }
  }

  #bytes(node: BytesNode, scope: Scope | null): Uint8Array {
    const start = this.at, left = this.body.length - start;
    let length: number;
    if (typeof node.length === "object") {
      const { bitsPerPixel, width, rows } = node.length;
      // At most 2^32 × 2^32: exact enough to compare with the bytes left.
      length = Math.ceil(bitsPerPixel * this.#lookup(width, scope) / 8) * this.#lookup(rows, scope);
    } else {
      length = node.length === REST ? left : this.#number(node.length, scope);
    }
    this.#take(length);
    return this.body.subarray(start, start + length);
  }

  #array(of: Node, count: Count, scope: Scope | null): unknown[] {
    const left = this.body.length - this.at;
    const elements: unknown[] = [];
    if (count === REST) {
      for (let i = 0; this.at < this.body.length; i++) elements.push(this.#element(of, i, scope));
      return elements;
    }
    const n = this.#number(count, scope);
    if (n * of.min > left) this.fail("bad-count", `${n} elements of at least ${of.min} bytes, ${left} bytes left`);
    for (let i = 0; i < n; i++) elements.push(this.#element(of, i, scope));
    return elements;
  }

  #element(of: Node, index: number, scope: Scope | null): unknown {
    this.#path.push(index);
    const value = this.read(of, scope);
    this.#path.pop();
    return value;
  }

  #pointer(node: PointerNode, scope: Scope | null): unknown {
    const field = this.at;
    this.#take(4);
    const offset = this.#view.getUint32(field, true);
    if (offset === 0) {
      if (node.nullable) return null;
      // The reference marshaller writes 0 for a target without bytes.
      if (node.to.min > 0 || (node.to.kind !== "bytes" && node.to.kind !== "array")) {
        this.at = field;
        this.fail("bad-pointer", "null, but the target is needed");
      }
    }
    if (offset > this.body.length) {
      this.at = field;
      this.fail("bad-pointer", `offset ${offset} in a body of ${this.body.length} bytes`);
    }
    if (--this.#pointersLeft < 0) this.fail("too-large", `more than ${this.limits.pointers} pointers`);
    const back = this.at;
    this.at = offset === 0 ? this.body.length : offset;
    const value = this.read(node.to, scope);
    this.at = back;
    return value;
  }

  #match(node: MatchNode, choices: ReadonlyMap<number, string>, scope: Scope | null): unknown {
    const raw = this.#lookup(node.on, scope);
    const is = node.byFlag ? this.#oneFlag(node, choices, raw) : choices.get(raw);
    if (is === undefined) return this.fail("bad-tag", `${node.on} is ${raw}, which has no case here`);
    return { is, value: this.read(node.cases[is]!, scope) };
  }

  #oneFlag(node: MatchNode, choices: ReadonlyMap<number, string>, raw: number): string {
    const set = [...choices].filter(([bit]) => (raw & bit) !== 0);
    if (set.length !== 1) {
      this.fail("bad-tag", `${node.on} is ${raw}, which has ${set.length} of ${[...choices.values()].join(", ")}`);
    }
    return set[0]![1];
  }

  #flag(node: FlagNode, choices: ReadonlyMap<number, string>, scope: Scope | null): unknown {
    const raw = this.#lookup(node.on, scope);
    const set = [...choices.keys()].some((bit) => (raw & bit) !== 0);
    const value = this.read(set ? node.set : node.clear, scope);
    return node.form === "either" ? { is: set ? node.flag : "otherwise", value } : value;
  }

  #number(count: Exclude<Count, typeof REST>, scope: Scope | null): number {
    return typeof count === "number" ? count : this.#lookup(count, scope);
  }

  #lookup(name: string, scope: Scope | null): number {
    for (let at = scope; at !== null; at = at.outer) {
      const raw = at.raw[name];
      if (raw !== undefined) return raw;
    }
    throw new TypeError(`Cannot decode ${this.name}: no field ${name} in scope`);
  }

  #take(bytes: number): void {
    const left = this.body.length - this.at;
    if (bytes > left) this.fail("truncated", `need ${bytes} bytes, ${left} left`);
    this.#budget -= bytes;
    if (this.#budget < 0) this.fail("too-large", "pointers visit the same bytes too often");
    this.at += bytes;
    if (this.at > this.covered) this.covered = this.at;
  }
}
