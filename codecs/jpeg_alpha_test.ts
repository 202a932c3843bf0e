import assert from "node:assert/strict";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing image
import {
  pixelsSha256,
  referenceImage,
  type ReferenceStream,
  referenceStreams,
  streamBytes,
} from "../conformance/vectors/codecs/reference.ts";
import { CodecError, type CodecErrorCode } from "./errors.ts";
import { decodeJpeg, encodeJpeg } from "./jpeg.ts";
import { decodeJpegAlpha, encodeJpegAlpha, type XxxaEncoder } from "./jpeg_alpha.ts";

const maxPixels = 1 << 20;

/** LZ of type XXXA in literals alone. */
const literals: XxxaEncoder = (pixels, width, height, topDown) => {
  const tokens: number[] = [];
  for (let y = 0, count = 0; y < height; y++) {
    const row = (topDown ? y : height - 1 - y) * width;
    for (let x = 0; x < width; x++, count++) {
      if (count % 32 === 0) tokens.push(Math.min(32, width * height - count) - 1);
      tokens.push(pixels[row + x]! >>> 24);
    }
  }
  const out = new Uint8Array(28 + tokens.length), view = new DataView(out.buffer);
  [0x20205a4c, 0x00010001, 10, width, height, width * 4, topDown ? 1 : 0].forEach((word, i) =>
    view.setUint32(i * 4, word)
  );
  out.set(tokens, 28);
  return out;
};

function refuses(run: () => unknown, codec: string, code: CodecErrorCode): void {
  assert.throws(run, (error) => {
    assert(error instanceof CodecError, String(error));
    assert.deepEqual([error.codec, error.code], [codec, code], error.message);
    return true;
  });
}

function fileOf(streams: ReferenceStream[], file: string): ReferenceStream {
  const found = streams.find((stream) => stream.file === file);
  assert(found, file);
  return found;
}

Deno.test("decodeJpegAlpha() joins the reference's colours and alpha", () => {
  const colours = fileOf(referenceStreams("jpeg"), "streams/alpha.jpg");
  const alpha = fileOf(referenceStreams("lz"), "streams/alpha-xxxa.lz");
  const jpeg = streamBytes(colours)!, lz = streamBytes(alpha)!, src = new Uint8Array(jpeg.length + lz.length);
  src.set(jpeg);
  src.set(lz, jpeg.length);
  const layout = { jpegBytes: jpeg.length, topDown: alpha.topDown };
  const image = decodeJpegAlpha(src, layout, { maxPixels });
  assert.deepEqual([image.width, image.height, image.alpha], [colours.width, colours.height, true]);
  assert.equal(pixelsSha256(image.pixels.map((p) => p & 0xffffff), "BGRX"), colours.decodedSha256);
  assert.equal(pixelsSha256(image.pixels.map((p) => p & 0xff000000), "BGRA"), alpha.decodedSha256);
  const { pixels, width, height } = referenceImage(colours)!;
  const again = encodeJpegAlpha(pixels, width, height, { quality: 85, encodeXxxa: literals });
  assert.deepEqual(again.bytes.subarray(0, again.jpegBytes), jpeg);
});

Deno.test("encodeJpegAlpha() is undone by decodeJpegAlpha(): alpha as it was, colours within JPEG's loss", () => {
  const anything = fc.record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
    topDown: fc.boolean(),
    noise: fc.uint32Array({ minLength: 1600, maxLength: 1600 }),
  });
  fc.assert(
    fc.property(anything, ({ width, height, topDown, noise }) => {
      const pixels = noise.slice(0, width * height);
      const encoded = encodeJpegAlpha(pixels, width, height, { encodeXxxa: literals, topDown });
      assert.equal(encoded.topDown, topDown);
      const image = decodeJpegAlpha(encoded.bytes, encoded, { maxPixels });
      assert.deepEqual(image.pixels.map((p) => p >>> 24), pixels.map((p) => p >>> 24));
      const { pixels: colours } = decodeJpeg(encodeJpeg(pixels, width, height), { maxPixels });
      assert.deepEqual(image.pixels.map((p) => p & 0xffffff), colours);
    }),
    { numRuns: 100, seed: 1 },
  );
});

Deno.test("decodeJpegAlpha() refuses parts that do not fit each other", () => {
  const pixels = new Uint32Array(12).fill(0x80336699);
  const { bytes, jpegBytes, topDown } = encodeJpegAlpha(pixels, 4, 3, { encodeXxxa: literals });
  const decode = (src: Uint8Array, size = jpegBytes, down = topDown, limit = maxPixels) =>
    decodeJpegAlpha(src, { jpegBytes: size, topDown: down }, { maxPixels: limit });
  assert.equal(decode(bytes).pixels.length, 12);
  refuses(() => decode(bytes, bytes.length + 1), "JPEG_ALPHA", "truncated");
  refuses(() => decode(bytes, -1), "JPEG_ALPHA", "truncated");
  refuses(() => decode(bytes, 0), "JPEG", "truncated");
  refuses(() => decode(bytes, bytes.length), "LZ", "truncated");
  refuses(() => decode(bytes, jpegBytes + 1), "LZ", "bad-header");
  refuses(() => decode(bytes, jpegBytes, !topDown), "JPEG_ALPHA", "bad-header");
  refuses(() => decode(bytes, jpegBytes, topDown, 11), "JPEG", "bad-size");
  const other = bytes.slice();
  other[jpegBytes + 11] = 8;
  refuses(() => decode(other), "JPEG_ALPHA", "bad-header");
  const sizes = encodeJpegAlpha(pixels, 4, 3, { encodeXxxa: (all, _, __, down) => literals(all, 3, 4, down) });
  refuses(() => decodeJpegAlpha(sizes.bytes, sizes, { maxPixels }), "JPEG_ALPHA", "bad-size");
  for (let length = 0; length < bytes.length; length++) {
    const cut = bytes.subarray(0, length);
    assert.throws(() => decode(cut), CodecError, `cut at ${length}`);
    assert.throws(() => decode(cut, Math.min(length, jpegBytes)), CodecError, `cut at ${length}`);
  }
});

Deno.test("decodeJpegAlpha() of mutated streams ends in a picture or a CodecError", () => {
  const pixels = Uint32Array.from({ length: 300 }, (_, i) => Math.imul(i, 0x01030507) >>> 0);
  const { bytes, jpegBytes, topDown } = encodeJpegAlpha(pixels, 20, 15, { encodeXxxa: literals });
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(bytes.length + 3), (changes, size) => {
      const src = bytes.slice();
      for (const [at, value] of changes) src[at] = value;
      for (const jpeg of [jpegBytes, size]) {
        try {
          decodeJpegAlpha(src, { jpegBytes: jpeg, topDown }, { maxPixels: 1 << 16 });
        } catch (error) {
          assert(error instanceof CodecError, String(error));
        }
      }
    }),
    { numRuns: 1000, seed: 2 },
  );
});
