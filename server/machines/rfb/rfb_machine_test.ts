import assert from "node:assert/strict";
import type { Vdi } from "../../core/vdi.ts";
import { RfbMachine } from "./rfb_machine.ts";

const NOTHING = () => {};
const VDI: Vdi = {
  identity: NOTHING,
  head: NOTHING,
  resizable: NOTHING,
  draw: NOTHING,
  drawing: NOTHING,
  cursor: NOTHING,
  leds: NOTHING,
  mouseModes: NOTHING,
};
const HELLO = new TextEncoder().encode("RFB 003.008\n");
/** Security None, its result, and a picture of 256 × 256 pixels with the name QEMU. */
// deno-fmt-ignore
const REST = Uint8Array.of(1, 1, 0, 0, 0, 0, 1, 0, 1, 0, ...new Array(16).fill(0), 0, 0, 0, 4, 81, 69, 77, 85);

Deno.test("RfbMachine tells once why its server is away, however often it tries, and that it is back", async () => {
  const log: string[] = [], back = Promise.withResolvers<void>();
  using conns = new DisposableStack();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const machine = new RfbMachine({
    address: { kind: "tcp", host: "127.0.0.1", port: listener.addr.port },
    reconnectMs: 1,
    log: (line) => {
      log.push(line);
      if (line === "The VNC server is back") back.resolve();
    },
  });
  const accept = async () => conns.use(await listener.accept());
  const greet = async () => {
    const conn = await accept();
    await conn.write(HELLO);
    await conn.write(REST);
    return conn;
  };
  const starting = machine.start(VDI, NOTHING);
  const first = await greet();
  await starting;
  // A close with unread bytes would be a reset, which is told in other words.
  await first.closeWrite();
  for (let tries = 0; tries < 5; tries++) await (await accept()).closeWrite();
  await greet();
  await back.promise;
  await machine.stop();
  assert.deepEqual(log.filter((line, at) => line === log[at - 1]), []);
  // It went away while it was shown, then before its greeting.
  assert.ok(log.length === 2 || log.length === 3, log.join("\n"));
  assert.equal(log.at(-1), "The VNC server is back");
});
