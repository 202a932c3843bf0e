/** Image decoders whose images stand alone, each fed with damaged streams of the reference's codecs. */
import { decodeBitmap } from "../../../codecs/bitmap.ts";
import type { DecodedImage } from "../../../codecs/image.ts";
import { decodeJpeg } from "../../../codecs/jpeg.ts";
import { decodeJpegAlpha } from "../../../codecs/jpeg_alpha.ts";
import { decodeLz, encodeLzRgb32 } from "../../../codecs/lz.ts";
import { decodeLz4 } from "../../../codecs/lz4.ts";
import { decodeQuic } from "../../../codecs/quic.ts";
import { concat } from "../../../protocol/schema/encode.ts";
import { below, type Prng } from "../../../protocol/schema/prng.ts";
import { type JpegAlphaSeed, MOST_PIXELS, PALETTE, pick, type Pool, type StreamSeed } from "../codec_seeds.ts";
import { mutate, randomBytes } from "../mutate.ts";
import { Numbers, numbers } from "../numbers.ts";
import { type Target, Violation } from "../target.ts";

const maxPixels = MOST_PIXELS;
/** Longest input. */
const MOST_BYTES = 1 << 20;

/** Pixels of one picture, what they are made of, and its stream beside it; nothing for less than its bytes can hold. */
const OF_A_PICTURE: Pick<Target, "largestBytes" | "totalBytes"> = {
  largestBytes: (bytes) => 4 * maxPixels + 2 * bytes + 4096,
  totalBytes: (bytes) => 8 * maxPixels + 8 * bytes + 64 * 1024,
};
/** The same for codecs whose byte stands for 255 units at most, of which the smallest are eight pixels. */
const OF_RUNS: typeof OF_A_PICTURE = {
  largestBytes: (bytes) => Math.min(4 * maxPixels, 4 * 8 * 255 * bytes) + 2 * bytes + 4096,
  totalBytes: (bytes) => Math.min(8 * maxPixels, 8 * 8 * 255 * bytes) + 8 * bytes + 64 * 1024,
};

/** A bitmap. Six numbers before the rows are its format, width, height, stride, order, and colours of the palette. */
export const bitmaps: Target = {
  name: "bitmap",
  weight: 8,
  ...OF_A_PICTURE,
  generate: (random, { codecs }) => damaged(random, codecs.bitmap),
  run: (input) => {
    const said = new Numbers(input);
    const [format, width, height, strideBytes] = [said.u32(), said.u32(), said.u32(), said.u32()];
    const topDown = (said.u32() & 1) === 1, palette = PALETTE.subarray(0, said.u32() % 257);
    whole(decodeBitmap(input.subarray(24), { format, width, height, strideBytes, topDown }, { maxPixels, palette }));
    return "value";
  },
};

/** A QUIC stream of any type. */
export const quic: Target = {
  name: "quic",
  weight: 16,
  ...OF_A_PICTURE,
  generate: (random, { codecs }) => damaged(random, codecs.quic),
  run: (input) => {
    whole(decodeQuic(input, { maxPixels }));
    return "value";
  },
};

/** An LZ stream of any type. The byte before it is the number of the palette's colours less one. */
export const lz: Target = {
  name: "lz",
  weight: 16,
  ...OF_RUNS,
  generate: (random, { codecs }) => {
    if (below(random, 8) > 0) return damaged(random, codecs.lz);
    return concat([randomBytes(random, 1), lzStream(random)]);
  },
  run: (input) => {
    whole(decodeLz(input.subarray(1), { maxPixels, palette: PALETTE.subarray(0, (input[0] ?? 0) + 1) }));
    return "value";
  },
};

/** An LZ4 stream of any format. Two numbers before it are its width and height. */
export const lz4: Target = {
  name: "lz4",
  weight: 12,
  ...OF_RUNS,
  generate: (random, { codecs }) => damaged(random, codecs.lz4),
  run: (input) => {
    const said = new Numbers(input), width = said.u32(), height = said.u32();
    const image = decodeLz4(input.subarray(8), width, height, { maxPixels });
    whole(image);
    if (image.width !== width || image.height !== height) throw new Violation("an image of another size");
    return "value";
  },
};

/** What a JPEG takes: a block of 64 samples takes two bits at least, whatever the picture's size. */
const OF_BLOCKS: typeof OF_A_PICTURE = {
  largestBytes: (bytes) => 4 * maxPixels + 256 * bytes + 64 * 1024,
  totalBytes: (bytes) => 8 * maxPixels + 264 * bytes + 256 * 1024,
};

/** A JPEG stream of any sampling. */
export const jpeg: Target = {
  name: "jpeg",
  weight: 12,
  ...OF_BLOCKS,
  generate: (random, { codecs }) => damaged(random, codecs.jpeg),
  run: (input) => {
    whole(decodeJpeg(input, { maxPixels }));
    return "value";
  },
};

/** Colours and alpha. Two numbers before them are the bytes of the JPEG and the order of alpha's rows. */
export const jpegAlpha: Target = {
  name: "jpeg-alpha",
  weight: 8,
  ...OF_BLOCKS,
  generate: (random, { codecs }) => damagedJpegAlpha(random, codecs.jpegAlpha),
  run: (input) => {
    const said = new Numbers(input), jpegBytes = said.u32(), topDown = (said.u32() & 1) === 1;
    whole(decodeJpegAlpha(input.subarray(8), { jpegBytes, topDown }, { maxPixels }));
    return "value";
  },
};

/** A small LZ stream: an encoder's, or a header that is right before random tokens; most of them damaged. */
export function lzStream(random: Prng): Uint8Array {
  const stream = below(random, 2) === 0 ? encoded(random) : madeUp(random);
  return below(random, 4) === 0 ? stream : mutate(stream, random);
}

/** A seed with changes: anywhere in one of four, behind its header in the others, where they get a decoder further. */
function damaged(random: Prng, pool: Pool<StreamSeed>): Uint8Array {
  const { said, stream, headBytes } = pick(random, pool), donor = pick(random, pool).stream;
  switch (below(random, 8)) {
    case 0:
      return mutate(concat([said, stream]), random, donor, MOST_BYTES);
    case 1:
      return concat([said, mutate(stream, random, donor, MOST_BYTES)]);
    case 2: {
      // Noise to the end, from some byte on.
      const from = headBytes + below(random, stream.length - headBytes);
      return concat([said, stream.subarray(0, from), randomBytes(random, Math.min(stream.length - from, 4096))]);
    }
    default:
      return concat([said, behindHead(random, stream, headBytes, donor)]);
  }
}

function damagedJpegAlpha(random: Prng, pool: Pool<JpegAlphaSeed>): Uint8Array {
  const { jpeg: { stream: jpeg, headBytes }, alpha, topDown } = pick(random, pool), donor = pick(random, pool);
  const joined = (jpeg: Uint8Array, alpha: Uint8Array) => concat([numbers(jpeg.length, Number(topDown)), jpeg, alpha]);
  switch (below(random, 8)) {
    case 0:
      return mutate(joined(jpeg, alpha), random, donor.alpha, MOST_BYTES);
    case 1:
      return joined(mutate(jpeg, random, donor.jpeg.stream, MOST_BYTES), alpha);
    case 2:
      return joined(jpeg, mutate(alpha, random, donor.alpha, MOST_BYTES));
    case 3:
      return joined(jpeg, donor.alpha);
    case 4:
    case 5:
      return joined(behindHead(random, jpeg, headBytes, donor.jpeg.stream), alpha);
    default:
      return joined(jpeg, behindHead(random, alpha, 28, donor.alpha));
  }
}

function behindHead(random: Prng, stream: Uint8Array, headBytes: number, donor: Uint8Array): Uint8Array {
  return concat([stream.subarray(0, headBytes), mutate(stream.subarray(headBytes), random, donor, MOST_BYTES)]);
}

function whole({ width, height, pixels }: DecodedImage): void {
  if (!(width >= 1 && height >= 1 && pixels.length === width * height)) throw new Violation("an image of another size");
}

/** A stream of the encoder. */
function encoded(random: Prng): Uint8Array {
  const width = 1 + below(random, 40), height = 1 + below(random, 20), colours = 1 + below(random, 6);
  return encodeLzRgb32(Uint32Array.from({ length: width * height }, () => below(random, colours)), width, height);
}

/** A header that is right, and random tokens: many short literals, many matches. */
function madeUp(random: Prng): Uint8Array {
  const type = 1 + below(random, 11), width = 1 + below(random, 30), height = 1 + below(random, 20);
  const stride = [0, 1 / 8, 1 / 8, 1 / 2, 1 / 2, 1, 2, 3, 4, 4, 4, 1][type]!;
  const head = new Uint8Array(28), words = new DataView(head.buffer);
  [0x20205a4c, 0x10001, type, width, height, Math.ceil(stride * width), below(random, 2)]
    .forEach((word, i) => words.setUint32(i * 4, word));
  const tokens = Array.from({ length: below(random, 60) }, () => {
    if (below(random, 2) === 0) {
      return randomBytes(random, 1 + below(random, 12)).map((byte, i) => i === 0 ? byte & 7 : byte);
    }
    return Uint8Array.of(32 + below(random, 224) & 0xe0, below(random, 3), below(random, 9));
  });
  return concat([head, ...tokens]);
}
