import assert from "node:assert/strict";
import { GlzDictionary, GlzWindow } from "./glz.ts";
import type { DecodedImage } from "./image.ts";
import { CodecWork, decodeImage, IMAGE_CODECS, type ImageTypeName } from "./registry.ts";

const types = Object.keys(IMAGE_CODECS) as ImageTypeName[];
/** Colours that do not come again in the same order, so that GLZ leaves something for zlib. */
const pixels = Uint32Array.from(
  { length: 60 * 40 },
  (_, i) => ((i >> 6 & 3) << 30 | (Math.imul(i, 0x9e3779b1) >>> 29) * 0x102030) >>> 0,
);
const opaque: DecodedImage = { width: 60, height: 40, pixels: pixels.map((pixel) => pixel & 0xffffff), alpha: false };
const translucent: DecodedImage = { width: 60, height: 40, pixels, alpha: true };

/** Codes and decodes; `null` when the type does not take the picture. */
function there(type: ImageTypeName, picture: DecodedImage) {
  const work = new CodecWork(), dictionary = new GlzDictionary(1 << 16), window = new GlzWindow(1 << 17);
  const image = IMAGE_CODECS[type].encode(picture, { work, dictionary });
  if (image === null) return null;
  const decoded = decodeImage(image, { maxPixels: 1 << 16, window, work });
  assert.ok("pixels" in decoded);
  return { image, decoded };
}

for (const type of types) {
  Deno.test(`IMAGE_CODECS.${type} gives a picture back, with the alpha that its formats have, as it says it does`, () => {
    const { lossless, formats } = IMAGE_CODECS[type];
    const hasAlpha = type === "JPEG_ALPHA" || "RGBA" in formats;
    const plain = there(type, opaque), clear = there(type, translucent);
    if (type === "JPEG_ALPHA") assert.equal(plain, null);
    else assert.deepEqual([plain!.image.type, plain!.decoded.alpha], [type, false]);
    if (type === "LZ_PLT") assert.equal(clear, null);
    else assert.deepEqual([clear!.image.type, clear!.decoded.alpha], [type, hasAlpha]);
    for (const [found, wanted] of [[plain, opaque], [clear, translucent]] as const) {
      if (found === null) continue;
      const off = found.decoded.pixels.filter((pixel, i) => pixel !== wanted.pixels[i]).length;
      assert.equal(off === 0, lossless, `${off} pixels differ`);
      if (!hasAlpha) continue;
      assert.ok(found.decoded.pixels.every((pixel, i) => pixel >>> 24 === wanted.pixels[i]! >>> 24));
    }
  });
}

Deno.test("IMAGE_CODECS say which types need the images before them", () => {
  assert.deepEqual(types.filter((type) => IMAGE_CODECS[type].refersBack), ["GLZ_RGB", "ZLIB_GLZ_RGB"]);
  assert.throws(() => decodeImage({ type: "GLZ_RGB", data: new Uint8Array(99) }, { maxPixels: 9 }), TypeError);
  assert.equal(IMAGE_CODECS.GLZ_RGB.encode(opaque, {}), null);
  assert.equal(IMAGE_CODECS.GLZ_RGB.encode(opaque, { dictionary: new GlzDictionary(100) }), null);
});

Deno.test("IMAGE_CODECS.ZLIB_GLZ_RGB gives the GLZ that zlib does not make shorter, for the dictionary has it", () => {
  const picture = { width: 1, height: 1, pixels: Uint32Array.of(5), alpha: false };
  const dictionary = new GlzDictionary(1 << 16);
  assert.equal(IMAGE_CODECS.ZLIB_GLZ_RGB.encode(picture, { dictionary })!.type, "GLZ_RGB");
});

Deno.test("IMAGE_CODECS.LZ_PLT takes no picture of more than 256 colours", () => {
  const many = { width: 257, height: 1, pixels: Uint32Array.from({ length: 257 }, (_, i) => i), alpha: false };
  assert.equal(IMAGE_CODECS.LZ_PLT.encode(many, {}), null);
});
