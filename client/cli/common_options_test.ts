import assert from "node:assert/strict";
import { readArguments } from "../../cli/arguments.ts";
import { ImageCompression } from "../../protocol/messages/enums.ts";
import { COMMON_OPTIONS, findPassword, readConnectOptions } from "./common_options.ts";

const read = (...words: string[]) => readArguments(words, COMMON_OPTIONS);

Deno.test("readConnectOptions() knows the compressions by name", () => {
  assert.deepEqual(readConnectOptions(read()), {});
  const { preferredCompression, mouseMode, limits } = readConnectOptions(
    read("--compression", "auto-glz", "--mouse-mode", "server", "--handshake-ms", "50"),
  );
  assert.equal(preferredCompression, ImageCompression.AUTO_GLZ);
  assert.equal(mouseMode, "server");
  assert.equal(limits?.handshakeMs, 50);
});

Deno.test("findPassword() takes the command line before the target, and that before the environment", async () => {
  const stdin = () => Promise.resolve(new TextEncoder().encode("from stdin\r\nmore\n"));
  const find = (target: string | undefined, environment: string | undefined, ...words: string[]) =>
    findPassword(read(...words), { target, environment, stdin });
  assert.equal(await find("t", "e", "--password", "p"), "p");
  assert.equal(await find("t", "e", "--password-file", "-"), "from stdin");
  assert.equal(await find("t", "e"), "t");
  assert.equal(await find(undefined, "e"), "e");
  assert.equal(await find(undefined, undefined), undefined);
  await assert.rejects(find("t", "e", "--password-file", "no-such-file"), { name: "FileError" });
});
