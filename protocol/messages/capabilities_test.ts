import assert from "node:assert/strict";
import { capabilityNumbers, capabilityWords, CommonCap, DisplayCap, hasCapability } from "./capabilities.ts";

Deno.test("capabilities of a real spice-gtk main channel: 13 is AUTH_SELECTION, AUTH_SASL and MINI_HEADER", () => {
  assert.deepEqual(
    capabilityWords([CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.AUTH_SASL, CommonCap.MINI_HEADER]),
    [13],
  );
  assert.equal(hasCapability([13], CommonCap.AUTH_SPICE), false);
  assert.equal(hasCapability([13], CommonCap.MINI_HEADER), true);
});

Deno.test("capability words grow past 32 bits, keep bit 31 unsigned and come back as numbers", () => {
  const caps = [0, 31, 32, 70];
  assert.deepEqual(capabilityWords(caps), [0x80000001, 1, 1 << 6]);
  assert.deepEqual(capabilityNumbers(capabilityWords(caps)), caps);
  assert.deepEqual(capabilityWords([]), []);
});

Deno.test("a capability beyond the words is not there", () => {
  assert.equal(hasCapability([], DisplayCap.SIZED_STREAM), false);
  assert.equal(hasCapability([0xffffffff], 32), false);
});
