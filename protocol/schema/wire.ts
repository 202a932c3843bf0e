/**
 * The combinators: a declaration is plain data, a tree of nodes, and every use of it is a walk over that tree.
 *
 * What a value does not hold, because another field implies it (counts, tags, offsets, the bits that say which part
 * follows), is on the wire all the same: the encoder derives it. References between fields are by name and are checked
 * when the module loads.
 */
import { type Enumeration, metaOf } from "./enumeration.ts";

/** Where {@link Typed} carries its type. No value has it. */
export declare const VALUE: unique symbol;

/** Carries the value type of a node; nothing at run time. */
export interface Typed<out T> {
  /** Never there; its type is what {@link Infer} reads. */
  readonly [VALUE]?: T;
}

/** A declaration whose values have type `T`. */
export type Wire<T> = Node & Typed<T>;

/** The value type of a declaration. */
export type Infer<W> = W extends Typed<infer T> ? T : never;

/** A struct's value. Counts, tags and offsets are on the wire but not here: the encoder derives them. */
export type Struct<F> = { readonly [K in keyof F as F[K] extends Derived ? never : K]: Infer<F[K]> };

/** A switch's value: `is` names the case and narrows `value`. */
export type Match<C> = { [K in keyof C]: { readonly is: K; readonly value: Infer<C[K]> } }[keyof C];

/** Facts about a declaration that the wire does not show. */
export interface Info {
  /** Where the layout is defined, as `spice.proto BitmapData`. */
  readonly source?: string;
  /** What a field means, by field name. */
  readonly notes?: Readonly<Record<string, string>>;
  /** The original name of a field whose spelling differs here, by field name. */
  readonly wire?: Readonly<Record<string, string>>;
}

/** What every node has. */
export interface NodeBase {
  /** Fewest bytes that the node can take on the wire, pointer targets not counted. */
  readonly min: number;
}

/** An integer. 64-bit ones are `bigint`, the others `number`. */
export interface IntNode extends NodeBase {
  /** Tells the kinds apart. */
  readonly kind: "int";
  /** Width. */
  readonly bits: 8 | 16 | 32 | 64;
  /** Two's complement. */
  readonly signed: boolean;
  /** Network byte order, as in usbredir and smartcard data; the rest of the protocol is little-endian. */
  readonly bigEndian: boolean;
}

/** A value of an enumeration, or a set of its flags. Unknown values and bits survive a round trip. */
export interface EnumNode extends NodeBase {
  /** Tells the kinds apart. */
  readonly kind: "enum";
  /** The enumeration, or the set of flags. */
  readonly of: Enumeration;
  /** How the number is written. */
  readonly int: IntNode;
}

/** No bytes; the value is `null`. */
export interface NothingNode extends NodeBase {
  /** Tells the kinds apart. */
  readonly kind: "nothing";
}

/** A file descriptor that travels beside the stream (SCM_RIGHTS) and takes no bytes in it. */
export interface FdNode extends NodeBase {
  /** Tells the kinds apart. */
  readonly kind: "fd";
}

/** How many elements or bytes: a number, the name of a count field, or all that is left. */
export type Count = number | string | typeof REST;

/** The rows of an image: `rows` × the bytes of a row of `width` pixels of `bitsPerPixel`, each row padded to a byte. */
export interface ImageSize {
  /** Width of one pixel. */
  readonly bitsPerPixel: 1 | 4 | 8;
  /** Name of the field that holds the pixels, or bytes, a row. */
  readonly width: string;
  /** Name of the field that holds the rows. */
  readonly rows: string;
}

/** Raw bytes, a view into the message, never a copy. */
export interface BytesNode extends NodeBase {
  /** Tells the kinds apart. */
  readonly kind: "bytes";
  /** How many. */
  readonly length: Count | ImageSize;
  /** True when people read it: the printer shows text. */
  readonly text: boolean;
}

/** Elements one after another. */
export interface ArrayNode extends NodeBase {
  /** Tells the kinds apart. */
  readonly kind: "array";
  /** One element. */
  readonly of: Node;
  /** How many. */
  readonly count: Count;
}

/** A u32 offset from the start of the message body to the target; 0 is null. */
export interface PointerNode extends NodeBase {
  /** Tells the kinds apart. */
  readonly kind: "pointer";
  /** The target. */
  readonly to: Node;
  /** Whether the offset may be 0, and the value `null`. */
  readonly nullable: boolean;
  /**
   * When the target's own pointers are queued. `true`: at once, as for `@marshall` and `@ptr_array` members, which the
   * reference marshals in place; `false`: when the target's turn comes, as for `_out` submarshallers.
   */
  readonly eager: boolean;
}

/** A part that a tag selects. */
export interface MatchNode extends NodeBase {
  /** Tells the kinds apart. */
  readonly kind: "match";
  /** Name of the tag field, or of the flags field when `byFlag`. */
  readonly on: string;
  /** True when single bits of a flags field select, and not the value of a tag. */
  readonly byFlag: boolean;
  /** The parts, by name of the member that selects them. */
  readonly cases: Readonly<Record<string, Node>>;
}

/** A part that is there, or differs, when a flag is set. */
export interface FlagNode extends NodeBase {
  /** Tells the kinds apart. */
  readonly kind: "flag";
  /** Name of the flags field. */
  readonly on: string;
  /** Name of the flag in it. */
  readonly flag: string;
  /** The part when it is set. */
  readonly set: Node;
  /** The part when it is not. */
  readonly clear: Node;
  /** `either`: the value is a {@link Match}; else the value is that of the one part that takes bytes, or `null`. */
  readonly form: "set" | "clear" | "either";
}

/** Not in the value: how many elements or bytes another field has. */
export interface CountNode extends NodeBase {
  /** Tells the kinds apart. */
  readonly kind: "count";
  /** Not in the value. */
  readonly derived: true;
  /** Path of the counted field, as `caps.common`. */
  readonly of: string;
  /** How the number is written. */
  readonly int: IntNode;
}

/** Not in the value: which case of another field is there. */
export interface TagNode extends NodeBase {
  /** Tells the kinds apart. */
  readonly kind: "tag";
  /** Not in the value. */
  readonly derived: true;
  /** Name of the field that it selects a case of. */
  readonly of: string;
  /** What its values mean. */
  readonly tag: Enumeration;
  /** How the number is written. */
  readonly int: IntNode;
}

/** Fields in wire order. */
export interface StructNode extends NodeBase {
  /** Tells the kinds apart. */
  readonly kind: "struct";
  /** PascalCase of the name in `spice.proto`; of a message its wire name, as `DISPLAY_DRAW_COPY`. */
  readonly name: string;
  /** The fields by name, in wire order. */
  readonly fields: Readonly<Record<string, Node>>;
  /** Where it is defined, and what its fields mean. */
  readonly info: Info;
  /** What the walkers need of it, worked out once. */
  readonly plan: StructPlan;
}

/**
 * What the walkers need of a struct, worked out once.
 *
 * @internal
 */
export interface StructPlan {
  /** In wire order. */
  readonly fields: readonly FieldPlan[];
  /** True when some field is referenced. */
  readonly refers: boolean;
  /** Names that must be found in an enclosing struct. */
  readonly free: readonly string[];
}

/**
 * What the walkers need of one field of a struct.
 *
 * @internal
 */
export interface FieldPlan {
  /** Its name in the value. */
  readonly name: string;
  /** Its declaration. */
  readonly node: Node;
  /** True when the value does not hold the field. */
  readonly derived: boolean;
  /** True when a later field, here or in a nested part, refers to its raw value. */
  readonly referenced: boolean;
  /** Bits that select parts and that the value therefore does not hold; 0 for none. */
  readonly mask: number;
  /** Of a field that a tag or flag selects: raw tag value, or bit, to the name of the case. Else empty. */
  readonly choices: ReadonlyMap<number, string>;
}

/** Any node of a declaration. */
export type Node =
  | IntNode
  | EnumNode
  | NothingNode
  | FdNode
  | BytesNode
  | ArrayNode
  | PointerNode
  | MatchNode
  | FlagNode
  | CountNode
  | TagNode
  | StructNode;

/** A node that a struct's value leaves out. */
export interface Derived {
  /** Marks it. */
  readonly derived: true;
}

/** All that is left of the message, or of the bytes given. */
export const REST: unique symbol = Symbol("rest");

function int(bits: 8 | 16 | 32, signed: boolean, bigEndian?: boolean): IntNode & Typed<number>;
function int(bits: 64, signed: boolean, bigEndian?: boolean): IntNode & Typed<bigint>;
function int(bits: 8 | 16 | 32 | 64, signed: boolean, bigEndian = false): IntNode {
  return { kind: "int", bits, signed, bigEndian, min: bits / 8 };
}

/** Unsigned 8-bit integer. */
export const u8 = int(8, false);
/** Signed 8-bit integer. */
export const i8 = int(8, true);
/** Unsigned 16-bit integer, little-endian. */
export const u16 = int(16, false);
/** Signed 16-bit integer, little-endian. */
export const i16 = int(16, true);
/** Unsigned 32-bit integer, little-endian. */
export const u32 = int(32, false);
/** Signed 32-bit integer, little-endian. */
export const i32 = int(32, true);
/** Unsigned 64-bit integer, little-endian, as `bigint`. */
export const u64 = int(64, false);
/** Signed 64-bit integer, little-endian, as `bigint`. */
export const i64 = int(64, true);
/** Unsigned 16-bit integer, big-endian. */
export const u16be = int(16, false, true);
/** Unsigned 32-bit integer, big-endian. */
export const u32be = int(32, false, true);

/** No bytes; the value is `null`. */
export const nothing: NothingNode & Typed<null> = { kind: "nothing", min: 0 };

/** A file descriptor beside the stream; no bytes in it, not in the value. */
export const fd: FdNode & Derived = { kind: "fd", derived: true, min: 0 };

/** A value of an enumeration, of the enumeration's own width unless given. */
export function enumOf(of: Enumeration, as?: IntNode & Typed<number>): EnumNode & Typed<number> {
  const int = as ?? widthOf(of);
  return { kind: "enum", of, int, min: int.min };
}

/** A set of flags, of the enumeration's own width unless given. */
export function flagsOf(of: Enumeration, as?: IntNode & Typed<number>): EnumNode & Typed<number> {
  return enumOf(of, as);
}

/** `length` bytes: a number, the name of an earlier count field, or {@link REST}. */
export function bytes(length: Count): BytesNode & Typed<Uint8Array> {
  return { kind: "bytes", length, text: false, min: typeof length === "number" ? length : 0 };
}

/** Bytes that people read, with their terminator where the peer sends one; see `text()` for reading them. */
export function textBytes(length: Count): BytesNode & Typed<Uint8Array> {
  return { ...bytes(length), text: true };
}

/** The bytes of an image's rows: `rows` × ceil(`bitsPerPixel` × `width` / 8), both by name of an earlier field. */
export function imageBytes(bitsPerPixel: 1 | 4 | 8, width: string, rows: string): BytesNode & Typed<Uint8Array> {
  return { kind: "bytes", length: { bitsPerPixel, width, rows }, text: false, min: 0 };
}

/** `count` elements. An element takes at least one byte, so that a count can be checked against the bytes left. */
export function array<W extends Node>(of: W, count: Count): ArrayNode & Typed<readonly Infer<W>[]> {
  if (of.min === 0) throw new TypeError("Cannot declare an array: its elements may take no bytes");
  return { kind: "array", of, count, min: typeof count === "number" ? count * of.min : 0 };
}

/** An offset to a target that must be there. */
export function pointer<W extends Node>(
  to: W,
  order: "eager" | "deferred" = "deferred",
): PointerNode & Typed<Infer<W>> {
  return { kind: "pointer", to, nullable: false, eager: order === "eager", min: 4 };
}

/** An offset to a target, or 0; the value is then `null`. */
export function optionalPointer<W extends Node>(
  to: W,
  order: "eager" | "deferred" = "deferred",
): PointerNode & Typed<Infer<W> | null> {
  return { kind: "pointer", to, nullable: true, eager: order === "eager", min: 4 };
}

/** The part that the tag field `on` selects. A tag without a case is an error. */
export function match<const C extends Readonly<Record<string, Node>>>(
  on: string,
  cases: C,
): MatchNode & Typed<Match<C>> {
  return { kind: "match", on, byFlag: false, cases, min: least(Object.values(cases)) };
}

/** The part that the one set bit among `cases` of the flags field `on` selects. None or several set is an error. */
export function matchFlag<const C extends Readonly<Record<string, Node>>>(
  on: string,
  cases: C,
): MatchNode & Typed<Match<C>> {
  return { kind: "match", on, byFlag: true, cases, min: least(Object.values(cases)) };
}

/** `set` when the flag is set; else nothing, and the value is `null`. The encoder sets the flag. */
export function whenFlag<F extends string, S extends Node>(
  on: string,
  flag: F,
  set: S,
): FlagNode & Typed<Infer<S> | null>;
/** `set` when the flag is set, else `clear`. The encoder sets the flag. */
export function whenFlag<F extends string, S extends Node, C extends Node>(
  on: string,
  flag: F,
  set: S,
  clear: C,
):
  & FlagNode
  & Typed<{ readonly is: F; readonly value: Infer<S> } | { readonly is: "otherwise"; readonly value: Infer<C> }>;
export function whenFlag(on: string, flag: string, set: Node, clear: Node = nothing): FlagNode {
  return { kind: "flag", on, flag, set, clear, form: clear === nothing ? "set" : "either", min: least([set, clear]) };
}

/** `clear` when the flag is not set; else nothing, and the value is `null`. The encoder sets the flag. */
export function unlessFlag<C extends Node>(on: string, flag: string, clear: C): FlagNode & Typed<Infer<C> | null> {
  return { kind: "flag", on, flag, set: nothing, clear, form: "clear", min: 0 };
}

/** How many elements or bytes the field `of` has (a dotted path reaches into nested structs). Not in the value. */
export function countOf(of: string, as: IntNode & Typed<number> = u32): CountNode & Derived {
  return { kind: "count", derived: true, of, int: as, min: as.min };
}

/** Which case the field `of` holds. Not in the value. */
export function tagOf(of: string, tag: Enumeration, as?: IntNode & Typed<number>): TagNode & Derived {
  const int = as ?? widthOf(tag);
  return { kind: "tag", derived: true, of, tag, int, min: int.min };
}

/**
 * Fields in wire order.
 * @param name PascalCase of the name in `spice.proto`.
 * @throws {TypeError} A reference between fields names none, or one of the wrong kind: a mistake in the declaration.
 */
export function struct<const F extends Readonly<Record<string, Node>>>(
  name: string,
  fields: F,
  info: Info = {},
): StructNode & Typed<Struct<F>> & { readonly fields: F } {
  const min = Object.values(fields).reduce((sum, node) => sum + node.min, 0);
  return { kind: "struct", name, fields, info, plan: planOf(name, fields), min };
}

function widthOf(of: Enumeration): IntNode & Typed<number> {
  return int(metaOf(of).bits, false);
}

function least(nodes: readonly Node[]): number {
  return nodes.reduce((low, node) => Math.min(low, node.min), Infinity);
}

function planOf(struct: string, fields: Readonly<Record<string, Node>>): StructPlan {
  const masks = new Map<string, number>();
  const referenced = new Set<string>();
  const free = new Set<string>();
  const choices = new Map<string, ReadonlyMap<number, string>>();
  const seen = new Set<string>();
  for (const [field, node] of Object.entries(fields)) {
    const fail = (why: string): never => {
      throw new TypeError(`Cannot declare ${struct}.${field}: ${why}`);
    };
    for (const name of freeNamesOf(node)) {
      if (name in fields && !seen.has(name)) return fail(`${name} comes after it`);
      (seen.has(name) ? referenced : free).add(name);
    }
    if (node.kind === "count" || node.kind === "tag") {
      const target = node.of.split(".")[0]!;
      if (!(target in fields) || seen.has(target)) return fail(`${node.of} is no field after it`);
    }
    if (node.kind === "flag" || node.kind === "match") {
      const source = fields[node.on];
      const byFlag = node.kind === "flag" || node.byFlag;
      const names = node.kind === "flag" ? [node.flag] : Object.keys(node.cases);
      const of = byFlag && source?.kind === "enum"
        ? source.of
        : !byFlag && source?.kind === "tag" && source.of === field
        ? source.tag
        : fail(`${node.on} is no ${byFlag ? "flags field" : "tag"} of it`);
      const { members } = metaOf(of);
      const values = names.map((name) => members[name] ?? fail(`${node.on} has no member ${name}`));
      choices.set(field, new Map(values.map((value, i) => [value, names[i]!])));
      if (byFlag) masks.set(node.on, values.reduce((mask, bit) => mask | bit, masks.get(node.on) ?? 0) >>> 0);
    }
    seen.add(field);
  }
  return {
    refers: referenced.size > 0,
    fields: Object.entries(fields).map(([name, node]) => ({
      name,
      node,
      derived: "derived" in node,
      referenced: referenced.has(name),
      mask: masks.get(name) ?? 0,
      choices: choices.get(name) ?? NO_CHOICES,
    })),
    free: [...free],
  };
}

const NO_CHOICES: ReadonlyMap<number, string> = new Map();

function freeNamesOf(node: Node): readonly string[] {
  switch (node.kind) {
    case "bytes":
      return typeof node.length === "object" ? [node.length.width, node.length.rows] : namesIn(node.length);
    case "array":
      return [...namesIn(node.count), ...freeNamesOf(node.of)];
    case "pointer":
      return freeNamesOf(node.to);
    case "match":
      return [node.on, ...Object.values(node.cases).flatMap(freeNamesOf)];
    case "flag":
      return [node.on, ...freeNamesOf(node.set), ...freeNamesOf(node.clear)];
    case "struct":
      return node.plan.free;
    default:
      return [];
  }
}

function namesIn(count: Count): readonly string[] {
  return typeof count === "string" ? [count] : [];
}
