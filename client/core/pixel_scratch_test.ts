import assert from "node:assert/strict";
import { PixelScratch } from "./pixel_scratch.ts";

Deno.test("PixelScratch lends the memory of the largest picture so far to one picture of each message", () => {
  const scratch = new PixelScratch(), large = new Uint32Array(100), small = new Uint32Array(50);
  assert.equal(scratch.lend()!.length, 0);
  scratch.adopt(large);
  assert.equal(scratch.lend(), undefined, "a second picture of the message");
  scratch.begin();
  assert.equal(scratch.lend(), large);
  scratch.adopt(small);
  scratch.adopt(large.subarray(0, 10));
  scratch.begin();
  assert.equal(scratch.lend(), large);
});

Deno.test("PixelScratch keeps no picture of more than 4 Mi pixels", () => {
  const scratch = new PixelScratch();
  scratch.adopt(new Uint32Array(4 * 1024 * 1024 + 1));
  assert.equal(scratch.lend()!.length, 0);
});
