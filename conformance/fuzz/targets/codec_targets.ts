/** Image decoders whose streams the encoders beside them make. */
import { decodeJpeg, encodeJpeg } from "../../../codecs/jpeg.ts";
import { decodeLz4, encodeLz4, type Lz4Format } from "../../../codecs/lz4.ts";
import { concat } from "../../../protocol/schema/encode.ts";
import { below, nextU32, type Prng } from "../../../protocol/schema/prng.ts";
import { mutate } from "../mutate.ts";
import { SMALL_LIMITS, type Target, Violation } from "../target.ts";

const maxPixels = SMALL_LIMITS.pixels;

/** An LZ4 stream of any format. Two bytes before it are its width and height. */
export const lz4: Target = {
  name: "lz4",
  weight: 12,
  largestBytes: (bytes) => 4 * maxPixels + 2 * bytes + 4096,
  totalBytes: (bytes) => 16 * maxPixels + 8 * bytes + 64 * 1024,
  generate: (random) => {
    const { width, height, pixels } = picture(random);
    const format = 6 + below(random, 5) as Lz4Format, rowsPerBlock = 1 + below(random, height);
    const stream = encodeLz4(pixels, width, height, { format, topDown: below(random, 2) === 0, rowsPerBlock });
    const whole = concat([Uint8Array.of(width, height), stream]);
    return below(random, 4) === 0 ? whole : mutate(whole, random);
  },
  run: (input) => {
    const width = input[0] ?? 0, height = input[1] ?? 0;
    const { pixels } = decodeLz4(input.subarray(2), width, height, { maxPixels });
    if (pixels.length !== width * height) throw new Violation("an image of another size");
    return "value";
  },
};

/** A JPEG stream. A block of 64 samples takes two bits at least, whatever the picture's size. */
export const jpeg: Target = {
  name: "jpeg",
  weight: 12,
  largestBytes: (bytes) => 4 * maxPixels + 256 * bytes + 64 * 1024,
  totalBytes: (bytes) => 8 * maxPixels + 264 * bytes + 256 * 1024,
  generate: (random) => {
    const { width, height, pixels } = picture(random);
    const stream = encodeJpeg(pixels, width, height, { quality: 1 + below(random, 100) });
    if (below(random, 4) === 0) return stream;
    // Most of a small stream is tables: change what follows them as often.
    const bits = stream.length - below(random, stream.length);
    return below(random, 2) === 0
      ? mutate(stream, random)
      : concat([stream.subarray(0, bits), mutate(stream.subarray(bits), random)]);
  },
  run: (input) => {
    const { width, height, pixels } = decodeJpeg(input, { maxPixels });
    if (pixels.length !== width * height) throw new Violation("an image of another size");
    return "value";
  },
};

/** A small picture of few colours or many. */
function picture(random: Prng): { width: number; height: number; pixels: Uint32Array } {
  const width = 1 + below(random, 40), height = 1 + below(random, 30), run = 1 + below(random, 30);
  const colours = Uint32Array.from({ length: 1 + below(random, 6) }, () => nextU32(random));
  const noise = below(random, 3) === 0;
  const pixels = Uint32Array.from({ length: width * height }, (_, i) => {
    return noise ? nextU32(random) : colours[Math.floor(i / run) % colours.length]!;
  });
  return { width, height, pixels };
}
