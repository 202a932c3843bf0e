import assert from "node:assert/strict";
import { ProtocolError } from "../../protocol/errors.ts";
import { unsupportedLines } from "./unsupported_lines.ts";

Deno.test("unsupportedLines() counts by message and tells the first reason", () => {
  const error = new ProtocolError({
    ...{ code: "unsupported", action: "draw", message: "DISPLAY_DRAW_TEXT" },
    detail: "text is not supported",
  });
  assert.deepEqual(unsupportedLines([]), []);
  assert.deepEqual(unsupportedLines([{ count: 3, error }]), [
    "not drawn: 3 × DISPLAY_DRAW_TEXT (Cannot draw DISPLAY_DRAW_TEXT: text is not supported)",
  ]);
});
