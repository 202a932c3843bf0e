/** The layout of a struct of `spice.proto`, in the form in which our declarations are compared with it. */
import { imageLength, isBytes, type Item, joinSwitches, keyOf } from "./layout.ts";
import type { Spec, SpecField, SpecLength, SpecStruct, SpecSwitch, SpecType } from "./spec_parser.ts";

/**
 * @param struct One of `spec`.
 * @returns The layout, the nesting of structs dissolved as `layoutOf()` does.
 * @throws {TypeError} The definition names something that it does not define.
 */
export function specLayoutOf(spec: Spec, struct: SpecStruct): readonly Item[] {
  return structItems(spec, struct, []);
}

function structItems(spec: Spec, struct: SpecStruct, path: readonly string[]): readonly Item[] {
  return joinSwitches(
    struct.members.flatMap((member) =>
      member.kind === "field" ? fieldItems(spec, member, path) : switchItems(spec, struct, member, path)
    ),
  );
}

function fieldItems(spec: Spec, field: SpecField, outer: readonly string[]): readonly Item[] {
  // A virtual field is one of C alone; how fields are stored in C (@end, @to_ptr, @ptr_array, @chunk) does not matter.
  if (field.attributes.has("virtual")) return [];
  const path = [...outer, keyOf(field.name)];
  const plain = (at: readonly string[]) =>
    field.array === null ? typeItems(spec, field.type, at) : arrayItems(spec, field.type, field.array, at);
  if (!field.pointer) return plain(path);
  const nullable = !field.attributes.has("nonnull"), eager = field.attributes.has("marshall");
  return [{ kind: "pointer", path, nullable, eager, to: plain([]) }];
}

function arrayItems(spec: Spec, type: SpecType, array: SpecLength, path: readonly string[]): readonly Item[] {
  const of = typeItems(spec, type, []), length = lengthOf(array);
  return isBytes(of) ? [{ kind: "bytes", path, length }] : [{ kind: "array", path, length, of }];
}

function lengthOf(array: SpecLength): string {
  switch (array.kind) {
    case "fixed":
      return String(array.count);
    case "field":
      return keyOf(array.name);
    case "image":
      return imageLength(array.bitsPerPixel, keyOf(array.width), keyOf(array.rows));
    case "rest":
      return "rest";
  }
}

function typeItems(spec: Spec, type: SpecType, path: readonly string[]): readonly Item[] {
  switch (type.kind) {
    case "int":
      return [{ kind: "int", path, bits: type.bits, signed: type.signed, bigEndian: false, enumeration: null }];
    case "fd":
      return [{ kind: "fd", path }];
    case "struct":
      return structItems(spec, type.struct, path);
    case "name": {
      const alias = spec.typedefs.get(type.name);
      if (alias !== undefined) return typeItems(spec, alias, path);
      const of = spec.enumerations.get(type.name);
      if (of !== undefined) {
        return [{ kind: "int", path, bits: of.bits, signed: false, bigEndian: false, enumeration: of.name }];
      }
      const struct = spec.structs.get(type.name);
      if (struct !== undefined) return structItems(spec, struct, path);
      throw new TypeError(`Cannot lay out a field: the definition has no type ${type.name}`);
    }
  }
}

function switchItems(spec: Spec, struct: SpecStruct, member: SpecSwitch, path: readonly string[]): readonly Item[] {
  const steps = member.on.split(".");
  const of = enumerationOf(spec, struct, steps);
  const named = new Set(member.cases.flatMap(({ labels }) => labels));
  for (const label of named) {
    const name = label.replace(/^!/, "");
    if (label !== "default" && !of.members.has(name)) {
      throw new TypeError(`Cannot lay out ${member.name}: ${of.name} has no member ${name}`);
    }
  }
  const parts = member.cases.flatMap(({ labels, field }): [string, readonly Item[]][] => {
    const items = fieldItems(spec, field, []);
    const labelled = labels.flatMap((label) => label === "default" ? otherwise(of.flags, of.members, named) : [label]);
    return labelled.map((label) => [label, items]);
  });
  const cases = new Map(parts.filter(([, part]) => part.length > 0));
  return [{ kind: "switch", path: [...path, keyOf(member.name)], on: keyOf(steps.at(-1)!), cases }];
}

/** What `default` means: every other member of an enumeration, or that the one flag is not set. */
function otherwise(flags: boolean, members: ReadonlyMap<string, number>, named: ReadonlySet<string>): string[] {
  if (!flags) return [...members.keys()].filter((member) => !named.has(member));
  const others = [...named].filter((label) => label !== "default");
  return others.length === 1 ? [`!${others[0]}`.replace(/^!!/, "")] : ["default"];
}

/** The enumeration of the field that a switch selects by. */
function enumerationOf(spec: Spec, struct: SpecStruct, steps: readonly string[]) {
  const [name, ...inner] = steps;
  const field = struct.members.find((member): member is SpecField => member.kind === "field" && member.name === name);
  if (field?.type.kind === "struct" && inner.length > 0) return enumerationOf(spec, field.type.struct, inner);
  if (field?.type.kind === "name") {
    const within = spec.structs.get(field.type.name);
    if (within !== undefined && inner.length > 0) return enumerationOf(spec, within, inner);
    const of = spec.enumerations.get(field.type.name);
    if (of !== undefined && inner.length === 0) return of;
  }
  throw new TypeError(`Cannot lay out a switch: ${steps.join(".")} is no field with an enumeration`);
}
