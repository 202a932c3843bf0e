import assert from "node:assert/strict";
import { layoutByName } from "./layout_by_name.ts";
import { LAYOUTS } from "./layouts.ts";

Deno.test("layoutByName() finds every layout by its own name", () => {
  for (const layout of LAYOUTS) assert.equal(layoutByName(layout.name), layout);
  assert.equal(new Set(LAYOUTS.map((layout) => layout.name)).size, LAYOUTS.length);
});

Deno.test("layoutByName() takes other spellings", () => {
  assert.equal(layoutByName("FR").name, "fr");
  assert.equal(layoutByName("us_intl").name, "us-intl");
  assert.equal(layoutByName("en-US").name, "us");
  assert.equal(layoutByName("uk").name, "gb");
  assert.equal(layoutByName("pt-br").name, "br");
});

Deno.test("layoutByName() suggests names for an unknown one", () => {
  assert.throws(() => layoutByName("us-int"), { code: "unknown-layout", suggestions: ["us-intl"] });
  assert.throws(() => layoutByName(""), { code: "unknown-layout", suggestions: [] });
});
