import assert from "node:assert/strict";
import type { Vdi } from "../../core/vdi.ts";
import { QemuMachine } from "./qemu_machine.ts";

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

Deno.test("QemuMachine tells once why QEMU is away, however often it tries, and that it is back", async () => {
  const log: string[] = [], back = Promise.withResolvers<void>();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const machine = new QemuMachine({
    attach: { qmp: { kind: "tcp", host: "127.0.0.1", port: listener.addr.port }, vnc: [] },
    reconnectMs: 1,
    log: (line) => {
      log.push(line);
      if (line === "QEMU is back") back.resolve();
    },
  });
  const starting = machine.start(VDI, NOTHING);
  const first = await listener.accept();
  const talking = talkQmp(first);
  await starting;
  first.close();
  await talking;
  for (let tries = 0; tries < 5; tries++) (await listener.accept()).close();
  const second = await listener.accept(), talkingAgain = talkQmp(second);
  await back.promise;
  await machine.stop();
  await talkingAgain;
  second.close();
  assert.deepEqual(log.map((line) => line.replace(/^.*;/, "…;")), ["…; trying again", "QEMU is back"]);
});

/** Answers every command with nothing, until the line is closed. */
async function talkQmp(conn: Deno.Conn): Promise<void> {
  const encoder = new TextEncoder(), decoder = new TextDecoder();
  const write = (value: unknown) => conn.write(encoder.encode(`${JSON.stringify(value)}\n`));
  await write({ QMP: { version: {}, capabilities: [] } });
  const buffer = new Uint8Array(4096);
  for (let rest = "";;) {
    const count = await conn.read(buffer).catch(() => null);
    if (count === null) return;
    const lines = (rest + decoder.decode(buffer.subarray(0, count))).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (line.trim() !== "") await write({ return: {}, id: JSON.parse(line).id });
  }
}
