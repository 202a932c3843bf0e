import assert from "node:assert/strict";
import { openRfb } from "./open_rfb.ts";
import { RfbError } from "./rfb_error.ts";
import type { RfbHandler, RfbOptions } from "./rfb_head.ts";

const HELLO = new TextEncoder().encode("RFB 003.008\n");
/** Security None, its result, and a picture of 256 × 256 pixels with the name QEMU. */
// deno-fmt-ignore
const REST = Uint8Array.of(1, 1, 0, 0, 0, 0, 1, 0, 1, 0, ...new Array(16).fill(0), 0, 0, 0, 4, 81, 69, 77, 85);

interface Told {
  readonly handler: RfbHandler;
  readonly lines: string[];
  readonly ended: Promise<RfbError>;
}

function tell(): Told {
  const lines: string[] = [], { promise, resolve } = Promise.withResolvers<RfbError>();
  const handler: RfbHandler = {
    named: (name) => lines.push(`name ${name}`),
    head: (head, size) => lines.push(`head ${head} ${size?.width}x${size?.height}`),
    draw: (head, drawable) => lines.push(`draw ${head} ${drawable.kind} ${drawable.area.bottom}`),
    resizable: () => {},
    drawing: () => {},
    cursor: () => {},
    leds: () => {},
    mouseModes: () => {},
    sizeAnswered: () => {},
    ended: (error) => resolve(error),
  };
  return { handler, lines, ended: promise };
}

/** A server for one connection. */
async function withServer(
  serve: (conn: Deno.Conn) => Promise<void>,
  use: (options: RfbOptions) => Promise<void>,
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    using conn = await listener.accept();
    // Whatever the test does to the connection is its business.
    await serve(conn).catch(() => {});
  })();
  await use({ address: { kind: "tcp", host: "127.0.0.1", port: listener.addr.port } });
  await serving;
}

const readAll = async (conn: Deno.Conn, take: (bytes: Uint8Array) => void = () => {}) => {
  const buffer = new Uint8Array(65_536);
  for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) take(buffer.subarray(0, n));
};

const rejects = (opening: Promise<unknown>, code: string) =>
  assert.rejects(opening, (error) => error instanceof RfbError && error.code === code);

Deno.test("openRfb() tells name and head with its number, clears upper bytes, and closes without a word", async () => {
  let heard = 0;
  await withServer(async (conn) => {
    await conn.write(HELLO);
    await conn.write(REST);
    // One row of white whose unused bytes are set.
    const row = new Uint8Array(16 + 256 * 4).fill(255);
    row.set([0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0]);
    await conn.write(row);
    await readAll(conn, (bytes) => heard += bytes.length);
  }, async (options) => {
    const { handler, lines } = tell(), drawn = Promise.withResolvers<number>();
    const head = await openRfb({ ...options, head: 3, keepAwakeMs: 1 }, {
      ...handler,
      draw: (_, drawable) => drawn.resolve(drawable.kind === "pixels" ? drawable.pixels[255]! : 0),
      ended: () => assert.fail("an end that we made is not told"),
    });
    assert.equal(head.name, "QEMU");
    assert.deepEqual(lines, ["name QEMU", "head 3 256x256"]);
    assert.equal(await drawn.promise, 0xffffff);
    while (heard < 1000) await new Promise((done) => setTimeout(done, 5));
    await head.close();
    await head.close();
    head.input({ kind: "key", scancode: 1, down: true });
  });
});

Deno.test("openRfb() says why it could not: nobody there, no answer, an early end, nonsense", async () => {
  await rejects(openRfb({ address: { kind: "unix", path: "/nowhere/vnc" } }, tell().handler), "unreachable");
  await withServer(
    (conn) => readAll(conn),
    (options) => rejects(openRfb({ ...options, handshakeMs: 50 }, tell().handler), "timeout"),
  );
  await withServer(
    async (conn) => void await conn.write(HELLO),
    (options) => rejects(openRfb(options, tell().handler), "closed"),
  );
  await withServer(
    async (conn) => void await conn.write(new Uint8Array(12)),
    (options) => rejects(openRfb(options, tell().handler), "bad-version"),
  );
});

Deno.test("openRfb() ends a connection whose server breaks the protocol, or does not read", async () => {
  await withServer(async (conn) => {
    await conn.write(HELLO);
    await conn.write(REST);
    await conn.write(Uint8Array.of(99));
    await readAll(conn);
  }, async (options) => {
    const { handler, ended } = tell();
    const head = await openRfb(options, handler);
    assert.equal((await ended).code, "unknown-message");
    await head.close();
  });
  const free = Promise.withResolvers<void>();
  await withServer(async (conn) => {
    await conn.write(HELLO);
    await conn.write(REST);
    await free.promise;
  }, async (options) => {
    const { handler, ended } = tell();
    const head = await openRfb(options, handler);
    let over: RfbError | undefined;
    void ended.then((error) => over = error);
    for (let i = 0; over === undefined && i < 4_000_000; i++) {
      head.input({ kind: "position", head: 0, x: i % 256, y: 0 });
      if (i % 1000 === 0) await new Promise((done) => setTimeout(done, 0));
    }
    assert.equal(over?.code, "stalled");
    await head.close();
    free.resolve();
  });
});
