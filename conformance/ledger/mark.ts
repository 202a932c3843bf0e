/** Which facets of its declaration a value shows: the same walk as `facets.ts`, led by a value. */
import { metaOf } from "../../protocol/schema/enumeration.ts";
import type { EnumNode, Node, StructNode, Wire } from "../../protocol/schema/wire.ts";
import { fieldPath, flagWords, sendable, type Shallow } from "./facets.ts";

/** What a caller may ask of {@link mark}. */
export interface MarkOptions {
  /** Structs whose cases are not entered, as for `facetsOf`. */
  readonly shallow?: Shallow;
  /** Told of every struct in the value, shallow ones and what lies below them included. */
  readonly onStruct?: (struct: StructNode, value: unknown) => void;
}

/**
 * Walks over a value.
 *
 * @param wire Its declaration.
 * @param value What `decode` returned for it.
 * @returns Facets, each of them one of `facetsOf(wire)`.
 */
export function mark<T>(wire: Wire<T>, value: T, options: MarkOptions = {}): ReadonlySet<string> {
  const marker = new Marker(options);
  marker.node(wire, value, { path: "", mask: 0, say: true });
  return marker.found;
}

interface Place {
  readonly path: string;
  readonly mask: number;
  /** False below the cases of a shallow struct, where only structs are told. */
  readonly say: boolean;
}

class Marker {
  readonly found = new Set<string>();
  readonly #shallow: Shallow;
  readonly #onStruct: (struct: StructNode, value: unknown) => void;

  constructor({ shallow = new Set(), onStruct = () => {} }: MarkOptions) {
    this.#shallow = shallow;
    this.#onStruct = onStruct;
  }

  node(node: Node, value: unknown, at: Place, enter = true): void {
    const { path, say } = at;
    const found = (what: string) => say && this.found.add(`${path}=${what}`);
    const inside = (part: Node, value: unknown, path: string, say: boolean) =>
      this.node(part, value, { path, mask: 0, say }, enter);
    switch (node.kind) {
      case "enum":
        return namesIn(node, Number(value), at.mask).forEach(found);
      case "struct": {
        this.#onStruct(node, value);
        const fields = fieldsOf(value), deeper = enter && !this.#shallow.has(node);
        for (const { name, node: field, mask, derived } of node.plan.fields) {
          if (!derived) this.node(field, fields[name], { path: fieldPath(path, name), mask, say }, deeper);
        }
        return;
      }
      case "array": {
        const elements: readonly unknown[] = Array.isArray(value) ? value : [];
        if (typeof node.count !== "number") found(elements.length === 0 ? "empty" : "filled");
        return elements.forEach((element) => inside(node.of, element, `${path}[]`, say));
      }
      case "pointer":
        if (node.nullable) found(value === null ? "absent" : "present");
        return value === null ? undefined : inside(node.to, value, path, say);
      case "match": {
        const { is, value: part } = fieldsOf(value);
        found(String(is));
        const chosen = node.cases[String(is)];
        return chosen === undefined ? undefined : inside(chosen, part, `${path}<${is}>`, say && enter);
      }
      case "flag": {
        const { set, clear, named } = flagWords(node);
        const choice = fieldsOf(value);
        const is = named ? choice.is === set : (value !== null) === (node.form === "set");
        found(is ? set : clear);
        const part = named ? choice.value : value;
        return inside(is ? node.set : node.clear, part, named ? `${path}<${is ? set : clear}>` : path, say && enter);
      }
    }
  }
}

function namesIn({ of }: EnumNode, value: number, mask: number): string[] {
  const { flags } = metaOf(of);
  return sendable(of)
    .filter(([, member]) => flags ? (member & value & ~mask) !== 0 : member === value)
    .map(([name]) => name);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  // Any object may be read by name; what is missing is undefined.
  return typeof value === "object" && value !== null ? value as Readonly<Record<string, unknown>> : {};
}
