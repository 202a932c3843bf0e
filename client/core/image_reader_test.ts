import assert from "node:assert/strict";
import { GlzWindow } from "../../codecs/glz.ts";
import { decodeJpeg, encodeJpeg } from "../../codecs/jpeg.ts";
import { encodeJpegAlpha } from "../../codecs/jpeg_alpha.ts";
import { encodeLz4 } from "../../codecs/lz4.ts";
import { CodecWork, IMAGE_CODECS } from "../../codecs/registry.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { ImageType, JpegAlphaFlags } from "../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import { ImageCache } from "./image_cache.ts";
import { readImage } from "./image_reader.ts";
import { PaletteCache } from "./palette_cache.ts";

const width = 6, height = 2;
const pixels = Uint32Array.from({ length: width * height }, (_, i) => (0x10000000 * i | 0x203040 * (i & 3)) >>> 0);

function read(body: SpiceImage["body"], size: readonly [number, number] = [width, height]) {
  const image: SpiceImage = { id: 1n, flags: 0, width: size[0], height: size[1], body };
  const sources = {
    glz: new GlzWindow(1 << 20),
    images: new ImageCache(1000),
    palettes: new PaletteCache(10),
    limits: DEFAULT_LIMITS,
    ahead: null,
    scratch: null,
    work: new CodecWork(),
    surface: () => undefined,
  };
  return readImage(image, sources, { message: "DISPLAY_DRAW_COPY", path: "data.srcBitmap", wide555: false });
}

function refuses(body: SpiceImage["body"], path: string, size?: readonly [number, number]): void {
  assert.throws(() => read(body, size), (error) => {
    assert(error instanceof ProtocolError, String(error));
    assert.deepEqual([error.code, error.path], ["bad-value", `data.srcBitmap.${path}`]);
    return true;
  });
}

/** LZ of type XXXA in literals alone, for no more than 32 pixels. */
function alphaOf(all: Uint32Array): Uint8Array {
  const words = [0x20205a4c, 0x00010001, 10, width, height, width * 4, 1];
  return Uint8Array.from([
    ...words.flatMap((w) => [w >>> 24, w >> 16, w >> 8, w]),
    all.length - 1,
    ...all.map((p) => p >>> 24),
  ]);
}

Deno.test("readImage() decodes LZ4, whose size is the descriptor's", () => {
  const data = encodeLz4(pixels, width, height, { topDown: false });
  assert.deepEqual(read({ is: "LZ4", value: { data } }).pixels, pixels);
  refuses({ is: "LZ4", value: { data } }, "body", [width, height + 1]);
});

Deno.test("readImage() decodes JPEG and refuses one of another size", () => {
  const data = encodeJpeg(pixels, width, height);
  const { pixels: wanted } = decodeJpeg(data, { maxPixels: 100 });
  assert.deepEqual(read({ is: "JPEG", value: { data } }).pixels, wanted);
  refuses({ is: "JPEG", value: { data } }, "width", [width, height + 1]);
  refuses({ is: "JPEG", value: { data: data.subarray(0, 300) } }, "body");
});

Deno.test("readImage() decodes JPEG_ALPHA as its flag says and refuses one of another size", () => {
  const { bytes: data, jpegBytes: jpegSize } = encodeJpegAlpha(pixels, width, height, { encodeXxxa: alphaOf });
  const value = { flags: JpegAlphaFlags.TOP_DOWN, jpegSize, data };
  assert.deepEqual(read({ is: "JPEG_ALPHA", value }).pixels.map((p) => p >>> 24), pixels.map((p) => p >>> 24));
  refuses({ is: "JPEG_ALPHA", value }, "width", [width + 1, height]);
  refuses({ is: "JPEG_ALPHA", value: { ...value, flags: 0 } }, "body");
  refuses({ is: "JPEG_ALPHA", value: { ...value, jpegSize: data.length + 1 } }, "body");
});

Deno.test("IMAGE_CODECS has every image type of the protocol that carries pixels, by its name", () => {
  const without = ["RESERVED", "FROM_CACHE", "FROM_CACHE_LOSSLESS", "SURFACE"];
  const types = Object.keys(ImageType).filter((name) => !without.includes(name));
  assert.deepEqual(new Set(Object.keys(IMAGE_CODECS)), new Set(types));
});
