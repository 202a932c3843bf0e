/** The encoding walker: a value and its declaration in, bytes out, laid out as the reference marshaller lays them. */
import { ProtocolError } from "../errors.ts";
import {
  type ArrayNode,
  type BytesNode,
  type Count,
  type CountNode,
  type FieldPlan,
  type FlagNode,
  type IntNode,
  type Node,
  type PointerNode,
  REST,
  type StructNode,
  type Wire,
} from "./wire.ts";

/** Byte fields at least this long are handed on as views; shorter ones are copied into the chunk before them. */
const BY_REFERENCE_BYTES = 1024;

/**
 * Encodes a value.
 *
 * Counts, tags, offsets and selecting flags are derived. Pointer targets follow the body in the order in which the
 * reference queues them: first in, first out; a target without bytes, unless it is a struct, gets offset 0.
 * Source: spice-common common/marshaller.c spice_marshaller_get_ptr_submarshaller, spice_marshaller_flush.
 *
 * @param name Name for errors. Default: the struct's own.
 * @returns Chunks to be sent in order. Long byte fields are views into the value, not copies.
 * @throws {ProtocolError} by `local`: `bad-value` (a number outside its field), `bad-count`, `bad-tag`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { encode, messages } from "../../mod.ts";
 *
 * const chunks = encode(messages.MainChannelsList.wire, { channels: [{ type: 2, id: 0 }] });
 * assert.deepEqual(chunks, [Uint8Array.of(1, 0, 0, 0, 2, 0)]); // the count is derived
 * ```
 */
export function encode<T>(wire: Wire<T>, value: T, name?: string): Uint8Array[] {
  const writer = new Writer(name ?? (wire.kind === "struct" ? wire.name : wire.kind));
  return writer.write(wire, value);
}

/** Like {@link encode}, joined into one array. */
export function encodeBytes<T>(wire: Wire<T>, value: T, name?: string): Uint8Array {
  return concat(encode(wire, value, name));
}

/**
 * Joins chunks.
 *
 * @param chunks In order.
 * @returns One array of all chunks; the only chunk itself when there is but one.
 */
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

type Fields = Readonly<Record<string, unknown>>;

/** Values of the enclosing structs, innermost first: where counts and sizes are looked up. */
interface Scope {
  readonly node: StructNode;
  readonly value: Fields;
  readonly outer: Scope | null;
}

/** Where an offset must be written once the target's place is known. */
interface Patch {
  readonly section: Section;
  readonly at: number;
  readonly target: Section;
  /** Written even when the target has no bytes. */
  readonly always: boolean;
}

class Writer {
  readonly #sections: Section[] = [];
  readonly #patches: Patch[] = [];
  /** Targets whose contents are yet to be written. */
  readonly #queue: (() => void)[] = [];
  readonly #path: (string | number)[] = [];

  constructor(readonly name: string) {}

  write(node: Node, value: unknown): Uint8Array[] {
    this.#node(node, value, this.#open(), null);
    for (let next = 0; next < this.#queue.length; next++) this.#queue[next]!();
    const places = new Map<Section, number>();
    let at = 0;
    for (const section of this.#sections) {
      places.set(section, at);
      at += section.length;
    }
    for (const { section, at, target, always } of this.#patches) {
      if (always || target.length > 0) section.patch(at, places.get(target)!);
    }
    return this.#sections.flatMap((section) => section.chunks());
  }

  #fail(code: "bad-value" | "bad-count" | "bad-tag", detail: string): never {
    const path = this.#path.map((step) => typeof step === "number" ? `[${step}]` : `.${step}`).join("").replace(
      /^\./,
      "",
    );
    throw new ProtocolError({ by: "local", code, action: "encode", message: this.name, path, detail });
  }

  #open(): Section {
    const section = new Section();
    this.#sections.push(section);
    return section;
  }

  #node(node: Node, value: unknown, out: Section, scope: Scope | null): void {
    switch (node.kind) {
      case "int":
        return this.#int(node, value, out);
      case "enum":
        return this.#int(node.int, value, out);
      case "struct":
        return this.#struct(node, value, out, scope);
      case "bytes":
        return this.#bytes(node, value, out, scope);
      case "array":
        return this.#array(node, value, out, scope);
      case "pointer":
        return this.#pointer(node, value, out, scope);
      case "nothing":
      case "fd":
        return;
      case "match":
      case "flag":
      case "count":
      case "tag":
        throw new TypeError(`Cannot encode a ${node.kind} outside a struct`);
    }
  }

  #struct(node: StructNode, value: unknown, out: Section, outer: Scope | null): void {
    const scope: Scope = { node, value: this.#fields(value), outer };
    for (const field of node.plan.fields) {
      this.#path.push(field.name);
      this.#field(field, out, scope);
      this.#path.pop();
    }
  }

  #field(field: FieldPlan, out: Section, scope: Scope): void {
    const { node, name } = field;
    const value = scope.value[name];
    switch (node.kind) {
      case "count":
        return this.#int(node.int, this.#countOf(node, scope.value), out);
      case "tag":
        return this.#int(node.int, this.#tagOf(node.of, scope), out);
      case "enum":
        return this.#int(node.int, field.mask === 0 ? value : this.#withFlags(field, scope), out);
      case "match": {
        const { is, value: part } = this.#fields(value);
        const chosen = node.cases[String(is)];
        if (chosen === undefined) return this.#fail("bad-tag", `no case ${String(is)}`);
        return this.#node(chosen, part, out, scope);
      }
      case "flag":
        return this.#flagged(node, value, out, scope);
      default:
        return this.#node(node, value, out, scope);
    }
  }

  #flagged(node: FlagNode, value: unknown, out: Section, scope: Scope): void {
    const set = isSet(node, value);
    const part = node.form === "either" ? this.#fields(value).value : value;
    this.#node(set ? node.set : node.clear, part, out, scope);
  }

  /** The flags field's own bits, and those of the parts that are there. */
  #withFlags(field: FieldPlan, scope: Scope): number {
    let bits = (Number(scope.value[field.name]) & ~field.mask) >>> 0;
    for (const other of scope.node.plan.fields) {
      const node = other.node;
      if ((node.kind !== "flag" && node.kind !== "match") || node.on !== field.name) continue;
      const value = scope.value[other.name];
      for (const [bit, name] of other.choices) {
        if (node.kind === "flag" ? isSet(node, value) : isCase(value, name)) bits = (bits | bit) >>> 0;
      }
    }
    return bits;
  }

  #tagOf(of: string, scope: Scope): number {
    const { is } = this.#fields(scope.value[of]);
    const choices = scope.node.plan.fields.find((field) => field.name === of)!.choices;
    for (const [tag, name] of choices) if (name === is) return tag;
    return this.#fail("bad-tag", `no case ${String(is)}`);
  }

  #countOf(node: CountNode, value: Fields): number {
    let counted: unknown = value;
    for (const step of node.of.split(".")) {
      counted = counted === null ? null : this.#fields(counted)[step];
    }
    if (typeof counted === "object" && counted !== null && "is" in counted) counted = this.#fields(counted).value;
    if (counted === null) return 0;
    if (counted instanceof Uint8Array || Array.isArray(counted)) return counted.length;
    return this.#fail("bad-count", `${node.of} is neither bytes nor an array`);
  }

  #int(node: IntNode, value: unknown, out: Section): void {
    if (node.bits === 64) {
      if (typeof value !== "bigint") return this.#fail("bad-value", `${String(value)} is no bigint`);
      const fits = node.signed ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
      if (fits !== value) return this.#fail("bad-value", `${value} does not fit 64 bits`);
    } else {
      if (typeof value !== "number") return this.#fail("bad-value", `${String(value)} is no number`);
      const span = SPANS[node.bits], low = node.signed ? -span / 2 : 0;
      if (!(Number.isInteger(value) && value >= low && value < low + span)) {
        return this.#fail("bad-value", `${value} does not fit ${node.signed ? "i" : "u"}${node.bits}`);
      }
    }
    out.int(node, value);
  }

  #bytes(node: BytesNode, value: unknown, out: Section, scope: Scope | null): void {
    if (!(value instanceof Uint8Array)) return this.#fail("bad-value", "no Uint8Array");
    if (typeof node.length === "object") {
      const { bitsPerPixel, width, rows } = node.length;
      const size = Math.ceil(bitsPerPixel * this.#lookup(width, scope) / 8) * this.#lookup(rows, scope);
      if (value.length !== size) {
        return this.#fail("bad-count", `${value.length} bytes, ${width} × ${rows} needs ${size}`);
      }
    } else this.#checkCount(node.length, value.length, scope);
    out.bytes(value);
  }

  #array(node: ArrayNode, value: unknown, out: Section, scope: Scope | null): void {
    if (!Array.isArray(value)) return this.#fail("bad-value", "no array");
    this.#checkCount(node.count, value.length, scope);
    for (let i = 0; i < value.length; i++) {
      this.#path.push(i);
      this.#node(node.of, value[i], out, scope);
      this.#path.pop();
    }
  }

  /** A named count may be derived from another value, and must then agree with this one. */
  #checkCount(count: Count, length: number, scope: Scope | null): void {
    if (count === REST) return;
    const needed = typeof count === "number" ? count : this.#lookup(count, scope);
    if (needed !== length) this.#fail("bad-count", `${length} given, ${needed} needed`);
  }

  #pointer(node: PointerNode, value: unknown, out: Section, scope: Scope | null): void {
    const at = out.length;
    out.int(U32, 0);
    if (value === null) {
      if (!node.nullable) this.#fail("bad-value", "null, but the target is needed");
      return;
    }
    const target = this.#open();
    // A struct without bytes is not null: the links of the reference give its place (caps_offset without caps).
    this.#patches.push({ section: out, at, target, always: node.to.kind === "struct" });
    if (node.eager) return this.#node(node.to, value, target, scope);
    const path = [...this.#path];
    this.#queue.push(() => {
      this.#path.splice(0, this.#path.length, ...path);
      this.#node(node.to, value, target, scope);
    });
  }

  #lookup(name: string, scope: Scope | null): number {
    for (let at = scope; at !== null; at = at.outer) {
      const field = at.node.plan.fields.find((field) => field.name === name);
      if (field?.node.kind === "count") return this.#countOf(field.node, at.value);
      if (field !== undefined) return Number(at.value[name]);
    }
    throw new TypeError(`Cannot encode ${this.name}: no field ${name} in scope`);
  }

  #fields(value: unknown): Fields {
    if (typeof value !== "object" || value === null) return this.#fail("bad-value", `${String(value)} is no object`);
    // Any object may be read by name; a field that is not there is caught when it is encoded.
    return value as Fields;
  }
}

function isSet(node: FlagNode, value: unknown): boolean {
  if (node.form === "set") return value !== null && value !== undefined;
  if (node.form === "clear") return value === null;
  return typeof value === "object" && value !== null && "is" in value && value.is === node.flag;
}

function isCase(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null && "is" in value && value.is === name;
}

/** How many values an integer has, by its bits. A power for each integer would cost a fifth of all encoding. */
const SPANS: Readonly<Record<8 | 16 | 32, number>> = { 8: 0x100, 16: 0x10000, 32: 0x100000000 };

/** What a section begins with: most sections are short or hold nothing but a long field. */
const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

const U32: IntNode = { kind: "int", bits: 32, signed: false, bigEndian: false, min: 4 };

/** The root or one pointer target: bytes that grow, with long fields by reference between them. */
class Section {
  length = 0;
  /** Finished chunks; `#own` collects what follows them. */
  readonly #done: Uint8Array[] = [];
  readonly #starts: number[] = [];
  #own = NO_BYTES;
  #view = NO_VIEW;
  #used = 0;

  int(node: IntNode, value: number | bigint): void {
    const size = node.bits / 8, at = this.#used, little = !node.bigEndian;
    this.#reserve(size);
    switch (node.bits) {
      case 8:
        this.#view.setUint8(at, Number(value));
        break;
      case 16:
        this.#view.setUint16(at, Number(value), little);
        break;
      case 32:
        this.#view.setUint32(at, Number(value), little);
        break;
      case 64:
        this.#view.setBigUint64(at, BigInt(value), little);
        break;
    }
  }

  bytes(value: Uint8Array): void {
    if (value.length < BY_REFERENCE_BYTES) {
      const at = this.#used;
      this.#reserve(value.length);
      this.#own.set(value, at);
      return;
    }
    this.#flush();
    this.#keep(value);
    this.length += value.length;
  }

  /** Overwrites the u32 at `at`, an offset in this section; offsets are never inside a field by reference. */
  patch(at: number, value: number): void {
    this.#flush();
    const index = this.#starts.findLastIndex((start) => start <= at);
    const chunk = this.#done[index]!;
    new DataView(chunk.buffer, chunk.byteOffset).setUint32(at - this.#starts[index]!, value, true);
  }

  chunks(): readonly Uint8Array[] {
    this.#flush();
    return this.#done;
  }

  #reserve(size: number): void {
    const need = this.#used + size;
    if (need > this.#own.length) {
      const grown = new Uint8Array(Math.max(need, 128, 4 * this.#own.length));
      grown.set(this.#own.subarray(0, this.#used));
      this.#own = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#used = need;
    this.length += size;
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.#keep(this.#own.subarray(0, this.#used), this.length - this.#used);
    this.#own = NO_BYTES;
    this.#view = NO_VIEW;
    this.#used = 0;
  }

  #keep(chunk: Uint8Array, start = this.length): void {
    this.#done.push(chunk);
    this.#starts.push(start);
  }
}
