/** The image codecs, beside other implementations: speed, bytes, allocations. */
import { type BenchImage, benchImage } from "./codec_images.ts";
import { BENCH_CODECS, type BenchCodec, type Direction } from "./codec_list.ts";
import type { CodecResult } from "./codec_result.ts";
import { judgeTargets, meanOf, type Target } from "./codec_targets.ts";
import { HTML5_VERSION, html5Decoder } from "./html5_decoders.ts";
import { type CodecMeasurement, streamsOf } from "./measure_codec.ts";
import { type ReferenceRun, referenceRunner } from "./reference_program.ts";
import { referenceStreams } from "../conformance/vectors/codecs/reference.ts";
import { summarize, type Summary } from "./summarize.ts";

/** Runs that count in each process of the reference program. */
const REFERENCE_RUNS = 15;
const FRAME_PIXELS = 1920 * 1080;

/** What is gathered of one codec and direction. */
interface Group {
  readonly codec: BenchCodec;
  readonly direction: Direction;
  readonly hasHtml5: boolean;
  readonly images: readonly Subject[];
}

/** What is gathered of one image. */
interface Subject {
  readonly image: BenchImage;
  readonly bytes: number;
  readonly ours: CodecMeasurement[];
  readonly html5: CodecMeasurement[];
  readonly reference: ReferenceRun[];
  readonly runReference: ((runs: number) => Promise<ReferenceRun | null>) | null;
}

/**
 * Measures every codec in both directions, in `runs` rounds; in each round ours and its peers run one after the other, in
 * fresh processes.
 *
 * @param runs Rounds, at least 1.
 * @param reference A program as `reference_program.ts` says, or none.
 * @param progress Told after each round.
 */
export async function benchCodecs(
  runs: number,
  reference: string | undefined,
  progress: (text: string) => void,
): Promise<CodecResult[]> {
  const folder = await Deno.makeTempDir({ prefix: "saffron-codecs-" });
  try {
    const groups = await prepare(reference, folder, progress);
    for (let run = 0; run < runs; run++) {
      for (const group of run % 2 === 0 ? groups : groups.toReversed()) await measureGroup(group, run % 2 === 1);
      progress(`codecs: round ${run + 1} of ${runs}`);
    }
    return groups.flatMap(({ codec, direction, images }) => images.map((image) => resultOf(codec, direction, image)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** @returns Tables in Markdown: every image, means over images, targets. */
export function codecsTable(results: readonly CodecResult[]): string {
  return [imageTable(results), meanTable(results), targetTable(results)].join("\n\n");
}

async function prepare(
  reference: string | undefined,
  folder: string,
  progress: (text: string) => void,
): Promise<Group[]> {
  const groups: Group[] = [];
  for (const codec of BENCH_CODECS) {
    for (const direction of codec.directions) {
      const hasHtml5 = direction === "decode" &&
        await html5Decoder(codec.program).then((it) => it !== null, (error) => {
          progress(`codecs: ${codec.name} without spice-html5: ${error instanceof Error ? error.message : error}`);
          return false;
        });
      const images: Subject[] = [];
      for (const name of codec.images) {
        const image = benchImage(name),
          bytes = streamsOf(codec, name).reduce((sum, { bytes }) => sum + bytes.length, 0);
        const runReference = reference === undefined
          ? null
          : await referenceRunner(reference, folder, codec, direction, image);
        images.push({ image, bytes, ours: [], html5: [], reference: [], runReference });
      }
      groups.push({ codec, direction, hasHtml5, images });
    }
  }
  return groups;
}

/** @param turned Whether the peers come first. */
async function measureGroup({ codec, direction, hasHtml5, images }: Group, turned: boolean): Promise<void> {
  const ours = async () => {
    for (const [i, found] of (await measure(codec, direction, "saffron")).entries()) images[i]!.ours.push(found);
  };
  if (!turned) await ours();
  if (hasHtml5) {
    for (const [i, found] of (await measure(codec, direction, "spice-html5")).entries()) images[i]!.html5.push(found);
  }
  for (const image of images) {
    const found = await image.runReference?.(REFERENCE_RUNS) ?? null;
    if (found !== null) image.reference.push(found);
  }
  if (turned) await ours();
}

async function measure(codec: BenchCodec, direction: Direction, who: string): Promise<CodecMeasurement[]> {
  const program = new URL("./measure_codec.ts", import.meta.url).pathname;
  const args = ["run", "--no-prompt", "--allow-all", program, codec.name, direction, who];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  if (code !== 0) {
    throw new Error(`Measuring ${codec.name} ended with code ${code}:\n${new TextDecoder().decode(stderr)}`);
  }
  // What measure_codec.ts prints.
  return JSON.parse(new TextDecoder().decode(stdout)) as CodecMeasurement[];
}

function resultOf(codec: BenchCodec, direction: Direction, subject: Subject): CodecResult {
  const { image, bytes, ours, html5, reference } = subject, [first] = reference;
  const ns = (runs: readonly { readonly nsPerRun: readonly number[] }[]) =>
    summarize(runs.flatMap(({ nsPerRun }) => nsPerRun));
  return {
    codec: codec.name,
    image: image.name,
    direction,
    pixels: image.frames.reduce((sum, { pixels }) => sum + pixels.length, 0),
    bytes,
    referenceBytes: manifestBytes(codec, image) ?? (direction === "encode" ? first?.bytes ?? null : null),
    ns: ns(ours),
    besideBytes: summarize(ours.map(({ besideBytes }) => besideBytes ?? 0)).median,
    reference: first === undefined
      ? null
      : { ns: ns(reference), same: reference.every(({ same }) => same), bytes: first.bytes },
    html5: html5[0] === undefined ? null : { ns: ns(html5), wrongPixels: html5[0].wrongPixels },
  };
}

/** What the reference makes of it, by the manifest. */
function manifestBytes(codec: BenchCodec, image: BenchImage): number | null {
  const { sequence, frames } = image;
  if (sequence !== undefined) {
    const zlib = codec.program === "zlib-glz";
    return sequence.frames.reduce((sum, { glzBytes, zlibBytes }) =>
      // The manifest's zlib streams are also of what the server sends without zlib.
      sum + (zlib && glzBytes >= 100 && zlibBytes < glzBytes ? zlibBytes : glzBytes), 0);
  }
  const type = codec.typeOf(frames[0]!);
  const found = referenceStreams(codec.program).find((stream) =>
    stream.source === image.name && stream.crop === undefined && (stream.type === type || codec.program === "jpeg")
  );
  return found?.encodedBytes ?? null;
}

function imageTable(results: readonly CodecResult[]): string {
  const rows = results.map((result) => {
    const { codec, image, direction, pixels, bytes, referenceBytes, ns, besideBytes, reference, html5 } = result;
    return [
      codec,
      image,
      direction,
      rate(pixels, ns.median),
      rate(pixels, ns.best),
      (ns.best / pixels * FRAME_PIXELS / 1e6).toFixed(1),
      (bytes / pixels).toFixed(3),
      referenceBytes === null ? "" : (bytes / referenceBytes).toFixed(3),
      Math.round(besideBytes / 1024).toLocaleString("en"),
      ...peerCells(result, reference, reference?.same === false ? differs(result) : ""),
      ...peerCells(result, html5, html5 !== null && html5.wrongPixels > 0 ? ", wrong pixels" : ""),
    ];
  });
  return table(
    [
      "Codec",
      "Image",
      "Direction",
      "MPix/s, median",
      "best",
      "1080p ms",
      "Bytes a pixel",
      "to the reference's",
      "KB beside",
      "Reference MPix/s",
      "Ratio, median",
      "best",
      `spice-html5 ${HTML5_VERSION} MPix/s`,
      "Ratio, median",
      "best",
    ],
    3,
    rows,
  );
}

/** An encoder may find other matches, and a decoder of a lossy format may round otherwise. */
function differs({ direction }: CodecResult): string {
  return direction === "encode" ? ", other bytes" : ", other pixels";
}

function peerCells({ pixels, ns }: CodecResult, peer: { readonly ns: Summary } | null, remark: string): string[] {
  if (peer === null) return ["", "", ""];
  const { median, best } = peer.ns;
  return [`${rate(pixels, best)}${remark}`, (median / ns.median).toFixed(2), (best / ns.best).toFixed(2)];
}

function meanTable(results: readonly CodecResult[]): string {
  const rows: string[][] = [];
  for (const { name, directions } of BENCH_CODECS) {
    for (const direction of directions) {
      const of = results.filter((result) => result.codec === name && result.direction === direction);
      const cell = (what: Target["of"], by: "median" | "best", digits: number) =>
        meanOf(of, what, by)?.toFixed(digits) ?? "";
      rows.push([
        name,
        direction,
        cell("MPix/s", "median", 0),
        cell("MPix/s", "best", 0),
        cell("reference", "median", 2),
        cell("reference", "best", 2),
        cell("spice-html5", "median", 2),
        cell("spice-html5", "best", 2),
      ]);
    }
  }
  return table(
    [
      "Mean",
      "Direction",
      "MPix/s, median",
      "best",
      "To the reference, median",
      "best",
      "To spice-html5, median",
      "best",
    ],
    2,
    rows,
  );
}

function targetTable(results: readonly CodecResult[]): string {
  const rows = judgeTargets(results).map(({ codec, direction, of, value, median, best, reached }) => {
    const unit = of === "MPix/s" || of === "bytes" ? of : `times ${of === "reference" ? "the reference" : of}`;
    return [
      codec,
      direction,
      `${of === "bytes" ? "≤" : "≥"} ${value} ${of === "bytes" ? "times the reference's bytes" : unit}`,
      median?.toFixed(2) ?? "",
      best?.toFixed(2) ?? "",
      reached === null ? "not measured" : reached ? "reached" : "not reached",
    ];
  });
  return table(["Target", "Direction", "At", "Median", "Best", ""], 3, rows);
}

/** @param left How many columns are text. */
function table(head: readonly string[], left: number, rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => i < left ? "---" : "---:")), ...rows.map(line)].join("\n");
}

function rate(pixels: number, ns: number): string {
  const value = pixels / ns * 1000;
  return value.toFixed(value < 100 ? 1 : 0);
}
