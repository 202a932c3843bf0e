import assert from "node:assert/strict";
import { FileError } from "../../cli/file_error.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { ProtocolError, type ProtocolErrorInit } from "../../protocol/errors.ts";
import { LinkErr } from "../../protocol/messages/enums.ts";
import { TargetError } from "../../protocol/target_error.ts";
import { KeyboardError } from "../core/keyboard/keyboard_error.ts";
import { type Circumstances, describeFailure } from "./failure.ts";

const BEFORE: Circumstances = { address: "host:5930", password: false, connected: false };

function told(error: unknown, known: Partial<Circumstances> = {}): string {
  const { code, line } = describeFailure(error, { ...BEFORE, ...known });
  assert.ok(!line.includes("\n"));
  return `${code} ${line}`;
}

function fault(init: Partial<ProtocolErrorInit>): ProtocolError {
  return new ProtocolError({
    code: "closed",
    action: "link",
    message: "SpiceLinkReply",
    detail: "the detail",
    ...init,
  });
}

Deno.test("describeFailure() tells a wrong password from a missing one", () => {
  const denied = fault({ code: "link-refused", linkError: LinkErr.PERMISSION_DENIED });
  assert.match(told(denied), /^3 host:5930 wants a password \(PERMISSION_DENIED\): give it with --password-file/);
  assert.match(
    told(denied, { password: true }),
    /^3 host:5930 refused the password \(PERMISSION_DENIED\): it is wrong/,
  );
});

Deno.test("describeFailure() names every refusal of the link", () => {
  const refused = (linkError: number) => told(fault({ code: "link-refused", linkError }));
  assert.match(refused(LinkErr.NEED_SECURED), /^3 host:5930 wants TLS \(NEED_SECURED\)/);
  assert.match(refused(LinkErr.NEED_UNSECURED), /^3 .*NEED_UNSECURED/);
  assert.match(refused(LinkErr.VERSION_MISMATCH), /^3 .*another version of SPICE/);
  assert.equal(refused(LinkErr.BAD_CONNECTION_ID), "3 host:5930 refused the connection: BAD_CONNECTION_ID");
  assert.equal(refused(99), "3 host:5930 refused the connection: 99");
});

Deno.test("describeFailure() says why nothing is reached", () => {
  const unreachable = (cause: unknown, detail = "") => told(fault({ code: "unreachable", cause, detail }));
  assert.equal(
    unreachable(new Deno.errors.ConnectionRefused()),
    "4 cannot reach host:5930: nothing listens there",
  );
  assert.equal(unreachable(new Deno.errors.NotFound()), "4 cannot reach host:5930: there is no such socket");
  assert.equal(
    unreachable(new Error(), "No route to host (os error 113)"),
    "4 cannot reach host:5930: No route to host",
  );
});

Deno.test("describeFailure() tells a silent server from a wait that was too short", () => {
  const timeout = fault({ code: "timeout", detail: "no end of the handshake after 10 ms" });
  assert.match(told(timeout), /^4 host:5930 accepts connections but does not answer as a SPICE server: no end/);
  assert.match(told(timeout, { connected: true }), /^1 Cannot link SpiceLinkReply: no end/);
});

Deno.test("describeFailure() says who is no SPICE server", () => {
  const detail = '"HTTP/1.1 400 Bad" is not REDQ: the peer speaks HTTP';
  assert.equal(told(fault({ code: "bad-magic", detail })), `1 host:5930 is no SPICE server: it says ${detail}`);
  assert.match(told(fault({})), /^1 host:5930 broke off the handshake: the detail; is that its port of plain SPICE/);
  assert.equal(told(fault({}), { connected: true }), "1 host:5930 ended the session: the detail");
  const broken = fault({ code: "truncated", message: "MAIN_INIT", action: "decode", path: "ramHint", offset: 28 });
  assert.equal(told(broken), "1 Cannot decode MAIN_INIT at byte 28 (ramHint): the detail");
});

Deno.test("describeFailure() knows whose fault it is", () => {
  assert.equal(told(new UsageError("too much")), "2 too much");
  assert.match(told(new TargetError("bad-port", "read SPICE URI", "no")), /^2 Cannot read SPICE URI: no$/);
  assert.match(told(new KeyboardError("unknown-layout", "Cannot find it")), /^2 Cannot find it; there are us, .*fr/);
  assert.match(told(new KeyboardError("untypable", "Cannot type it")), /^2 Cannot type it; .*--layout$/);
  assert.equal(
    told(new FileError("a.png", "write", new Deno.errors.NotFound())),
    "1 Cannot write a.png: no such file or folder",
  );
  assert.match(told(new TypeError("x is not a function")), /^1 this is a fault of the client.*TypeError: x is not/);
});
