import assert from "node:assert/strict";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing image
import {
  pixelsSha256,
  referenceImage,
  referenceStreams,
  sha256,
  streamBytes,
} from "../conformance/vectors/codecs/reference.ts";
import { BitmapFormat } from "./bitmap.ts";
import { CodecError, type CodecErrorCode } from "./errors.ts";
import { decodeLz4, encodeLz4, type Lz4Format, Lz4Work } from "./lz4.ts";

const maxPixels = 1 << 22;
const formats: Lz4Format[] = [
  BitmapFormat["16BIT"],
  BitmapFormat["24BIT"],
  BitmapFormat["32BIT"],
  BitmapFormat.RGBA,
  BitmapFormat["8BIT_A"],
];

/** What is left of a pixel after a format. */
function kept(format: Lz4Format): (pixel: number) => number {
  switch (format) {
    case BitmapFormat["16BIT"]:
      return (pixel) => pixel & 0xf8f8f8 | pixel >> 5 & 0x070707;
    case BitmapFormat["24BIT"]:
      return (pixel) => pixel & 0xffffff;
    case BitmapFormat["8BIT_A"]:
      return (pixel) => (pixel & 0xff000000) >>> 0;
    default:
      return (pixel) => pixel;
  }
}

/** A stream of blocks with their lengths. */
function stream(topDown: number, format: number, ...blocks: number[][]): Uint8Array {
  const framed = blocks.flatMap((block) => [0, 0, block.length >> 8, block.length & 255, ...block]);
  return Uint8Array.of(topDown, format, ...framed);
}

function refuses(run: () => unknown, code: CodecErrorCode, offset?: number): void {
  assert.throws(run, (error) => {
    assert(error instanceof CodecError, String(error));
    assert.deepEqual([error.codec, error.code], ["LZ4", code], error.message);
    if (offset !== undefined) assert.equal(error.offset, offset);
    return true;
  });
}

Deno.test("decodeLz4() gives the reference's pixels for every vector", () => {
  let count = 0;
  for (const entry of referenceStreams("lz4").filter(({ file }) => file !== undefined)) {
    const { width, height, topDown, decodedFormat } = entry, src = streamBytes(entry)!;
    assert.equal(sha256(src), entry.encodedSha256, entry.name);
    assert.equal(src[0], topDown ? 1 : 0, entry.name);
    const image = decodeLz4(src, width, height, { maxPixels });
    assert.equal(pixelsSha256(image.pixels, decodedFormat), entry.decodedSha256, entry.name);
    assert.equal(image.alpha, decodedFormat === "BGRA", entry.name);
    count++;
  }
  assert.equal(count, 16);
});

Deno.test("encodeLz4() of the reference's images is undone by decodeLz4(), and not much larger than the reference's", () => {
  let count = 0;
  for (const entry of referenceStreams("lz4").filter(({ file }) => file === undefined)) {
    const { width, height, pixels, alpha } = referenceImage(entry)!;
    const format = alpha ? BitmapFormat.RGBA : BitmapFormat["32BIT"];
    const src = encodeLz4(pixels, width, height, { format, rowsPerBlock: entry.rowsPerBlock });
    assert(src.length < entry.encodedBytes * 1.15, `${entry.source}: ${src.length} bytes, not ${entry.encodedBytes}`);
    const image = decodeLz4(src, width, height, { maxPixels });
    assert.equal(pixelsSha256(image.pixels, entry.decodedFormat), entry.decodedSha256, entry.source);
    count++;
  }
  assert.equal(count, 2);
});

Deno.test("encodeLz4() of any format, size, order and blocks is undone by decodeLz4()", () => {
  const work = new Lz4Work();
  const anything = fc.record({
    format: fc.constantFrom(...formats),
    width: fc.integer({ min: 1, max: 70 }),
    height: fc.integer({ min: 1, max: 40 }),
    topDown: fc.boolean(),
    rowsPerBlock: fc.integer({ min: 1, max: 41 }),
    colours: fc.uint32Array({ minLength: 1, maxLength: 5 }),
    choice: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    run: fc.integer({ min: 1, max: 90 }),
  });
  fc.assert(
    fc.property(anything, ({ format, width, height, topDown, rowsPerBlock, colours, choice, run }) => {
      const pixels = Uint32Array.from({ length: width * height }, (_, i) => {
        return colours[choice[Math.floor(i / run) % choice.length]! % colours.length]!;
      });
      const src = encodeLz4(pixels, width, height, { format, topDown, rowsPerBlock, work });
      const image = decodeLz4(src, width, height, { maxPixels });
      assert.deepEqual([...image.pixels], [...pixels].map(kept(format)));
      assert.deepEqual([src[0], src[1]], [topDown ? 1 : 0, format]);
    }),
    { numRuns: 600, seed: 1 },
  );
});

Deno.test("encodeLz4() of noise is undone by decodeLz4() and stays under its bound", () => {
  for (const [width, height] of [[1, 1], [3, 1], [4, 1], [5, 3], [200, 90]] as const) {
    for (const format of formats) {
      const pixels = Uint32Array.from({ length: width * height }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 0);
      const src = encodeLz4(pixels, width, height, { format, rowsPerBlock: 1 });
      const image = decodeLz4(src, width, height, { maxPixels });
      assert.deepEqual([...image.pixels], [...pixels].map(kept(format)));
    }
  }
});

Deno.test("encodeLz4() finds matches in the blocks before", () => {
  const pixels = Uint32Array.from({ length: 64 * 8 }, (_, i) => Math.imul(i % 64 + 1, 0x9e3779b1) >>> 0);
  const apart = encodeLz4(pixels, 64, 8, { rowsPerBlock: 1 }), together = encodeLz4(pixels, 64, 8);
  assert(apart.length < together.length + 8 * 16, `${apart.length} bytes in 8 blocks, ${together.length} in one`);
});

Deno.test("encodeLz4() refuses sizes and formats that do not fit", () => {
  const pixels = new Uint32Array(6);
  refuses(() => encodeLz4(pixels, 2, 2), "bad-size");
  refuses(() => encodeLz4(pixels, 0, 6), "bad-size");
  refuses(() => encodeLz4(pixels, 2, 3, { rowsPerBlock: 0 }), "bad-size");
  // The type forbids it; a caller in JavaScript has no types.
  const format: number = BitmapFormat["8BIT"];
  refuses(() => encodeLz4(pixels, 2, 3, { format: format as Lz4Format }), "bad-header");
});

Deno.test("decodeLz4() of 8BIT_A and of a bottom-up picture", () => {
  const src = stream(0, BitmapFormat["8BIT_A"], [0x40, 1, 2, 3, 4]);
  assert.deepEqual(decodeLz4(src, 2, 2, { maxPixels }), {
    width: 2,
    height: 2,
    pixels: Uint32Array.of(0x03000000, 0x04000000, 0x01000000, 0x02000000),
    alpha: true,
  });
});

Deno.test("decodeLz4() of a stream cut at any byte throws truncated", () => {
  for (const entry of referenceStreams("lz4").filter(({ width }) => width === 7 || width === 17)) {
    const src = streamBytes(entry)!, { width, height } = entry;
    for (let length = 0; length < src.length; length++) {
      refuses(() => decodeLz4(src.subarray(0, length), width, height, { maxPixels }), "truncated");
      refuses(() => decodeLz4(src.slice(0, length), width, height, { maxPixels }), "truncated");
    }
  }
});

Deno.test("decodeLz4() refuses each wrong field where it stands", () => {
  const decode = (src: Uint8Array, width = 2, height = 2, limit = maxPixels) =>
    decodeLz4(src, width, height, { maxPixels: limit });
  const good = [0x40, 1, 2, 3, 4];
  refuses(() => decode(stream(1, 5, good)), "bad-header", 1);
  refuses(() => decode(stream(1, 11, good)), "bad-header", 1);
  refuses(() => decode(stream(1, 0, good)), "bad-header", 1);
  refuses(() => decode(stream(1, 10, good), 0, 4), "bad-size");
  refuses(() => decode(stream(1, 10, good), 2, 2, 3), "bad-size");
  refuses(() => decode(stream(1, 10, good), 0xffffffff, 0xffffffff), "bad-size");
  refuses(() => decode(stream(1, 10, good), 1 << 20, 1 << 20, Infinity), "truncated");
  refuses(() => decode(stream(1, 10, good, [])), "bad-header", 11);
  refuses(() => decode(stream(1, 10, [0], good)), "bad-header", 2);
  refuses(() => decode(stream(1, 10, [0x50, 1, 2, 3, 4])), "truncated");
  refuses(() => decode(stream(1, 8, [0x40, 1, 2, 3, 4])), "truncated");
  refuses(() => decode(stream(1, 10, [0xf0, 0, ...Array(15).fill(1)]), 4, 1), "overrun");
  refuses(() => decode(stream(1, 10, [0x10, 7, 1, 0, 0x00]), 4, 1), "overrun");
  refuses(() => decode(stream(1, 10, [0x10, 7, 0, 0, 0x00])), "bad-distance");
  refuses(() => decode(stream(1, 10, [0x10, 7, 2, 0, 0x00])), "bad-distance");
  refuses(() => decode(stream(1, 10, [0x10, 7, 1, 0])), "truncated"); // a match does not end a block
  refuses(() => decode(stream(1, 10, [0x1f, 7, 1, 0, 255, 255])), "truncated");
  refuses(() => decode(stream(1, 10, [0xf0, 255, 255, 255])), "truncated");
  const beyond = stream(1, 10, good);
  beyond[5] = 6;
  refuses(() => decode(beyond), "truncated", 6);
});

Deno.test("decodeLz4() of mutated and random streams ends in a picture or a CodecError", () => {
  const entries = referenceStreams("lz4").filter(({ width }) => width === 17);
  const mutation = fc.record({
    which: fc.nat(entries.length - 1),
    changes: fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { minLength: 1, maxLength: 4 }),
  });
  const ends = (src: Uint8Array, width: number, height: number) => {
    try {
      assert.equal(decodeLz4(src, width, height, { maxPixels }).pixels.length, width * height);
    } catch (error) {
      assert(error instanceof CodecError, String(error));
      assert(error.offset >= 0 && error.offset <= src.length, error.message);
    }
  };
  const sources = entries.map((entry) => streamBytes(entry)!);
  fc.assert(
    fc.property(mutation, ({ which, changes }) => {
      const src = sources[which]!.slice();
      for (const [at, value] of changes) src[at % src.length] = value;
      ends(src, entries[which]!.width, entries[which]!.height);
    }),
    { numRuns: 2000, seed: 2 },
  );
  fc.assert(
    fc.property(fc.constantFrom(...formats), fc.uint8Array({ minLength: 1, maxLength: 80 }), (format, block) => {
      ends(stream(1, format, [...block]), 5, 3);
    }),
    { numRuns: 2000, seed: 3 },
  );
});
