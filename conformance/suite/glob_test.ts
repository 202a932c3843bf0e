import assert from "node:assert/strict";
import { fits } from "./glob.ts";

Deno.test("fits() by words, folders, and any number of words", () => {
  const address = "display/bitmap/8bit-palette";
  for (
    const yes of [
      "display",
      "display/*",
      "display/bitmap",
      "*/bitmap/*",
      "display/**",
      "**/8bit-palette",
      "display/*/8bit*",
      address,
    ]
  ) {
    assert(fits(address, yes), yes);
  }
  for (
    const no of [
      "disp",
      "bitmap",
      "display/bit",
      "*/8bit-palette",
      "display/bitmap/8bit",
      "display.bitmap",
      "**/lz",
      `${address}/x`,
    ]
  ) {
    assert(!fits(address, no), no);
  }
});
