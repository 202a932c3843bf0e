/** What `classify` is worth: bytes of screens whose parts it has coded by QUIC or LZ, beside other ways to choose. */
import { classify } from "../codecs/classify.ts";
import { CodecWork, IMAGE_CODECS } from "../codecs/registry.ts";
import { benchImage } from "./codec_images.ts";
import { cpuNs } from "./cpu_ns.ts";
import { summarize, type Summary } from "./summarize.ts";

/** One screen, cut into parts of one size. */
export interface ChoiceResult {
  readonly screen: string;
  /** Width and height of a part. */
  readonly part: readonly [number, number];
  readonly parts: number;
  /** Of all parts, each by the smaller of the two. */
  readonly leastBytes: number;
  /** Of all parts, by who chooses. */
  readonly bytes: Readonly<Record<Chooser, number>>;
  /** CPU nanoseconds that `classify` takes a part. */
  readonly ns: Summary;
}

/** Who chooses between LZ_RGB and QUIC. */
export type Chooser = "LZ" | "QUIC" | "reference" | "classify";

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array<ArrayBuffer>;
}

const CHOOSERS: Readonly<Record<Chooser, (part: Picture) => boolean>> = {
  LZ: () => false,
  QUIC: () => true,
  reference: isGradual,
  classify: ({ pixels, width }) => classify(pixels, width).kind === "photo",
};

const SIZES: readonly (readonly [number, number])[] = [[1920, 1080], [512, 256], [128, 64]];

/**
 * Cuts up screens and codes every part both ways.
 *
 * @param runs How often `classify` is timed for each part, at least 1.
 */
export function benchChoices(runs: number): ChoiceResult[] {
  const work = new CodecWork(), results: ChoiceResult[] = [];
  for (const [screen, picture] of screens()) {
    for (const part of SIZES) {
      const parts = cut(picture, ...part), ns: number[] = [];
      const bytes: Record<Chooser, number> = { LZ: 0, QUIC: 0, reference: 0, classify: 0 };
      let leastBytes = 0;
      for (const one of parts) {
        const coded = (type: "LZ_RGB" | "QUIC") =>
          IMAGE_CODECS[type].encode({ ...one, alpha: false }, { work })!.data.length;
        const lz = coded("LZ_RGB"), quic = coded("QUIC");
        leastBytes += Math.min(lz, quic);
        for (const name of Object.keys(CHOOSERS) as Chooser[]) bytes[name] += CHOOSERS[name](one) ? quic : lz;
        for (let run = 0; run < runs; run++) {
          const start = cpuNs();
          CHOOSERS.classify(one);
          ns.push(cpuNs() - start);
        }
      }
      results.push({ screen, part, parts: parts.length, leastBytes, bytes, ns: summarize(ns) });
    }
  }
  return results;
}

/** @returns The results in Markdown; bytes as multiples of the least. */
export function choicesTable(results: readonly ChoiceResult[]): string {
  const names = Object.keys(CHOOSERS) as Chooser[];
  const head = ["Screen", "Part", "Parts", "Least bytes", ...names, "classify, µs a part"];
  const rows = results.map(({ screen, part: [width, height], parts, leastBytes, bytes, ns }) => [
    screen,
    `${width} × ${height}`,
    parts,
    leastBytes.toLocaleString("en"),
    ...names.map((name) => (bytes[name] / leastBytes).toFixed(3)),
    (ns.median / 1000).toFixed(0),
  ]);
  const lines = [head, head.map((_, i) => i < 2 ? "---" : "---:"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The screens of the reference manifest, and a page of text with a photograph on it. */
function screens(): Map<string, Picture> {
  const found = new Map<string, Picture>(["docs", "sheet", "photo"].map((name) => [name, benchImage(name).frames[0]!]));
  const docs = found.get("docs")!, photo = found.get("photo")!, pixels = docs.pixels.slice();
  for (let y = 0; y < 500; y++) {
    const row = photo.pixels.subarray(y * photo.width, y * photo.width + 800);
    pixels.set(row, (y + 210) * docs.width + 330);
  }
  return found.set("docs with a part of photo", { ...docs, pixels });
}

/** The parts of a picture, those at its right and lower edges smaller. */
function cut(picture: Picture, width: number, height: number): Picture[] {
  const parts: Picture[] = [];
  for (let top = 0; top < picture.height; top += height) {
    for (let left = 0; left < picture.width; left += width) {
      const columns = Math.min(width, picture.width - left), rows = Math.min(height, picture.height - top);
      const pixels = new Uint32Array(columns * rows);
      for (let y = 0; y < rows; y++) {
        const from = (top + y) * picture.width + left;
        pixels.set(picture.pixels.subarray(from, from + columns), y * columns);
      }
      parts.push({ width: columns, height: rows, pixels });
    }
  }
  return parts;
}

/** How the score of a pair of pixels counts: the same, contrasting, or neither. */
const SAME = 0.5, CONTRASTING = 1, GRADUAL = -0.25;

/**
 * What the reference's auto modes send to QUIC: a mean score of sampled squares below −0.03.
 *
 * Source: spice-server server/spice-bitmap-utils.tmpl.c compute_lines_gradual_score, spice-bitmap-utils.c
 * bitmap_get_graduality_level.
 */
function isGradual({ width, height, pixels }: Picture): boolean {
  if (width <= 1 || height <= 1) return false;
  const jump = 15 % width === 0 ? 14 : 15, end = (height - 1) * width;
  let score = 0, pairs = 0;
  for (let at = width >> 1; at < end; at += jump) {
    if ((at + 1) % width === 0) at--;
    const three = [at + 1, at + width, at + width + 1].map((other) => pairScore(pixels[at]!, pixels[other]!));
    // A square of one colour says nothing.
    if (three.some((one) => one !== SAME)) score += three.reduce((sum, one) => sum + one, 0);
    pairs += 3;
  }
  return score / pairs < -0.03;
}

function pairScore(a: number, b: number): number {
  const contrast = [16, 8, 0].some((shift) => Math.abs((a >> shift & 255) - (b >> shift & 255)) >= 60);
  return contrast ? CONTRASTING : ((a ^ b) & 0xffffff) === 0 ? SAME : GRADUAL;
}
