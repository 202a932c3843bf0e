import assert from "node:assert/strict";
import { decodeImage } from "../../codecs/registry.ts";
import type { PoolWorker } from "../../io/worker_pool.ts";
import type { EncodeJob, EncodeResult } from "../core/encode_picture.ts";
import { PictureEncoder } from "./picture_encoder.ts";

const WIDTH = 400, HEIGHT = 330;

function jobOf(coding: EncodeJob["coding"], seed = 0): EncodeJob {
  const pixels = Uint32Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i % WIDTH >> 2) * 0x10203 + seed & 0xffffff);
  return { picture: { width: WIDTH, height: HEIGHT, pixels, alpha: false }, coding };
}

/** An encoder, and what it answered. */
function encoderOf(workers: number, start?: () => PoolWorker | null) {
  const answers: [id: number, result: EncodeResult | Error][] = [];
  let heard = Promise.withResolvers<void>();
  const encoder = new PictureEncoder(workers, (id, result) => {
    answers.push([id, result]);
    heard.resolve();
    heard = Promise.withResolvers();
  }, start);
  return { encoder, answers, next: () => heard.promise };
}

/** A worker that does what the test says. */
class FakeWorker implements PoolWorker {
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  terminated = false;

  /** Takes the memory, as a real one. */
  postMessage(message: unknown, transfer: Transferable[]): void {
    structuredClone(message, { transfer });
  }

  terminate(): void {
    this.terminated = true;
  }
}

Deno.test("PictureEncoder has real workers encode, in whose memory the pixels come back", async () => {
  const { encoder, answers, next } = encoderOf(2);
  try {
    let id = 0;
    // Until one has loaded, nobody waits for it.
    for (; answers.length === id; id++) {
      encoder.encode(id, jobOf("lz"));
      await new Promise((done) => setTimeout(done, 5));
    }
    while (answers.length < id) await next();
    answers.length = 0;
    for (const coding of ["quic", "lz4", "lz"] as const) encoder.encode(++id, jobOf(coding, id));
    assert.equal(answers.length, 0);
    while (answers.length < 3) await next();
    for (const [, result] of answers) {
      assert(!(result instanceof Error));
      const { pixels } = decodeImage(result.image, { maxPixels: WIDTH * HEIGHT }) as { pixels: Uint32Array };
      assert.deepEqual(pixels, result.pixels);
      assert.equal(result.pixels.length, WIDTH * HEIGHT);
    }
  } finally {
    encoder.close();
  }
});

Deno.test("PictureEncoder starts no worker for one large picture, and encodes at once where there is none", () => {
  let asked = 0;
  const { encoder, answers } = encoderOf(2, () => (asked++, null));
  encoder.encode(1, jobOf("lz"));
  assert.equal(asked, 0);
  for (let id = 2; id < 5; id++) encoder.encode(id, jobOf("lz"));
  assert.equal(asked, 1, "where one is refused, no other is tried");
  assert.deepEqual(answers.map(([id, result]) => [id, result instanceof Error]), [1, 2, 3, 4].map((id) => [id, false]));
});

Deno.test("PictureEncoder encodes what has not reached a worker that fails, and tells of what is lost, at most thrice", async () => {
  const started: FakeWorker[] = [];
  const { encoder, answers, next } = encoderOf(1, () => {
    started.push(new FakeWorker());
    return started.at(-1)!;
  });
  encoder.encode(0, jobOf("lz"));
  for (const n of [1, 2, 3]) {
    // A worker starts, and nobody waits for it.
    encoder.encode(n, jobOf("lz"));
    const worker = started.at(-1)!;
    assert.deepEqual([started.length, answers.length], [n, 2 * n]);
    worker.onmessage!(new MessageEvent("message", { data: "ready" }));
    encoder.encode(10 * n, jobOf("lz"));
    if (n === 3) encoder.encode(31, jobOf("lz"));
    worker.onerror!(new ErrorEvent("error", { message: "out of memory", cancelable: true }));
    await next();
    const [id, result] = answers[2 * n]!;
    assert.equal(id, 10 * n);
    assert(result instanceof Error && /out of memory/.test(result.message));
    assert.ok(worker.terminated);
  }
  while (answers.length < 8) await next();
  assert.deepEqual([answers[7]![0], answers[7]![1] instanceof Error], [31, false], "its pixels were still here");
  encoder.encode(32, jobOf("lz"));
  assert.equal(answers.length, 9, "at once");
  encoder.close();
});

Deno.test("PictureEncoder.cancel() and close() leave a job without an answer", async () => {
  const worker = new FakeWorker(), { encoder, answers } = encoderOf(1, () => worker);
  for (const id of [1, 2]) encoder.encode(id, jobOf("lz"));
  worker.onmessage!(new MessageEvent("message", { data: "ready" }));
  encoder.encode(3, jobOf("lz"));
  encoder.cancel(3);
  encoder.encode(4, jobOf("lz"));
  encoder.close();
  await new Promise((done) => setTimeout(done, 0));
  assert.deepEqual(answers.map(([id]) => id), [1, 2]);
});
