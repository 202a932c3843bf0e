import assert from "node:assert/strict";
import { parseVncTarget } from "./vnc_target.ts";

Deno.test("parseVncTarget() reads hosts and unix sockets", () => {
  assert.deepEqual(parseVncTarget("vnc://host"), { kind: "tcp", host: "host", port: 5900 });
  assert.deepEqual(parseVncTarget("vnc://10.0.0.1:5901/"), { kind: "tcp", host: "10.0.0.1", port: 5901 });
  assert.deepEqual(parseVncTarget("vnc://[::1]:5"), { kind: "tcp", host: "::1", port: 5 });
  assert.deepEqual(parseVncTarget("vnc+unix:///run/a b"), { kind: "unix", path: "/run/a b" });
});

Deno.test("parseVncTarget() refuses the rest, and shows no password", () => {
  for (
    const text of ["", "host:1", "vnc://", "vnc://h:0", "vnc://h:65536", "vnc+unix://x", "vnc://h/x", "spice://h:1"]
  ) {
    assert.throws(() => parseVncTarget(text), { name: "UsageError", message: /is no VNC server: want vnc:/ }, text);
  }
  assert.throws(() => parseVncTarget("vnc://:s3cret@h:1"), (error) => {
    return error instanceof Error && /--vnc-password-file/.test(error.message) && !error.message.includes("s3cret");
  });
});
