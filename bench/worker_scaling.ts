/** What workers do for large pictures: the time of one, of many that follow each other, without and with workers. */
import { CodecWork, decodeImage, IMAGE_CODECS } from "../codecs/registry.ts";
import type { DecodeJob, DecodeResult } from "../client/core/decode_ahead.ts";
import { startWorker } from "../io/start_worker.ts";
import { WorkerPool } from "../io/worker_pool.ts";
import { benchImage } from "./codec_images.ts";
import { summarize, type Summary } from "./summarize.ts";

/** One codec on one picture, with so many workers. */
export interface ScalingResult {
  readonly codec: string;
  readonly image: string;
  /** 0: on the main thread. */
  readonly workers: number;
  readonly pixels: number;
  /** Wall nanoseconds a picture. */
  readonly ns: Summary;
  /** Of the main thread, wall nanoseconds a picture that it could not do anything else. */
  readonly blockedNs: Summary;
}

const CODECS = ["QUIC", "LZ_RGB", "LZ4", "JPEG"] as const;
const IMAGES = ["sheet", "photo"] as const;
/** Pictures in one go. */
const PICTURES = 24;
const WORKERS = [0, 1, 2] as const;

/**
 * Measures all, in rounds.
 *
 * @param runs Rounds, at least 1.
 */
export async function benchWorkers(runs: number): Promise<ScalingResult[]> {
  const results: ScalingResult[] = [];
  for (const workers of WORKERS) {
    const start = () => startWorker(new URL("../client/io/decode_worker.ts", import.meta.url));
    const pool = new WorkerPool<DecodeJob, DecodeResult>(start, workers, PICTURES);
    try {
      for (const codec of CODECS) {
        for (const image of IMAGES) results.push(await measure(pool, codec, image, runs));
      }
    } finally {
      pool.close();
    }
  }
  return results;
}

/** As the client does it. */
function runIn(pool: WorkerPool<DecodeJob, DecodeResult>, job: DecodeJob): Promise<DecodeResult> {
  const data = job.image.data.slice();
  return pool.run({ ...job, image: { ...job.image, data } }, { transfer: [data.buffer] });
}

/** @returns The results in Markdown. */
export function workersTable(results: readonly ScalingResult[]): string {
  const head = [
    "Codec",
    "Image",
    "Workers",
    "ms a picture, median",
    "best",
    "To none, median",
    "Main thread ms a picture",
  ];
  const rows = results.toSorted((a, b) => order(a) - order(b)).map((result) => {
    const { codec, image, workers, ns, blockedNs } = result;
    const none = results.find((one) => one.codec === codec && one.image === image && one.workers === 0)!;
    const ms = (value: number) => (value / 1e6).toFixed(1);
    return [
      codec,
      image,
      workers,
      ms(ns.median),
      ms(ns.best),
      (none.ns.median / ns.median).toFixed(2),
      ms(blockedNs.median),
    ];
  });
  const lines = [head, ["---", "---", "---:", "---:", "---:", "---:", "---:"], ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** By codec, then image, then workers. */
function order({ codec, image, workers }: ScalingResult): number {
  return (CODECS.findIndex((one) => one === codec) * IMAGES.length + IMAGES.findIndex((one) => one === image)) * 10 +
    workers;
}

async function measure(
  pool: WorkerPool<DecodeJob, DecodeResult>,
  codec: typeof CODECS[number],
  name: typeof IMAGES[number],
  runs: number,
): Promise<ScalingResult> {
  const [frame] = benchImage(name).frames, pixels = frame!.pixels.length, { workers } = pool;
  const image = IMAGE_CODECS[codec].encode(frame!, { quality: 85 })!, work = new CodecWork();
  const into = new Uint32Array(pixels), ns: number[] = [], blockedNs: number[] = [];
  // One round more than asked: the first, which loads workers and warms code up, does not count.
  for (let run = 0; run <= runs; run++) {
    const start = performance.now(), all: Promise<DecodeResult>[] = [];
    for (let i = 0; i < PICTURES; i++) {
      if (workers === 0) decodeImage(image, { maxPixels: pixels, into, work });
      else all.push(runIn(pool, { image, maxPixels: pixels }));
    }
    const given = performance.now();
    for (const result of await Promise.all(all)) if (!("pixels" in result)) throw new Error(result.detail);
    if (run === 0) continue;
    ns.push((performance.now() - start) * 1e6 / PICTURES);
    blockedNs.push((given - start) * 1e6 / PICTURES);
  }
  return { codec, image: name, workers, pixels, ns: summarize(ns), blockedNs: summarize(blockedNs) };
}
