import assert from "node:assert/strict";
import { schemaErrors } from "./json_schema.ts";

Deno.test("schemaErrors() tells what is wrong, and where", () => {
  const schema = {
    type: "object",
    properties: {
      name: { type: "string", pattern: "^[a-z]+$" },
      size: { anyOf: [{ type: "integer", minimum: 1, maximum: 9 }, { type: "null" }] },
      parts: { type: "array", items: { enum: ["a", null] } },
      kind: { const: "x" },
    },
    required: ["name", "size"],
    additionalProperties: false,
  };
  const cases: [unknown, string[]][] = [
    [{ name: "abc", size: null, parts: ["a", null], kind: "x" }, []],
    [{ name: "abc", size: 9 }, []],
    [[], ["the whole: want object"]],
    [{ name: "A" }, ["size: missing", "name: want text that fits ^[a-z]+$"]],
    [{ name: 1, size: 10 }, ["name: want string", "size: want at most 9"]],
    [{ name: "a", size: 1, parts: ["b"] }, ['parts[0]: want one of "a", null']],
    [{ name: "a", size: 1, kind: "y", toString: 1 }, ['kind: want "x"', "toString: not allowed"]],
  ];
  for (const [value, expected] of cases) assert.deepEqual(schemaErrors(schema, value), expected);
});

Deno.test("schemaErrors() refuses a keyword that it would not check", () => {
  assert.throws(() => schemaErrors({ maxLength: 3 }, "abcd"), /maxLength is not known/);
});
