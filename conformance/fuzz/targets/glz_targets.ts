/** GLZ images, which refer to each other, alone and inside zlib. */
import { deflateSync } from "node:zlib";
import {
  decodeGlz,
  decodeGlzHeader,
  encodeGlz,
  GlzDictionary,
  type GlzSource,
  GlzWindow,
} from "../../../codecs/glz.ts";
import { CodecError } from "../../../codecs/errors.ts";
import { LzType } from "../../../codecs/lz.ts";
import { decodeZlibGlz } from "../../../codecs/zlib_glz.ts";
import { concat } from "../../../protocol/schema/encode.ts";
import { below, type Prng } from "../../../protocol/schema/prng.ts";
import { edge, mutate, randomBytes } from "../mutate.ts";
import { SMALL_LIMITS, type Target, Violation } from "../target.ts";

const maxPixels = SMALL_LIMITS.pixels, windowPixels = 2 * SMALL_LIMITS.glzWindowPixels;
/** What one image may have, so that several fit in the window. */
const MOST_PIXELS = 800;

/** Several GLZ streams for one window, each behind its size. What is wrong with one is no reason to leave the rest. */
export const glz: Target = {
  name: "glz",
  weight: 16,
  // A byte of tokens stands for 255 pixels at most, which are kept and, if they came bottom-up, copied.
  largestBytes: (bytes) => 4 * maxPixels + 2 * bytes + 4096,
  totalBytes: (bytes) => 8 * 255 * bytes + 64 * bytes + 256 * 1024,
  generate: (random) => {
    const streams = sequence(random);
    if (below(random, 2) === 0) streams.push(streams.splice(below(random, streams.length), 1)[0]!);
    const changed = streams.map((stream) => below(random, 4) === 0 ? mutate(stream, random) : stream);
    return concat(changed.flatMap((stream) => [sizeOf(stream), stream]));
  },
  run: (input) => {
    const window = new GlzWindow(windowPixels);
    let error: CodecError | null = null;
    for (let at = 0; at + 4 <= input.length;) {
      const size = new DataView(input.buffer, input.byteOffset + at, 4).getUint32(0);
      const src = input.subarray(at + 4, at + 4 + size);
      at += 4 + size;
      const before = window.size;
      try {
        const result = decodeGlz(src, window, { maxPixels });
        if ("waitsFor" in result) {
          if (!window.awaits(result.waitsFor)) throw new Violation(`waits for image ${result.waitsFor}, which is gone`);
          if (window.size !== before) throw new Violation("an image that waits is kept");
        } else whole(src, result);
      } catch (thrown) {
        if (!(thrown instanceof CodecError)) throw thrown;
        error = thrown;
      }
      if (window.pixels > windowPixels) throw new Violation(`${window.pixels} pixels in a window of ${windowPixels}`);
    }
    if (error !== null) throw error;
    return "value";
  },
};

/** A zlib stream behind the size that a message would tell. */
export const zlibGlz: Target = {
  name: "zlib-glz",
  weight: 8,
  largestBytes: (bytes) => 10 * maxPixels + 1032 * 8192 + 2 * bytes,
  totalBytes: (bytes) => 64 * maxPixels + 4096 * bytes + 32 * 1024 * 1024,
  generate: (random) => {
    const stream = sequence(random)[0]!, zlib = Uint8Array.from(deflateSync(stream));
    const said = below(random, 4) === 0 ? edge(random) : stream.length;
    return concat([sizeOf({ length: said }), below(random, 3) === 0 ? zlib : mutate(zlib, random)]);
  },
  run: (input) => {
    if (input.length < 4) return "value";
    const glzBytes = new DataView(input.buffer, input.byteOffset, 4).getUint32(0);
    decodeZlibGlz(input.subarray(4), glzBytes, new GlzWindow(windowPixels), { maxPixels });
    return "value";
  },
};

/** Images of a dictionary, and some with a header that is right and random tokens. */
function sequence(random: Prng): Uint8Array[] {
  const dictionary = new GlzDictionary(MOST_PIXELS + below(random, windowPixels - MOST_PIXELS));
  const colours = 2 + below(random, 5), rows = Array.from({ length: 8 }, () => below(random, 0x1000000));
  return Array.from({ length: 1 + below(random, 6) }, () => {
    const width = 1 + below(random, 40), height = 1 + below(random, MOST_PIXELS / 40);
    const common = { width, height, topDown: below(random, 2) === 0 }, start = below(random, 50);
    const unit = (_: unknown, i: number) => rows[(start + i * (i >> 4)) % colours]!;
    const source: GlzSource = below(random, 4) === 0
      ? { ...common, type: LzType.RGB16, pixels: Uint16Array.from({ length: width * height }, unit) }
      : {
        ...common,
        type: ([LzType.RGB24, LzType.RGB32, LzType.RGBA] as const)[below(random, 3)]!,
        pixels: Uint32Array.from({ length: width * height }, unit),
      };
    const stream = encodeGlz(source, dictionary);
    return below(random, 3) === 0 ? concat([stream.subarray(0, 33), ...tokens(random)]) : stream;
  });
}

/** Short literals, and matches near and far, in this image and in others. */
function tokens(random: Prng): Uint8Array[] {
  return Array.from({ length: below(random, 60) }, () => {
    if (below(random, 2) === 0) {
      return randomBytes(random, 1 + below(random, 12)).map((byte, i) => i === 0 ? byte & 7 : byte);
    }
    return Uint8Array.of(32 + below(random, 224) & 0xef, below(random, 3), below(random, 4));
  });
}

function sizeOf({ length }: { readonly length: number }): Uint8Array {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, length);
  return size;
}

function whole(
  src: Uint8Array,
  { width, height, pixels }: { width: number; height: number; pixels: Uint32Array },
): void {
  const header = decodeGlzHeader(src);
  if (width !== header.width || height !== header.height || pixels.length !== width * height) {
    throw new Violation("an image of another size");
  }
}
