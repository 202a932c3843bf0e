/** What the codecs are to reach, and whether they do. */
import type { CodecResult } from "./codec_result.ts";
import { geometricMean } from "./geometric_mean.ts";
import type { Direction } from "./codec_list.ts";

/** One target, of the geometric mean over a codec's images. */
export interface Target {
  readonly codec: string;
  readonly direction: Direction;
  /** Speed as a multiple of a peer's, MPix/s, or bytes as a multiple of the reference's, which is to be at most so. */
  readonly of: "reference" | "spice-html5" | "MPix/s" | "bytes";
  readonly value: number;
}

/** A target, and what was measured. */
export interface JudgedTarget extends Target {
  /** `null` when it was not measured. Over the medians, and over the best runs; bytes are the same in both. */
  readonly median: number | null;
  readonly best: number | null;
  /** By the best runs. */
  readonly reached: boolean | null;
}

/** All of them. */
export const TARGETS: readonly Target[] = [
  { codec: "QUIC RGB32", direction: "decode", of: "reference", value: 1 },
  { codec: "QUIC RGB32", direction: "encode", of: "reference", value: 0.95 },
  { codec: "QUIC RGB32", direction: "decode", of: "spice-html5", value: 3.5 },
  { codec: "LZ RGB32", direction: "decode", of: "reference", value: 0.95 },
  { codec: "LZ RGB32", direction: "encode", of: "reference", value: 1 },
  { codec: "LZ RGB32", direction: "decode", of: "spice-html5", value: 4 },
  { codec: "GLZ, a sequence", direction: "decode", of: "reference", value: 0.9 },
  { codec: "GLZ, a sequence", direction: "encode", of: "reference", value: 0.9 },
  { codec: "GLZ, a sequence", direction: "encode", of: "bytes", value: 1 },
  { codec: "LZ4 32BIT", direction: "decode", of: "reference", value: 0.5 },
  { codec: "LZ4 32BIT", direction: "encode", of: "reference", value: 0.3 },
  { codec: "JPEG q85", direction: "decode", of: "MPix/s", value: 80 },
  { codec: "JPEG q85", direction: "encode", of: "MPix/s", value: 60 },
];

/** @returns Each target with what was measured. */
export function judgeTargets(results: readonly CodecResult[], targets: readonly Target[] = TARGETS): JudgedTarget[] {
  return targets.map((target) => {
    const of = results.filter(({ codec, direction }) => codec === target.codec && direction === target.direction);
    const median = meanOf(of, target.of, "median"), best = meanOf(of, target.of, "best");
    const reached = best === null ? null : target.of === "bytes" ? best <= target.value : best >= target.value;
    return { ...target, median, best, reached };
  });
}

/**
 * The geometric mean of what one speaks of, over images.
 *
 * @param results Of one codec and direction.
 * @param by Which of the runs.
 * @returns `null` when it was measured for none, or not for all.
 */
export function meanOf(results: readonly CodecResult[], of: Target["of"], by: "median" | "best"): number | null {
  const values = results.map((result): number | undefined => {
    switch (of) {
      case "MPix/s":
        return result.pixels / result.ns[by] * 1000;
      case "bytes":
        return result.referenceBytes === null ? undefined : result.bytes / result.referenceBytes;
      default: {
        const peer = of === "reference" ? result.reference : result.html5;
        return peer === null ? undefined : peer.ns[by] / result.ns[by];
      }
    }
  });
  return geometricMean(
    values.filter((value) => value !== undefined).slice(0, values.includes(undefined) ? 0 : Infinity),
  );
}
