import assert from "node:assert/strict";
import { parsePlace, parseRegion } from "./values.ts";

Deno.test("values of the command line", () => {
  assert.deepEqual(parsePlace("at", "320,0"), { x: 320, y: 0 });
  assert.deepEqual(parseRegion("r", "1,2,30,40"), { left: 1, top: 2, right: 31, bottom: 42 });
});

Deno.test("values of the command line that are none", () => {
  const refuses = (read: () => unknown) => assert.throws(read, { name: "UsageError", message: /^n: want .* not "/ });
  for (const text of ["", "1", "1,", "1,2,3", "-1,2", "1 ,2", "100000,1"]) refuses(() => parsePlace("n", text));
  for (const text of ["", "1,2,3", "0,0,0,5", "0,0,5,0", "1,2,3,4,5", "-1,0,5,5"]) {
    refuses(() => parseRegion("n", text));
  }
});
