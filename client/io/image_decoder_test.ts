import assert from "node:assert/strict";
import { encodeQuic, QuicType } from "../../codecs/quic.ts";
import type { DecodeResult } from "../core/decode_ahead.ts";
import type { PoolWorker } from "../../io/worker_pool.ts";
import { ImageDecoder } from "./image_decoder.ts";

const width = 600, height = 400;
const pixels = Uint32Array.from({ length: width * height }, (_, i) => (i % width) * 0x010203 & 0xffffff);
const data = encodeQuic(pixels, width, height, QuicType.RGB32);
const job = { image: { type: "QUIC", data }, maxPixels: width * height } as const;
const picture = { width, height, pixels, alpha: false };

/** What comes of a job, and whether it came at once. */
function decode(
  decoder: ImageDecoder,
  one = job,
): { readonly result: Promise<DecodeResult>; readonly atOnce: boolean } {
  let atOnce = false;
  const result = new Promise<DecodeResult>((resolve) =>
    decoder.decode(one, (result) => {
      atOnce = true;
      resolve(result);
    })
  );
  return { result, atOnce };
}

/** Waits for the worker that a second image has started. */
async function warm(decoder: ImageDecoder): Promise<void> {
  for (let i = 0; i < 2; i++) assert.ok(decode(decoder).atOnce);
  while (!decoder.ready) await new Promise((resolve) => setTimeout(resolve, 5));
}

Deno.test("ImageDecoder decodes at once until a second image has started a worker that has loaded", async () => {
  const decoder = new ImageDecoder(1);
  try {
    await warm(decoder);
    const { result, atOnce } = decode(decoder);
    assert.deepEqual([atOnce, await result], [false, picture]);
    assert.ok(data.length > 0, "the message keeps its bytes");
    const { result: broken } = decode(decoder, { ...job, image: { type: "QUIC", data: data.subarray(0, 900) } });
    const { codec, code } = await broken as Exclude<DecodeResult, { pixels: unknown }>;
    assert.deepEqual([codec, code], ["QUIC", "truncated"]);
    const { result: large } = decode(decoder, { ...job, maxPixels: 10 });
    assert.ok(!("pixels" in await large));
  } finally {
    decoder.close();
  }
});

Deno.test("ImageDecoder gives several images to several workers, and nothing after its end", async () => {
  const decoder = new ImageDecoder(2);
  let after = 0;
  try {
    await warm(decoder);
    const results = [decode(decoder), decode(decoder), decode(decoder)].map(({ result }) => result);
    for (const result of results) assert.deepEqual(await result, picture);
    decoder.decode(job, () => void after++);
  } finally {
    decoder.close();
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(after, 0);
});

Deno.test("ImageDecoder of no workers decodes at once", () => {
  const decoder = new ImageDecoder(0);
  for (let i = 0; i < 5; i++) assert.ok(decode(decoder).atOnce);
  assert.ok(!decoder.ready);
  decoder.close();
});

Deno.test("ImageDecoder decodes an image itself whose worker failed", async () => {
  const failing: PoolWorker = { postMessage: () => fails(), terminate: () => {}, onmessage: null, onerror: null };
  const fails = () => failing.onmessage!(new MessageEvent("message", { data: { failed: new Error("no memory") } }));
  const decoder = new ImageDecoder(1, () => failing);
  for (let i = 0; i < 2; i++) decode(decoder);
  failing.onmessage!(new MessageEvent("message", { data: "ready" }));
  const { result, atOnce } = decode(decoder);
  assert.deepEqual([atOnce, await result], [false, picture]);
  decoder.close();
});
