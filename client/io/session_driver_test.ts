import assert from "node:assert/strict";
import type { Connection } from "../../io/pipe.ts";
import { encodeQuic, QuicType } from "../../codecs/quic.ts";
import { SessionCore, type SessionOutput } from "../core/session_core.ts";
import { SessionDriver } from "./session_driver.ts";

/** A core whose channel waits for an image until it has been decoded. */
class WaitingCore extends SessionCore {
  readonly outputs: SessionOutput[] = [];
  waits: "behind" | "decoding" | null = null;
  received = 0;
  hasEnded = false;

  override poll(): SessionOutput | undefined {
    return this.outputs.shift() ?? super.poll();
  }

  override receive(): void {
    this.received++;
  }

  override ended(): void {
    this.hasEnded = true;
  }

  override isBehind(): boolean {
    return this.waits === "behind";
  }

  override isDecoding(): boolean {
    return this.waits !== null;
  }

  override decoded(): void {
    this.waits = null;
  }
}

/** Two reads of a byte, then the end. */
function connectionOf(): Connection & { reads: number } {
  const closed = Promise.withResolvers<null>();
  return {
    reads: 0,
    read() {
      this.reads++;
      return Promise.resolve(this.reads <= 2 ? 1 : null);
    },
    write: (bytes) => Promise.resolve(bytes.length),
    close: () => closed.resolve(null),
  };
}

const image = { type: "QUIC", data: encodeQuic(new Uint32Array(4), 2, 2, QuicType.RGB32) } as const;
const DECODE: SessionOutput = { do: "decode", id: 1, image, maxPixels: 4 };
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

async function start(waits: WaitingCore["waits"]) {
  const core = new WaitingCore(), connection = connectionOf();
  core.waits = waits;
  const driver = new SessionDriver(core, {
    open: () => Promise.resolve(connection),
    password: "",
    onEvent: () => {},
    workers: 0,
  });
  driver.start();
  await settle();
  return { core, connection, driver };
}

Deno.test("SessionDriver does not read on while so much waits behind an image, and does once that is decoded", async () => {
  const { core, connection, driver } = await start("behind");
  assert.deepEqual([connection.reads, core.received], [1, 1]);
  core.outputs.push(DECODE);
  driver.drain();
  await settle();
  assert.deepEqual([core.received, core.hasEnded], [2, true]);
  await driver.close();
});

Deno.test("SessionDriver tells the end of a connection when its last images are decoded", async () => {
  const { core, driver } = await start("decoding");
  assert.deepEqual([core.received, core.hasEnded], [2, false]);
  core.outputs.push(DECODE);
  driver.drain();
  await settle();
  assert.equal(core.hasEnded, true);
  await driver.close();
});

Deno.test("SessionDriver.close() waits for no image", async () => {
  const { core, driver } = await start("behind");
  core.isBehind = () => !core.closed;
  core.isDecoding = core.isBehind;
  await driver.close();
  assert.ok(core.closed && core.hasEnded);
});
