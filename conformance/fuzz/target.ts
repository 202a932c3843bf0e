/** What is fuzzed: where its inputs come from, and what is done with them. */
import { DEFAULT_LIMITS, type Limits } from "../../protocol/limits.ts";
import type { Prng } from "../../protocol/schema/prng.ts";
import type { Corpus } from "./corpus.ts";

/** One thing that takes hostile bytes. */
export interface Target {
  /** Short and stable: crash files are named by it. */
  readonly name: string;
  /** Share of the inputs, against the other targets. */
  readonly weight: number;
  /** Makes an input up: random, mutated, or nearly right. The same generator gives the same input. */
  generate(random: Prng, corpus: Corpus): Uint8Array;
  /**
   * Feeds one input to the code under test.
   * @returns `value`, or the code of the error that a session ended with.
   * @throws What the code under test throws; and {@link Violation} when something that must hold does not.
   */
  run(input: Uint8Array): string;
  /** Most bytes that one allocation may take for an input of so many bytes. */
  readonly largestBytes: (inputBytes: number) => number;
  /** Most bytes that all allocations for an input of so many bytes may take. */
  readonly totalBytes: (inputBytes: number) => number;
}

/** Something that must hold for every input does not. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** Bounds so small that inputs of a few kilobytes reach all of them. */
export const SMALL_LIMITS: Limits = Object.freeze({
  ...DEFAULT_LIMITS,
  messageBytes: 1 << 18,
  agentMessageBytes: 1 << 18,
  pointers: 512,
  pixelsPerSide: 2048,
  imagePixelsPerSide: 2048,
  pixels: 1 << 16,
  totalPixels: 1 << 12,
  surfaces: 4,
  imageCachePixels: 1 << 11,
  glzWindowPixels: 1 << 11,
  palettes: 4,
  cursors: 4,
  channels: 12,
  waitingBytes: 1 << 14,
});

/** What decoders may allocate: they copy little, and promise nothing on a header's word. */
export const OF_A_DECODER: Pick<Target, "largestBytes" | "totalBytes"> = {
  largestBytes: (bytes) => 2 * bytes + 64 * 1024,
  totalBytes: (bytes) => 64 * bytes + 1024 * 1024,
};
