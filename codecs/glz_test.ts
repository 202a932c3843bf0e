import assert from "node:assert/strict";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing stream
import {
  pixelsSha256,
  referenceBytes,
  type ReferenceFrame,
  type ReferenceSequence,
  referenceSequences,
  sha256,
} from "../conformance/vectors/codecs/reference.ts";
import { glzStream as stream, literal, type MadeGlz, match } from "../conformance/vectors/codecs/glz_stream.ts";
import { CodecError, type CodecErrorCode } from "./errors.ts";
import { flipRows } from "./flip_rows.ts";
import {
  decodeGlz,
  decodeGlzHeader,
  encodeGlz,
  GlzDictionary,
  type GlzSource,
  type GlzType,
  GlzWindow,
} from "./glz.ts";
import type { DecodedImage } from "./image.ts";
import { LzType } from "./lz.ts";

const maxPixels = 1 << 24;
const glzTypes: readonly GlzType[] = [LzType.RGB16, LzType.RGB24, LzType.RGB32, LzType.RGBA];
const sequence = (name: string) => referenceSequences.find((one) => one.name === name)!;
const streamOf = ({ file }: ReferenceSequence, frame: ReferenceFrame) =>
  referenceBytes(file, frame.offset, frame.glzBytes);

/** The picture; an image that waits is a failure. */
function decoded(src: Uint8Array, window: GlzWindow): DecodedImage {
  const result = decodeGlz(src, window, { maxPixels });
  assert("pixels" in result, `waits for ${"waitsFor" in result ? result.waitsFor : ""}`);
  return result;
}

/** What the encoder was given, from what the decoder made of it. */
function sourceOf(
  frame: Pick<ReferenceFrame, "lzType" | "width" | "height" | "topDown">,
  image: DecodedImage,
): GlzSource {
  const { width, height, topDown } = frame, pixels = image.pixels.slice();
  if (!topDown) flipRows(pixels, width, height);
  const common = { width, height, topDown };
  return frame.lzType === LzType.RGB16
    ? { ...common, type: LzType.RGB16, pixels: Uint16Array.from(pixels, narrow) }
    : { ...common, type: frame.lzType as Exclude<GlzType, 6>, pixels };
}

/** 0x00RRGGBB to x1r5g5b5. */
function narrow(pixel: number): number {
  return pixel >> 9 & 0x7c00 | pixel >> 6 & 0x3e0 | pixel >> 3 & 0x1f;
}

/** x1r5g5b5 to 0x00RRGGBB, channel by channel. */
function widen(value: number): number {
  const wide = (channel: number) => channel << 3 | channel >> 2;
  return wide(value >> 10 & 31) << 16 | wide(value >> 5 & 31) << 8 | wide(value & 31);
}

/** What a source must look like when it is decoded. */
function pictureOf({ type, width, height, topDown = true, pixels }: GlzSource): DecodedImage {
  const shown = Uint32Array.from(pixels, (unit) => {
    return type === LzType.RGB16 ? widen(unit) : type === LzType.RGBA ? unit : unit & 0xffffff;
  });
  if (!topDown) flipRows(shown, width, height);
  return { width, height, pixels: shown, alpha: type === LzType.RGBA };
}

function refuses(run: () => unknown, code: CodecErrorCode, offset?: number): void {
  assert.throws(run, (error) => {
    assert(error instanceof CodecError, String(error));
    assert.equal(error.code, code, String(error));
    assert.equal(error.codec, "GLZ");
    if (offset !== undefined) assert.equal(error.offset, offset);
    return true;
  });
}

Deno.test("decodeGlz() gives the reference's pixels for every image of every sequence", () => {
  for (const one of referenceSequences) {
    // The server counts on no more than its dictionary holds.
    const window = new GlzWindow(one.dictionaryWindowPixels);
    for (const frame of one.frames) {
      const src = streamOf(one, frame);
      assert.equal(sha256(src), frame.glzSha256);
      assert.deepEqual(decodeGlzHeader(src), {
        type: frame.lzType,
        topDown: frame.topDown,
        width: frame.width,
        height: frame.height,
        id: BigInt(frame.id),
        winHeadDist: frame.winHeadDist,
      });
      const image = decoded(src, window);
      assert.equal(pixelsSha256(image.pixels, frame.decodedFormat), frame.decodedSha256, `${one.name} ${frame.id}`);
    }
    assert(window.pixels <= one.dictionaryWindowPixels);
  }
});

Deno.test("encodeGlz() gives the reference's bytes for every image of every sequence", () => {
  for (const one of referenceSequences) {
    const window = new GlzWindow(one.dictionaryWindowPixels),
      dictionary = new GlzDictionary(one.dictionaryWindowPixels);
    for (const frame of one.frames) {
      const src = streamOf(one, frame);
      const again = encodeGlz(sourceOf(frame, decoded(src, window)), dictionary);
      assert.equal(sha256(again), frame.glzSha256, `${one.name} ${frame.id}: ${again.length} bytes`);
    }
    assert(dictionary.heldPixels <= one.dictionaryWindowPixels);
  }
});

Deno.test("decodeGlz() takes the images of several channels in any order between them", () => {
  const mix = sequence("mix");
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.nat(3), { minLength: mix.frames.length, maxLength: mix.frames.length }),
      fc.array(fc.nat(3), { minLength: 10, maxLength: 60 }),
      (count, owners, turns) => {
        const channels = Array.from(
          { length: count },
          (_, channel) => mix.frames.filter((_, i) => owners[i]! % count === channel),
        );
        const window = new GlzWindow(2 ** 24);
        let waits = 0;
        for (let turn = 0; channels.some(({ length }) => length > 0); turn++) {
          const channel = channels[(turns[turn % turns.length]! + Math.floor(turn / turns.length)) % count]!;
          const frame = channel[0];
          if (frame === undefined) continue;
          const held = window.size, pixels = window.pixels;
          const result = decodeGlz(streamOf(mix, frame), window, { maxPixels });
          if ("waitsFor" in result) {
            waits++;
            assert(result.waitsFor < BigInt(frame.id) && window.awaits(result.waitsFor));
            assert.deepEqual([window.size, window.pixels], [held, pixels]);
            continue;
          }
          assert.equal(pixelsSha256(result.pixels, frame.decodedFormat), frame.decodedSha256, `${frame.id}`);
          channel.shift();
        }
        assert(count > 1 || waits === 0);
        // All have come: what is left is the window of the last.
        assert.equal(window.size, mix.frames.at(-1)!.winHeadDist + 1);
      },
    ),
    { numRuns: 30, seed: 1 },
  );
});

Deno.test("encodeGlz() is undone by decodeGlz() for every type, size and order, in windows of any size", () => {
  const unit = fc.oneof(fc.nat(3), fc.nat(0xff), fc.nat(0xffffffff));
  const image = fc.record({
    type: fc.constantFrom(...glzTypes),
    width: fc.integer({ min: 1, max: 50 }),
    height: fc.integer({ min: 1, max: 9 }),
    topDown: fc.boolean(),
    from: fc.nat(200),
    // Pieces that come again, here and in other images, make matches.
    order: fc.array(fc.tuple(fc.nat(), fc.nat(30)), { minLength: 1, maxLength: 12 }),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 450, max: 3000 }),
      fc.array(fc.array(unit, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 5 }),
      fc.array(image, { minLength: 1, maxLength: 16 }),
      (windowPixels, pieces, images) => {
        const dictionary = new GlzDictionary(windowPixels), window = new GlzWindow(windowPixels + 64 * 16);
        for (const { type, width, height, topDown, from, order } of images) {
          const list = order.flatMap(([piece, times]) => Array(times).fill(pieces[piece % pieces.length]!).flat());
          const units = { length: width * height }, at = (_: unknown, i: number) => list[(from + i) % list.length] ?? 0;
          const common = { width, height, topDown };
          const source: GlzSource = type === LzType.RGB16
            ? { ...common, type, pixels: Uint16Array.from(units, at) }
            : { ...common, type, pixels: Uint32Array.from(units, at) };
          assert.deepEqual(decoded(encodeGlz(source, dictionary), window), pictureOf(source));
        }
        assert(dictionary.heldPixels <= windowPixels);
      },
    ),
    { numRuns: 400, seed: 2 },
  );
});

Deno.test("decodeGlz passes agree with a plain model of the tokens", () => {
  const token = fc.oneof(
    fc.record({ literal: fc.array(fc.integer({ min: 0, max: 0x7fff }), { minLength: 1, maxLength: 32 }) }),
    fc.record({ length: fc.integer({ min: 3, max: 1200 }), images: fc.nat(3), at: fc.nat() }),
  );
  const passes = [
    { type: LzType.RGB32, bias: 0, wire: (u: number) => [u & 255, u >> 8, 0x5a], as: (u: number) => u | 0x5a0000 },
    { type: LzType.RGB16, bias: 1, wire: (u: number) => [u >> 8, u & 255], as: widen },
    { type: LzType.RGBA, bias: 2, wire: (u: number) => [u & 255], as: (u: number) => (u << 24 | 0x112233) >>> 0 },
  ];
  const images = fc.array(fc.array(token, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.constantFrom(...passes), images, (pass, images) => {
      const window = new GlzWindow(maxPixels), before: number[][] = [];
      for (const tokens of images) {
        const units: number[] = [], src: number[] = [];
        for (const token of tokens) {
          if ("literal" in token) {
            src.push(token.literal.length - 1, ...token.literal.flatMap(pass.wire));
            units.push(...token.literal);
            continue;
          }
          const back = Math.min(token.images, before.length), other = before[before.length - back];
          if (other === undefined || back === 0) {
            if (units.length === 0) continue;
            const offset = token.at % units.length;
            src.push(...match(token.length - pass.bias, offset, 0));
            for (let i = 0; i < token.length; i++) units.push(units[units.length - offset - 1]!);
          } else {
            const offset = token.at % other.length, length = Math.min(token.length, other.length - offset);
            if (length <= pass.bias) continue;
            src.push(...match(length - pass.bias, offset, back));
            units.push(...other.slice(offset, offset + length));
          }
        }
        if (units.length === 0) continue;
        // RGBA: the colours are one pixel and a run.
        const colours = pass.type !== LzType.RGBA
          ? []
          : [...literal(0x112233), ...units.length > 1 ? match(units.length - 1, 0, 0) : []];
        const id = BigInt(before.length), headDist = before.length;
        const made = stream({ id, headDist, type: pass.type, width: units.length }, [...colours, ...src]);
        assert.deepEqual([...decoded(made, window).pixels], units.map(pass.as));
        before.push(units);
      }
    }),
    { numRuns: 1000, seed: 3 },
  );
});

Deno.test("decodeGlz() reads every form of offset and image distance", () => {
  const units = 300_000, window = new GlzWindow(maxPixels);
  const far = Uint32Array.from({ length: units }, (_, i) => i * 0x9e3779b1 >>> 8);
  const literals: number[] = [];
  for (let i = 0; i < units; i += 32) literals.push(...literal(...far.subarray(i, i + 32)));
  decoded(stream({ id: 0n, width: units }, literals), window);
  for (const images of [1, 63, 64, 255, 256, 16383, 16384, 65535, 65536, (1 << 24) - 1]) {
    for (const offset of [0, 15, 16, 4095, 4096, 131071, 131072, 299_999]) {
      const other = new GlzWindow(maxPixels);
      other.clear();
      const id = BigInt(images), at = 1n << 40n;
      decoded(stream({ id: at, width: units }, literals), other);
      const made = stream({ id: at + id, headDist: images, width: 1 }, match(1, offset, images));
      assert.deepEqual([...decoded(made, other).pixels], [far[offset]], `${images} ${offset}`);
    }
  }
  const inside = stream({ id: 1n, width: units + 1 }, [...literals, ...match(1, 299_999, 0)]);
  assert.equal(decoded(inside, window).pixels.at(-1), far[0]);
});

Deno.test("decodeGlz() answers what an image waits for, and keeps nothing of it", () => {
  const window = new GlzWindow(1000), options = { maxPixels };
  const second = stream({ id: 2n, headDist: 2 }, [...literal(9), ...match(1, 0, 1), ...match(2, 1, 2)]);
  assert.deepEqual(decodeGlz(second, window, options), { waitsFor: 1n });
  decoded(stream({ id: 1n, headDist: 1 }, literal(5, 6, 7, 8)), window);
  assert.deepEqual(decodeGlz(second, window, options), { waitsFor: 0n });
  assert.equal(window.size, 1);
  decoded(stream({ id: 0n }, literal(1, 2, 3, 4)), window);
  assert.deepEqual([...decoded(second, window).pixels], [9, 5, 2, 3]);
  assert.equal(window.size, 3);
});

Deno.test("decodeGlz() gives an image that is there again, and refuses another of its id", () => {
  const window = new GlzWindow(1000), src = stream({ topDown: false, width: 2, height: 2 }, literal(1, 2, 3, 4));
  const first = decoded(src, window);
  assert.deepEqual([...first.pixels], [3, 4, 1, 2]);
  assert.deepEqual(decoded(src, window), first);
  assert.equal(window.size, 1);
  refuses(() => decoded(stream({ width: 4 }, literal(1, 2, 3, 4)), window), "bad-header", 21);
});

Deno.test("decodeGlz() refers to images in stream order, whatever their order of rows", () => {
  const window = new GlzWindow(1000);
  decoded(stream({ width: 1, height: 4, topDown: false }, literal(1, 2, 3, 4)), window);
  const next = decoded(stream({ id: 1n, headDist: 1 }, match(4, 0, 1)), window);
  assert.deepEqual([...next.pixels], [1, 2, 3, 4]);
});

Deno.test("decodeGlz() refuses references before the start, past an image's end, and to another type", () => {
  const window = new GlzWindow(1000);
  decoded(stream({ id: 0n }, literal(1, 2, 3, 4)), window);
  const refers = (tokens: number[], made: MadeGlz = {}) =>
    refuses(() => decoded(stream({ id: 1n, headDist: 1, ...made }, tokens), window), "bad-distance");
  refers(match(4, 0, 2)); // image −1
  refers(match(4, 0, (1 << 24) - 1));
  refers(match(4, 0, 0)); // one pixel back, and there is none
  refers([...literal(1, 2), ...match(2, 2, 0)]);
  refers(match(4, 1, 1));
  refers(match(1, 4, 1));
  refers(match(1, 4096, 1));
  refers(match(1, (1 << 25) - 1, 1));
  refers(match(4, 0, 1), { type: LzType.RGB24 });
  refers(match(4, 0, 1), { type: LzType.RGBA });
  refers(match(3, 0, 1), { type: LzType.RGB16 });
  assert.equal(window.size, 1);
});

Deno.test("CVE-2018-10893: sizes whose product overflows are refused before anything is allocated", () => {
  const window = new GlzWindow(2 ** 30);
  for (const [width, height] of [[0x10000, 0x10000], [0x40000001, 4], [0x7fffffff, 2], [3, 0x7fffffff]] as const) {
    const src = stream({ width, height, stride: width * 4 >>> 0 === width * 4 ? width * 4 : 4 }, [0]);
    refuses(() => decodeGlz(src, window, { maxPixels }), "bad-size");
  }
  // No limit but the window's: the stream is too short for what it promises.
  refuses(() => decodeGlz(stream({ width: 2 ** 28 }, [0]), window, { maxPixels: 1e30 }), "truncated");
});

Deno.test("CVE-2018-10893: runs of every pass that go past the last pixel are refused, literal or match", () => {
  const window = new GlzWindow(1000);
  decoded(stream({ id: 0n, width: 100 }, [...literal(1), ...match(99, 0, 0)]), window);
  const over = (type: number, tokens: number[]) =>
    refuses(() => decoded(stream({ id: 1n, headDist: 1, type, width: 4 }, tokens), window), "overrun");
  over(LzType.RGB32, literal(1, 2, 3, 4, 5));
  over(LzType.RGB32, [...literal(1), ...match(4, 0, 0)]);
  over(LzType.RGB32, [...literal(1), ...match(13000, 0, 0)]);
  over(LzType.RGB32, match(5, 0, 1));
  over(LzType.RGB16, [4, ...Array(10).fill(1)]);
  over(LzType.RGB16, [0, 1, 1, ...match(3, 0, 0)]);
  over(LzType.RGBA, [...literal(1, 2, 3, 4), 4, 1, 2, 3, 4, 5]);
  over(LzType.RGBA, [...literal(1, 2, 3, 4), 0, 1, ...match(2, 0, 0)]);
  assert.equal(window.size, 1);
});

Deno.test("decodeGlzHeader() refuses what cannot be", () => {
  const header = (made: MadeGlz) => () => decodeGlzHeader(stream(made, []));
  for (let length = 0; length < 33; length++) {
    refuses(() => decodeGlzHeader(stream({}, []).subarray(0, length)), "truncated", length);
  }
  const magic = stream({}, []), version = stream({}, []);
  magic[0] = 0x4c;
  version[7] = 0;
  refuses(() => decodeGlzHeader(magic), "bad-header", 0);
  refuses(() => decodeGlzHeader(version), "bad-header", 4);
  for (const type of [0, LzType.XXXA, LzType.A8, 12, 15]) refuses(header({ type }), "bad-header", 8);
  for (const type of [1, 2, 3, 4, 5]) refuses(header({ type }), "unsupported", 8);
  for (const width of [0, 0x80000000]) refuses(header({ width, stride: 0 }), "bad-size", 9);
  for (const height of [0, 0xffffffff]) refuses(header({ height }), "bad-size", 13);
  refuses(header({ stride: 15 }), "bad-size", 17);
  refuses(header({ id: 4n, headDist: 5 }), "bad-header", 29);
});

Deno.test("decodeGlz() checks size against its limits before it allocates", () => {
  refuses(() => decodeGlz(stream({ width: 11, height: 10 }, [0]), new GlzWindow(1000), { maxPixels: 100 }), "bad-size");
  refuses(() => decodeGlz(stream({ width: 11, height: 10 }, [0]), new GlzWindow(100), { maxPixels }), "bad-size");
});

Deno.test("decodeGlz() of a stream cut at any byte throws truncated, and keeps nothing", () => {
  const mix = sequence("mix"), window = new GlzWindow(2 ** 24);
  for (const frame of mix.frames) {
    const src = streamOf(mix, frame), held = window.size;
    const step = src.length < 400 ? 1 : 211;
    for (let length = 0; length < src.length; length += step) {
      refuses(() => decoded(src.subarray(0, length), window), "truncated");
    }
    assert.equal(window.size, held);
    const longer = new Uint8Array(src.length + 3).fill(255);
    longer.set(src);
    decoded(longer, window);
  }
});

Deno.test("decodeGlz() of mutated sequences ends in pictures, waits or CodecErrors", () => {
  const mix = sequence("mix"), small = mix.frames.filter(({ glzBytes }) => glzBytes < 600);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(59), fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 12 }),
      (changes) => {
        const window = new GlzWindow(100_000);
        window.clear();
        for (const [index, frame] of small.entries()) {
          const src = streamOf(mix, frame);
          for (const [which, at, value] of changes) {
            if (which % small.length === index) src[at % src.length] = value;
          }
          try {
            const result = decodeGlz(src, window, { maxPixels: 1 << 16 });
            if ("waitsFor" in result) assert(window.awaits(result.waitsFor));
          } catch (error) {
            assert(error instanceof CodecError, String(error));
          }
          assert(window.pixels <= window.maxPixels);
        }
      },
    ),
    { numRuns: 500, seed: 4 },
  );
});

Deno.test("decodeGlz() of random tokens ends in a picture, a wait or a CodecError", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...glzTypes),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.uint8Array({ maxLength: 120 })), { maxLength: 5 }),
      (type, images) => {
        const window = new GlzWindow(2000);
        for (const [i, [width, tokens]] of images.entries()) {
          try {
            decodeGlz(stream({ id: BigInt(i), headDist: i, type, width }, [...tokens]), window, { maxPixels: 400 });
          } catch (error) {
            assert(error instanceof CodecError, String(error));
          }
        }
      },
    ),
    { numRuns: 5000, seed: 5 },
  );
});
