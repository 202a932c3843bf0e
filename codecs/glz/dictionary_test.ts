import assert from "node:assert/strict";
import { CodecError, type CodecErrorCode } from "../errors.ts";
import { decodeGlz, decodeGlzHeader, encodeGlz, GlzDictionary, GlzWindow } from "../glz.ts";
import type { DecodedImage } from "../image.ts";
import { LzType } from "../lz.ts";

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

Deno.test("GlzDictionary lets go of the oldest images, and says so", () => {
  const dictionary = new GlzDictionary(250), heads: number[] = [];
  for (let id = 0; id < 6; id++) {
    const pixels = new Uint32Array(id === 4 ? 240 : 100).fill(id);
    heads.push(
      decodeGlzHeader(encodeGlz({ type: LzType.RGB32, width: pixels.length, height: 1, pixels }, dictionary))
        .winHeadDist,
    );
  }
  assert.deepEqual(heads, [0, 1, 1, 1, 0, 0]);
  assert.equal(dictionary.heldPixels, 100);
  refuses(
    () => encodeGlz({ type: LzType.RGB32, width: 251, height: 1, pixels: new Uint32Array(251) }, dictionary),
    "bad-size",
  );
  refuses(
    () => encodeGlz({ type: LzType.RGB32, width: 3, height: 1, pixels: new Uint32Array(4) }, dictionary),
    "bad-size",
  );
  refuses(() => new GlzDictionary(0), "bad-size");
  refuses(() => new GlzDictionary(2 ** 25 + 1), "bad-size");
});

Deno.test("GlzDictionary goes on elsewhere, and begins anew, with the ids that come next", () => {
  const noise = Uint32Array.from({ length: 400 }, (_, i) => i * 0x9e3779b1 >>> 8);
  const image = () => ({ type: LzType.RGB32, width: 20, height: 20, pixels: noise.slice() });
  const dictionary = new GlzDictionary(10_000), window = new GlzWindow(20_000);
  decoded(encodeGlz(image(), dictionary), window);
  assert(encodeGlz(image(), dictionary).length < 100);
  dictionary.reset();
  const anew = encodeGlz(image(), dictionary);
  assert(anew.length > 1200);
  assert.deepEqual(decodeGlzHeader(anew).winHeadDist, 0);
  assert.deepEqual(dictionary.state, { windowPixels: 10_000, nextId: 3n });

  const { windowPixels, nextId } = dictionary.state, other = new GlzDictionary(windowPixels, nextId);
  window.clear();
  const first = encodeGlz(image(), other), second = encodeGlz(image(), other);
  assert.deepEqual([decodeGlzHeader(first).id, decodeGlzHeader(second).id], [3n, 4n]);
  assert(first.length > 1200 && second.length < 100);
  assert.deepEqual(decoded(first, window).pixels, noise);
  assert.deepEqual(decoded(second, window).pixels, noise);
});
