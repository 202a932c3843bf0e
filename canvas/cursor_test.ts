import assert from "node:assert/strict";
import { type CursorHeader, CursorType, decodeCursor, drawCursor } from "./cursor.ts";
import { CanvasError } from "./errors.ts";

const header = (type: number, width: number, height: number, hotSpotX = 0, hotSpotY = 0): CursorHeader => ({
  type,
  width,
  height,
  hotSpotX,
  hotSpotY,
});
const decode = (type: number, width: number, height: number, data: number[]) => {
  const shape = decodeCursor(header(type, width, height), Uint8Array.from(data), 1000);
  return { pixels: [...shape.pixels], invert: shape.invert && [...shape.invert] };
};
const words = (...values: number[]) => values.flatMap((v) => [v & 255, v >> 8 & 255, v >> 16 & 255, v >>> 24]);
const code = (wanted: string) => (error: unknown) => error instanceof CanvasError && error.code === wanted;

const BLACK = 0xff000000, WHITE = 0xffffffff;

Deno.test("decodeCursor() reads ALPHA pixels as they are", () => {
  assert.deepEqual(decode(CursorType.ALPHA, 2, 1, words(0x80102030, 0)), { pixels: [0x80102030, 0], invert: null });
});

Deno.test("decodeCursor() reads the four meanings of MONO, rows padded to bytes", () => {
  // Two rows of nine pixels: AND rows, then XOR rows.
  const data = [0b0011_0000, 0x80, 0xff, 0xff, 0b0101_0000, 0x80, 0x00, 0x00];
  const { pixels, invert } = decode(CursorType.MONO, 9, 2, data);
  assert.deepEqual(pixels.slice(0, 9), [BLACK, WHITE, 0, 0, BLACK, BLACK, BLACK, BLACK, 0]);
  assert.deepEqual(invert!.slice(0, 9), [0, 0, 0, 1, 0, 0, 0, 0, 1]);
  assert.deepEqual([pixels.slice(9), invert!.slice(9)], [Array(9).fill(0), Array(9).fill(0)]);
});

Deno.test("decodeCursor() reads COLOR32 and COLOR24: opaque, transparent, inverting", () => {
  const mask = 0b0110_0000;
  const wanted = { pixels: [0xff102030, 0, 0, WHITE], invert: [0, 0, 1, 0] };
  assert.deepEqual(
    decode(CursorType.COLOR32, 4, 1, [...words(0x102030, 0x405060, 0xffffff, 0xffffff), mask]),
    wanted,
  );
  const colours = [0x30, 0x20, 0x10, 0x60, 0x50, 0x40, 255, 255, 255, 255, 255, 255];
  assert.deepEqual(decode(CursorType.COLOR24, 4, 1, [...colours, mask]), wanted);
});

Deno.test("decodeCursor() reads COLOR16 as the reference does, without widening the low bits", () => {
  const data = [0xff, 0x7f, 0xff, 0x7f, 0x21, 0x04, 0b0100_0000];
  assert.deepEqual(decode(CursorType.COLOR16, 3, 1, data), { pixels: [0xfff8f8f8, 0, 0xff080808], invert: [0, 1, 0] });
});

Deno.test("decodeCursor() looks COLOR4 and COLOR8 up in their palettes", () => {
  const palette16 = words(...Array.from({ length: 16 }, (_, i) => i === 15 ? 0xffffff : i * 0x010101));
  const two = decode(CursorType.COLOR4, 3, 2, [0x12, 0x30, 0xf4, 0xf0, ...palette16, 0b0001_0000]);
  assert.deepEqual(two.pixels, [0xff010101, 0xff020202, 0xff030303, 0, 0xff040404, WHITE]);
  assert.deepEqual(two.invert, [0, 0, 0, 1, 0, 0]);
  const palette256 = words(...Array.from({ length: 256 }, (_, i) => i * 0x010000));
  const one = decode(CursorType.COLOR8, 3, 1, [200, 0, 255, ...palette256, 0b0010_0000]);
  assert.deepEqual(one, { pixels: [0xffc80000, BLACK, 0], invert: null });
});

Deno.test("decodeCursor() reads the mask of padded widths without padding", () => {
  const data = [...words(...Array(15).fill(0x010203)), 0b0000_1000, 0b0100_0000];
  const { pixels } = decode(CursorType.COLOR32, 5, 3, data);
  assert.deepEqual(pixels.flatMap((pixel, i) => pixel === 0 ? [i] : []), [4, 9]);
});

Deno.test("decodeCursor() moves a hot spot outside the shape to its edge", () => {
  const shape = decodeCursor(header(CursorType.ALPHA, 2, 3, 9, 9), new Uint8Array(24), 6);
  assert.deepEqual([shape.hotX, shape.hotY], [2, 3]);
});

Deno.test("decodeCursor() refuses other types, sizes and every cut", () => {
  for (const type of [7, -1, 255, 1.5]) assert.throws(() => decode(type, 1, 1, [0, 0, 0, 0]), code("unsupported"));
  for (const [w, h] of [[0, 1], [1, 0], [65535, 65535]] as const) {
    assert.throws(() => decode(CursorType.ALPHA, w, h, []), code("bad-size"));
  }
  const sizes = [5 * 3 * 4, 3 * 2, 3 * 3 + 64 + 2, 15 + 1024 + 2, 30 + 2, 45 + 2, 60 + 2];
  sizes.forEach((size, type) => {
    for (let length = 0; length < size; length++) {
      assert.throws(() => decode(type, 5, 3, Array(length).fill(0)), code("truncated"));
    }
    assert.equal(decode(type, 5, 3, Array(size).fill(0)).pixels.length, 15);
  });
});

Deno.test("drawCursor() blends, inverts and keeps the picture's alpha", () => {
  const rgba = Uint8Array.of(100, 150, 200, 255, 100, 150, 200, 255, 100, 150, 200, 255, 100, 150, 200, 255);
  const cursor = {
    width: 4,
    height: 1,
    hotX: 0,
    hotY: 0,
    pixels: Uint32Array.of(0xff010203, 0x80400000, 0, 0),
    invert: Uint8Array.of(0, 0, 0, 1),
  };
  drawCursor({ width: 4, height: 1, rgba }, cursor, 0, 0);
  assert.deepEqual([...rgba], [1, 2, 3, 255, 64 + 50, 75, 100, 255, 100, 150, 200, 255, 155, 105, 55, 255]);
});

Deno.test("drawCursor() puts the hot spot on the point, and leaves out what is outside", () => {
  const cursor = { width: 2, height: 2, hotX: 1, hotY: 1, pixels: new Uint32Array(4).fill(WHITE), invert: null };
  const drawn = (x: number, y: number) => {
    const rgba = new Uint8ClampedArray(3 * 3 * 4);
    drawCursor({ width: 3, height: 3, rgba }, cursor, x, y);
    return Array.from({ length: 9 }, (_, i) => rgba[i * 4] === 255 ? i : -1).filter((i) => i >= 0);
  };
  assert.deepEqual(drawn(1, 1), [0, 1, 3, 4]);
  assert.deepEqual(drawn(0, 0), [0]);
  assert.deepEqual(drawn(3, 3), [8]);
  for (const far of [-(2 ** 31), 2 ** 31 - 1, -1, 4]) assert.deepEqual(drawn(far, 1), []);
});

Deno.test("drawCursor() cuts colours that were not multiplied by alpha at white", () => {
  const rgba = Uint8Array.of(250, 250, 250, 255);
  const cursor = { width: 1, height: 1, hotX: 0, hotY: 0, pixels: Uint32Array.of(0x10ffffff), invert: null };
  drawCursor({ width: 1, height: 1, rgba }, cursor, 0, 0);
  assert.deepEqual([...rgba], [255, 255, 255, 255]);
});
