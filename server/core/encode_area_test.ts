import assert from "node:assert/strict";
import type { Rect } from "../../canvas/rect.ts";
import { createSurface, type Surface } from "../../canvas/surface.ts";
import { decodeBitmap } from "../../codecs/bitmap.ts";
import { decodeLz } from "../../codecs/lz.ts";
import { DisplayDrawCopy, DisplayDrawFill } from "../../protocol/messages/draw.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import { encodeArea, MOST_AREA_PIXELS } from "./encode_area.ts";

const rect = (left: number, top: number, right: number, bottom: number): Rect => ({ top, left, bottom, right });
const limit = { maxPixels: 1_000_000 };

function picture(width: number, height: number, color: (x: number, y: number) => number): Surface {
  const surface = createSurface(width, height, "32_xRGB", 8_000_000);
  for (let i = 0; i < surface.pixels.length; i++) surface.pixels[i] = color(i % width, Math.floor(i / width));
  return surface;
}

/** Colours that do not repeat. */
const noise = (x: number, y: number) => Math.imul(x * 7919 + y * 104729 + 1, 0x9e3779b1) >>> 8;

/** The message over the wire and back: the kind of image, its bytes, and its pixels. */
function shown(surface: Surface, area: Rect, compression: "off" | "lz") {
  const { message, value } = encodeArea(surface, area, 3, compression, 77n);
  assert(message === DisplayDrawCopy);
  const { base, data } = decode(DisplayDrawCopy.wire, encodeBytes(message.wire, value));
  assert.deepEqual(base, { surfaceId: 3, box: area, clip: { shape: { is: "NONE", value: null } } });
  const { id, flags, width, height, body } = data.srcBitmap!;
  assert.deepEqual([id, flags, width, height], [77n, 0, area.right - area.left, area.bottom - area.top]);
  assert.deepEqual(data.srcArea, rect(0, 0, width, height));
  assert.equal(data.ropDescriptor, 8);
  if (body.is === "LZ_RGB") {
    const { pixels, ...size } = decodeLz(body.value.data, limit);
    assert.deepEqual([size.width, size.height], [width, height]);
    return { is: body.is, bytes: body.value.data.length, pixels: [...pixels].map((pixel) => pixel & 0xffffff) };
  }
  assert(body.is === "BITMAP");
  const { format, x, y, stride, data: bytes } = body.value;
  const { pixels } = decodeBitmap(bytes, { format, width: x, height: y, strideBytes: stride, topDown: true }, limit);
  return { is: body.is, bytes: bytes.length, pixels: [...pixels].map((pixel) => pixel & 0xffffff) };
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
  const area = rect(3, 2, 9, 7), { message, value } = encodeArea(surface, area, 3, "lz");
  assert(message === DisplayDrawFill);
  const { base, data } = decode(DisplayDrawFill.wire, encodeBytes(message.wire, value));
  assert.deepEqual(base.box, area);
  assert.deepEqual(data.brush, { paint: { is: "SOLID", value: 0x123456 } });
  for (const wider of [rect(2, 2, 9, 7), rect(3, 1, 9, 7), rect(3, 2, 10, 7), rect(3, 2, 9, 8)]) {
    assert.deepEqual(shown(surface, wider, "lz").pixels, part(surface, wider));
  }
});

Deno.test("encodeArea() sends the very pixels, compressed or not", () => {
  const pictures = [picture(50, 40, noise), picture(50, 40, (x, y) => (x >> 2) * (y >> 2) * 0x10305)];
  for (const surface of pictures) {
    for (const area of [rect(0, 0, 50, 40), rect(49, 39, 50, 40), rect(7, 3, 9, 4), rect(10, 20, 50, 21)]) {
      const wanted = part(surface, area);
      if (new Set(wanted).size === 1) continue; // that is a fill
      assert.deepEqual(shown(surface, area, "lz").pixels, wanted);
      const { is, pixels } = shown(surface, area, "off");
      assert.equal(is, "BITMAP");
      assert.deepEqual(pixels, wanted);
    }
  }
});

Deno.test("encodeArea() compresses when that saves a tenth", () => {
  const flat = picture(640, 480, (x, y) => x < 600 ? 0xffffff : y), area = rect(0, 0, 640, 480);
  assert.equal(shown(flat, area, "lz").is, "LZ_RGB");
  assert(shown(flat, area, "lz").bytes < 640 * 480 / 10);
  assert.equal(shown(flat, area, "off").bytes, 640 * 480 * 4);
  const wild = picture(300, 300, noise), { is, bytes } = shown(wild, rect(0, 0, 300, 300), "lz");
  assert.equal(is, "LZ_RGB", "three bytes a pixel are fewer than four");
  assert(bytes < 300 * 300 * 3.1);
  assert.equal(shown(wild, rect(0, 0, 5, 5), "lz").is, "BITMAP", "the header is not worth it");
});

Deno.test("encodeArea() keeps nothing of the picture that changes later", () => {
  for (const compression of ["off", "lz"] as const) {
    const surface = picture(8, 8, noise), wanted = part(surface, rect(0, 0, 8, 8));
    const { message, value } = encodeArea(surface, rect(0, 0, 8, 8), 0, compression);
    const before = encodeBytes(message.wire, value);
    surface.pixels.fill(0);
    assert.deepEqual(encodeBytes(message.wire, value), before);
    assert.notDeepEqual(part(surface, rect(0, 0, 8, 8)), wanted);
  }
});

Deno.test("encodeArea() refuses what is not in the picture, and what is too large", () => {
  const small = picture(8, 8, noise);
  for (const wrong of [rect(0, 0, 9, 8), rect(-1, 0, 8, 8), rect(0, 0, 8, 9), rect(4, 4, 4, 8), rect(0, NaN, 8, 8)]) {
    assert.throws(() => encodeArea(small, wrong, 0, "lz"), RangeError);
  }
  const large = createSurface(2049, 2048, "32_xRGB", 8_000_000), all = rect(0, 0, 2049, 2048);
  assert(2049 * 2048 > MOST_AREA_PIXELS);
  assert(encodeArea(large, all, 0, "lz").message === DisplayDrawFill);
  large.pixels[5] = 1;
  assert.throws(() => encodeArea(large, all, 0, "lz"), /at most 4194304/);
});
