/** Image decoders, pointer shapes, and the 2D operations. */
import { copyImage } from "../../../canvas/copy.ts";
import { copyBits } from "../../../canvas/copy_bits.ts";
import { decodeCursor, drawCursor } from "../../../canvas/cursor.ts";
import { fillSolid } from "../../../canvas/fill.ts";
import { ropFromDescriptor } from "../../../canvas/rop.ts";
import type { Region } from "../../../canvas/region.ts";
import {
  createSurface,
  pixelMask,
  readRgba,
  type Surface,
  surfaceFormatOf,
  surfaceSource,
} from "../../../canvas/surface.ts";
import { decodeBitmap } from "../../../codecs/bitmap.ts";
import type { DecodedImage } from "../../../codecs/image.ts";
import { decodeLz, encodeLzRgb32 } from "../../../codecs/lz.ts";
import { decodeQuic, encodeQuic, QuicType } from "../../../codecs/quic.ts";
import { concat } from "../../../protocol/schema/encode.ts";
import { below, nextU32, type Prng } from "../../../protocol/schema/prng.ts";
import { edge, mutate, randomBytes } from "../mutate.ts";
import { SMALL_LIMITS, type Target, Violation } from "../target.ts";

const maxPixels = SMALL_LIMITS.pixels;
const PALETTE = Uint32Array.from({ length: 200 }, (_, i) => i * 0x010203);

/** A picture of so many pixels, its stream beside it. */
const OF_A_PICTURE: Pick<Target, "largestBytes" | "totalBytes"> = {
  largestBytes: (bytes) => 4 * maxPixels + 2 * bytes + 4096,
  totalBytes: (bytes) => 16 * maxPixels + 8 * bytes + 64 * 1024,
};

/** An LZ stream of any type. */
export const lz: Target = {
  name: "lz",
  weight: 16,
  ...OF_A_PICTURE,
  generate: (random) => {
    const stream = below(random, 2) === 0 ? encoded(random) : madeUp(random);
    return below(random, 4) === 0 ? stream : mutate(stream, random);
  },
  run: (input) => {
    whole(decodeLz(input, { maxPixels, palette: PALETTE }));
    return "value";
  },
};

/** A QUIC stream of any type. */
export const quic: Target = {
  name: "quic",
  weight: 16,
  ...OF_A_PICTURE,
  generate: (random) => {
    const width = 1 + below(random, 60), height = 1 + below(random, 20), colours = 1 + below(random, 6);
    const pixels = Uint32Array.from({ length: width * height }, () => below(random, colours) * 0x11335577);
    const stream = encodeQuic(pixels, width, height, Object.values(QuicType)[below(random, 5)]!);
    if (below(random, 4) === 0) stream.set(randomBytes(random, stream.length - 20), 20);
    return below(random, 4) === 0 ? stream : mutate(stream, random);
  },
  run: (input) => {
    whole(decodeQuic(input, { maxPixels }));
    return "value";
  },
};

/** A bitmap. Five numbers before the rows are its format, width, height, stride and order. */
export const bitmaps: Target = {
  name: "bitmap",
  weight: 8,
  ...OF_A_PICTURE,
  generate: (random) => {
    const head = new Uint32Array(5), width = 1 + below(random, 40), height = 1 + below(random, 20);
    head.set([below(random, 12), width, height, width * 4 + below(random, 5), below(random, 2)]);
    if (below(random, 4) === 0) head[below(random, 5)] = edge(random);
    return concat([new Uint8Array(head.buffer), randomBytes(random, width * height * (1 + below(random, 5)))]);
  },
  run: (input) => {
    const numbers = new Numbers(input);
    const [format, width, height, strideBytes] = [numbers.u32(), numbers.u32(), numbers.u32(), numbers.u32()];
    const topDown = (numbers.u32() & 1) === 1;
    const palette = PALETTE.subarray(0, numbers.left % 200);
    whole(decodeBitmap(input.subarray(20), { format, width, height, strideBytes, topDown }, { maxPixels, palette }));
    return "value";
  },
};

/** A pointer shape, put on a small picture. Five numbers before the data are type, size and hot spot. */
export const cursors: Target = {
  name: "cursor",
  weight: 8,
  ...OF_A_PICTURE,
  generate: (random) => {
    const head = new Uint32Array(5), width = 1 + below(random, 40), height = 1 + below(random, 40);
    head.set([below(random, 8), width, height, below(random, 50), below(random, 50)]);
    if (below(random, 4) === 0) head[below(random, 5)] = edge(random) & 0xffff;
    return concat([new Uint8Array(head.buffer), randomBytes(random, 1100 + below(random, width * height * 5))]);
  },
  run: (input) => {
    const numbers = new Numbers(input);
    const [type, width, height] = [numbers.u32(), numbers.u32(), numbers.u32()];
    const [hotSpotX, hotSpotY] = [numbers.u32(), numbers.u32()];
    const shape = decodeCursor({ type, width, height, hotSpotX, hotSpotY }, input.subarray(20), maxPixels);
    if (shape.pixels.length !== shape.width * shape.height) throw new Violation("a shape of another size");
    const picture = { width: 20, height: 10, rgba: new Uint8Array(800) };
    drawCursor(picture, shape, (input[20] ?? 0) - 100, (input[21] ?? 0) - 100);
    return "value";
  },
};

/** Operations on a few small surfaces, all read from the input. */
export const canvas: Target = {
  name: "canvas",
  weight: 16,
  // A region may have a box for every second pixel, and grows by doubling.
  largestBytes: (bytes) => 16 * maxPixels + 4 * bytes,
  totalBytes: (bytes) => 1024 * maxPixels + 64 * bytes,
  generate: (random) => {
    const numbers = Int32Array.from({ length: 10 + below(random, 120) }, () => coordinate(random));
    return new Uint8Array(numbers.buffer);
  },
  run: (input) => {
    const numbers = new Numbers(input), surfaces: Surface[] = [];
    for (const wire of [32, 96, 16, 8]) {
      surfaces.push(createSurface(1 + numbers.u32() % 30, 1 + numbers.u32() % 20, surfaceFormatOf(wire), maxPixels));
    }
    while (numbers.left > 0) operation(numbers, surfaces);
    for (const { pixels, format } of surfaces) {
      const beyond = ~pixelMask(format);
      if (pixels.some((pixel) => (pixel & beyond) !== 0)) throw new Violation(`a pixel is beyond ${format}`);
    }
    return "value";
  },
};

function operation(numbers: Numbers, surfaces: readonly Surface[]): void {
  const surface = surfaces[numbers.u32() % surfaces.length]!, box = numbers.rect();
  const clip = (numbers.u32() & 1) === 0 ? null : Array.from({ length: numbers.u32() % 6 }, () => numbers.rect());
  const rop = ropFromDescriptor(numbers.u32(), "src", "dest");
  switch (numbers.u32() % 4) {
    case 0:
      return inside(surface, fillSolid(surface, box, clip, numbers.u32(), rop));
    case 1: {
      const source = surfaceSource(surfaces[numbers.u32() % surfaces.length]!), srcArea = numbers.rect();
      return inside(surface, copyImage(surface, { box, clip, source, srcArea, rop, scaleMode: numbers.u32() % 3 }));
    }
    case 2:
      return inside(surface, copyBits(surface, box, clip, { x: numbers.i32(), y: numbers.i32() }));
    default: {
      const { width, height, rgba } = readRgba(surface, box);
      if (rgba.length !== width * height * 4) throw new Violation("a picture of another size");
    }
  }
}

/** Every box of a region has pixels, all of them of the surface, and none is in two boxes. */
function inside({ width, height }: Surface, region: Region): void {
  let area = 0;
  const seen = new Set<number>();
  for (let i = 0; i < region.length; i += 4) {
    const [left, top, right, bottom] = region.subarray(i, i + 4);
    if (!(left! >= 0 && left! < right! && right! <= width && top! >= 0 && top! < bottom! && bottom! <= height)) {
      throw new Violation(`box ${region.subarray(i, i + 4)} on a surface of ${width} × ${height}`);
    }
    area += (right! - left!) * (bottom! - top!);
    for (let y = top!; y < bottom!; y++) for (let x = left!; x < right!; x++) seen.add(y * width + x);
  }
  if (seen.size !== area) throw new Violation("boxes of a region overlap");
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

function coordinate(random: Prng): number {
  return below(random, 6) === 0
    ? edge(random) | 0
    : below(random, 5) === 0
    ? nextU32(random) | 0
    : below(random, 40) - 5;
}

/** Reads numbers; after the end there are only zeros. */
class Numbers {
  #at = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Numbers that are left. */
  get left(): number {
    return Math.max(0, (this.#view.byteLength - this.#at) >> 2);
  }

  i32(): number {
    const value = this.left > 0 ? this.#view.getInt32(this.#at, true) : 0;
    this.#at += 4;
    return value;
  }

  u32(): number {
    return this.i32() >>> 0;
  }

  rect(): { left: number; top: number; right: number; bottom: number } {
    return { left: this.i32(), top: this.i32(), right: this.i32(), bottom: this.i32() };
  }
}
