/** Pointer shapes, and the 2D operations. */
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
import { concat } from "../../../protocol/schema/encode.ts";
import { below, nextU32, type Prng } from "../../../protocol/schema/prng.ts";
import { edge, randomBytes } from "../mutate.ts";
import { Numbers } from "../numbers.ts";
import { SMALL_LIMITS, type Target, Violation } from "../target.ts";

const maxPixels = SMALL_LIMITS.pixels;

/** A picture of so many pixels, its stream beside it. */
const OF_A_PICTURE: Pick<Target, "largestBytes" | "totalBytes"> = {
  largestBytes: (bytes) => 4 * maxPixels + 2 * bytes + 4096,
  totalBytes: (bytes) => 16 * maxPixels + 8 * bytes + 64 * 1024,
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

function coordinate(random: Prng): number {
  return below(random, 6) === 0
    ? edge(random) | 0
    : below(random, 5) === 0
    ? nextU32(random) | 0
    : below(random, 40) - 5;
}
