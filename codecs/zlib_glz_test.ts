import assert from "node:assert/strict";
import { deflateSync, inflateSync } from "node:zlib";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing stream
import { pixelsSha256, referenceBytes, referenceSequences } from "../conformance/vectors/codecs/reference.ts";
import { CodecError, type CodecErrorCode } from "./errors.ts";
import { decodeGlz, encodeGlz, GlzDictionary, GlzWindow } from "./glz.ts";
import { LzType } from "./lz.ts";
import { decodeZlibGlz, encodeZlibGlz, type Inflate } from "./zlib_glz.ts";

const maxPixels = 1 << 20;
const typing = referenceSequences.find(({ name }) => name === "type")!;
const frames = typing.frames.map((frame) => ({
  ...frame,
  glz: referenceBytes(typing.file, frame.offset, frame.glzBytes),
  zlib: referenceBytes(typing.file, frame.zlibOffset!, frame.zlibBytes),
}));

/** A GLZ stream of so many pixels that agree with nothing, and zlib around it. */
function noise(count: number): { glz: Uint8Array; zlib: Uint8Array } {
  const pixels = Uint32Array.from({ length: count }, (_, i) => Math.imul(i, i * 0x9e3779b1) >>> 8);
  const glz = encodeGlz({ type: LzType.RGB32, width: count, height: 1, pixels }, new GlzDictionary(1 << 24));
  return { glz, zlib: deflateSync(glz) };
}

function refuses(run: () => unknown, code: CodecErrorCode, codec = "ZLIB_GLZ"): void {
  assert.throws(run, (error) => {
    assert(error instanceof CodecError, String(error));
    assert.deepEqual([error.codec, error.code], [codec, code], String(error));
    return true;
  });
}

Deno.test("decodeZlibGlz() gives the reference's pixels, with our zlib and the host's", () => {
  const inflate: Inflate = (src, maxOutputLength) => inflateSync(src, { maxOutputLength });
  for (const options of [{ maxPixels }, { maxPixels, inflate }]) {
    const window = new GlzWindow(typing.dictionaryWindowPixels);
    for (const { zlib, glzBytes, decodedFormat, decodedSha256, id } of frames) {
      const image = decodeZlibGlz(zlib, glzBytes, window, options);
      assert("pixels" in image);
      assert.equal(pixelsSha256(image.pixels, decodedFormat), decodedSha256, `${id}`);
    }
  }
});

Deno.test("decodeZlibGlz() answers what an image waits for", () => {
  const { zlib, glzBytes } = frames[1]!;
  assert.deepEqual(decodeZlibGlz(zlib, glzBytes, new GlzWindow(1 << 24), { maxPixels }), { waitsFor: 0n });
});

Deno.test("encodeZlibGlz() is no larger than the reference's, and undone by any zlib", () => {
  for (const { glz, zlibBytes } of frames) {
    const zlib = encodeZlibGlz(glz)!;
    assert(zlib.length <= zlibBytes, `${zlib.length} ${zlibBytes}`);
    assert.deepEqual(Uint8Array.from(inflateSync(zlib)), glz);
    assert.deepEqual(Uint8Array.from(inflateSync(encodeZlibGlz(glz, deflateSync)!)), glz);
  }
});

Deno.test("encodeZlibGlz() leaves alone what zlib does not make shorter", () => {
  assert.equal(encodeZlibGlz(new Uint8Array(99)), null);
  assert(encodeZlibGlz(new Uint8Array(100))!.length < 100);
  assert.equal(encodeZlibGlz(noise(1000).glz), null);
});

Deno.test("decodeZlibGlz() takes zlib streams of any length", () => {
  for (const count of [1, 5, 100, 1363, 1364, 1365, 2700, 2705, 2710, 2715, 2720, 2722, 2725, 3000, 20000]) {
    for (let more = 0; more < 6; more++) {
      const { glz, zlib } = noise(count + more);
      const expected = decodeGlz(glz, new GlzWindow(1 << 20), { maxPixels });
      assert.deepEqual(
        decodeZlibGlz(zlib, glz.length, new GlzWindow(1 << 20), { maxPixels }),
        expected,
        `${zlib.length}`,
      );
    }
  }
});

Deno.test("decodeZlibGlz() of a stream cut at any byte throws, unless only the checksum is cut", () => {
  const { zlib, glzBytes, glz } = frames[0]!;
  const whole = decodeGlz(glz, new GlzWindow(1 << 24), { maxPixels });
  for (let length = 0; length < zlib.length; length++) {
    const window = new GlzWindow(1 << 24);
    try {
      assert.deepEqual(decodeZlibGlz(zlib.subarray(0, length), glzBytes, window, { maxPixels }), whole);
      assert(length >= zlib.length - 4, `${length}`);
    } catch (error) {
      assert(error instanceof CodecError, String(error));
      assert.equal(window.size, 0);
    }
  }
});

Deno.test("decodeZlibGlz() refuses sizes that cannot be, and a stream of another size than the message says", () => {
  const { glz, zlib } = noise(500), window = new GlzWindow(1 << 20);
  refuses(() => decodeZlibGlz(zlib, glz.length + 1, window, { maxPixels }), "truncated");
  refuses(() => decodeZlibGlz(zlib, glz.length - 1, window, { maxPixels }), "overrun");
  refuses(() => decodeZlibGlz(zlib, 0, window, { maxPixels }), "overrun");
  refuses(() => decodeZlibGlz(zlib, 0xffffffff, window, { maxPixels }), "bad-size");
  refuses(() => decodeZlibGlz(zlib, 0xffffffff, window, { maxPixels: 1e30 }), "truncated");
  refuses(() => decodeZlibGlz(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), 100, window, { maxPixels }), "bad-header");
  refuses(() => decodeZlibGlz(deflateSync(new Uint8Array(40)), 40, window, { maxPixels }), "bad-header", "GLZ");
  const failing: Inflate = () => {
    throw new TypeError("no zlib here");
  };
  refuses(() => decodeZlibGlz(zlib, glz.length, window, { maxPixels, inflate: failing }), "bad-header");
  assert.equal(window.size, 0);
});

Deno.test("decodeZlibGlz() leaves a bomb as soon as it holds too much", () => {
  const bomb = deflateSync(new Uint8Array(2 ** 28));
  const start = performance.now();
  refuses(() => decodeZlibGlz(bomb, 1000, new GlzWindow(1000), { maxPixels }), "overrun");
  refuses(() => decodeZlibGlz(bomb, 2 ** 28, new GlzWindow(1000), { maxPixels }), "bad-size");
  assert(performance.now() - start < 2000);
});

Deno.test("decodeZlibGlz() of mutated streams ends in a picture, a wait or a CodecError", () => {
  const short = frames.filter(({ zlibBytes }) => zlibBytes < 2000);
  fc.assert(
    fc.property(
      fc.constantFrom(...short),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      ({ zlib, glzBytes }, changes) => {
        const src = zlib.slice(), window = new GlzWindow(1 << 20);
        for (const [at, value] of changes) src[at % src.length] = value;
        try {
          decodeZlibGlz(src, glzBytes, window, { maxPixels });
        } catch (error) {
          assert(error instanceof CodecError, String(error));
        }
      },
    ),
    { numRuns: 1500, seed: 1 },
  );
});
