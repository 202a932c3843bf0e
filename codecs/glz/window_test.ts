import assert from "node:assert/strict";
import { glzStream as stream, literal, match } from "../../conformance/vectors/codecs/glz_stream.ts";
import { CodecError, type CodecErrorCode } from "../errors.ts";
import { decodeGlz, GlzWindow } from "../glz.ts";
import type { DecodedImage } from "../image.ts";

/** The picture; an image that waits is a failure. */
function decoded(src: Uint8Array, window: GlzWindow): DecodedImage {
  const result = decodeGlz(src, window, { maxPixels: 1 << 24 });
  assert("pixels" in result, `waits for ${"waitsFor" in result ? result.waitsFor : ""}`);
  return result;
}

function refuses(run: () => unknown, code: CodecErrorCode): void {
  assert.throws(run, (error) => {
    assert(error instanceof CodecError, String(error));
    assert.deepEqual([error.codec, error.code], ["GLZ", code], String(error));
    return true;
  });
}

/** A window with images that came in this order: id and distance to the head of its window. */
function windowOf(maxPixels: number, came: readonly (readonly [number, number])[], pixels = 100): GlzWindow {
  const window = new GlzWindow(maxPixels);
  for (const [id, headDist] of came) {
    const run = [...literal(id), ...match(pixels - 1, 0, 0)];
    decoded(stream({ id: BigInt(id), headDist, width: pixels }, run), window);
  }
  return window;
}
const idsIn = (window: GlzWindow) => Array.from({ length: 20 }, (_, id) => id).filter((id) => window.has(BigInt(id)));

Deno.test("GlzWindow lets go of images before the window of the last without a gap", () => {
  assert.deepEqual(idsIn(windowOf(1000, [[0, 0], [1, 1], [2, 2], [3, 1]])), [2, 3]);
  // 2 may refer to 0 as long as it has not come.
  const gap = windowOf(1000, [[0, 0], [1, 1], [3, 0]]);
  assert.deepEqual(idsIn(gap), [0, 1, 3]);
  assert(gap.awaits(2n) && gap.awaits(4n) && !gap.awaits(1n));
  assert.deepEqual(idsIn(windowOf(1000, [[0, 0], [1, 1], [3, 0], [2, 2]])), [3]);
  assert.deepEqual(idsIn(windowOf(1000, [[2, 1], [1, 1], [0, 0], [3, 1]])), [2, 3]);
});

Deno.test("GlzWindow says of an id that has left it that it will not come", () => {
  const window = windowOf(1000, [[0, 0], [1, 0]]);
  assert(!window.awaits(0n) && !window.has(0n));
  refuses(() => decoded(stream({ id: 2n, headDist: 1 }, match(4, 0, 2)), window), "bad-distance");
});

Deno.test("GlzWindow keeps to its limit: the newest image's window counts then, gap or not", () => {
  const window = windowOf(500, [[0, 0], [2, 2], [3, 3], [4, 4], [5, 5]]);
  assert.deepEqual([idsIn(window), window.pixels], [[0, 2, 3, 4, 5], 500]);
  decoded(stream({ id: 7n, headDist: 2, width: 100 }, [...literal(7), ...match(99, 0, 0)]), window);
  assert.deepEqual([idsIn(window), window.pixels], [[5, 7], 200]);
  // One that was overtaken is shown all the same; 6 may still come, and 1 not.
  assert.equal(decoded(stream({ id: 1n }, literal(1, 2, 3, 4)), window).pixels.length, 4);
  assert.deepEqual(idsIn(window), [5, 7]);
  assert(window.awaits(6n) && !window.awaits(1n));
  // A window larger than the limit is refused.
  refuses(() => windowOf(500, [[0, 0], [1, 1], [2, 2], [3, 3], [4, 4], [5, 5]]), "bad-size");
});

Deno.test("GlzWindow counts the smallest images, too", () => {
  refuses(() => windowOf(640, Array.from({ length: 11 }, (_, id) => [id, id] as const), 2), "bad-size");
  assert.equal(windowOf(640, Array.from({ length: 10 }, (_, id) => [id, id] as const), 2).pixels, 640);
});

Deno.test("GlzWindow.clear() lets ids begin anywhere", () => {
  const window = windowOf(1000, [[0, 0], [1, 1]]);
  window.clear();
  assert.deepEqual([window.size, window.pixels], [0, 0]);
  const id = 2n ** 63n;
  for (let i = 0; i < 5; i++) {
    decoded(
      stream({ id: id + BigInt(i), headDist: Math.min(i, 1), width: 100 }, [...literal(i), ...match(99, 0, 0)]),
      window,
    );
  }
  assert.equal(window.size, 2);
});
