import assert from "node:assert/strict";
import { ProtocolError } from "./errors.ts";

Deno.test("ProtocolError says what was done, where it broke, and why", () => {
  const error = new ProtocolError({
    code: "truncated",
    message: "DISPLAY_DRAW_COPY",
    path: "data.srcBitmap.width",
    offset: 87,
    detail: "need 4 bytes, 3 left",
  });
  assert.equal(
    error.message,
    "Cannot decode DISPLAY_DRAW_COPY at byte 87 (data.srcBitmap.width): need 4 bytes, 3 left",
  );
  assert.deepEqual(
    [error.name, error.by, error.code, error.wireName, error.path, error.offset, error.detail, error.linkError],
    [
      "ProtocolError",
      "remote",
      "truncated",
      "DISPLAY_DRAW_COPY",
      "data.srcBitmap.width",
      87,
      "need 4 bytes, 3 left",
      null,
    ],
  );
  assert.ok(error instanceof Error);
  assert.equal("cause" in error, false);
});

Deno.test("ProtocolError leaves out what is not known, and keeps byte 0", () => {
  const bare = new ProtocolError({ by: "local", code: "unexpected", action: "link", message: "main", detail: "why" });
  assert.equal(bare.message, "Cannot link main: why");
  assert.deepEqual([bare.by, bare.path, bare.offset], ["local", "", null]);
  const start = new ProtocolError({ code: "bad-magic", message: "SpiceLinkHeader", offset: 0, detail: "why" });
  assert.equal(start.message, "Cannot decode SpiceLinkHeader at byte 0: why");
  assert.equal(start.offset, 0);
});

Deno.test("ProtocolError keeps the cause and the link_err, 0 too", () => {
  const cause = new Error("deep");
  const error = new ProtocolError({ code: "closed", message: "main", detail: "why", cause, linkError: 0 });
  assert.equal(error.cause, cause);
  assert.equal(error.linkError, 0);
});
