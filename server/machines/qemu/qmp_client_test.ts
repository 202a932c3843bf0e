import assert from "node:assert/strict";
import { QemuError, type QemuErrorCode } from "./qemu_error.ts";
import { QmpClient, type QmpEvent } from "./qmp_client.ts";

const GREETING = '{"QMP": {"version": {}, "capabilities": []}}\r\n';

/** A socket where `serve` plays QEMU for one connection, and what the client tells. */
async function withPeer(
  serve: (peer: Peer) => Promise<void>,
  drive: (path: string, told: Told) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "saffron-qmp-" });
  const path = `${folder}/qmp`;
  const listener = Deno.listen({ transport: "unix", path });
  const serving = (async () => {
    const peer = new Peer(await listener.accept());
    try {
      await serve(peer);
    } finally {
      peer.close();
    }
  })();
  const told: Told = { events: [], ended: Promise.withResolvers() };
  try {
    await drive(path, told);
  } finally {
    await serving.finally(() => listener.close());
    await Deno.remove(folder, { recursive: true });
  }
}

interface Told {
  readonly events: QmpEvent[];
  readonly ended: PromiseWithResolvers<QemuError>;
}

function connect(path: string, told: Told, timeoutMs?: number): Promise<QmpClient> {
  return QmpClient.connect({ kind: "unix", path }, {
    event: (event) => void told.events.push(event),
    ended: (error) => told.ended.resolve(error),
  }, timeoutMs);
}

class Peer {
  readonly #conn: Deno.Conn;
  #text = "";
  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }
  async say(text: string): Promise<void> {
    let bytes = new TextEncoder().encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(await this.#conn.write(bytes));
  }
  /** One command; null at the end. */
  async hear(): Promise<{ readonly execute: string; readonly arguments: unknown; readonly id: number } | null> {
    const buffer = new Uint8Array(4096);
    while (!this.#text.includes("\n")) {
      const size = await this.#conn.read(buffer);
      if (size === null) return null;
      this.#text += new TextDecoder().decode(buffer.subarray(0, size));
    }
    const end = this.#text.indexOf("\n"), line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return JSON.parse(line);
  }
  async greet(): Promise<void> {
    await this.say(GREETING);
    const command = await this.hear();
    assert.equal(command?.execute, "qmp_capabilities");
    await this.say(`{"return": {}, "id": ${command.id}}\r\n`);
  }
  close(): void {
    this.#conn.close();
  }
}

function coded(code: QemuErrorCode, text: RegExp) {
  return (error: unknown) => {
    assert(error instanceof QemuError);
    assert.equal(error.code, code);
    assert.match(error.message, text);
    return true;
  };
}

Deno.test("commands are answered by number in any order, events come between, bytes in any split", async () => {
  await withPeer(async (peer) => {
    await peer.greet();
    const first = await peer.hear(), second = await peer.hear();
    assert.deepEqual([first?.execute, first?.arguments, second?.execute], ["a", { x: "é" }, "b"]);
    const text = `{"return": 2, "id": ${second?.id}}\r\n{"event": "STOP", "timestamp": {}}\r\n` +
      `{"event": "SHUTDOWN", "data": {"guest": true}}\n\n{"return": {"name": "é"}, "id": ${first?.id}}\n`;
    for (const char of text) await peer.say(char);
    assert.equal(await peer.hear(), null);
  }, async (path, told) => {
    const qmp = await connect(path, told);
    const answers = await Promise.all([qmp.execute("a", { x: "é" }), qmp.execute("b")]);
    assert.deepEqual(answers, [{ name: "é" }, 2]);
    assert.deepEqual(told.events, [{ event: "STOP", data: {} }, { event: "SHUTDOWN", data: { guest: true } }]);
    await qmp.close();
    await assert.rejects(qmp.execute("c"), coded("ended", /was closed/));
  });
});

Deno.test("a refusal rejects its command only; a late answer is dropped", async () => {
  await withPeer(async (peer) => {
    await peer.greet();
    const a = await peer.hear();
    await peer.say(`{"error": {"class": "GenericError", "desc": "no such thing"}, "id": ${a?.id}}\n`);
    const slow = await peer.hear(), b = await peer.hear();
    await peer.say(`{"return": 1, "id": ${slow?.id}}\n{"return": 2, "id": ${b?.id}}\n`);
    await peer.hear();
  }, async (path, told) => {
    const qmp = await connect(path, told);
    await assert.rejects(qmp.execute("a"), coded("qmp", /QMP a: no such thing/));
    await assert.rejects(qmp.execute("slow", {}, 20), coded("timeout", /no answer to QMP slow in 20 ms/));
    assert.equal(await qmp.execute("b"), 2);
    await qmp.close();
  });
});

Deno.test("an end of the stream refuses what waits, and is told once", async () => {
  await withPeer(async (peer) => {
    await peer.greet();
    await peer.hear();
  }, async (path, told) => {
    const qmp = await connect(path, told);
    await assert.rejects(qmp.execute("a"), coded("ended", /closed its QMP connection/));
    assert.equal((await told.ended.promise).code, "ended");
    await qmp.close();
  });
});

for (
  const [what, text] of [
    ["no JSON", "RFB 003.008\n"],
    ["JSON that is no object", "[1, 2]\n"],
    ["an answer to nothing", '{"return": {}}\n'],
    ["an answer with neither return nor error", '{"id": 2}\n'],
    ["an endless line", "x".repeat((1 << 20) + 20_000)],
  ] as const
) {
  Deno.test(`nonsense ends the connection with a clear line: ${what}`, async () => {
    await withPeer(async (peer) => {
      await peer.greet();
      await peer.hear();
      // The client closes in the middle of an endless line.
      await peer.say(text).catch(() => {});
      await peer.hear().catch(() => {});
    }, async (path, told) => {
      const qmp = await connect(path, told);
      await assert.rejects(qmp.execute("a"), coded("bad-qmp", /does not speak QMP/));
      assert.equal((await told.ended.promise).code, "bad-qmp");
      await qmp.close();
    });
  });
}

Deno.test("no greeting, a wrong greeting, nobody there", async () => {
  await withPeer(async (peer) => void await peer.hear(), async (path, told) => {
    await assert.rejects(connect(path, told, 30), coded("timeout", /did not greet in 30 ms/));
  });
  await withPeer(async (peer) => {
    await peer.say("RFB 003.008\n");
    await peer.hear();
  }, async (path, told) => {
    await assert.rejects(connect(path, told), coded("bad-qmp", /RFB 003.008/));
  });
  const told: Told = { events: [], ended: Promise.withResolvers() };
  await assert.rejects(connect("/nonexistent/qmp", told), coded("unreachable", /\/nonexistent\/qmp/));
});
