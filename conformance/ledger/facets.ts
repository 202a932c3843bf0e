/**
 * What a declaration can show: each enumeration member, flag, case of a switch, pointer that is there or null, and
 * array with or without elements, as `path=what`.
 *
 * ```text
 * format=32_ARGB                  a member of an enumeration, or a flag
 * clip.shape=RECTS                a case of a switch
 * clip.shape<RECTS>.rects=empty   inside that case
 * srcBitmap=absent                a pointer that is null, a part that its flag leaves out
 * heads[].flags=PRIMARY           inside the elements of an array
 * ```
 *
 * `mark.ts` finds the same words in a value.
 */
import { type Enumeration, metaOf } from "../../protocol/schema/enumeration.ts";
import type { FlagNode, Node, StructNode } from "../../protocol/schema/wire.ts";

/** Structs whose cases are named but not entered: they have items of their own. */
export type Shallow = ReadonlySet<Node>;

/**
 * All facets of a declaration.
 *
 * @param wire Any node.
 * @param shallow Structs whose cases are not entered.
 * @returns Each once, in wire order.
 */
export function facetsOf(wire: Node, shallow: Shallow = new Set()): string[] {
  return [...new Set(facets(wire, { path: "", mask: 0, enter: true }, shallow))];
}

/**
 * The members that a peer may send.
 *
 * @param of An enumeration or a set of flags.
 * @returns Names and values, without INVALID of value 0, which says that there is none.
 */
export function sendable(of: Enumeration): [name: string, value: number][] {
  return Object.entries(metaOf(of).members).filter(([name, value]) => name !== "INVALID" || value !== 0);
}

/** @returns The path of a field. */
export function fieldPath(path: string, field: string): string {
  return path === "" ? field : `${path}.${field}`;
}

/** @returns The two words for a part that a flag selects, and how the path goes on in each. */
export function flagWords(node: FlagNode): { readonly set: string; readonly clear: string; readonly named: boolean } {
  if (node.form === "either") return { set: node.flag, clear: "otherwise", named: true };
  return node.form === "set"
    ? { set: "present", clear: "absent", named: false }
    : { set: "absent", clear: "present", named: false };
}

/** Where the walk is. */
interface Place {
  readonly path: string;
  /** Bits of a flags field that select parts, which name them. */
  readonly mask: number;
  /** False inside a shallow struct. */
  readonly enter: boolean;
}

function* facets(node: Node, at: Place, shallow: Shallow): Generator<string> {
  const { path, mask, enter } = at;
  const inside = (node: Node, path: string) => facets(node, { path, mask: 0, enter }, shallow);
  switch (node.kind) {
    case "enum":
      for (const [name, value] of sendable(node.of)) if ((value & mask) === 0) yield `${path}=${name}`;
      return;
    case "struct":
      return yield* structFacets(node, { ...at, enter: enter && !shallow.has(node) }, shallow);
    case "array":
      if (typeof node.count !== "number") yield* [`${path}=empty`, `${path}=filled`];
      return yield* inside(node.of, `${path}[]`);
    case "pointer":
      if (node.nullable) yield* [`${path}=absent`, `${path}=present`];
      return yield* inside(node.to, path);
    case "match":
      for (const is of Object.keys(node.cases)) yield `${path}=${is}`;
      if (enter) { for (const [is, part] of Object.entries(node.cases)) yield* inside(part, `${path}<${is}>`); }
      return;
    case "flag": {
      const { set, clear, named } = flagWords(node);
      yield* [`${path}=${set}`, `${path}=${clear}`];
      if (!enter) return;
      yield* inside(node.set, named ? `${path}<${set}>` : path);
      yield* inside(node.clear, named ? `${path}<${clear}>` : path);
    }
  }
}

function* structFacets(struct: StructNode, { path, enter }: Place, shallow: Shallow): Generator<string> {
  for (const { name, node, mask } of struct.plan.fields) {
    yield* facets(node, { path: fieldPath(path, name), mask, enter }, shallow);
  }
}
