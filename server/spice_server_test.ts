import assert from "node:assert/strict";
import type { Machine, Vdi } from "./core/vdi.ts";
import { SpiceServer } from "./spice_server.ts";

/** A machine whose start ends when the test says so, and what was asked of it. */
function slowMachine() {
  const calls: string[] = [], started = Promise.withResolvers<void>();
  const machine: Machine = {
    start: async (vdi: Vdi) => {
      calls.push("start");
      await started.promise;
      vdi.head(0, { width: 8, height: 8 });
    },
    input: () => {},
    watched: () => {},
    stop: () => Promise.resolve(void calls.push("stop")),
  };
  return { machine, calls, started };
}

const portOf = (uri: string) => Number(new URL(uri).port);

/** Whether somebody listens there. */
async function isOpen(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}

Deno.test("SpiceServer.listen() does not start the machine for a port in use", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { machine, calls } = slowMachine();
  await using server = new SpiceServer({ machine });
  await assert.rejects(server.listen({ port: taken.addr.port }), Deno.errors.AddrInUse);
  await server.stop();
  assert.deepEqual(calls, []);
});

Deno.test("SpiceServer.listen() frees the port of a machine that does not start", async () => {
  const { machine, calls, started } = slowMachine();
  await using server = new SpiceServer({ machine });
  const port = portOf(server.bind({ port: 0 }));
  started.reject(new Error("no such machine"));
  await assert.rejects(server.start(), /no such machine/);
  assert.ok(await isOpen(port), "what was bound apart stays until the stop");
  await server.stop();
  assert.ok(!await isOpen(port));

  await using second = new SpiceServer({ machine });
  await assert.rejects(second.listen({ port }), /no such machine/);
  assert.ok(!await isOpen(port));
  assert.deepEqual(calls, ["start", "stop", "start"]);
});

Deno.test("SpiceServer lets in who came while the machine started, and who comes later, at each address", async () => {
  const { machine, calls, started } = slowMachine();
  await using server = new SpiceServer({ machine });
  const ports = [0, 0].map((port) => portOf(server.bind({ port })));
  const conns = await Promise.all(ports.map((port) => Deno.connect({ port })));
  assert.deepEqual(calls, []);
  const listening = server.listen({ port: 0 });
  started.resolve();
  ports.push(portOf(await listening), portOf(server.bind({ port: 0 })));
  for (const port of ports.slice(2)) conns.push(await Deno.connect({ port }));
  for (const conn of conns) {
    using _ = conn;
    // No link message: the answer is INVALID_MAGIC, in a message that begins with REDQ.
    await conn.write(new Uint8Array(16).fill(65));
    const answer = new Uint8Array(4);
    assert.equal(await conn.read(answer), 4);
    assert.equal(new TextDecoder().decode(answer), "REDQ");
  }
  await server.stop();
  for (const port of ports) assert.ok(!await isOpen(port));
  assert.deepEqual(calls, ["start", "stop"]);
});

Deno.test("SpiceServer can be stopped while the machine starts", async () => {
  const { machine, started } = slowMachine();
  const server = new SpiceServer({ machine });
  const listening = server.listen({ port: 0 });
  await server.stop();
  started.reject(new Error("stopped"));
  await assert.rejects(listening, /stopped/);
});
