import assert from "node:assert/strict";
import { variantNames } from "./variant_names.ts";

Deno.test("variantNames() says what sets a variant apart, and counts where that is the same", () => {
  const variants = [
    new Set(["base.box=x", "clip.shape=RECTS", "clip.shape<RECTS>.rects=empty"]),
    new Set(["base.box=x", "clip.shape=NONE", "data.mask.bitmap=absent"]),
    new Set(["base.box=x"]),
    new Set(["base.box=x"]),
  ];
  assert.deepEqual(variantNames(variants), ["RECTS-empty_rects", "NONE-no_bitmap", "plain", "plain-2"]);
  assert.deepEqual(variantNames([new Set(["a=b"])]), ["plain"]);
});
