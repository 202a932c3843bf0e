import assert from "node:assert/strict";
import { parseChoice, parseInteger } from "./values.ts";

Deno.test("values of a command line", () => {
  assert.equal(parseInteger("n", "-12", -12, 0), -12);
  assert.equal(parseChoice("c", "Auto-GLZ", ["lz", "auto-glz"]), "auto-glz");
});

Deno.test("values of a command line that are none", () => {
  const refuses = (read: () => unknown) => assert.throws(read, { name: "UsageError", message: /^n: want .* not "/ });
  for (const text of ["", "1.5", "1e3", "0x10", " 1", "13", "-1", "99999999999999999"]) {
    refuses(() => parseInteger("n", text, 0, 12));
  }
  refuses(() => parseChoice("n", "lz5", ["lz", "lz4"]));
});
