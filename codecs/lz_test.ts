import assert from "node:assert/strict";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing stream
import {
  paletteColours,
  pixelsSha256,
  referenceImage,
  type ReferenceStream,
  referenceStreams,
  sha256,
  streamBytes,
} from "../conformance/vectors/codecs/reference.ts";
import { CodecError, type CodecErrorCode } from "./errors.ts";
import { flipRows } from "./flip_rows.ts";
import { decodeLzAlpha, decodeLzBytes, decodeLzRgb16, decodeLzRgb32 } from "./lz/decode_passes.ts";
import { decodeLz, decodeLzHeader, encodeLz, encodeLzRgb32, type LzSource, LzType, LzWork } from "./lz.ts";

const entries = referenceStreams("lz"), stored = entries.filter(({ file }) => file !== undefined);
const maxPixels = 1 << 24;

const streamOf = (entry: ReferenceStream) => streamBytes(entry)!;
const entryNamed = (name: string) => {
  const found = stored.find((entry) => entry.name === `${name}.lz`);
  assert(found, name);
  return found;
};
const lzTypes = Object.values(LzType);

/** An LZ stream with a header and the tokens given. */
function stream(type: number, width: number, height: number, strideBytes: number, tokens: number[]): Uint8Array {
  const out = new Uint8Array(28 + tokens.length);
  const view = new DataView(out.buffer);
  [0x20205a4c, 0x00010001, type, width, height, strideBytes, 1].forEach((word, i) => view.setUint32(i * 4, word));
  out.set(tokens, 28);
  return out;
}

/** Token of a match: length without its bias (1 and up), distance 1 to 73727. */
function matchBytes(length: number, distance: number): number[] {
  const far = distance > 8191, coded = far ? 8191 : distance - 1;
  const more = length < 7 ? [] : [...Array(Math.floor((length - 7) / 255)).fill(255), (length - 7) % 255];
  const tail = far ? [distance - 8192 >> 8, distance - 8192 & 255] : [];
  return [Math.min(length, 7) << 5 | coded >> 8, ...more, coded & 255, ...tail];
}

/** x1r5g5b5 to 0x00RRGGBB, channel by channel. */
function widen(value: number): number {
  const wide = (channel: number) => channel << 3 | channel >> 2;
  return wide(value >> 10 & 31) << 16 | wide(value >> 5 & 31) << 8 | wide(value & 31);
}

/** A source of a type, its units taken from a list again and again. */
function madeOf(type: LzType, width: number, height: number, topDown: boolean, list: readonly number[]): LzSource {
  const at = (i: number) => list.length === 0 ? 0 : list[i % list.length]!;
  const common = { width, height, topDown }, length = width * height;
  switch (type) {
    case LzType.RGB24:
    case LzType.RGB32:
    case LzType.RGBA:
    case LzType.XXXA:
      return { ...common, type, pixels: Uint32Array.from({ length }, (_, i) => at(i)) };
    case LzType.RGB16:
      return { ...common, type, pixels: Uint16Array.from({ length }, (_, i) => at(i) & 0x7fff) };
    default: {
      const bits = [0, 1, 1, 4, 4, 8][type] ?? 8;
      const bytes = { length: Math.ceil(width * bits / 8) * height };
      return { ...common, type, pixels: Uint8Array.from(bytes, (_, i) => at(i)) };
    }
  }
}

/** What an encoder was given: the units in stream order, palette rows with their padding. */
function sourceOf(stream: Uint8Array): LzSource {
  const { type, width, height, strideBytes, topDown } = decodeLzHeader(stream);
  const common = { width, height, topDown }, pixels = new Uint32Array(width * height);
  switch (type) {
    case LzType.RGB24:
    case LzType.RGB32:
      decodeLzRgb32(stream, pixels, 28);
      return { ...common, type, pixels };
    case LzType.RGBA:
      decodeLzAlpha(stream, pixels, decodeLzRgb32(stream, pixels, 28));
      return { ...common, type, pixels };
    case LzType.XXXA:
      decodeLzAlpha(stream, pixels, 28);
      return { ...common, type, pixels };
    case LzType.RGB16:
      decodeLzRgb16(stream, pixels, 28);
      return { ...common, type, pixels: Uint16Array.from(pixels, narrow) };
    default: {
      const bytes = new Uint8Array(strideBytes * height);
      decodeLzBytes(stream, bytes, 28);
      return { ...common, type, pixels: bytes };
    }
  }
}

/** The units of a source without the bits that its type does not code. */
function significant({ type, pixels }: LzSource): Uint8Array | Uint16Array | Uint32Array {
  if (type === LzType.RGB24 || type === LzType.RGB32) return pixels.map((pixel) => pixel & 0xffffff);
  return type === LzType.XXXA ? pixels.map((pixel) => pixel & 0xff000000) : pixels;
}

/** 0x00RRGGBB to x1r5g5b5. */
function narrow(pixel: number): number {
  return pixel >> 9 & 0x7c00 | pixel >> 6 & 0x3e0 | pixel >> 3 & 0x1f;
}

function refuses(run: () => unknown, code: CodecErrorCode, offset?: number): void {
  assert.throws(run, (error) => {
    assert(error instanceof CodecError, String(error));
    assert.equal(error.code, code);
    if (offset !== undefined) assert.equal(error.offset, offset);
    return true;
  });
}

Deno.test("decodeLz() gives the reference's pixels for every vector", () => {
  const seen = new Set<number>();
  for (const entry of stored) {
    const src = streamOf(entry);
    assert.equal(sha256(src), entry.encodedSha256, entry.name);
    const header = decodeLzHeader(src);
    assert.equal(header.type, LzType[entry.typeName as keyof typeof LzType], entry.name);
    assert.equal(header.topDown, entry.topDown, entry.name);
    const image = decodeLz(src, { maxPixels, palette: paletteColours(entry) });
    assert.deepEqual([image.width, image.height], [entry.width, entry.height], entry.name);
    assert.equal(pixelsSha256(image.pixels, entry.decodedFormat), entry.decodedSha256, entry.name);
    seen.add(header.type);
  }
  assert.deepEqual([...seen].sort((a, b) => a - b), lzTypes);
});

Deno.test("decodeLz() turns a bottom-up stream of any type over, alpha included", () => {
  for (const entry of stored.filter((entry) => entry.name?.startsWith("alpha129x65") && entry.topDown)) {
    const src = streamOf(entry), palette = paletteColours(entry);
    const down = decodeLz(src, { maxPixels, palette });
    new DataView(src.buffer).setUint32(24, 0);
    const up = decodeLz(src, { maxPixels, palette });
    assert.notDeepEqual(up.pixels, down.pixels, entry.name);
    const rows = Array.from({ length: up.height }, (_, y) => [...up.pixels.subarray(y * up.width, (y + 1) * up.width)]);
    assert.deepEqual(rows.reverse().flat(), [...down.pixels], entry.name);
  }
});

Deno.test("decodeLz() of a stream cut at any byte throws truncated", () => {
  for (const typeName of Object.keys(LzType)) {
    const entry = entryNamed(`7x2-${typeName}`);
    const src = streamOf(entry), palette = paletteColours(entry);
    for (let length = 0; length < src.length; length++) {
      refuses(() => decodeLz(src.subarray(0, length), { maxPixels, palette }), "truncated");
    }
  }
  const long = streamOf(entryNamed("alpha129x65-RGBA"));
  for (let length = 0; length < long.length; length += 97) {
    refuses(() => decodeLz(long.subarray(0, length), { maxPixels }), "truncated");
  }
});

Deno.test("decodeLz() ignores bytes after the last pass", () => {
  const entry = entryNamed("7x2-RGBA");
  const src = streamOf(entry), longer = new Uint8Array(src.length + 3).fill(255);
  longer.set(src);
  assert.deepEqual(decodeLz(longer, { maxPixels }), decodeLz(src, { maxPixels }));
});

Deno.test("decodeLz() of random tokens ends in a picture or a CodecError", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 11 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 20 }),
      fc.uint8Array({ maxLength: 200 }),
      (type, width, height, tokens) => {
        const perPixel = [0, 1 / 8, 1 / 8, 1 / 2, 1 / 2, 1, 2, 3, 4, 4, 4, 1][type]!;
        const src = stream(type, width, height, Math.ceil(width * perPixel), [...tokens]);
        try {
          const image = decodeLz(src, { maxPixels: 400, palette: Uint32Array.of(1, 2, 3) });
          assert.equal(image.pixels.length, width * height);
        } catch (error) {
          assert(error instanceof CodecError, String(error));
        }
      },
    ),
    { numRuns: 5000, seed: 1 },
  );
});

Deno.test("decodeLz passes agree with a plain model of the tokens", () => {
  const token = fc.oneof(
    fc.record({ literal: fc.array(fc.integer({ min: 0, max: 0x7fff }), { minLength: 1, maxLength: 32 }) }),
    fc.record({ length: fc.integer({ min: 3, max: 1200 }), back: fc.nat() }),
  );
  const passes = [
    { bias: 0, wire: (u: number) => [u & 255, u >> 8, 0x5a], in32: decodeLzRgb32, as: (u: number) => u | 0x5a0000 },
    { bias: 1, wire: (u: number) => [u >> 8, u & 255], in32: decodeLzRgb16, as: widen },
    { bias: 2, wire: (u: number) => [u & 255], in32: decodeLzAlpha, as: (u: number) => u << 24 >>> 0 },
    { bias: 2, wire: (u: number) => [u & 255], in32: null, as: (u: number) => u & 255 },
  ];
  fc.assert(
    fc.property(fc.constantFrom(...passes), fc.array(token, { minLength: 1, maxLength: 30 }), (pass, tokens) => {
      const src: number[] = [], units: number[] = [];
      for (const token of tokens) {
        if ("literal" in token) {
          src.push(token.literal.length - 1, ...token.literal.flatMap(pass.wire));
          units.push(...token.literal);
        } else if (units.length > 0) {
          const distance = token.back % Math.min(units.length, 8192 + 65535) + 1;
          src.push(...matchBytes(token.length - pass.bias, distance));
          for (let i = 0; i < token.length; i++) units.push(units[units.length - distance]!);
        }
      }
      const in32 = new Uint32Array(units.length), in8 = new Uint8Array(units.length);
      const end = pass.in32 ? pass.in32(Uint8Array.from(src), in32) : decodeLzBytes(Uint8Array.from(src), in8);
      assert.equal(end, src.length);
      assert.deepEqual([...(pass.in32 ? in32 : in8)], units.map(pass.as));
    }),
    { numRuns: 1000, seed: 3 },
  );
});

Deno.test("decodeLz() of mutated vectors ends in a picture or a CodecError", () => {
  const entries = stored.filter((entry) => entry.encodedBytes < 2000);
  fc.assert(
    fc.property(
      fc.constantFrom(...entries),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      (entry, changes) => {
        const src = streamOf(entry);
        for (const [at, value] of changes) src[at % src.length] = value;
        try {
          decodeLz(src, { maxPixels: 1 << 16, palette: paletteColours(entry) });
        } catch (error) {
          assert(error instanceof CodecError, String(error));
        }
      },
    ),
    { numRuns: 5000, seed: 2 },
  );
});

Deno.test("decodeLzHeader() refuses what the reference refuses", () => {
  const good = stream(LzType.RGB32, 2, 3, 8, []);
  const withWord = (index: number, value: number) => {
    const bad = good.slice();
    new DataView(bad.buffer).setUint32(index * 4, value);
    return bad;
  };
  assert.deepEqual(decodeLzHeader(good), { type: 8, width: 2, height: 3, strideBytes: 8, topDown: true });
  refuses(() => decodeLzHeader(withWord(0, 0x4c5a2020)), "bad-header", 0);
  refuses(() => decodeLzHeader(withWord(1, 0x00010000)), "bad-header", 4);
  refuses(() => decodeLzHeader(withWord(2, 0)), "bad-header", 8);
  refuses(() => decodeLzHeader(withWord(2, 12)), "bad-header", 8);
  refuses(() => decodeLzHeader(withWord(3, 0)), "bad-size", 12);
  refuses(() => decodeLzHeader(withWord(3, 0x80000000)), "bad-size", 12);
  refuses(() => decodeLzHeader(withWord(4, 0)), "bad-size", 16);
  refuses(() => decodeLzHeader(withWord(4, 0xffffffff)), "bad-size", 16);
  refuses(() => decodeLzHeader(withWord(5, 9)), "bad-size", 20);
});

Deno.test("CVE-2018-10893: sizes whose product overflows are refused before anything is allocated", () => {
  for (const [width, height] of [[0x10000, 0x10000], [0x40000001, 4], [0x7fffffff, 2], [3, 0x7fffffff]] as const) {
    const strideBytes = width * 4 >>> 0 === width * 4 ? width * 4 : 4;
    refuses(() => decodeLz(stream(LzType.RGB32, width, height, strideBytes, [0]), { maxPixels }), "bad-size");
    refuses(() => decodeLz(stream(LzType.A8, width, height, width, [0]), { maxPixels }), "bad-size");
  }
});

Deno.test("CVE-2018-10893: runs of every pass that go past the last unit are refused, literal or match", () => {
  for (const type of lzTypes) {
    const unit = type === LzType.RGB16 ? [1, 2] : type >= LzType.RGB24 && type <= LzType.RGBA ? [1, 2, 3] : [1];
    const literal = (count: number) => [count - 1, ...Array(count).fill(unit).flat()];
    const palette = new Uint32Array(256), perByte = type <= LzType.PLT1_BE ? 8 : type <= LzType.PLT4_BE ? 2 : 1;
    const bytes = [0, 1, 1, 1, 1, 1, 2, 3, 4, 4, 4, 1][type]!;
    const of = (tokens: number[]) => stream(type, 4 * perByte, 1, 4 * bytes, tokens);
    refuses(() => decodeLz(of(literal(5)), { maxPixels, palette }), "overrun");
    refuses(() => decodeLz(of([...literal(1), 4 << 5, 0]), { maxPixels, palette }), "overrun");
    refuses(
      () => decodeLz(of([...literal(1), 7 << 5, ...Array(50).fill(255), 0, 0]), { maxPixels, palette }),
      "overrun",
    );
    refuses(() => decodeLz(of([...literal(1), 1 << 5, 1]), { maxPixels, palette }), "bad-distance");
  }
});

Deno.test("decodeLz() checks size and length before it allocates", () => {
  refuses(() => decodeLz(stream(LzType.RGB32, 11, 10, 44, [0]), { maxPixels: 100 }), "bad-size");
  // 2^62 pixels: only a check before the allocation can answer this.
  refuses(() => decodeLz(stream(LzType.A8, 0x7fffffff, 0x7fffffff, 0x7fffffff, [0]), { maxPixels }), "bad-size");
  refuses(() => decodeLz(stream(LzType.A8, 0x7fffffff, 0x7fffffff, 0x7fffffff, [0]), { maxPixels: 1e30 }), "truncated");
});

Deno.test("decodeLz() wraps PLT4 indexes, and refuses PLT1 and PLT8 indexes without a colour", () => {
  const plt4 = stream(LzType.PLT4_BE, 2, 1, 1, [0, 0x2f]);
  assert.deepEqual([...decodeLz(plt4, { maxPixels, palette: Uint32Array.of(5, 6, 7) }).pixels], [7, 5]);
  const plt8 = stream(LzType.PLT8, 2, 1, 2, [1, 2, 3]);
  refuses(() => decodeLz(plt8, { maxPixels, palette: Uint32Array.of(5, 6, 7) }), "bad-palette");
  refuses(() => decodeLz(plt8, { maxPixels }), "bad-palette");
  refuses(() => decodeLz(plt8, { maxPixels, palette: new Uint32Array() }), "bad-palette");
  const plt1 = stream(LzType.PLT1_LE, 1, 1, 1, [0, 0]);
  refuses(() => decodeLz(plt1, { maxPixels, palette: Uint32Array.of(5) }), "bad-palette");
});

Deno.test("decodeLzRgb32() rejects a distance before the first pixel", () => {
  refuses(() => decodeLzRgb32(Uint8Array.of(0, 1, 2, 3, 1 << 5, 1), new Uint32Array(4)), "bad-distance", 6);
});

Deno.test("decodeLzRgb32() rejects a run past the last pixel, literal or match", () => {
  refuses(() => decodeLzRgb32(Uint8Array.of(1, 1, 2, 3, 4, 5, 6), new Uint32Array(1)), "overrun");
  refuses(() => decodeLzRgb32(Uint8Array.of(0, 1, 2, 3, 4 << 5, 0), new Uint32Array(4)), "overrun");
});

Deno.test("decodeLz passes answer where they stopped, so that a second pass can start there", () => {
  const pixels = new Uint32Array(3);
  const src = Uint8Array.of(0, 0x33, 0x22, 0x11, 2 << 5, 0, 0, 0x80, 0, 0x40, 0, 0x20, 99);
  const end = decodeLzRgb32(src, pixels);
  assert.equal(end, 6);
  assert.deepEqual([...pixels], [0x112233, 0x112233, 0x112233]);
  assert.equal(decodeLzAlpha(src, pixels, end), 12);
  assert.deepEqual([...pixels], [0x80112233, 0x40112233, 0x20112233]);
});

Deno.test("decodeLz passes copy long matches: runs, repeats and overlaps", () => {
  const literal = [2, 1, 0, 0, 2, 0, 0, 3, 0, 0];
  // Length 7 + 93 = 100 at distance 1, then 100 at distance 100, then 100 at distance 3 (overlapping).
  const src = Uint8Array.of(...literal, 7 << 5, 93, 0, 7 << 5, 93, 99, 0, 9, 0, 0, 7 << 5, 93, 2);
  const pixels = new Uint32Array(304);
  assert.equal(decodeLzRgb32(src, pixels), src.length);
  const expected = [1, 2, 3];
  const repeat = (distance: number) => {
    for (let i = 0; i < 100; i++) expected.push(expected[expected.length - distance]!);
  };
  repeat(1);
  repeat(100);
  expected.push(9);
  repeat(3);
  assert.deepEqual([...pixels], expected);
});

Deno.test("decodeLzRgb16() widens channels and ignores the unused bit", () => {
  const pixels = new Uint32Array(4);
  decodeLzRgb16(Uint8Array.of(3, 0x7f, 0xff, 0x80, 0x00, 0x40, 0x00, 0x02, 0x10), pixels);
  assert.deepEqual([...pixels], [0xffffff, 0, 0x840000, 0x008484]);
});

Deno.test("decodeLzBytes() reaches back 8192 units and more with the far form", () => {
  const src = [0, 42, 7 << 5, ...Array(40).fill(255), 0, 0, 1 << 5 | 31, 255, 0, 8];
  const units = 1 + 9 + 40 * 255 + 3;
  const out = new Uint8Array(units);
  assert.equal(decodeLzBytes(Uint8Array.from(src), out), src.length);
  assert(out.every((value) => value === 42));
  const short = new Uint8Array(8000 + 3);
  refuses(() => decodeLzBytes(Uint8Array.of(0, 42, 1 << 5 | 31, 255, 0, 8), short), "bad-distance");
});

Deno.test("encodeLz() gives the reference's bytes for every image, kept or not", () => {
  const work = new LzWork(), seen = new Set<number>();
  for (const entry of entries) {
    const what = `${entry.name ?? entry.source} ${entry.typeName}`;
    const source = entry.file === undefined
      ? { ...entry, type: LzType[entry.typeName as "RGB24" | "RGB32"], pixels: referenceImage(entry)!.pixels }
      : sourceOf(streamOf(entry));
    assert.equal(sha256(encodeLz(source, work)), entry.encodedSha256, what);
    seen.add(source.type);
  }
  assert(entries.some(({ file }) => file === undefined) && entries.some(({ topDown }) => !topDown));
  assert.deepEqual([...seen].sort((a, b) => a - b), lzTypes);
});

Deno.test("encodeLz() is undone by decodeLz() for every type, size and order", () => {
  const unit = fc.oneof(fc.nat(3), fc.nat(0xff), fc.nat(0xffffffff));
  fc.assert(
    fc.property(
      fc.constantFrom(...lzTypes),
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 1, max: 12 }),
      fc.boolean(),
      // Pieces that come again at any distance make matches.
      fc.array(fc.array(unit, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(40)), { minLength: 1, maxLength: 40 }),
      (type, width, height, topDown, pieces, order) => {
        const list = order.flatMap(([piece, times]) => Array(times).fill(pieces[piece % pieces.length]!).flat());
        const source = madeOf(type, width, height, topDown, list);
        const stream = encodeLz(source), again = sourceOf(stream);
        assert.deepEqual(again.pixels, significant(source));
        assert.deepEqual(encodeLz(again), stream);
        const header = decodeLzHeader(stream);
        assert.deepEqual([header.type, header.width, header.height, header.topDown], [type, width, height, topDown]);
        const palette = Uint32Array.from({ length: 256 }, (_, i) => i * 0x010101);
        const image = decodeLz(stream, { maxPixels, palette });
        const flipped = decodeLz(encodeLz({ ...source, topDown: !topDown }), { maxPixels, palette });
        flipRows(flipped.pixels, width, height);
        assert.deepEqual(image, flipped);
      },
    ),
    { numRuns: 2000, seed: 6 },
  );
});

Deno.test("encodeLz() reaches as far back as the reference, and no farther", () => {
  // A piece comes again after so many units that agree with nothing: at the near limit, the far one, and past it.
  for (const gap of [8000, 8185, 8186, 8187, 8188, 8189, 8190, 8191, 8192, 73000, 73710, 73717, 73720, 73726, 80000]) {
    for (const type of [LzType.RGB32, LzType.RGB16, LzType.A8]) {
      const piece = [1, 2, 3, 4, 5, 6, 7, 8, 9], filler = Array.from({ length: gap }, (_, i) => 16 + i * 7 % 239);
      const list = [...piece, ...filler, ...piece, ...Array(8).fill(0)];
      const source = madeOf(type, list.length, 1, true, list);
      assert.deepEqual(sourceOf(encodeLz(source)).pixels, significant(source), `${gap} ${type}`);
    }
  }
});

Deno.test("encodeLzRgb32() is undone by decodeLz(), at the worst size, too", () => {
  const colours = fc.oneof(fc.nat(3), fc.nat(0xffffff));
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.array(colours, { minLength: 40, maxLength: 2000 }),
      (width, list) => {
        const height = Math.floor(list.length / width), pixels = Uint32Array.from(list.slice(0, width * height));
        const src = encodeLzRgb32(pixels, width, height);
        assert.deepEqual(decodeLz(src, { maxPixels }), { width, height, pixels, alpha: false });
      },
    ),
    { numRuns: 500, seed: 4 },
  );
  for (let size = 1; size < 70; size++) {
    // No two pixels agree, so every one is a literal.
    const pixels = Uint32Array.from({ length: size }, (_, i) => i * 0x010305);
    const src = encodeLzRgb32(pixels, size, 1);
    assert.equal(src.length, 28 + size * 3 + Math.ceil(size / 32), `${size}`);
    assert.deepEqual(decodeLz(src, { maxPixels }).pixels, pixels);
  }
});

Deno.test("encodeLzRgb32() ignores the top byte of a pixel", () => {
  const pixels = Uint32Array.from({ length: 64 }, (_, i) => (i % 5) << 24 | i >> 3);
  assert.deepEqual(encodeLzRgb32(pixels, 8, 8), encodeLzRgb32(pixels.map((pixel) => pixel & 0xffffff), 8, 8));
});

Deno.test("encodeLzRgb32() refuses a size that is not the pixels'", () => {
  for (const [width, height] of [[0, 0], [2, 3], [-2, -2], [1.5, 4]] as const) {
    refuses(() => encodeLzRgb32(new Uint32Array(4), width, height), "bad-size");
  }
});
