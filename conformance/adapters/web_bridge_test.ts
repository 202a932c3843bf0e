import assert from "node:assert/strict";
import { bridge } from "./web_bridge.ts";

/** A WebSocket whose bytes go to a TCP connection. */
async function bridged(): Promise<{ socket: WebSocket; conn: Deno.Conn } & AsyncDisposable> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    return bridge(request, { hostname: "127.0.0.1", port: listener.addr.port });
  });
  const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}/`, "binary");
  socket.binaryType = "arraybuffer";
  const closed = new Promise<void>((done) => socket.onclose = () => done());
  const opened = new Promise<void>((done) => socket.onopen = () => done());
  const conn = await listener.accept();
  await opened;
  return {
    socket,
    conn,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await closed;
      listener.close();
      await server.shutdown();
    },
  };
}

Deno.test("bridge() carries bytes both ways, and takes the subprotocol", async () => {
  await using pair = await bridged();
  const { socket, conn } = pair;
  assert.equal(socket.protocol, "binary");
  socket.send(Uint8Array.of(1, 2));
  socket.send(Uint8Array.of(3));
  const got: number[] = [], buffer = new Uint8Array(16);
  while (got.length < 3) got.push(...buffer.subarray(0, await conn.read(buffer) ?? assert.fail("it ends")));
  assert.deepEqual(got, [1, 2, 3]);
  const heard = new Promise<number[]>((done) => socket.onmessage = ({ data }) => done([...new Uint8Array(data)]));
  await conn.write(Uint8Array.of(4, 5, 6));
  assert.deepEqual(await heard, [4, 5, 6]);
  const closed = new Promise<void>((done) => socket.addEventListener("close", () => done()));
  conn.close();
  await closed;
});

Deno.test("bridge() closes the connection when the page closes, after what it said", async () => {
  await using pair = await bridged();
  const { socket, conn } = pair, buffer = new Uint8Array(16);
  socket.send(Uint8Array.of(7));
  socket.close();
  assert.equal(await conn.read(buffer), 1);
  assert.equal(buffer[0], 7);
  assert.equal(await conn.read(buffer), null);
  conn.close();
});
