import assert from "node:assert/strict";
import { isEveryAddress, isLocal, parsePlace, placeText } from "./listen_place.ts";

const parse = (text: string) => parsePlace("--listen", text);

Deno.test("parsePlace() reads hosts, ports and paths", () => {
  assert.deepEqual(parse("127.0.0.1:5900"), { hostname: "127.0.0.1", port: 5900 });
  assert.deepEqual(parse("5901"), { hostname: "127.0.0.1", port: 5901 });
  assert.deepEqual(parse("[::1]:0"), { hostname: "::1", port: 0 });
  assert.deepEqual(parse("*:5900"), { hostname: "0.0.0.0", port: 5900 });
  assert.deepEqual(parse("vm.example.org:65535"), { hostname: "vm.example.org", port: 65535 });
  assert.deepEqual(parse("unix:/run/a b.sock"), { path: "/run/a b.sock" });
});

Deno.test("parsePlace() says what is wrong with a place", () => {
  const long = `unix:/${"x".repeat(107)}`;
  for (const text of ["", "host", "host:", ":5900", "::1:5900", "h:65536", "h:-1", "[zz]:1", "unix:", "unix:a", long]) {
    assert.throws(() => parse(text), { name: "UsageError", message: /^--listen: .*; want HOST:PORT/ }, text);
  }
});

Deno.test("isLocal() is true only where nobody else can come in", () => {
  for (const text of ["127.0.0.1:1", "127.8.9.10:1", "localhost:1", "[::1]:1", "1", "unix:/x"]) {
    assert.equal(isLocal(parse(text)), true, text);
  }
  for (const text of ["0.0.0.0:1", "*:1", "[::]:1", "10.0.0.1:1", "127.example.org:1", "localhost.example.org:1"]) {
    assert.equal(isLocal(parse(text)), false, text);
  }
});

Deno.test("isEveryAddress() knows both families", () => {
  for (const text of ["*:1", "0.0.0.0:1", "[::]:1", "[0:0::0]:1"]) {
    assert.equal(isEveryAddress(parse(text)), true, text);
  }
  for (const text of ["[::1]:1", "10.0.0.1:1", "unix:/x"]) assert.equal(isEveryAddress(parse(text)), false, text);
});

Deno.test("placeText() is what parsePlace() reads", () => {
  for (const text of ["127.0.0.1:5900", "[::1]:5900", "unix:/run/vm.sock"]) assert.equal(placeText(parse(text)), text);
});
