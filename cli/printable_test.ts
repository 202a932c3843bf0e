import assert from "node:assert/strict";
import { printable } from "./printable.ts";

Deno.test("printable() lets no peer talk to the terminal", () => {
  assert.equal(printable("Büro 1: ☃"), "Büro 1: ☃");
  assert.equal(printable("a\x1b[2Jb\n\u202ec"), "a\\x1b[2Jb\\x0a\\u202ec");
});
