import assert from "node:assert/strict";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing image
import vectors from "../conformance/vectors/codecs/jpeg.json" with { type: "json" };
import {
  pixelsSha256,
  referenceImage,
  referenceStreams,
  sha256,
  streamBytes,
} from "../conformance/vectors/codecs/reference.ts";
import { CodecError, type CodecErrorCode } from "./errors.ts";
import { decodeJpeg, decodeJpegHeader, encodeJpeg, encodeJpegWithin, JpegWork } from "./jpeg.ts";

const maxPixels = 1 << 22;
const streams = vectors.streams.map(({ base64, ...rest }) => ({ ...rest, bytes: bytesOf(base64) }));
const streamNamed = (name: string): Uint8Array<ArrayBuffer> => {
  const found = streams.find((stream) => stream.name === name);
  assert(found, name);
  return found.bytes.slice();
};

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

/** The picture that the vectors were made of: colours that change slowly, noise, and a band of black and white. */
function patternOf(width: number, height: number): Uint32Array {
  return Uint32Array.from({ length: width * height }, (_, i) => {
    const x = i % width, y = Math.floor(i / width);
    if (y > 20 && y < 40) return Math.floor(x / 3) + y & 1 ? 0xffffff : 0;
    if (x * 2 < width) return (x * 5 + y & 255) << 16 | (y * 6 & 255) << 8 | 200 - x * 2 - y & 255;
    let noise = Math.imul(x, 374761393) + Math.imul(y, 668265263);
    noise = Math.imul(noise ^ noise >>> 13, 1274126177);
    noise ^= noise >>> 16;
    return (noise & 255) << 16 | noise & 0xff00 | noise >>> 16 & 255;
  });
}

/** Mean square of the differences of all channels, as a ratio to 255 in dB. */
function psnr(a: Uint32Array, b: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    for (const shift of [0, 8, 16]) sum += ((a[i]! >> shift & 255) - (b[i]! >> shift & 255)) ** 2;
  }
  return 10 * Math.log10(255 ** 2 / (sum / (a.length * 3)));
}

function refuses(run: () => unknown, code: CodecErrorCode, offset?: number): void {
  assert.throws(run, (error) => {
    assert(error instanceof CodecError, String(error));
    assert.deepEqual([error.codec, error.code], ["JPEG", code], error.message);
    if (offset !== undefined) assert.equal(error.offset, offset, error.message);
    return true;
  });
}

/** Decodes what may be damaged: a picture or a CodecError within the stream. */
function ends(src: Uint8Array): CodecError | null {
  try {
    decodeJpeg(src, { maxPixels: 1 << 16 });
    return null;
  } catch (error) {
    assert(error instanceof CodecError, error instanceof Error ? error.stack : String(error));
    assert(error.offset >= 0 && error.offset <= src.length, error.message);
    return error;
  }
}

/** Where the content of the n-th segment of a kind starts. */
function segmentAt(src: Uint8Array, marker: number, n = 0): number {
  for (let at = 2;; at += 2 + (src[at + 2]! << 8 | src[at + 3]!)) {
    if (src[at + 1] === marker && n-- === 0) return at + 4;
  }
}

/** A copy with other bytes from a place on. */
function patched(src: Uint8Array, at: number, ...bytes: number[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(src);
  out.set(bytes, at);
  return out;
}

Deno.test("decodeJpeg() gives the reference's pixels, encodeJpeg() its bytes", () => {
  const entries = referenceStreams("jpeg");
  assert.equal(entries.length, 2);
  for (const entry of entries) {
    const src = streamBytes(entry)!, { width, height } = entry;
    assert.equal(sha256(src), entry.encodedSha256, entry.file);
    const image = decodeJpeg(src, { maxPixels });
    assert.deepEqual([image.width, image.height, image.alpha], [width, height, false]);
    assert.equal(pixelsSha256(image.pixels, "BGRX"), entry.decodedSha256, entry.file);
    const source = referenceImage(entry)!;
    assert.equal(sha256(encodeJpeg(source.pixels, width, height, { quality: 85 })), entry.encodedSha256, entry.file);
  }
});

Deno.test("decodeJpeg() gives libjpeg-turbo's pixels for every sampling, size and order of scans", () => {
  const work = new JpegWork();
  for (const { name, width, height, decodedSha256, bytes } of streams) {
    assert.equal(pixelsSha256(decodeJpeg(bytes, { maxPixels }).pixels, "BGRX"), decodedSha256, name);
    assert.equal(pixelsSha256(decodeJpeg(bytes, { maxPixels }, work).pixels, "BGRX"), decodedSha256, name);
    const components = name.startsWith("grey") ? 1 : 3;
    assert.deepEqual(decodeJpegHeader(bytes), { width, height, components }, name);
  }
});

Deno.test("encodeJpeg() writes libjpeg-turbo's bytes at every size and quality", () => {
  const work = new JpegWork();
  for (const { width, height, quality, encodedSha256 } of vectors.encoded) {
    const bytes = encodeJpeg(patternOf(width, height), width, height, { quality, work });
    assert.equal(sha256(bytes), encodedSha256, `${width} × ${height}, quality ${quality}`);
  }
});

/** With bits 24 to 31, which JPEG does not carry. */
const COLOUR = fc.nat(0xffffffff);

Deno.test("encodeJpeg() of any size is undone by decodeJpeg() within its loss, and does not look at bits 24 to 31", () => {
  const work = new JpegWork();
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 1, max: 70 }),
      fc.tuple(COLOUR, COLOUR, COLOUR, COLOUR),
      (width, height, [a, b, c, d]) => {
        const channel = (x: number, y: number, shift: number) => {
          const of = (corner: number) => corner >> shift & 255;
          const upper = of(a) + (of(b) - of(a)) * x / width, lower = of(c) + (of(d) - of(c)) * x / width;
          return Math.round(upper + (lower - upper) * y / height);
        };
        const pixels = Uint32Array.from({ length: width * height }, (_, i) => {
          const x = i % width, y = Math.floor(i / width);
          return channel(x, y, 16) << 16 | channel(x, y, 8) << 8 | channel(x, y, 0);
        });
        const bytes = encodeJpeg(pixels, width, height, { quality: 95, work });
        const image = decodeJpeg(bytes, { maxPixels }, work);
        assert.deepEqual([image.width, image.height], [width, height]);
        if (width > 15 && height > 15) assert(psnr(pixels, image.pixels) > 30, String(psnr(pixels, image.pixels)));
        assert.deepEqual(encodeJpeg(pixels.map((pixel) => pixel | 0xff000000), width, height, { quality: 95 }), bytes);
      },
    ),
    { numRuns: 150, seed: 1 },
  );
});

Deno.test("encodeJpeg() of one colour keeps it within rounding", () => {
  for (const colour of [0, 0xffffff, 0x336699, 0xff0000, 0x00ff00, 0x0000ff]) {
    const { pixels } = decodeJpeg(encodeJpeg(new Uint32Array(20 * 20).fill(colour), 20, 20, { quality: 100 }), {
      maxPixels,
    });
    for (const shift of [0, 8, 16]) {
      assert(Math.abs((pixels[0]! >> shift & 255) - (colour >> shift & 255)) <= 2, pixels[0]!.toString(16));
    }
    assert(pixels.every((pixel) => pixel === pixels[0]));
  }
});

Deno.test("encodeJpegWithin() takes the best quality that fits, in few bytes less than allowed", () => {
  const { width, height, pixels } = referenceImage({ source: "photo" })!, work = new JpegWork();
  for (const maxBytes of [20_000, 40_000, 80_000, 129_000]) {
    const { bytes, quality } = encodeJpegWithin(pixels, width, height, maxBytes, { work });
    assert(bytes.length <= maxBytes && bytes.length >= maxBytes * 0.85, `${bytes.length} of ${maxBytes}`);
    assert.deepEqual(encodeJpeg(pixels, width, height, { quality }), bytes);
  }
  const best = encodeJpegWithin(pixels, width, height, 1e6, { work, quality: 90 });
  assert.equal(best.quality, 90);
  const least = encodeJpegWithin(pixels, width, height, 100, { work });
  assert.equal(least.quality, 5);
  assert.deepEqual(least.bytes, encodeJpeg(pixels, width, height, { quality: 5 }));
});

Deno.test("encodeJpegWithin() of noise and of nothing ends with what fits", () => {
  for (const [width, height] of [[1, 1], [16, 16], [61, 52]] as const) {
    const pixels = patternOf(width, height);
    for (let maxBytes = 600; maxBytes < 6000; maxBytes += 171) {
      for (const best of [1, 3, 5, 6, 40, 85, 100]) {
        const { bytes, quality } = encodeJpegWithin(pixels, width, height, maxBytes, { quality: best });
        const lowest = Math.min(5, best);
        assert(quality <= best && quality >= lowest);
        assert(bytes.length <= maxBytes || quality === lowest, `${bytes.length} of ${maxBytes} at ${quality}`);
        assert.deepEqual(encodeJpeg(pixels, width, height, { quality }), bytes);
      }
    }
  }
});

Deno.test("encodeJpeg() refuses sizes and qualities that are none", () => {
  const pixels = new Uint32Array(6);
  refuses(() => encodeJpeg(pixels, 2, 2), "bad-size");
  refuses(() => encodeJpeg(pixels, 0, 6), "bad-size");
  refuses(() => encodeJpeg(new Uint32Array(65501), 65501, 1), "bad-size");
  refuses(() => encodeJpeg(pixels, 2, 3, { quality: 0 }), "bad-header");
  refuses(() => encodeJpeg(pixels, 2, 3, { quality: NaN }), "bad-header");
  refuses(() => encodeJpegWithin(pixels, 2, 3, 1000, { quality: 101 }), "bad-header");
  refuses(() => encodeJpegWithin(pixels, 3, 3, 1000), "bad-size");
  for (const maxBytes of [0, -1, NaN]) refuses(() => encodeJpegWithin(pixels, 2, 3, maxBytes), "bad-size");
  assert.equal(encodeJpegWithin(pixels, 2, 3, 1).quality, 5);
});

Deno.test("decodeJpeg() cut anywhere throws truncated, or gives the picture if only its end is missing", () => {
  for (const name of ["420-17x9", "444", "restart-5", "scans", "own-codes"]) {
    const src = streamNamed(name), { pixels } = decodeJpeg(src, { maxPixels });
    for (let length = 0; length < src.length; length++) {
      const error = ends(src.subarray(0, length));
      if (error !== null) assert.equal(error.code, "truncated", `${name} at ${length}: ${error.message}`);
      else assert.deepEqual(decodeJpeg(src.subarray(0, length), { maxPixels }).pixels, pixels, `${name} at ${length}`);
    }
    // All bits but the last byte's are needed: what has no end of image at all still is a picture.
    assert.equal(ends(src.subarray(0, src.length - 2)), null, name);
    assert.equal(ends(src.subarray(0, src.length - 4))?.code, "truncated", name);
  }
});

Deno.test("decodeJpeg() refuses each wrong field where it stands", () => {
  const src = streamNamed("420-17x9"), decode = (bytes: Uint8Array) => decodeJpeg(bytes, { maxPixels });
  const frame = segmentAt(src, 0xc0), steps = segmentAt(src, 0xdb), codes = segmentAt(src, 0xc4);
  const scan = segmentAt(src, 0xda);
  refuses(() => decode(patched(src, 0, 0xfe)), "bad-header", 0);
  refuses(() => decode(patched(src, 2, 0x00)), "bad-header", 2);
  refuses(() => decode(patched(src, 3, 0xd9)), "bad-header", 3);
  refuses(() => decode(patched(src, 4, 0, 1)), "bad-header", 4);
  refuses(() => decode(patched(src, 4, 0xff, 0xff)), "truncated", 4);
  refuses(() => decode(patched(src, steps, 0x24)), "bad-header", steps);
  refuses(() => decode(patched(src, steps, 0x04)), "bad-header", steps);
  refuses(() => decode(patched(src, steps, 0x10)), "bad-header", steps);
  refuses(() => decode(patched(src, codes, 0x20)), "bad-header", codes);
  refuses(() => decode(patched(src, codes + 1, 3)), "bad-header", codes);
  refuses(() => decode(patched(src, codes + 10, 200)), "bad-header", codes);
  refuses(() => decode(patched(src, codes + 17, 16)), "bad-header", codes);
  refuses(() => decode(patched(src, frame - 2, 0, 16)), "bad-header");
  refuses(() => decode(patched(src, frame, 12)), "unsupported", frame);
  refuses(() => decode(patched(src, frame + 1, 0, 0)), "unsupported", frame + 1);
  refuses(() => decode(patched(src, frame + 3, 0, 0)), "bad-size", frame + 3);
  refuses(() => decode(patched(src, frame + 5, 4)), "bad-header");
  refuses(() => decode(patched(src, frame + 7, 0x02)), "bad-header", frame + 7);
  refuses(() => decode(patched(src, frame + 7, 0x52)), "bad-header", frame + 7);
  refuses(() => decode(patched(src, frame + 7, 0x32, 0, 2, 0x21)), "unsupported", frame + 10);
  refuses(() => decode(patched(src, frame + 7, 0x44)), "bad-header"); // more than ten blocks an MCU
  refuses(() => decode(patched(src, frame + 9, 1)), "bad-header", frame + 9);
  refuses(() => decode(patched(src, frame + 8, 3)), "bad-header", scan + 1);
  refuses(() => decode(patched(src, scan, 4)), "bad-header", scan - 2);
  refuses(() => decode(patched(src, scan, 0)), "bad-header", scan - 2);
  refuses(() => decode(patched(src, scan + 1, 9)), "bad-header", scan + 1);
  refuses(() => decode(patched(src, scan + 3, 1)), "bad-header", scan + 3);
  refuses(() => decode(patched(src, scan + 2, 0x20)), "bad-header", scan + 1);
  refuses(() => decode(patched(src, scan + 7, 1)), "bad-header", scan + 7);
  refuses(() => decode(patched(src, frame - 3, 0xda)), "bad-header");
  for (const kind of [2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15]) {
    refuses(() => decode(patched(src, frame - 3, 0xc0 + kind)), "unsupported", frame - 4);
    refuses(() => decodeJpegHeader(patched(src, frame - 3, 0xc0 + kind)), "unsupported", frame - 4);
  }
  refuses(() => decode(patched(src, steps - 3, 0xcc)), "unsupported");
  refuses(() => decode(patched(src, codes - 3, 0xc0)), "bad-header"); // a second frame
  refuses(() => decode(patched(src, codes - 3, 0xdc)), "unsupported");
});

Deno.test("decodeJpeg() refuses a picture over the limit, or one that its bytes cannot hold, before it allocates", () => {
  const src = streamNamed("420-17x9"), frame = segmentAt(src, 0xc0);
  refuses(() => decodeJpeg(src, { maxPixels: 17 * 9 - 1 }), "bad-size", frame - 4);
  const huge = patched(src, frame + 1, 0xff, 0xff, 0xff, 0xff);
  refuses(() => decodeJpeg(huge, { maxPixels }), "bad-size", frame - 4);
  refuses(() => decodeJpeg(huge, { maxPixels: Infinity }), "truncated");
});

Deno.test("decodeJpeg() refuses codes that are none, blocks that are too long, and restarts out of turn", () => {
  const src = streamNamed("restart-1"), bits = segmentAt(src, 0xda) + 10;
  const damaged = patched(src, bits, 0xff, 0, 0xff, 0);
  refuses(() => decodeJpeg(damaged, { maxPixels }), "bad-code");
  const restart = src.findIndex((byte, i) => i > bits && byte === 0xff && src[i + 1] === 0xd0);
  refuses(() => decodeJpeg(patched(src, restart + 1, 0xd1), { maxPixels }), "bad-code");
  refuses(() => decodeJpeg(patched(src, restart + 1, 0x00), { maxPixels }), "bad-code");
  refuses(() => decodeJpeg(patched(src, restart + 1, 0xd9), { maxPixels }), "truncated");
  // Grey, 8 × 8, tables of annex K: DC 0, then 15 zeros and a value, five times: 80 values.
  const text = "00" + ("1111111111110101" + "1").repeat(5) + "1".repeat(8);
  const packed = (text.match(/.{8}/g) ?? []).flatMap((byte) => {
    const value = parseInt(byte, 2);
    return value === 0xff ? [0xff, 0] : [value];
  });
  const steps = new Array(64).fill(1);
  const long = Uint8Array.of(
    ...[0xff, 0xd8, 0xff, 0xdb, 0, 67, 0, ...steps],
    ...[0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, ...packed, 0xff, 0xd9],
  );
  refuses(() => decodeJpeg(long, { maxPixels }), "overrun");
});

Deno.test("decodeJpeg() of mutated streams ends in a picture or a CodecError", () => {
  const names = ["420-17x9", "444", "restart-5", "scans", "own-codes", "no-codes", "410", "grey", "16-bit-steps"];
  const sources = names.map(streamNamed);
  const change = fc.tuple(fc.nat(8000), fc.oneof(fc.nat(255), fc.constantFrom(0, 255, 0xc4, 0xda, 0xd0)));
  const mutation = fc.record({
    which: fc.nat(names.length - 1),
    header: fc.boolean(),
    changes: fc.array(change, { minLength: 1, maxLength: 5 }),
  });
  let failed = 0;
  fc.assert(
    fc.property(mutation, ({ which, header, changes }) => {
      const src = sources[which]!.slice(), size = header ? segmentAt(src, 0xda) + 20 : src.length;
      for (const [at, value] of changes) src[at % size] = value;
      if (ends(src) !== null) failed++;
    }),
    { numRuns: 4000, seed: 2 },
  );
  assert(failed > 1000, `${failed} refused`);
});

Deno.test("decodeJpeg() of random bits ends in a picture or a CodecError", () => {
  const src = streamNamed("420-40x24"), bits = segmentAt(src, 0xda) + 10;
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 600 }), (noise) => {
      const out = new Uint8Array(bits + noise.length);
      out.set(src.subarray(0, bits));
      out.set(noise, bits);
      ends(out);
    }),
    { numRuns: 2000, seed: 3 },
  );
});
