import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { readPng, writePng } from "./png.ts";

/** A PNG without checksums, which the reader does not look at. */
function png(width: number, height: number, kind: readonly number[], rows: readonly number[]): Uint8Array {
  const chunk = (type: string, body: readonly number[]) => [
    ...[body.length >> 24, body.length >> 16, body.length >> 8, body.length],
    ...new TextEncoder().encode(type),
    ...body,
    ...[0, 0, 0, 0],
  ];
  const data = [...deflateSync(Uint8Array.from(rows))], half = data.length >> 1;
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10],
    ...chunk("IHDR", [0, 0, 0, width, 0, 0, 0, height, ...kind]),
    ...chunk("IDAT", data.slice(0, half)),
    ...chunk("IDAT", data.slice(half)),
    ...chunk("IEND", []),
  ]);
}

Deno.test("readPng() undoes every filter", () => {
  const rows = [
    ...[0, 10, 20, 30, 40, 50, 60],
    ...[1, 1, 2, 3, 4, 5, 6],
    ...[2, 1, 1, 1, 1, 1, 1],
    ...[3, 2, 2, 2, 2, 2, 2],
    ...[4, 1, 1, 1, 1, 1, 1],
  ];
  assert.deepEqual([...readPng(png(2, 5, [8, 2, 0, 0, 0], rows)).pixels], [
    ...[0x0a141e, 0x28323c],
    ...[0x010203, 0x050709],
    ...[0x020304, 0x06080a],
    ...[0x030304, 0x060709],
    ...[0x040405, 0x07080a],
  ]);
});

Deno.test("readPng() refuses other kinds and other files", () => {
  assert.throws(() => readPng(png(1, 1, [8, 6, 0, 0, 0], [0, 1, 2, 3, 4])), /8 6 0 0 0/);
  assert.throws(() => readPng(png(1, 2, [8, 2, 0, 0, 0], [0, 1, 2, 3])), /4 bytes of rows/);
  assert.throws(() => readPng(new Uint8Array(100)), RangeError);
});

Deno.test("writePng() gives what readPng() reads", () => {
  const picture = { width: 3, height: 2, pixels: Uint32Array.of(0, 0xff0000, 0x00ff00, 0x0000ff, 0x123456, 0xffffff) };
  assert.deepEqual(readPng(writePng(picture)), picture);
});
