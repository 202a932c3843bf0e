import assert from "node:assert/strict";
import type { Rect } from "../../canvas/rect.ts";
import { createSurface, type Surface } from "../../canvas/surface.ts";
import { decodeBitmap } from "../../codecs/bitmap.ts";
import { decodeGlz, GlzDictionary, GlzWindow } from "../../codecs/glz.ts";
import type { DecodedImage } from "../../codecs/image.ts";
import { decodeJpeg } from "../../codecs/jpeg.ts";
import { decodeLz4 } from "../../codecs/lz4.ts";
import { decodeLz } from "../../codecs/lz.ts";
import { decodeQuic } from "../../codecs/quic.ts";
import { decodeZlibGlz } from "../../codecs/zlib_glz.ts";
import { DisplayDrawCopy, DisplayDrawFill } from "../../protocol/messages/draw.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import { encodeArea, MOST_AREA_PIXELS } from "./encode_area.ts";
import type { Coding } from "./image_compression.ts";

const rect = (left: number, top: number, right: number, bottom: number): Rect => ({ top, left, bottom, right });
const limit = { maxPixels: 1_000_000 };

function picture(width: number, height: number, color: (x: number, y: number) => number): Surface {
  const surface = createSurface(width, height, "32_xRGB", 8_000_000);
  for (let i = 0; i < surface.pixels.length; i++) surface.pixels[i] = color(i % width, Math.floor(i / width));
  return surface;
}

const OFF: Coding = { drawings: "bitmap", photos: "bitmap", zlib: false };
const LZ: Coding = { drawings: "lz", photos: "lz", zlib: false };

/** Colours that do not repeat. */
const noise = (x: number, y: number) => Math.imul(x * 7919 + y * 104729 + 1, 0x9e3779b1) >>> 8;

/** Text-like: edges that come again. */
const letters = (x: number, y: number) => (x * 7 ^ y * 5) % 11 < 4 && y % 12 < 9 ? 0x202020 : 0xfafafa;

/** Photograph-like. */
const slopes = (x: number, y: number) => {
  const red = 128 + 100 * Math.sin(x / 31 + y / 57), green = 128 + 90 * Math.sin(y / 23), grain = (x * 31 + y * 17) % 3;
  return red + grain << 16 | green + grain << 8 | (x + y >> 2 & 127) + grain;
};

/** The message over the wire and back: the kind of image, its bytes, and its pixels. */
function shown(
  surface: Surface,
  area: Rect,
  coding: Coding,
  dictionary: GlzDictionary | null = null,
  window = new GlzWindow(1 << 20),
) {
  const { message, value, viewers, lossy } = encodeArea(surface, area, 3, coding, { imageId: 77n, dictionary });
  assert(message === DisplayDrawCopy);
  const { base, data } = decode(DisplayDrawCopy.wire, encodeBytes(message.wire, value));
  assert.deepEqual(base, { surfaceId: 3, box: area, clip: { shape: { is: "NONE", value: null } } });
  const { id, flags, width, height, body } = data.srcBitmap!;
  assert.deepEqual([id, flags, width, height], [77n, 0, area.right - area.left, area.bottom - area.top]);
  assert.deepEqual(data.srcArea, rect(0, 0, width, height));
  assert.equal(data.ropDescriptor, 8);
  const image = decodeBody(body, width, height, window);
  assert.deepEqual([image.width, image.height], [width, height]);
  assert.equal(viewers, body.is.includes("GLZ") ? "one" : "all");
  assert.equal(lossy, body.is === "JPEG");
  const pixels = [...image.pixels].map((pixel) => pixel & 0xffffff);
  return { is: body.is, bytes: "data" in body.value! ? body.value.data.length : 0, pixels };
}

function decodeBody(body: SpiceImage["body"], width: number, height: number, window: GlzWindow): DecodedImage {
  const glz = (image: ReturnType<typeof decodeGlz>) => {
    assert("pixels" in image);
    return image;
  };
  switch (body.is) {
    case "LZ_RGB":
      return decodeLz(body.value.data, limit);
    case "LZ_PLT": {
      assert(body.value.palette.is === "otherwise");
      return decodeLz(body.value.data, { ...limit, palette: Uint32Array.from(body.value.palette.value.ents) });
    }
    case "GLZ_RGB":
      return glz(decodeGlz(body.value.data, window, limit));
    case "ZLIB_GLZ_RGB":
      return glz(decodeZlibGlz(body.value.data, body.value.glzDataSize, window, limit));
    case "QUIC":
      return decodeQuic(body.value.data, limit);
    case "JPEG":
      return decodeJpeg(body.value.data, limit);
    case "LZ4":
      return decodeLz4(body.value.data, width, height, limit);
    default: {
      assert(body.is === "BITMAP");
      const { format, x, y, stride, data } = body.value;
      return decodeBitmap(data, { format, width: x, height: y, strideBytes: stride, topDown: true }, limit);
    }
  }
}

function part(surface: Surface, { left, top, right, bottom }: Rect): number[] {
  const pixels: number[] = [];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) pixels.push(surface.pixels[y * surface.width + x]! & 0xffffff);
  }
  return pixels;
}

Deno.test("encodeArea() fills where there is one colour, whatever is around it and above it", () => {
  const surface = picture(20, 10, (x, y) => x >= 3 && x < 9 && y >= 2 && y < 7 ? (x << 24 | 0x123456) >>> 0 : 0xff);
  const area = rect(3, 2, 9, 7), { message, value } = encodeArea(surface, area, 3, LZ);
  assert(message === DisplayDrawFill);
  const { base, data } = decode(DisplayDrawFill.wire, encodeBytes(message.wire, value));
  assert.deepEqual(base.box, area);
  assert.deepEqual(data.brush, { paint: { is: "SOLID", value: 0x123456 } });
  for (const wider of [rect(2, 2, 9, 7), rect(3, 1, 9, 7), rect(3, 2, 10, 7), rect(3, 2, 9, 8)]) {
    assert.deepEqual(shown(surface, wider, LZ).pixels, part(surface, wider));
  }
});

Deno.test("encodeArea() sends the very pixels, compressed or not", () => {
  const pictures = [picture(50, 40, noise), picture(50, 40, (x, y) => (x >> 2) * (y >> 2) * 0x10305)];
  for (const surface of pictures) {
    for (const area of [rect(0, 0, 50, 40), rect(49, 39, 50, 40), rect(7, 3, 9, 4), rect(10, 20, 50, 21)]) {
      const wanted = part(surface, area);
      if (new Set(wanted).size === 1) continue; // that is a fill
      assert.deepEqual(shown(surface, area, LZ).pixels, wanted);
      const { is, pixels } = shown(surface, area, OFF);
      assert.equal(is, "BITMAP");
      assert.deepEqual(pixels, wanted);
    }
  }
});

Deno.test("encodeArea() compresses when that saves a tenth", () => {
  const flat = picture(640, 480, (x, y) => x < 600 ? 0xffffff : y), area = rect(0, 0, 640, 480);
  assert.equal(shown(flat, area, LZ).is, "LZ_RGB");
  assert(shown(flat, area, LZ).bytes < 640 * 480 / 10);
  assert.equal(shown(flat, area, OFF).bytes, 640 * 480 * 4);
  const wild = picture(300, 300, noise), { is, bytes } = shown(wild, rect(0, 0, 300, 300), LZ);
  assert.equal(is, "LZ_RGB", "three bytes a pixel are fewer than four");
  assert(bytes < 300 * 300 * 3.1);
  assert.equal(shown(wild, rect(0, 0, 5, 5), LZ).is, "BITMAP", "the header is not worth it");
});

Deno.test("encodeArea() keeps nothing of the picture that changes later", () => {
  for (const coding of [OFF, LZ]) {
    const surface = picture(8, 8, noise), wanted = part(surface, rect(0, 0, 8, 8));
    const { message, value } = encodeArea(surface, rect(0, 0, 8, 8), 0, coding);
    const before = encodeBytes(message.wire, value);
    surface.pixels.fill(0);
    assert.deepEqual(encodeBytes(message.wire, value), before);
    assert.notDeepEqual(part(surface, rect(0, 0, 8, 8)), wanted);
  }
});

Deno.test("encodeArea() refuses what is not in the picture, and what is too large", () => {
  const small = picture(8, 8, noise);
  for (const wrong of [rect(0, 0, 9, 8), rect(-1, 0, 8, 8), rect(0, 0, 8, 9), rect(4, 4, 4, 8), rect(0, NaN, 8, 8)]) {
    assert.throws(() => encodeArea(small, wrong, 0, LZ), RangeError);
  }
  const large = createSurface(2049, 2048, "32_xRGB", 8_000_000), all = rect(0, 0, 2049, 2048);
  assert(2049 * 2048 > MOST_AREA_PIXELS);
  assert(encodeArea(large, all, 0, LZ).message === DisplayDrawFill);
  large.pixels[5] = 1;
  assert.throws(() => encodeArea(large, all, 0, LZ), /at most 4194304/);
});

Deno.test("encodeArea() sends the very pixels with each way of coding", () => {
  const area = rect(3, 2, 203, 122), text = picture(220, 130, letters), photo = picture(220, 130, slopes);
  const image = (surface: Surface, drawings: Coding["drawings"], photos: Coding["photos"], zlib = false) => {
    const { is, bytes, pixels } = shown(surface, area, { drawings, photos, zlib }, new GlzDictionary(1 << 20));
    if (is !== "JPEG") assert.deepEqual(pixels, part(surface, area));
    return { is, bytes };
  };
  for (const [drawings, is] of [["lz4", "LZ4"], ["glz", "GLZ_RGB"], ["quic", "QUIC"]] as const) {
    assert.equal(image(text, drawings, drawings).is, is);
    assert.equal(image(photo, drawings, drawings).is, drawings === "lz4" ? "BITMAP" : is);
  }
  assert.equal(image(text, "glz", "quic").is, "GLZ_RGB");
  assert.equal(image(text, "glz", "glz", true).is, "ZLIB_GLZ_RGB");
  assert.equal(image(photo, "glz", "quic").is, "QUIC");
  assert.equal(image(photo, "lz", "jpeg").is, "JPEG");
  assert(image(photo, "lz", "jpeg").bytes < image(photo, "lz", "quic").bytes / 2);
  assert(image(photo, "lz", "quic").bytes < image(photo, "lz", "lz").bytes);
  assert.notEqual(image(text, "lz", "jpeg").is, "JPEG", "letters keep their edges");
});

Deno.test("encodeArea() takes a palette where few colours make many bytes", () => {
  const busy = picture(200, 200, (x, y) => (noise(x, y) & 15) * 0x101010), area = rect(0, 0, 200, 200);
  const { is, bytes, pixels } = shown(busy, area, LZ);
  assert.equal(is, "LZ_PLT");
  assert.deepEqual(pixels, part(busy, area));
  assert(bytes < 200 * 200 * 1.1);
  assert.equal(shown(picture(200, 200, (x) => x), area, LZ).is, "LZ_RGB", "a palette would be most of it");
});

Deno.test("encodeArea() refers to what the viewer has with GLZ", () => {
  const coding: Coding = { drawings: "glz", photos: "glz", zlib: false };
  const dictionary = new GlzDictionary(1 << 20), window = new GlzWindow(1 << 20);
  const surface = picture(300, 200, noise), all = rect(0, 0, 300, 200), strip = rect(10, 50, 290, 90);
  const first = shown(surface, all, coding, dictionary, window),
    again = shown(surface, strip, coding, dictionary, window);
  assert.deepEqual([first.is, again.is], ["GLZ_RGB", "GLZ_RGB"]);
  assert.deepEqual(again.pixels, part(surface, strip));
  assert(again.bytes < 1000);
  surface.pixels.fill(7);
  assert.deepEqual(shown(picture(300, 200, noise), all, coding, dictionary, window).pixels, first.pixels);
});

Deno.test("encodeArea() falls back to LZ without a dictionary, or with one too small", () => {
  const coding: Coding = { drawings: "glz", photos: "glz", zlib: true }, surface = picture(100, 100, letters);
  for (const dictionary of [null, new GlzDictionary(9999)]) {
    assert.equal(shown(surface, rect(0, 0, 100, 100), coding, dictionary).is, "LZ_PLT");
  }
});

Deno.test("encodeArea() sends no QUIC and no JPEG of two rows or columns", () => {
  const surface = picture(100, 100, slopes);
  for (const area of [rect(0, 0, 2, 100), rect(0, 0, 100, 2)]) {
    assert.equal(shown(surface, area, { drawings: "quic", photos: "jpeg", zlib: false }).is, "BITMAP");
    assert(shown(surface, area, { drawings: "lz", photos: "jpeg", zlib: false }).is !== "JPEG");
  }
});
