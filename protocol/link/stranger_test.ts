import assert from "node:assert/strict";
import { nameStranger } from "./stranger.ts";

Deno.test("nameStranger() knows who is often met on a wrong port", () => {
  const named = (text: string) => nameStranger(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  assert.equal(named("HTTP/1.1 400 Bad Request"), "HTTP");
  assert.equal(named("\x15\x03\x03\x00\x02\x02F"), "TLS");
  assert.equal(named("RFB 003.008\n"), "VNC");
  assert.equal(named("SSH-2.0-OpenSSH_9.2"), "SSH");
  assert.equal(named('{"QMP": {'), "QMP, QEMU's machine protocol");
  assert.equal(named("REDX"), null);
  assert.equal(named("HTT"), null);
  assert.equal(named(""), null);
});
