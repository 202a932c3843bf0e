/**
 * Measures one codec in one direction, in a process of its own, so that no other codec has shaped the compiled code.
 * Prints JSON.
 *
 *     deno run --allow-all bench/measure_codec.ts CODEC decode|encode saffron|spice-html5
 */
import { allocations } from "./allocations.ts";
import { benchImage } from "./codec_images.ts";
import { type BenchCodec, benchCodec, type BenchStream } from "./codec_list.ts";
import { cpuNs } from "./cpu_ns.ts";
import { html5Decoder, wrongPixels } from "./html5_decoders.ts";

/** What one process found out about one image. */
export interface CodecMeasurement {
  readonly image: string;
  /** CPU time of all threads, one number for each run after warming up. */
  readonly nsPerRun: readonly number[];
  /** Bytes that a run allocates beside its result; `null` where it is not measured. */
  readonly besideBytes: number | null;
  /** Pixels that came out wrong. */
  readonly wrongPixels: number;
}

/** One image, coded once at each call. */
interface Subject {
  readonly image: string;
  begin(): void;
  run(): unknown;
  readonly resultBytes: number | null;
  readonly wrongPixels: number;
}

const WARM_UP_MS = 200;
const LEAST_WARM_UPS = 5;
const MEASURE_MS = 200;
const MOST_RUNS = 25;
const LEAST_RUNS = 7;

/** Keeps the last results, so that they escape and must be made. */
const kept: unknown[] = [];

if (import.meta.main) {
  const [name, direction, who] = Deno.args;
  const codec = benchCodec(name ?? "");
  const subjects: Subject[] = [];
  for (const image of codec.images) {
    if (who === "spice-html5") subjects.push(await html5(codec, image));
    else subjects.push(direction === "encode" ? encoding(codec, image) : decoding(codec, image));
  }
  for (const subject of subjects) repeat(subject, WARM_UP_MS, LEAST_WARM_UPS, Infinity);
  console.log(JSON.stringify(subjects.map((subject) => measure(subject))));
}

/** The streams of an image, and the proof that they decode to it. */
export function streamsOf(codec: BenchCodec, image: string): BenchStream[] {
  const { frames, ...rest } = benchImage(image), encoder = codec.encoder({ frames, ...rest });
  encoder.begin();
  return frames.map((frame) => encoder.encode(frame));
}

function measure(subject: Subject): CodecMeasurement {
  const { image, resultBytes, wrongPixels } = subject;
  const nsPerRun = repeat(subject, MEASURE_MS, LEAST_RUNS, MOST_RUNS);
  let besideBytes: number | null = null;
  if (resultBytes !== null) {
    const run = () => {
      subject.begin();
      return subject.run();
    };
    const { heapBytes, bufferBytes } = allocations(run, 25, 1);
    besideBytes = heapBytes + bufferBytes - resultBytes;
  }
  return { image, nsPerRun, besideBytes, wrongPixels };
}

/** Runs for so much CPU time, however busy the machine is, and at least and at most so often. */
function repeat(subject: Subject, ms: number, least: number, most: number): number[] {
  const found: number[] = [], end = cpuNs() + ms * 1e6;
  for (let i = 0; i < least || (i < most && cpuNs() < end); i++) {
    subject.begin();
    const start = cpuNs();
    kept[i & 1] = subject.run();
    found.push(cpuNs() - start);
  }
  kept.length = 0;
  return found;
}

function encoding(codec: BenchCodec, name: string): Subject {
  const image = benchImage(name), encoder = codec.encoder(image), { frames } = image;
  const run = () => frames.map((frame) => encoder.encode(frame));
  encoder.begin();
  const resultBytes = run().reduce((sum, { bytes }) => sum + bytes.length, 0);
  return { image: name, begin: () => encoder.begin(), run, resultBytes, wrongPixels: 0 };
}

function decoding(codec: BenchCodec, name: string): Subject {
  const image = benchImage(name), streams = streamsOf(codec, name), decoder = codec.decoder(image);
  const run = () => streams.map((stream) => decoder.decode(stream));
  decoder.begin();
  let wrong = 0, resultBytes = 0;
  for (const [i, stream] of streams.entries()) {
    const { pixels } = decoder.decode(stream);
    const { pixels: wanted, alpha } = streams[i]!.frame, mask = alpha ? -1 : 0xffffff;
    // Pixels that are there already are no allocation.
    if (decoder.ownPixels) resultBytes += pixels.byteLength;
    if (!codec.lossy) wrong += pixels.reduce((sum, pixel, at) => sum + Number(((pixel ^ wanted[at]!) & mask) !== 0), 0);
  }
  // A wrong measurement is worse than none.
  if (wrong > 0) throw new Error(`${codec.name} decodes ${wrong} pixels of ${name} wrong`);
  return { image: name, begin: () => decoder.begin(), run, resultBytes, wrongPixels: 0 };
}

async function html5(codec: BenchCodec, name: string): Promise<Subject> {
  const decode = await html5Decoder(codec.program);
  if (decode === null) throw new Error(`spice-html5 has no ${codec.program}`);
  const streams = streamsOf(codec, name);
  const wrong = streams.reduce((sum, stream) => sum + wrongPixels(decode(stream), stream), 0);
  return { image: name, begin: () => {}, run: () => streams.map(decode), resultBytes: null, wrongPixels: wrong };
}
