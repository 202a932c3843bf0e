/** A whole server whose workers encode, before several viewers of the library: all of them see the same in the end. */
import assert from "node:assert/strict";
import { connect, ImageCompression, PixelsMachine, type Session, SpiceServer } from "../../mod.ts";

const WIDTH = 900, HEIGHT = 600;

/** Starts workers, and counts those that encode, for the server, and those that decode, for the viewers. */
class CountedWorker extends Worker {
  static encode = 0;
  static decode = 0;

  constructor(url: string | URL, options?: WorkerOptions) {
    super(url, options);
    CountedWorker[String(url).endsWith("/encode_worker.ts") ? "encode" : "decode"]++;
  }
}

/** Fills a picture as a camera does. */
function photograph(pixels: Uint32Array, number: number): void {
  for (let at = 0; at < pixels.length; at++) {
    const x = at % WIDTH, y = Math.floor(at / WIDTH), grain = Math.imul(at + number * 7919, 2654435761) >>> 30;
    pixels[at] = ((x >> 2) + number * 37 + grain & 255) << 16 | ((y >> 1) + grain & 255) << 8 | (x + y >> 4 & 255);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** Paints and moves before viewers that come and go; then all have the same picture. */
async function show(workers: number, viewerWorkers: number): Promise<void> {
  const machine = new PixelsMachine({ width: WIDTH, height: HEIGHT });
  await using server = new SpiceServer({ machine, workers, jpeg: "always" });
  const uri = await server.listen({ port: 0 });
  const sessions: Session[] = [];
  for (const preferredCompression of [ImageCompression.AUTO_LZ, ImageCompression.LZ, ImageCompression.QUIC]) {
    sessions.push(await connect(uri, { preferredCompression, workers: viewerWorkers }));
  }
  for (let step = 0; step < 30; step++) {
    photograph(machine.pixels, step);
    machine.damage();
    // While that is under way, a window moves, and something small is drawn.
    await pause(step % 7);
    const left = 10 * step, area = { left, top: 100, right: left + 400, bottom: 500 };
    machine.draw({ kind: "copy", area, from: { x: left + 10, y: 90 } });
    machine.draw({ kind: "fill", area: { left, top: 20, right: left + 50, bottom: 40 }, color: step * 0x50607 });
    await pause(step % 20);
    if (step === 10) sessions.push(await connect(uri, { workers: viewerWorkers }));
    if (step === 20) await sessions.shift()!.close();
  }
  const truth = server.core.screen(0)!.surface.pixels;
  const wrong = ({ core }: Session) => {
    const { pixels } = core.displays.get(0)!.primary!;
    return truth.reduce((sum, pixel, i) => sum + (((pixel ^ pixels[i]!) & 0xffffff) === 0 ? 0 : 1), 0);
  };
  // What went out as JPEG is made good when it has rested.
  for (let n = 0; n < 400 && sessions.some((session) => wrong(session) > 0); n++) await pause(25);
  assert.deepEqual(sessions.map(wrong), [0, 0, 0], `${workers} workers`);
  for (const session of sessions) await session.close();
}

Deno.test("SpiceServer shows all viewers the same picture, whether workers encode and decode or not", async () => {
  const { Worker } = globalThis;
  globalThis.Worker = CountedWorker;
  try {
    await show(0, 0);
    assert.deepEqual([CountedWorker.encode, CountedWorker.decode], [0, 0]);
    await show(2, 1);
    assert.ok(CountedWorker.encode > 0 && CountedWorker.encode <= 2, `${CountedWorker.encode} that encode`);
    // One for each of four viewers that is sent photographs, at most.
    assert.ok(CountedWorker.decode > 0 && CountedWorker.decode <= 4, `${CountedWorker.decode} that decode`);
  } finally {
    globalThis.Worker = Worker;
  }
});
