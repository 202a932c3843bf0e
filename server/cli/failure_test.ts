import assert from "node:assert/strict";
import { FileError } from "../../cli/file_error.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { QemuError } from "../machines/qemu/qemu_error.ts";
import { RfbError } from "../machines/rfb/rfb_error.ts";
import { describeFailure, ListenError } from "./failure.ts";

Deno.test("describeFailure() has an exit code for each kind of failure", () => {
  const code = (error: unknown) => describeFailure(error).code;
  assert.equal(code(new UsageError("x")), 2);
  assert.equal(code(new FileError("f", "read", new Deno.errors.NotFound())), 1);
  assert.equal(code(new ListenError("h:1", new Deno.errors.AddrInUse())), 4);
  assert.equal(code(new RfbError("unreachable", "no")), 4);
  assert.equal(code(new RfbError("timeout", "no")), 4);
  assert.equal(code(new RfbError("password-wrong", "no")), 3);
  assert.equal(code(new RfbError("bad-version", "no")), 1);
  assert.equal(code(new QemuError("refused", "no")), 2);
  assert.equal(code(new QemuError("unreachable", "no")), 4);
  assert.equal(code(new QemuError("not-found", "no")), 1);
  assert.equal(code(new QemuError("ended", "no", 77)), 77);
  assert.equal(code(new TypeError("x")), 1);
  assert.equal(code("x"), 1);
});

Deno.test("describeFailure() says what to do", () => {
  const line = (error: unknown) => describeFailure(error).line;
  const listen = (cause: unknown) => line(new ListenError("h:1", cause));
  assert.equal(listen(new Deno.errors.AddrInUse("x")), "Cannot listen on h:1: another program listens there already");
  assert.match(listen(new Deno.errors.AddrNotAvailable("x")), /no such address/);
  assert.match(listen(new Deno.errors.PermissionDenied("x")), /below 1024/);
  assert.match(
    listen(new Error("failed to lookup address information: Name or service not known")),
    /no address belongs/,
  );
  assert.equal(listen(new Error("odd (os error 99)")), "Cannot listen on h:1: odd");
  assert.match(line(new RfbError("password-needed", "it asks")), /--vnc-password-file$/);
  assert.match(line(new Deno.errors.NotCapable("Requires run access")), /docs\/permissions\.md/);
  const cause = new Deno.errors.NotCapable("Requires run access");
  assert.match(line(new QemuError("not-found", "x", null, { cause })), /not given a permission: Requires run access;/);
  assert.equal(line(new QemuError("ended", "one\n  two")), "Cannot use QEMU: one / two");
  assert.match(line(new TypeError("x is not a function")), /fault of the server.*TypeError: x is not/);
});
