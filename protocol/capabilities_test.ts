import assert from "node:assert/strict";
import { capsOfWords, CommonCap, DisplayCap, hasCap, wordsOfCaps } from "./capabilities.ts";

Deno.test("capabilities of a real spice-gtk main channel: 13 is AUTH_SELECTION, AUTH_SASL and MINI_HEADER", () => {
  assert.deepEqual(
    wordsOfCaps([CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.AUTH_SASL, CommonCap.MINI_HEADER]),
    [13],
  );
  assert.equal(hasCap([13], CommonCap.AUTH_SPICE), false);
  assert.equal(hasCap([13], CommonCap.MINI_HEADER), true);
});

Deno.test("capability words grow past 32 bits, keep bit 31 unsigned and come back as numbers", () => {
  const caps = [0, 31, 32, 70];
  assert.deepEqual(wordsOfCaps(caps), [0x80000001, 1, 1 << 6]);
  assert.deepEqual(capsOfWords(wordsOfCaps(caps)), caps);
  assert.deepEqual(wordsOfCaps([]), []);
});

Deno.test("a capability beyond the words is not there", () => {
  assert.equal(hasCap([], DisplayCap.SIZED_STREAM), false);
  assert.equal(hasCap([0xffffffff], 32), false);
});
