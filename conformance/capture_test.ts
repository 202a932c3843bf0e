import assert from "node:assert/strict";
import { CAPTURES, inOrder, readCapture, readCaptureAt } from "./capture.ts";
import { readTar } from "./tar.ts";
import { gunzipSync } from "node:zlib";

Deno.test("readCapture() cuts a scenario into channels, link and messages", () => {
  const { name, connections } = readCapture("ops-off");
  assert.equal(name, "ops-off");
  assert.deepEqual(
    connections.map(({ channel, channelId, headers }) => [channel.name, channelId, headers]),
    [["main", 0, "mini"], ["display", 0, "mini"], ["cursor", 0, "mini"], ["inputs", 0, "mini"]],
  );
  const main = connections[0]!;
  assert.equal(main.link.mess.connectionId, 0);
  assert.equal(main.link.authMechanism, 1);
  assert.equal(main.link.ticket?.length, 128);
  assert.equal(main.link.error, 0);
  assert.deepEqual(main.link.bytes, { client: 16 + 18 + 8 + 4 + 128, server: 16 + 178 + 8 + 4 });
  assert.equal(main.messages.server[0]!.declaration?.name, "MAIN_INIT");
  assert.deepEqual(main.cutOff, { client: 0, server: 0 });
});

Deno.test("inOrder() keeps every message, and those of one side in their order", () => {
  for (const connection of readCapture("qemu-usbredir").connections) {
    const ordered = inOrder(connection);
    for (const from of ["client", "server"] as const) {
      assert.deepEqual(ordered.filter((message) => message.from === from), connection.messages[from]);
    }
  }
});

Deno.test("inOrder() puts an answer after its question", () => {
  const [main] = readCapture("ops-off").connections;
  const names = inOrder(main!).map(({ declaration }) => declaration!.name);
  assert.ok(names.indexOf("MAIN_ATTACH_CHANNELS") > names.indexOf("MAIN_INIT"));
  assert.ok(names.indexOf("MAIN_CHANNELS_LIST") > names.indexOf("MAIN_ATTACH_CHANNELS"));
  assert.ok(names.indexOf("PONG") > names.indexOf("PING"));
});

Deno.test("readCaptureAt() reads a folder like an archive, and notices a cut message", () => {
  const folder = Deno.makeTempDirSync();
  try {
    for (const [file, bytes] of readTar(gunzipSync(Deno.readFileSync(new URL("surfaces.tar.gz", CAPTURES))))) {
      Deno.writeFileSync(`${folder}/${file}`, file === "01.s2c" ? bytes.subarray(0, -3) : bytes);
    }
    const whole = readCapture("surfaces"), cut = readCaptureAt(folder);
    assert.deepEqual(cut.connections[0]!.messages, whole.connections[0]!.messages);
    const before = whole.connections[1]!.messages.server, after = cut.connections[1]!.messages.server;
    assert.equal(after.length, before.length - 1);
    const last = before.at(-1)!;
    assert.equal(cut.connections[1]!.cutOff.server, last.end - last.offset - 3);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
