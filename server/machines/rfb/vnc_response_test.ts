import assert from "node:assert/strict";
import { vncResponse } from "./vnc_response.ts";

const zeros = new Uint8Array(16);

Deno.test("vncResponse() is DES of each half: the empty password is the key of zeros", () => {
  assert.equal(vncResponse(zeros, "").toHex(), "8ca64de9c1b123a7".repeat(2));
});

Deno.test("vncResponse() turns the bits of the key's bytes around", () => {
  // The known answer of the variable key test for key 8001010101010101; DES does not look at the lowest bits.
  assert.equal(vncResponse(zeros, "\x01").toHex(), "95a8d72813daa94d".repeat(2));
});

Deno.test("vncResponse() looks at eight bytes of the password", () => {
  assert.deepEqual(vncResponse(zeros, "12345678"), vncResponse(zeros, "123456789"));
  assert.notDeepEqual(vncResponse(zeros, "12345678"), vncResponse(zeros, "12345679"));
});
