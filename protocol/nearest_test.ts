import assert from "node:assert/strict";
import { nearest } from "./nearest.ts";

Deno.test("nearest() orders names by the letters that differ", () => {
  assert.deepEqual(nearest("retrun", ["enter", "return", "ret"]), ["return"]);
  assert.deepEqual(nearest("hom", ["home", "homepage", "end"]), ["home", "homepage"]);
});

Deno.test("nearest() counts a swap of neighbours as one", () => {
  assert.deepEqual(nearest("atl", ["alt", "tab"]), ["alt"]);
});

Deno.test("nearest() finds nothing for nothing or for something else", () => {
  assert.deepEqual(nearest("", ["a"]), []);
  assert.deepEqual(nearest("xyzzy", ["enter"]), []);
});

Deno.test("nearest() gives at most three names", () => {
  assert.equal(nearest("f", ["f1", "f2", "f3", "f4"]).length, 3);
});
