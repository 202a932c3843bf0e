import assert from "node:assert/strict";
import { CommonCap } from "../../protocol/capabilities.ts";
import { type CapturedConnection, readCapture } from "../capture.ts";
import { makeTempDir } from "./temp_dir.ts";
import { startTap } from "./tap.ts";

/** Small, and both sides speak. */
const [SCRIPT] = readCapture("qemu-smartcard-idle").connections;

for (const unix of [false, true]) {
  Deno.test(`startTap() passes on and keeps what both sides say, ${unix ? "unix sockets" : "TCP"}`, async () => {
    await using dir = await makeTempDir("tap-test");
    const path = `${dir.path}/server`;
    using listener = unix ? Deno.listen({ transport: "unix", path }) : Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const target = "port" in listener.addr ? `spice://127.0.0.1:${listener.addr.port}` : `spice+unix://${path}`;
    await using tap = await startTap(target, { unix });
    const server = listener.accept().then((conn) => speak(conn, SCRIPT!.streams.server));
    const heard = await speak(await connectTo(tap.uri), SCRIPT!.streams.client);
    assert.deepEqual(heard, SCRIPT!.streams.server);
    assert.deepEqual(await server, SCRIPT!.streams.client);

    const { connections } = await tap.finish();
    assert.equal(connections.length, 1);
    const { streams, messages, reads, channel } = connections[0] as CapturedConnection;
    assert.deepEqual(streams, SCRIPT!.streams);
    assert.deepEqual(messages, SCRIPT!.messages);
    assert.equal(channel.name, SCRIPT!.channel.name);
    for (const from of ["client", "server"] as const) {
      const read = reads.filter((one) => one.from === from).reduce((sum, { length }) => sum + length, 0);
      assert.equal(read, streams[from].length);
    }
    assert.ok(reads.every(({ time }, i) => i === 0 || time >= reads[i - 1]!.time), "reads in the order of time");
  });
}

Deno.test("startTap() takes capabilities out of both link messages, tells of it, and ends where it is told", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const mostBytes = SCRIPT!.link.bytes.server + 100, cap = CommonCap.MINI_HEADER;
  const target = `spice://127.0.0.1:${listener.addr.port}`;
  await using tap = await startTap(target, { without: [{ set: "common", cap }], mostBytes });
  const server = listener.accept().then((conn) => speak(conn, SCRIPT!.streams.server));
  const heard = await speak(await connectTo(tap.uri), SCRIPT!.streams.client);
  await server;
  const { connections: [connection] } = await tap.finish();
  assert.equal(connection!.headers, "full");
  assert.deepEqual(heard, connection!.streams.server);
  assert.equal(heard.length, mostBytes);
  const cleared = [...connection!.cleared].sort((a, b) => a.from < b.from ? -1 : 1);
  assert.deepEqual(cleared, [{ from: "client", set: "common", cap }, { from: "server", set: "common", cap }]);
});

Deno.test("startTap() hangs up when the server cannot be reached, and finish() says so", async () => {
  await using dir = await makeTempDir("tap-test");
  await using tap = await startTap(`spice+unix://${dir.path}/nobody`);
  assert.deepEqual(await speak(await connectTo(tap.uri), new Uint8Array(0)), new Uint8Array(0));
  await assert.rejects(tap.finish(), Deno.errors.NotFound);
});

Deno.test("startTap() ends with connections open", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const tap = await startTap(`spice://127.0.0.1:${listener.addr.port}`);
  using client = await connectTo(tap.uri);
  using _server = await listener.accept();
  await tap[Symbol.asyncDispose]();
  assert.equal(await client.read(new Uint8Array(1)).catch(() => null), null);
});

async function connectTo(uri: string): Promise<Deno.TcpConn | Deno.UnixConn> {
  const { protocol, port, pathname } = new URL(uri);
  return protocol === "spice+unix:"
    ? await Deno.connect({ transport: "unix", path: pathname })
    : await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
}

/** Says all, and returns all that the other side said. */
async function speak(conn: Deno.Conn, bytes: Uint8Array): Promise<Uint8Array> {
  using _ = conn;
  const heard: number[] = [];
  const listening = (async () => {
    const buffer = new Uint8Array(4096);
    for (let length; (length = await conn.read(buffer)) !== null;) heard.push(...buffer.subarray(0, length));
  })();
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
  await conn.closeWrite();
  await listening;
  return Uint8Array.from(heard);
}
