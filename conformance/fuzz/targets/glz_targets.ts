/** GLZ images, which refer to each other, alone and inside zlib: damaged sequences of the reference's encoder. */
import { deflateSync } from "node:zlib";
import { CodecError } from "../../../codecs/errors.ts";
import { decodeGlz, decodeGlzHeader, GLZ_HEADER_BYTES, type GlzWait, GlzWindow } from "../../../codecs/glz.ts";
import type { DecodedImage } from "../../../codecs/image.ts";
import { decodeZlibGlz } from "../../../codecs/zlib_glz.ts";
import { concat } from "../../../protocol/schema/encode.ts";
import { below, type Prng } from "../../../protocol/schema/prng.ts";
import { MOST_PIXELS, pick, type SequenceSeed } from "../codec_seeds.ts";
import { edge, mutate, randomBytes } from "../mutate.ts";
import { Numbers, numbers } from "../numbers.ts";
import { type Target, Violation } from "../target.ts";

const maxPixels = MOST_PIXELS;
/** Longest stream. */
const MOST_BYTES = 1 << 20;
/** Largest window, in pixels as a power of two. */
const MOST_WINDOW_BITS = 24;

/**
 * Several GLZ streams for one window: a byte that says how large it is, then each stream behind its size. What is wrong
 * with one is no reason to leave the rest.
 */
export const glz: Target = {
  name: "glz",
  weight: 16,
  // A byte of tokens stands for 255 pixels at most, which are kept and, if they came bottom-up, copied.
  largestBytes: (bytes) => Math.min(4 * maxPixels, 4 * 255 * bytes) + 2 * bytes + 4096,
  totalBytes: (bytes) => 8 * 255 * bytes + 64 * bytes + 256 * 1024,
  generate: (random, { codecs }) => {
    const seed = pick(random, codecs.glz), which = below(random, seed.images.length);
    const streams = seed.images.map(({ glz }, i) => i === which ? damaged(random, glz, seed) : glz);
    return sequence(random, seed, streams.map((stream) => concat([numbers(stream.length), stream])));
  },
  run: (input) => {
    return inOneWindow(input, (said, window) => {
      const src = said.bytes(said.u32()), result = decodeGlz(src, window, { maxPixels });
      if ("pixels" in result) whole(src, result);
      return result;
    });
  },
};

/** The same with each GLZ stream in a zlib stream, behind both their sizes. */
export const zlibGlz: Target = {
  name: "zlib-glz",
  weight: 8,
  // What zlib holds may take ten bytes a pixel, and comes out in pieces of 4 KiB a thousandfold.
  largestBytes: (bytes) => Math.min(10 * maxPixels, 1032 * bytes) + 1032 * 8192 + 2 * bytes,
  totalBytes: (bytes) => 8 * 255 * 1032 * bytes + 4096 * bytes + 32 * 1024 * 1024,
  generate: (random, { codecs }) => {
    const seed = pick(random, codecs.glz), which = below(random, seed.images.length);
    const framed = seed.images.map(({ glz, zlib }, i) => {
      if (i !== which) return concat([numbers(glz.length, zlib.length), zlib]);
      if (below(random, 3) > 0) {
        const data = mutate(zlib, random, zlib, MOST_BYTES);
        return concat([numbers(below(random, 8) === 0 ? edge(random, glz.length) : glz.length, data.length), data]);
      }
      // What is wrong lies deeper.
      const stream = damaged(random, glz, seed), data = Uint8Array.from(deflateSync(stream, { level: 1 }));
      return concat([numbers(stream.length, data.length), data]);
    });
    return sequence(random, seed, framed);
  },
  run: (input) => {
    return inOneWindow(input, (said, window) => {
      const glzBytes = said.u32();
      return decodeZlibGlz(said.bytes(said.u32()), glzBytes, window, { maxPixels });
    });
  },
};

/** A stream with changes: mostly behind its header, and now and then with tokens that are made up. */
function damaged(random: Prng, stream: Uint8Array, { images }: SequenceSeed): Uint8Array {
  const donor = images[below(random, images.length)]!.glz, head = stream.subarray(0, GLZ_HEADER_BYTES);
  switch (below(random, 8)) {
    case 0:
    case 1:
      return mutate(stream, random, donor, MOST_BYTES);
    case 2:
      return concat([head, ...tokens(random)]);
    default:
      return concat([head, mutate(stream.subarray(GLZ_HEADER_BYTES), random, donor, MOST_BYTES)]);
  }
}

/** An input of all streams; one in eight times out of order, or in a window of another size. */
function sequence(random: Prng, { windowBits }: SequenceSeed, framed: Uint8Array[]): Uint8Array {
  if (below(random, 8) === 0) framed.push(framed.splice(below(random, framed.length), 1)[0]!);
  return concat([Uint8Array.of(below(random, 8) === 0 ? below(random, 256) : windowBits), ...framed]);
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

/**
 * Decodes all streams of an input, and looks at the window after each.
 *
 * @returns `value`, or `waits` when the last one waits for another.
 * @throws {CodecError} The last one, when all have been tried.
 */
function inOneWindow(input: Uint8Array, decode: (said: Numbers, window: GlzWindow) => DecodedImage | GlzWait): string {
  const windowPixels = 1 << (input[0] ?? 0) % (MOST_WINDOW_BITS + 1), window = new GlzWindow(windowPixels);
  // The first image says where ids begin.
  window.clear();
  let error: CodecError | null = null, waits = false;
  for (const said = new Numbers(input.subarray(1)); said.left > 0;) {
    const before = window.size;
    try {
      const result = decode(said, window);
      waits = "waitsFor" in result;
      if ("waitsFor" in result) {
        if (!window.awaits(result.waitsFor)) throw new Violation(`waits for image ${result.waitsFor}, which is gone`);
        if (window.size !== before) throw new Violation("an image that waits is kept");
      }
    } catch (thrown) {
      if (!(thrown instanceof CodecError)) throw thrown;
      error = thrown;
    }
    if (window.pixels > windowPixels) throw new Violation(`${window.pixels} pixels in a window of ${windowPixels}`);
  }
  if (error !== null) throw error;
  return waits ? "waits" : "value";
}

function whole(src: Uint8Array, { width, height, pixels }: DecodedImage): void {
  const header = decodeGlzHeader(src);
  if (width !== header.width || height !== header.height || pixels.length !== width * height) {
    throw new Violation("an image of another size");
  }
}
