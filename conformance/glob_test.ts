import assert from "node:assert/strict";
import { globMatcher } from "./glob.ts";

Deno.test("globMatcher() takes * and ?, and all else as it is", () => {
  assert.ok(globMatcher("DISPLAY_DRAW_*")("DISPLAY_DRAW_COPY"));
  assert.ok(globMatcher("*list")("LIST"));
  assert.ok(globMatcher("P?NG")("PING"));
  assert.ok(globMatcher("LIST > *")("LIST > WAIT_FOR_CHANNELS"));
  assert.ok(!globMatcher("PING")("PINGS"));
  assert.ok(!globMatcher("P.NG")("PING"));
  assert.ok(globMatcher("a[b](c)+^$\\-/{}|")("a[b](c)+^$\\-/{}|"));
});
