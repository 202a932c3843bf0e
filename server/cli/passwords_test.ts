import assert from "node:assert/strict";
import { readArguments } from "../../cli/arguments.ts";
import { parsePlace } from "./listen_place.ts";
import { SERVE_OPTIONS } from "./options.ts";
import { findPasswords, makePassword } from "./passwords.ts";

function find(words: string[], options: { place?: string; environment?: string; stdin?: string } = {}) {
  return findPasswords(readArguments(words, SERVE_OPTIONS), [parsePlace("", options.place ?? "127.0.0.1:5900")], {
    environment: options.environment,
    stdin: () => Promise.resolve(new TextEncoder().encode(options.stdin ?? "")),
    make: () => "made",
  });
}

const OPEN = { control: null, view: null, made: false, seconds: null };

Deno.test("findPasswords() wants none on this computer, and makes one for others", async () => {
  assert.deepEqual(await find([]), OPEN);
  assert.deepEqual(await find([], { place: "unix:/x" }), OPEN);
  assert.deepEqual(await find([], { place: "*:5900" }), { ...OPEN, control: "made", made: true });
  assert.deepEqual(await find(["--no-password"], { place: "*:5900" }), OPEN);
});

Deno.test("findPasswords() takes the command line, then the file, then the environment", async () => {
  const sources = { environment: "env", stdin: "file\nrest", place: "*:1" };
  assert.deepEqual(await find(["--password", "a"], sources), { ...OPEN, control: "a" });
  assert.deepEqual(await find(["--password-file", "-"], sources), { ...OPEN, control: "file" });
  assert.deepEqual(await find([], sources), { ...OPEN, control: "env" });
  assert.deepEqual(await find(["--no-password"], sources), OPEN);
});

Deno.test("findPasswords() makes one for steering where there is one for viewing, or a time", async () => {
  const made = { ...OPEN, control: "made", made: true };
  assert.deepEqual(await find(["--view-only-password", "v"]), { ...made, view: "v" });
  assert.deepEqual(await find(["--view-only-password-file", "-"], { stdin: "w" }), { ...made, view: "w" });
  assert.deepEqual(await find(["--ticket-seconds", "60"]), { ...made, seconds: 60 });
});

Deno.test("findPasswords() refuses contradictions", async () => {
  const refuses = (words: string[], message: RegExp, environment?: string) =>
    assert.rejects(find(words, environment === undefined ? {} : { environment }), { name: "UsageError", message });
  await refuses(["--password", "a", "--password-file", "-"], /not with both/);
  await refuses(["--no-password", "--password", "a"], /--password makes no sense/);
  await refuses(["--no-password", "--ticket-seconds", "5"], /--ticket-seconds makes no sense/);
  await refuses(["--password", "a", "--view-only-password", "a"], /must differ/);
  await refuses(["--view-only-password", "a"], /must differ/, "a");
  await refuses(["--password", ""], /is empty; --no-password/);
  await refuses([], /^SPICE_PASSWORD: the password is empty/, "");
  await refuses(["--password", "é".repeat(31)], /at most 60 bytes, this one has 62/);
  await refuses(["--ticket-seconds", "0"], /want a whole number from 1/);
});

Deno.test("makePassword() makes another one each time", () => {
  const made = new Set(Array.from({ length: 200 }, makePassword));
  assert.equal(made.size, 200);
  for (const password of made) assert.match(password, /^[a-km-np-z2-5]{12}$/);
});
