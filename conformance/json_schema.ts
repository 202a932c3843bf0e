/** Checks JSON against a schema: the part of JSON Schema 2020-12 that our schemas use. */

/** A schema. Keywords that are not here are refused, so that none is thought to be checked. */
interface Schema {
  readonly type?: "object" | "array" | "string" | "integer" | "boolean" | "null";
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
  readonly items?: Schema;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

const KEYWORDS = new Set([
  ...["type", "enum", "const", "anyOf", "properties", "required", "additionalProperties", "items"],
  ...["pattern", "minimum", "maximum", "$schema", "title", "description"],
]);

/**
 * Checks a value.
 *
 * @param schema A schema, as it was read from its file.
 * @param value What to check.
 * @returns One line for each thing that is wrong, with its path; none when all is right.
 * @throws {RangeError} The schema has a keyword that is not known here.
 */
export function schemaErrors(schema: unknown, value: unknown): string[] {
  return [...errors(checked(schema), value, "")];
}

function* errors(schema: Schema, value: unknown, path: string): Generator<string> {
  const wrong = (what: string) => `${path === "" ? "the whole" : path}: want ${what}`;
  if (schema.type !== undefined && !isType(schema.type, value)) return yield wrong(schema.type);
  if ("const" in schema && value !== schema.const) return yield wrong(JSON.stringify(schema.const));
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    return yield wrong(`one of ${schema.enum.map((one) => JSON.stringify(one)).join(", ")}`);
  }
  if (schema.anyOf !== undefined) {
    const each = schema.anyOf.map((one) => [...errors(checked(one), value, path)]);
    if (each.every((found) => found.length > 0)) yield* each.toSorted((a, b) => a.length - b.length)[0]!;
  }
  if (typeof value === "string" && schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value)) {
    yield wrong(`text that fits ${schema.pattern}`);
  }
  if (typeof value === "number") {
    if (value < (schema.minimum ?? -Infinity)) yield wrong(`at least ${schema.minimum}`);
    if (value > (schema.maximum ?? Infinity)) yield wrong(`at most ${schema.maximum}`);
  }
  if (Array.isArray(value)) {
    if (schema.items === undefined) return;
    for (const [i, item] of value.entries()) yield* errors(checked(schema.items), item, `${path}[${i}]`);
  } else if (typeof value === "object" && value !== null) yield* objectErrors(schema, { ...value }, path);
}

function* objectErrors(
  { properties = {}, required = [], additionalProperties }: Schema,
  value: Readonly<Record<string, unknown>>,
  path: string,
): Generator<string> {
  const at = (name: string) => path === "" ? name : `${path}.${name}`;
  for (const name of required) if (!Object.hasOwn(value, name)) yield `${at(name)}: missing`;
  for (const [name, part] of Object.entries(value)) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (schema !== undefined) yield* errors(checked(schema), part, at(name));
    else if (additionalProperties === false) yield `${at(name)}: not allowed`;
  }
}

function isType(type: NonNullable<Schema["type"]>, value: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
  }
}

function checked(schema: unknown): Schema {
  if (typeof schema !== "object" || schema === null) throw new RangeError("Cannot read schema: no object");
  const unknown = Object.keys(schema).find((keyword) => !KEYWORDS.has(keyword));
  if (unknown !== undefined) throw new RangeError(`Cannot read schema: ${unknown} is not known here`);
  // Its keywords are those of the interface; what is wrong with their values shows when the schema is used.
  return schema as Schema;
}
