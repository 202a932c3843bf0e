import assert from "node:assert/strict";
import { CursorFlags, ImageFlags } from "../../protocol/messages/enums.ts";
import type { Cursor } from "../../protocol/messages/cursor.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import { CacheMarker, cacheSteps } from "./cache_steps.ts";

const image = (id: bigint, flags: number, is: "JPEG" | "FROM_CACHE" | "FROM_CACHE_LOSSLESS"): SpiceImage => ({
  id,
  flags,
  width: 1,
  height: 1,
  body: is === "JPEG" ? { is, value: { data: new Uint8Array() } } : { is, value: null },
});

Deno.test("an image is drawn from the cache only once it is kept and until it is dropped", () => {
  const caches = new CacheMarker(), { CACHE_ME, CACHE_REPLACE_ME } = ImageFlags;
  assert.deepEqual(caches.image(image(1n, 0, "FROM_CACHE"), 0), []);
  assert.deepEqual(caches.image(image(1n, CACHE_ME, "JPEG"), 0), ["cache/image/kept"]);
  assert.deepEqual(caches.image(image(1n, 0, "FROM_CACHE"), 0), ["cache/image/drawn"]);
  assert.deepEqual(caches.image(image(1n, 0, "FROM_CACHE"), 1), [
    "cache/image/drawn",
    "cache/image/drawn-by-another-channel",
  ]);
  assert.deepEqual(caches.image(image(1n, CACHE_REPLACE_ME, "JPEG"), 0), ["cache/image/replaced"]);
  assert.deepEqual(caches.image(image(1n, 0, "FROM_CACHE_LOSSLESS"), 0), ["cache/image/drawn-lossless"]);
  assert.deepEqual(caches.dropImages([2n]), []);
  assert.deepEqual(caches.dropImages([1n]), ["cache/image/dropped-by-INVAL_LIST"]);
  assert.deepEqual(caches.image(image(1n, 0, "FROM_CACHE"), 0), []);
  assert.deepEqual(caches.image(image(1n, CACHE_ME, "JPEG"), 0), ["cache/image/kept", "cache/image/kept-after-drop"]);
  assert.deepEqual(caches.dropAllImages(), ["cache/image/dropped-by-INVAL_ALL_PIXMAPS"]);
  assert.deepEqual(caches.dropAllImages(), []);
});

Deno.test("cursors are of one channel", () => {
  const caches = new CacheMarker();
  const header = { unique: 5n, type: 0, width: 1, height: 1, hotSpotX: 0, hotSpotY: 0 };
  const cursor = (flags: number): Cursor => ({ flags, header, data: new Uint8Array() });
  assert.deepEqual(caches.cursor(cursor(CursorFlags.CACHE_ME), 0), ["cache/cursor/kept"]);
  assert.deepEqual(caches.cursor(cursor(CursorFlags.FROM_CACHE), 1), []);
  assert.deepEqual(caches.cursor(cursor(CursorFlags.FROM_CACHE), 0), ["cache/cursor/used"]);
  assert.deepEqual(caches.dropCursors(null, 1, "INVAL_ALL"), []);
  assert.deepEqual(caches.dropCursors(5n, 0, "INVAL_ONE"), ["cache/cursor/dropped-by-INVAL_ONE"]);
  assert(cacheSteps().includes("cache/cursor/dropped-by-INVAL_ONE"));
});
