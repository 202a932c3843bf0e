/**
 * What a declaration puts on the wire, with the nesting of structs dissolved: the form in which our declarations and
 * `spice.proto` are compared.
 *
 * Names are keys: the wire name in camelCase, so that a field that is spelt right here has the key of its misspelt
 * original. `*` stands for a name that only one side has, as that of a case of our switches.
 */
import { type Enumeration, metaOf } from "./enumeration.ts";
import { type ArrayNode, type BytesNode, type Node, REST, type StructNode } from "./wire.ts";

/** One thing on the wire. */
export type Item = IntItem | FdItem | BytesItem | ArrayItem | PointerItem | SwitchItem;

interface ItemBase {
  /** Keys of the structs that it lies in, up to the start of the message, pointer target, element or case. */
  readonly path: readonly string[];
}

/** An integer. */
export interface IntItem extends ItemBase {
  readonly kind: "int";
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
  readonly bigEndian: boolean;
  /** Name of the enumeration whose value it is, or `null`. */
  readonly enumeration: string | null;
}

/** A file descriptor beside the stream. */
export interface FdItem extends ItemBase {
  readonly kind: "fd";
}

/** Raw bytes. */
export interface BytesItem extends ItemBase {
  readonly kind: "bytes";
  readonly length: string;
}

/** Elements one after another. */
export interface ArrayItem extends ItemBase {
  readonly kind: "array";
  readonly length: string;
  readonly of: readonly Item[];
}

/** An offset. */
export interface PointerItem extends ItemBase {
  readonly kind: "pointer";
  readonly nullable: boolean;
  /** Whether the reference writes the target as soon as it meets the pointer. */
  readonly eager: boolean;
  readonly to: readonly Item[];
}

/** Parts of which one, or none, is there. */
export interface SwitchItem extends ItemBase {
  readonly kind: "switch";
  /** Key of the field that selects. */
  readonly on: string;
  /** Member, or `!MEMBER` for a flag that is not set, to what is there. Parts without bytes are left out. */
  readonly cases: ReadonlyMap<string, readonly Item[]>;
}

/** Original spellings: enumeration name to member to the member's name in `spice.proto`. */
export type MemberSpellings = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** @returns The layout of a declaration. */
export function layoutOf(node: Node, spellings: MemberSpellings = new Map()): readonly Item[] {
  return itemsOf(node, [], { spellings, wire: {}, outer: null });
}

/** @returns `snake_case` as `snakeCase`; what comes after a digit stays as it is. */
export function keyOf(wireName: string): string {
  return wireName.replace(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** @returns How a length is written in a layout: a number, `rest`, a key, or `image_size(bits, key, key)`. */
export function imageLength(bitsPerPixel: number, width: string, rows: string): string {
  return `image_size(${bitsPerPixel}, ${width}, ${rows})`;
}

/** @returns Whether elements are plain bytes, so that an array of them is a byte field. */
export function isBytes(element: readonly Item[]): boolean {
  const only = element.length === 1 ? element[0] : undefined;
  return only?.kind === "int" && only.bits === 8 && !only.signed && only.enumeration === null;
}

/**
 * Joins neighbouring switches over the same field and cases: one struct in a case, or a switch for each of its fields,
 * is the same on the wire.
 */
export function joinSwitches(items: readonly Item[]): readonly Item[] {
  const joined: Item[] = [];
  for (const item of items) {
    const last = joined.at(-1);
    if (item.kind === "switch" && last?.kind === "switch" && last.on === item.on && sameCases(last, item)) {
      const cases = new Map([...item.cases].map(([label, part]) => [label, [...last.cases.get(label) ?? [], ...part]]));
      joined[joined.length - 1] = { ...last, cases };
    } else joined.push(item);
  }
  return joined;
}

function sameCases(a: SwitchItem, b: SwitchItem): boolean {
  return a.cases.size === b.cases.size && [...a.cases.keys()].every((label) => b.cases.has(label));
}

interface Scope {
  readonly spellings: MemberSpellings;
  readonly wire: Readonly<Record<string, string>>;
  readonly outer: Scope | null;
}

function itemsOf(node: Node, path: readonly string[], scope: Scope): readonly Item[] {
  switch (node.kind) {
    case "int":
      return [{ ...intOf(node), path, enumeration: null }];
    case "enum":
      return [{ ...intOf(node.int), path, enumeration: metaOf(node.of).name }];
    case "count":
      return [{ ...intOf(node.int), path, enumeration: null }];
    case "tag":
      return [{ ...intOf(node.int), path, enumeration: metaOf(node.tag).name }];
    case "fd":
      return [{ kind: "fd", path }];
    case "nothing":
      return [];
    case "bytes":
      return [{ kind: "bytes", path, length: lengthOf(node, scope) }];
    case "array": {
      const of = itemsOf(node.of, [], scope);
      const length = lengthOf(node, scope);
      return isBytes(of) ? [{ kind: "bytes", path, length }] : [{ kind: "array", path, length, of }];
    }
    case "pointer":
      return [{
        kind: "pointer",
        path,
        nullable: node.nullable,
        eager: node.eager,
        to: itemsOf(node.to, [], scope),
      }];
    case "match":
    case "flag":
      throw new TypeError(`Cannot lay out a ${node.kind} outside a struct`);
    case "struct":
      return structOf(node, path, scope);
  }
}

function intOf(node: { readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean; readonly bigEndian: boolean }) {
  const { bits, signed, bigEndian } = node;
  return { kind: "int", bits, signed, bigEndian } as const;
}

function structOf(struct: StructNode, path: readonly string[], outer: Scope): readonly Item[] {
  const scope: Scope = { spellings: outer.spellings, wire: struct.info.wire ?? {}, outer };
  const items = Object.entries(struct.fields).flatMap(([name, node]): readonly Item[] => {
    const key = keyOf(scope.wire[name] ?? name), inside = [...path, key];
    if (node.kind !== "match" && node.kind !== "flag") return itemsOf(node, inside, scope);
    const on = keyOf(scope.wire[node.on] ?? node.on);
    const label = labelsOf(struct.fields[node.on], scope.spellings);
    const part = node.kind === "match" || node.form === "either" ? ["*"] : [key];
    const parts: [string, readonly Item[]][] = node.kind === "match"
      ? Object.entries(node.cases).map(([is, one]) => [label(is), itemsOf(one, part, scope)])
      : [
        [label(node.flag), itemsOf(node.set, part, scope)],
        [`!${label(node.flag)}`, itemsOf(node.clear, part, scope)],
      ];
    return [{ kind: "switch", path: inside, on, cases: new Map(parts.filter(([, items]) => items.length > 0)) }];
  });
  return joinSwitches(items);
}

/** How the members that a field's values select by are spelt in `spice.proto`. */
function labelsOf(on: Node | undefined, spellings: MemberSpellings): (member: string) => string {
  const of: Enumeration | undefined = on?.kind === "tag" ? on.tag : on?.kind === "enum" ? on.of : undefined;
  const known = of === undefined ? undefined : spellings.get(metaOf(of).name);
  return (member) => known?.get(member) ?? member;
}

function lengthOf(node: BytesNode | ArrayNode, scope: Scope): string {
  const length = node.kind === "bytes" ? node.length : node.count;
  if (length === REST) return "rest";
  if (typeof length === "number") return String(length);
  const key = (name: string) => keyOf(spelt(name, scope));
  return typeof length === "string"
    ? key(length)
    : imageLength(length.bitsPerPixel, key(length.width), key(length.rows));
}

/** The original spelling of a field of this struct, or of one around it. */
function spelt(name: string, scope: Scope | null): string {
  for (let at = scope; at !== null; at = at.outer) {
    const original = at.wire[name];
    if (original !== undefined) return original;
  }
  return name;
}
