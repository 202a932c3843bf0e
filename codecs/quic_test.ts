import assert from "node:assert/strict";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing picture
import { AllocationMeter } from "../conformance/fuzz/allocation_meter.ts";
import {
  pixelsSha256,
  referenceImage,
  referenceStreams,
  sha256,
  streamBytes,
} from "../conformance/vectors/codecs/reference.ts";
import { CodecError, type CodecErrorCode } from "./errors.ts";
import { decodeQuic, decodeQuicHeader, encodeQuic, QuicType, QuicWork } from "./quic.ts";

const maxPixels = 1 << 24;
const TYPES = Object.values(QuicType);
const entries = referenceStreams("quic");

/** The bytes of an edge entry. */
function streamNamed(name: string): Uint8Array<ArrayBuffer> {
  const entry = entries.find((entry) => entry.name === name);
  assert(entry, name);
  return streamBytes(entry)!;
}

/** A stream with a header and the bits given, as ones and zeros with any spaces; then zeros and the last word. */
function stream(type: number, width: number, height: number, bits: string): Uint8Array<ArrayBuffer> {
  const digits = bits.replaceAll(/\s/g, ""), words = digits.match(/.{1,32}/g) ?? [];
  const out = new DataView(new ArrayBuffer(20 + words.length * 4 + 4));
  [0x43495551, 0, type, width, height].forEach((word, i) => out.setUint32(i * 4, word, true));
  words.forEach((word, i) => out.setUint32(20 + i * 4, parseInt(word.padEnd(32, "0"), 2), true));
  return new Uint8Array(out.buffer);
}

/** What remains of pixels in a type: colours of five bits widened, one channel for all, no alpha. */
function asType(pixels: Uint32Array<ArrayBuffer>, type: QuicType): Uint32Array<ArrayBuffer> {
  return pixels.map((pixel) => {
    if (type === QuicType.GRAY) return (pixel & 255) * 0x010101;
    if (type === QuicType.RGB16) return pixel & 0xf8f8f8 | pixel >>> 5 & 0x070707;
    return type === QuicType.RGBA ? pixel : pixel & 0xffffff;
  });
}

function refuses(run: () => unknown, code: CodecErrorCode, offset?: number): void {
  assert.throws(run, (error) => {
    assert(error instanceof CodecError, String(error));
    assert.deepEqual([error.codec, error.code], ["QUIC", code], error.message);
    if (offset !== undefined) assert.equal(error.offset, offset);
    return true;
  });
}

/** Decodes, and lets nothing escape but a picture of the promised size or a CodecError. */
function decodesOrRefuses(src: Uint8Array, most: number): void {
  try {
    const { width, height, pixels } = decodeQuic(src, { maxPixels: most });
    assert.equal(pixels.length, width * height);
  } catch (error) {
    assert(error instanceof CodecError && error.codec === "QUIC", String(error));
    assert(error.offset >= 0 && error.offset <= src.length, `${error.offset} of ${src.length}`);
  }
}

/** Pictures of a size at which every branch of the coder is near: few colours, runs, and steep edges. */
function pictures(mostWidth: number, mostHeight: number) {
  const colour = fc.oneof(fc.constantFrom(0, 0xff000000, 0xffffffff, 0x80112233), fc.nat(3), fc.nat(0xffffffff));
  const stretch = fc.tuple(colour, fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 90 })));
  return fc.record({
    type: fc.constantFrom(...TYPES),
    width: fc.integer({ min: 1, max: mostWidth }),
    height: fc.integer({ min: 1, max: mostHeight }),
    stretches: fc.array(stretch, { minLength: 1, maxLength: 60 }),
    repeatRows: fc.boolean(),
  }).map(({ type, width, height, stretches, repeatRows }) => {
    const pixels = new Uint32Array(width * height);
    for (let at = 0, i = 0; at < pixels.length; i = (i + 1) % stretches.length) {
      const [colour, length] = stretches[i]!;
      pixels.fill(colour, at, at += length);
    }
    for (let row = 2; repeatRows && row < height; row += 2) pixels.copyWithin(row * width, 0, width);
    return { type, width, height, pixels };
  });
}

Deno.test("decodeQuic() gives the reference's pixels for every vector", () => {
  const seen = new Set<number>();
  for (const entry of entries) {
    const src = streamBytes(entry);
    if (src === undefined) continue;
    assert.equal(sha256(src), entry.encodedSha256, entry.name);
    const { width, height, type } = entry;
    assert.deepEqual(decodeQuicHeader(src), { type, width, height }, entry.name);
    const image = decodeQuic(src, { maxPixels });
    assert.deepEqual([image.width, image.height], [width, height], entry.name);
    assert.equal(image.alpha, entry.typeName === "RGBA");
    assert.equal(pixelsSha256(image.pixels, entry.decodedFormat), entry.decodedSha256, entry.name);
    seen.add(image.alpha ? QuicType.RGBA : decodeQuicHeader(src).type);
  }
  assert.deepEqual([...seen].sort(), TYPES);
});

Deno.test("encodeQuic() gives the reference's bytes for every vector, also those of which only the hash is kept", () => {
  const sources = new Map<string, Uint32Array>(), work = new QuicWork();
  let hashes = 0;
  for (const entry of entries) {
    const src = streamBytes(entry), key = `${entry.source} ${entry.crop}`;
    const pixels = src ? decodeQuic(src, { maxPixels }).pixels : sources.get(key) ?? referenceImage(entry)?.pixels;
    assert(pixels, key);
    if (src === undefined) {
      sources.set(key, pixels);
      hashes++;
    }
    const encoded = encodeQuic(pixels, entry.width, entry.height, entry.type as QuicType, work);
    assert.equal(encoded.length, entry.encodedBytes, entry.name ?? key);
    assert.equal(sha256(encoded), entry.encodedSha256, entry.name ?? key);
  }
  assert(hashes >= 5, `${hashes}`);
});

Deno.test("encodeQuic() of a screenshot's pixels gives the reference's bytes, whatever the top byte is", () => {
  for (const entry of entries.filter(({ crop, file }) => crop !== undefined && file !== undefined)) {
    const pixels = referenceImage(entry)!.pixels.map((pixel, i) => pixel & 0xffffff | i << 24);
    assert.equal(
      sha256(encodeQuic(pixels, entry.width, entry.height, entry.type as QuicType)),
      entry.encodedSha256,
      entry.source,
    );
  }
});

Deno.test("decodeQuic() of a stream cut at any byte throws truncated", () => {
  for (const type of Object.keys(QuicType)) {
    for (const size of ["1x1", "3x1", "1x9", "7x2"]) {
      const src = streamNamed(`${size}-${type}.quic`);
      for (let length = 0; length < src.length; length++) {
        refuses(() => decodeQuic(src.subarray(0, length), { maxPixels }), "truncated");
      }
    }
    const long = streamNamed(`2048x3-${type}.quic`);
    for (let length = 0; length < long.length; length += 7) {
      refuses(() => decodeQuic(long.subarray(0, length), { maxPixels }), "truncated");
    }
  }
});

Deno.test("decodeQuic() ignores bytes after the last word, and takes a stream at any place of a buffer", () => {
  for (const type of Object.keys(QuicType)) {
    const src = streamNamed(`333x41-${type}.quic`), picture = decodeQuic(src, { maxPixels });
    for (const [before, after] of [[0, 1], [1, 0], [2, 4], [3, 400]] as const) {
      const longer = new Uint8Array(before + src.length + after).fill(255);
      longer.set(src, before);
      assert.deepEqual(decodeQuic(longer.subarray(before), { maxPixels }), picture, `${type} at ${before}`);
    }
  }
});

Deno.test("decodeQuic() undoes encodeQuic(): a row, a column, and past every place where waits widen", () => {
  for (const [width, height] of [[1, 5000], [5000, 1], [4, 9000], [14337, 3], [2048, 7]]) {
    for (const type of TYPES) {
      const pixels = Uint32Array.from(
        { length: width! * height! },
        (_, i) => i % 97 < 50 ? 0xff336699 : Math.imul(i, 0x9e3779b1) >>> 0,
      );
      const image = decodeQuic(encodeQuic(pixels, width!, height!, type), { maxPixels });
      assert.deepEqual(image.pixels, asType(pixels, type), `${width} × ${height}, type ${type}`);
    }
  }
});

Deno.test("decodeQuic() reads runs of 32768 pixels and more", () => {
  const [width, height] = [70000, 4];
  for (const type of TYPES) {
    const pixels = new Uint32Array(width * height).fill(0x40c0e0f8);
    pixels[2 * width + 66000] = 5;
    const src = encodeQuic(pixels, width, height, type);
    assert.deepEqual(decodeQuic(src, { maxPixels }).pixels, asType(pixels, type), `type ${type}`);
  }
  // The steps of a run grow to 32768 pixels, for which one bit stands.
  const flat = encodeQuic(new Uint32Array(200000 * 80), 200000, 80, QuicType.GRAY);
  assert(flat.length < 200000 / 8 + 80 * 8, `${flat.length}`);
  assert(decodeQuic(flat, { maxPixels }).pixels.every((pixel) => pixel === 0));
});

// A black picture of 5 × 2 pixels up to the first run: 8 bits for a channel of the first pixel, then one.
const BLACK = "10000000".repeat(3) + "111".repeat(4) + "111".repeat(3);

Deno.test("decodeQuic() reads a run of no pixels, after which one is coded even if it is the same", () => {
  const black = { width: 5, height: 2, pixels: new Uint32Array(10), alpha: false };
  assert.deepEqual(decodeQuic(stream(QuicType.RGB32, 5, 2, `${BLACK} 110`), { maxPixels }), black);
  assert.deepEqual(decodeQuic(stream(QuicType.RGB32, 5, 2, `${BLACK} 0 111 0 111`), { maxPixels }), black);
  assert.deepEqual(encodeQuic(new Uint32Array(10), 5, 2, QuicType.RGB32), stream(QuicType.RGB32, 5, 2, `${BLACK} 110`));
});

Deno.test("decodeQuic() refuses a run past the end of its row (CVE-2020-14355, run length)", () => {
  refuses(() => decodeQuic(stream(QuicType.RGB32, 5, 2, `${BLACK} 111 0`), { maxPixels }), "overrun", 26);
  const ones = "1".repeat(5000);
  refuses(() => decodeQuic(stream(QuicType.RGB32, 5, 2, BLACK + ones), { maxPixels }), "overrun");
  const wide = encodeQuic(new Uint32Array(4000), 1000, 4, QuicType.GRAY);
  decodeQuic(wide, { maxPixels });
  // Ones to the end of the stream: 32 steps of 32768 pixels in each word.
  const bad = new Uint8Array(40000).fill(255);
  bad.set(wide.subarray(0, wide.length - 8));
  refuses(() => decodeQuic(bad, { maxPixels }), "overrun");
});

Deno.test("decodeQuic() refuses a run across the place where waits widen, as the reference does", () => {
  // Waits widen after 2048 pixels, 548 of them in the second row; 545 of those can be in a run.
  const start = "10000000" + "1".repeat(1499) + "111";
  const whole = "1".repeat(26) + "0" + "0010111101"; // 24 ones are 540 pixels, then 256 and 512; and 189 are 1497
  const parts = "1".repeat(24) + "0" + "00000101" + "1".repeat(25); // 540 and 5 are 545; the other 952 follow
  refuses(() => decodeQuic(stream(QuicType.GRAY, 1500, 2, start + whole), { maxPixels }), "overrun", 213);
  refuses(() => decodeQuic(stream(QuicType.GRAY, 1500, 2, start + parts), { maxPixels }), "truncated");
  const src = encodeQuic(new Uint32Array(3000), 1500, 2, QuicType.GRAY);
  assert.deepEqual(src.subarray(0, 208), stream(QuicType.GRAY, 1500, 2, start + parts).subarray(0, 208));
  assert.deepEqual(decodeQuic(src, { maxPixels }).pixels, new Uint32Array(3000));
});

Deno.test("decodeQuic() refuses a code word beyond the last symbol (CVE-2020-14355, bucket)", () => {
  // Code 0 with 8 bits: 18 zeros, then the symbol less 18 in 8 bits; 237 is the last of 256.
  const first = "10000000".repeat(3);
  decodeQuic(stream(QuicType.RGB32, 2, 1, `${first} 11 ${"0".repeat(18)} 11101101`), { maxPixels });
  for (const rest of ["11101110", "11111111"]) {
    const bad = stream(QuicType.RGB32, 2, 1, `${first} 11 ${"0".repeat(18)} ${rest}`);
    refuses(() => decodeQuic(bad, { maxPixels }), "bad-code", 26);
  }
  // With 5 bits: 21 zeros, then the symbol less 21 in 4 bits; 10 is the last of 32.
  const first16 = "10000".repeat(3);
  decodeQuic(stream(QuicType.RGB16, 2, 1, `${first16} 11 ${"0".repeat(21)} 1010`), { maxPixels });
  for (const rest of ["1011", "1111"]) {
    const bad = stream(QuicType.RGB16, 2, 1, `${first16} 11 ${"0".repeat(21)} ${rest}`);
    refuses(() => decodeQuic(bad, { maxPixels }), "bad-code", 25);
  }
});

Deno.test("decodeQuic() refuses a stream without data (CVE-2020-14355, no data)", () => {
  refuses(() => decodeQuic(new Uint8Array(), { maxPixels }), "truncated", 0);
  const header = stream(QuicType.RGB32, 1, 1, "").subarray(0, 20);
  refuses(() => decodeQuic(header, { maxPixels }), "truncated", 20);
  refuses(() => decodeQuic(stream(QuicType.RGB32, 1, 1, ""), { maxPixels }), "truncated", 24);
});

Deno.test("decodeQuicHeader() refuses what the reference refuses (CVE-2020-14355, image size)", () => {
  const withWord = (index: number, value: number) => {
    const bad = stream(QuicType.RGB32, 2, 3, "");
    new DataView(bad.buffer).setUint32(index * 4, value, true);
    return bad;
  };
  assert.deepEqual(decodeQuicHeader(withWord(0, 0x43495551)), { type: QuicType.RGB32, width: 2, height: 3 });
  refuses(() => decodeQuicHeader(new Uint8Array(19)), "truncated", 19);
  refuses(() => decodeQuicHeader(withWord(0, 0x51554943)), "bad-header", 0);
  refuses(() => decodeQuicHeader(withWord(1, 1)), "bad-header", 4);
  for (const type of [0, 6, 0xffffffff]) refuses(() => decodeQuicHeader(withWord(2, type)), "bad-header", 8);
  for (const width of [0, 0x80000000, 0xffffffff]) refuses(() => decodeQuicHeader(withWord(3, width)), "bad-size", 12);
  for (const height of [0, 0x80000000, 0xffffffff]) {
    refuses(() => decodeQuicHeader(withWord(4, height)), "bad-size", 16);
  }
  // Too many pixels in all, though neither side is too long.
  refuses(() => decodeQuicHeader(stream(QuicType.RGB32, 1 << 15, 1 << 14, "")), "bad-size", 12);
  assert.equal(decodeQuicHeader(stream(QuicType.RGB32, (1 << 15) - 1, 1 << 14, "")).height, 1 << 14);
});

Deno.test("decodeQuic() checks size and length before it allocates", () => {
  const meter = new AllocationMeter();
  const allocated = (src: Uint8Array, most: number, code: CodecErrorCode) => {
    meter.install();
    try {
      meter.reset(Infinity);
      refuses(() => decodeQuic(src, { maxPixels: most }), code);
      return meter.total;
    } finally {
      meter.uninstall();
    }
  };
  assert.equal(allocated(stream(QuicType.RGB32, 11, 10, "1".repeat(4000)), 109, "bad-size"), 0);
  // The first row takes a bit for each channel of each pixel, all others three pixels and a run.
  assert.equal(allocated(stream(QuicType.GRAY, 32768, 16383, "1".repeat(32000)), 1e9, "truncated"), 0);
  assert.equal(allocated(stream(QuicType.RGBA, 3, 1 << 26, "1".repeat(100000)), 1e9, "truncated"), 0);
  assert.equal(allocated(stream(QuicType.RGB32, 1, 0x1fffffff, "1".repeat(100000)), 1e9, "truncated"), 0);
  assert.equal(allocated(stream(QuicType.RGB16, 0x1fffffff, 1, "1".repeat(100000)), 1e9, "truncated"), 0);
});

Deno.test("decodeQuic() of random bits ends in a picture or a CodecError", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...TYPES),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.array(fc.constantFrom(0, 255, 254, 127), { maxLength: 400 })),
      (type, width, height, bytes) => {
        const src = new Uint8Array(20 + bytes.length);
        src.set(stream(type, width, height, "").subarray(0, 20));
        src.set(bytes, 20);
        decodesOrRefuses(src, 1600);
      },
    ),
    { numRuns: 5000, seed: 2 },
  );
});

Deno.test("decodeQuic() of mutated vectors ends in a picture or a CodecError", () => {
  const small = entries.filter((entry) => entry.file !== undefined && entry.encodedBytes < 9000);
  fc.assert(
    fc.property(
      fc.constantFrom(...small),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      (entry, changes) => {
        const src = streamBytes(entry)!;
        for (const [at, value] of changes) src[at % src.length] = value;
        decodesOrRefuses(src, 1 << 16);
      },
    ),
    { numRuns: 3000, seed: 3 },
  );
});

Deno.test("encodeQuic() keeps nothing in its work from one picture to the next", () => {
  const work = new QuicWork();
  fc.assert(
    fc.property(pictures(60, 20), ({ type, width, height, pixels }) => {
      assert.deepEqual(encodeQuic(pixels, width, height, type, work), encodeQuic(pixels, width, height, type));
    }),
    { numRuns: 300, seed: 4 },
  );
});

Deno.test("encodeQuic() makes room for pictures that grow: noise, and a run of no pixels before every pixel", () => {
  const noise = Uint32Array.from({ length: 300 * 300 }, (_, i) => Math.imul(i ^ i >>> 7, 0x9e3779b1) >>> 0);
  for (const type of TYPES) {
    assert.deepEqual(decodeQuic(encodeQuic(noise, 300, 300, type), { maxPixels }).pixels, asType(noise, type));
  }
  const steps = Uint32Array.from({ length: 8000 }, (_, i) => i < 4000 ? 0 : (i & 2) === 0 ? 0 : 0xffffffff);
  for (const type of TYPES) {
    assert.deepEqual(decodeQuic(encodeQuic(steps, 4000, 2, type), { maxPixels }).pixels, asType(steps, type));
  }
});

Deno.test("encodeQuic() refuses a size that is not the pixels', and a type that is none", () => {
  for (const [width, height] of [[0, 0], [2, 3], [-2, -2], [1.5, 4], [8, 0.5], [NaN, 4]] as const) {
    refuses(() => encodeQuic(new Uint32Array(4), width, height, QuicType.RGB32), "bad-size");
  }
  for (const type of [0, 6, 1.5, NaN]) {
    refuses(() => encodeQuic(new Uint32Array(4), 2, 2, type as QuicType), "bad-header");
  }
});

Deno.test("decodeQuic() of a cut stream ends alike whatever the working memory held before", () => {
  const noise = Uint32Array.from({ length: 60 * 40 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 8);
  const long = encodeQuic(noise, 60, 40, QuicType.RGB32);
  const slope = Uint32Array.from({ length: 40 * 30 }, (_, i) => (i % 40) * 0x030201 + (i & 7));
  const short = encodeQuic(slope, 40, 30, QuicType.RGB32), work = new QuicWork();
  const end = (work?: QuicWork) => (length: number) => {
    try {
      return decodeQuic(short.subarray(0, length), { maxPixels: 1 << 20 }, work).pixels.length;
    } catch (error) {
      return String(error);
    }
  };
  for (let length = 24; length < short.length; length += 4) {
    decodeQuic(long, { maxPixels: 1 << 20 }, work);
    assert.equal(end(work)(length), end()(length));
  }
});
