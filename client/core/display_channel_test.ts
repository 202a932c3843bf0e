import assert from "node:assert/strict";
import { encodeLzRgb32 } from "../../codecs/lz.ts";
import { channels } from "../../protocol/messages/channels.ts";
import {
  DisplayMark,
  DisplayMode,
  DisplayMonitorsConfig,
  DisplayReset,
  DisplaySurfaceDestroy,
} from "../../protocol/messages/display.ts";
import { DisplayCopyBits, DisplayDrawFill, DisplayDrawWhiteness } from "../../protocol/messages/draw.ts";
import {
  AlphaFlags,
  BitmapFlags,
  BitmapFmt,
  ImageCompression,
  ImageFlags,
  Ropd,
  SurfaceFmt,
} from "../../protocol/messages/enums.ts";
import type { Palette } from "../../protocol/messages/image.ts";
import { arbitrary } from "../../protocol/schema/arbitrary.ts";
import {
  base,
  bitmap,
  Display,
  fromCache,
  image,
  indexed,
  type Kept,
  lz,
  noMask,
  rect,
} from "./testing/scripted_display.ts";

const { OP_PUT, OP_XOR } = Ropd;

Deno.test("A display channel tells its cache, and a compression only when it is asked to", () => {
  const said = (preferred?: number) =>
    new Display({ imageCachePixels: 12345, glzWindowPixels: 6789 }, preferred).server.said;
  const init = { pixmapCacheId: 1, pixmapCacheSize: 12345n, glzDictionaryId: 1, glzDictionaryWindowSize: 6789 };
  assert.deepEqual(said(), [{ name: "DISPLAY_INIT", value: init }]);
  assert.deepEqual(said(ImageCompression.OFF), [
    { name: "DISPLAY_INIT", value: init },
    { name: "DISPLAY_PREFERRED_COMPRESSION", value: { imageCompression: ImageCompression.OFF } },
  ]);
});

Deno.test("The primary comes, is vouched for, and goes", () => {
  const display = new Display().clear().create(4, 3);
  assert.deepEqual([display.core.primary!.width, display.core.primary!.height, display.core.marked], [4, 3, false]);
  assert.deepEqual(display.core.heads, [{ monitorId: 0, surfaceId: 0, x: 0, y: 0, width: 4, height: 3, flags: 0 }]);
  display.server.say(DisplayMark, {});
  assert.equal(display.core.marked, true);
  display.server.say(DisplaySurfaceDestroy, { surfaceId: 0 });
  assert.deepEqual([display.core.primary, display.core.marked, display.core.heads], [null, false, []]);
  assert.deepEqual(display.script.events, [
    { type: "primary", display: 0, width: 4, height: 3 },
    { type: "mark", display: 0 },
    { type: "primary-destroyed", display: 0 },
  ]);
});

Deno.test("Monitors come and are void with the primary", () => {
  const display = new Display().create(8, 4).clear();
  const head = { monitorId: 1, surfaceId: 0, width: 4, height: 4, x: 4, y: 0, flags: 0 };
  display.server.say(DisplayMonitorsConfig, { maxAllowed: 4, heads: [head] });
  assert.deepEqual(display.script.events, [{ type: "heads", display: 0, heads: [head] }]);
  assert.deepEqual(display.core.heads, [head]);
  display.server.say(DisplaySurfaceDestroy, { surfaceId: 0 });
  display.create(2, 2);
  assert.deepEqual(display.core.heads.map(({ width }) => width), [2]);
});

Deno.test("MODE of old servers makes a primary in place of the one before", () => {
  const display = new Display().clear();
  display.server.say(DisplayMode, { xRes: 2, yRes: 2, bits: 32 });
  display.server.say(DisplayMode, { xRes: 3, yRes: 1, bits: 16 });
  assert.deepEqual([display.core.primary!.width, display.core.primary!.format], [3, "16_555"]);
  assert.deepEqual(display.script.events.map(({ type }) => type), ["primary", "primary-destroyed", "primary"]);
  display.server.say(DisplayMode, { xRes: 3, yRes: 1, bits: 8 });
  assert.deepEqual(display.failure, ["bad-value", "bits", "DISPLAY_MODE"]);
});

Deno.test("RESET blanks the primary and forgets palettes", () => {
  const palette: Palette = { unique: 9n, ents: [0x112233, 0x445566] };
  const display = new Display().create(2, 1);
  display.copy([0, 0, 2, 1], indexed([0, 1], { is: "otherwise", value: palette }, BitmapFlags.PAL_CACHE_ME));
  assert.deepEqual(display.pixels(), [[0x112233, 0x445566]]);
  display.server.say(DisplayReset, {});
  assert.deepEqual(display.pixels(), [[0, 0]]);
  display.copy([0, 0, 2, 1], indexed([0, 1], { is: "PAL_FROM_CACHE", value: 9n }));
  assert.deepEqual(display.failure, ["bad-value", "data.srcBitmap.body.palette", "DISPLAY_DRAW_COPY"]);
});

Deno.test("DRAW_FILL fills its box inside the surface and the clip, with a raster operation", () => {
  const display = new Display().create(3, 2).clear();
  display.fill([-5, -5, 2, 1], 0xff0000).fill([0, 0, 3, 2], 0x0000ff, { clips: [[1, 0, 2, 9], [2, 1, 3, 2]] });
  assert.deepEqual(display.pixels(), [[0xff0000, 0xff, 0], [0, 0xff, 0xff]]);
  display.fill([0, 0, 2, 1], 0xffffff, { rop: OP_XOR });
  assert.deepEqual(display.pixels()[0], [0x00ffff, 0xffff00, 0]);
  assert.deepEqual(display.script.eventsOf("draw").map(({ area }) => area), [
    { left: 0, top: 0, right: 2, bottom: 1 },
    { left: 1, top: 0, right: 3, bottom: 2 },
    { left: 0, top: 0, right: 2, bottom: 1 },
  ]);
  display.fill([5, 5, 9, 9], 1).fill([0, 0, 3, 2], 1, { clips: [] });
  assert.equal(display.script.eventsOf("draw").length, 3, "what is clipped away is not told");
});

Deno.test("COPY_BITS moves pixels inside a surface", () => {
  const display = new Display().create(3, 1).fill([0, 0, 1, 1], 1).fill([1, 0, 2, 1], 2).clear();
  display.server.say(DisplayCopyBits, { base: base([1, 0, 3, 1]), srcPos: { x: 0, y: 0 } });
  assert.deepEqual(display.pixels(), [[1, 1, 2]]);
  assert.deepEqual(display.script.eventsOf("draw")[0]!.area, { left: 1, top: 0, right: 3, bottom: 1 });
});

Deno.test("DRAW_COPY puts bitmaps and LZ images, and surfaces", () => {
  const display = new Display().create(2, 2);
  display.copy([0, 0, 2, 2], bitmap(2, [1, 2, 3, 4]));
  assert.deepEqual(display.pixels(), [[1, 2], [3, 4]]);
  display.copy([0, 0, 1, 1], bitmap(2, [1, 2, 3, 4]), [1, 1, 2, 2]);
  assert.deepEqual(display.pixels(), [[4, 2], [3, 4]]);
  const stream = encodeLzRgb32(Uint32Array.of(5, 6, 7, 8), 2, 2);
  display.copy([0, 0, 2, 2], lz(stream, 2, 2));
  assert.deepEqual(display.pixels(), [[5, 6], [7, 8]]);
  display.create(1, 1, 5).fill([0, 0, 1, 1], 0xabcdef, { surfaceId: 5 });
  display.copy([1, 1, 2, 2], image(1, 1, { is: "SURFACE", value: { surfaceId: 5 } }));
  assert.deepEqual(display.pixels(), [[5, 6], [7, 0xabcdef]]);
  assert.deepEqual(display.script.unsupported, []);
});

/** A bitmap with alpha. */
const rgba = (width: number, colours: readonly number[], kept: Kept = {}) =>
  bitmap(width, colours, kept, BitmapFmt.RGBA);

Deno.test("DRAW_ALPHA_BLEND puts images over what is there, by their alpha and that of the message", () => {
  const display = new Display().create(3, 1).fill([0, 0, 3, 1], 0x640000).clear();
  display.alphaBlend([0, 0, 3, 1], rgba(3, [0x80004000, 0, 0xff0000ff]));
  assert.deepEqual(display.pixels(), [[0x324000, 0x640000, 0x0000ff]]);
  assert.deepEqual(display.script.eventsOf("draw").map(({ area }) => area), [rect([0, 0, 3, 1])]);
  display.fill([0, 0, 3, 1], 0x640000).alphaBlend([0, 0, 2, 1], bitmap(1, [0x0000ff]), {
    alpha: 51,
    area: [0, 0, 1, 1],
  });
  assert.deepEqual(display.pixels(), [[0x500033, 0x500033, 0x640000]]);
  display.clear().alphaBlend([0, 0, 3, 1], rgba(3, [0, 0, 0]), { alpha: 0 });
  assert.deepEqual([display.script.eventsOf("draw"), display.script.unsupported], [[], []]);
});

Deno.test("DRAW_ALPHA_BLEND keeps alpha of surfaces where its flags say that there is any", () => {
  const display = new Display().create(1, 1).create(1, 1, 5);
  const surface = image(1, 1, { is: "SURFACE", value: { surfaceId: 5 } });
  const blend = (alphaFlags: number) =>
    display.fill([0, 0, 1, 1], 0x640000).alphaBlend([0, 0, 1, 1], surface, { alphaFlags });
  const half = rgba(1, [0x80000040]);
  // Over nothing, the surface takes the alpha of the image, and hands it on.
  display.alphaBlend([0, 0, 1, 1], half, { surfaceId: 5, alphaFlags: AlphaFlags.DEST_HAS_ALPHA });
  assert.deepEqual(blend(AlphaFlags.SRC_SURFACE_HAS_ALPHA).pixels(), [[0x320040]]);
  assert.deepEqual(blend(0).pixels(), [[0x000040]]);
  // A surface without alpha has none afterwards.
  display.alphaBlend([0, 0, 1, 1], half, { surfaceId: 5 });
  assert.deepEqual(blend(AlphaFlags.SRC_SURFACE_HAS_ALPHA).pixels(), [[0x640060]]);
  assert.deepEqual(display.script.unsupported, []);
});

Deno.test("DRAW_ALPHA_BLEND keeps its image, takes kept ones, and tells of none", () => {
  const display = new Display().create(1, 1).fill([0, 0, 1, 1], 0x640000);
  display.alphaBlend([0, 0, 1, 1], rgba(1, [0x80000040], { id: 7n, flags: ImageFlags.CACHE_ME }), { alpha: 0 });
  display.alphaBlend([0, 0, 1, 1], fromCache(7n));
  assert.deepEqual(display.pixels(), [[0x320040]]);
  display.alphaBlend([0, 0, 1, 1], null);
  assert.deepEqual(display.script.eventsOf("unsupported").map(({ error }) => [error.wireName, error.path]), [
    ["DISPLAY_DRAW_ALPHA_BLEND", "data.srcBitmap"],
  ]);
  assert.deepEqual([display.script.core.closed, display.pixels()], [false, [[0x320040]]]);
});

/** The frame header of one pixel. Source: ITU T.81 B.2.2, SOF2. */
const PROGRESSIVE_JPEG = Uint8Array.fromHex("ffd8ffc2000b080001000101011100");

Deno.test("What is not supported is told, and what is missed because of it does not end the session", () => {
  const display = new Display().create(2, 2);
  display.server.say(DisplayDrawWhiteness, { base: base([0, 0, 2, 2]), data: { mask: noMask } });
  display.copy(
    [0, 0, 1, 1],
    image(1, 1, { is: "JPEG", value: { data: PROGRESSIVE_JPEG } }, { id: 3n, flags: ImageFlags.CACHE_ME }),
  );
  // Its image was not decoded, so it is not there: our fault, not the server's.
  display.copy([0, 0, 1, 1], fromCache(3n));
  display.copy([0, 0, 2, 1], indexed([0, 1], { is: "PAL_FROM_CACHE", value: 9n }));
  display.fill([0, 0, 1, 1], 1, { surfaceId: 44 });
  display.copy([0, 0, 1, 1], image(1, 1, { is: "SURFACE", value: { surfaceId: 44 } }));
  assert.deepEqual(display.script.eventsOf("unsupported").map(({ error }) => [error.wireName, error.path]), [
    ["DISPLAY_DRAW_WHITENESS", ""],
    ["DISPLAY_DRAW_COPY", "data.srcBitmap.body"],
    ["DISPLAY_DRAW_COPY", "data.srcBitmap.id"],
    ["DISPLAY_DRAW_COPY", "data.srcBitmap.body.palette"],
    ["DISPLAY_DRAW_FILL", "base.surfaceId"],
    ["DISPLAY_DRAW_COPY", "data.srcBitmap.body.surfaceId"],
  ]);
  display.fill([0, 0, 1, 1], 7);
  assert.deepEqual([display.script.core.closed, display.pixels()[0]![0]], [false, 7]);
});

Deno.test("A mask, a pattern and a surface of an unknown format are told as unsupported", () => {
  const display = new Display().create(1, 1).create(1, 1, 3, SurfaceFmt["16_565"]);
  const mask = { ...noMask, bitmap: bitmap(1, [1]) };
  display.server.say(DisplayDrawFill, {
    base: base([0, 0, 1, 1]),
    data: { brush: { paint: { is: "SOLID", value: 1 } }, ropDescriptor: OP_PUT, mask },
  });
  const pat = bitmap(1, [1]);
  display.server.say(DisplayDrawFill, {
    base: base([0, 0, 1, 1]),
    data: {
      brush: { paint: { is: "PATTERN", value: { pat, pos: { x: 0, y: 0 } } } },
      ropDescriptor: OP_PUT,
      mask: noMask,
    },
  });
  display.fill([0, 0, 1, 1], 1, { surfaceId: 3 });
  assert.equal(display.script.unsupported.length, 4);
  assert.deepEqual([display.script.core.closed, display.pixels()], [false, [[0]]]);
});

Deno.test("Draw messages that this client does not know are told by name, every one", () => {
  const known = new Set(
    ["MODE", "MARK", "RESET", "COPY_BITS", "INVAL_LIST", "INVAL_ALL_PIXMAPS", "INVAL_PALETTE", "INVAL_ALL_PALETTES"]
      .concat(["DRAW_FILL", "DRAW_COPY", "DRAW_ALPHA_BLEND", "SURFACE_CREATE", "SURFACE_DESTROY", "MONITORS_CONFIG"])
      .map((name) => `DISPLAY_${name}`),
  );
  const messages = channels.display.server.filter(({ name }) => name.startsWith("DISPLAY_") && !known.has(name));
  assert.ok(messages.length > 15);
  for (const message of messages) {
    const display = new Display().create(1, 1);
    display.server.say(message, arbitrary(message.wire, 1));
    assert.deepEqual(display.script.unsupported.map((text) => text.split(":")[0]), [`Cannot handle ${message.name}`]);
  }
});

Deno.test("Messages about surfaces that are not there, or there already, end the session", () => {
  assert.deepEqual(new Display().fill([0, 0, 1, 1], 1).failure, ["bad-value", "base.surfaceId", "DISPLAY_DRAW_FILL"]);
  assert.deepEqual(new Display().create(1, 1).create(1, 1).failure, [
    "unexpected",
    "surfaceId",
    "DISPLAY_SURFACE_CREATE",
  ]);
  const gone = new Display().create(1, 1).copy([0, 0, 1, 1], image(1, 1, { is: "SURFACE", value: { surfaceId: 2 } }));
  assert.deepEqual(gone.failure, ["bad-value", "data.srcBitmap.body.surfaceId", "DISPLAY_DRAW_COPY"]);
});

Deno.test("The end of a surface that is not there is passed over", () => {
  const display = new Display().create(1, 1);
  display.server.say(DisplaySurfaceDestroy, { surfaceId: 7 });
  display.fill([0, 0, 1, 1], 0x123456);
  assert.deepEqual(display.pixels(), [[0x123456]]);
});

Deno.test("Surfaces keep to the limits of side, pixels and number", () => {
  const create = "DISPLAY_SURFACE_CREATE";
  assert.deepEqual(new Display().create(0xffffffff, 1).failure, ["too-large", "width", create]);
  assert.deepEqual(new Display().create(1, 32769).failure, ["too-large", "width", create]);
  assert.deepEqual(new Display({ pixels: 11 }).create(3, 4).failure, ["too-large", "width", create]);
  assert.deepEqual(new Display({ totalPixels: 23 }).create(3, 4).create(3, 4, 1).failure, [
    "too-large",
    "width",
    create,
  ]);
  assert.deepEqual(new Display({ surfaces: 1 }).create(1, 1).create(1, 1, 1).failure, [
    "too-large",
    "surfaceId",
    create,
  ]);
  assert.deepEqual(new Display().create(0, 5).failure, ["bad-value", "", create]);
});

Deno.test("Pixels that surfaces had are free again when they go, and none are taken by a surface refused", () => {
  const display = new Display({ totalPixels: 12 });
  for (let i = 0; i < 5; i++) {
    display.create(3, 4);
    display.create(3, 4, 9, SurfaceFmt["16_565"]);
    display.server.say(DisplaySurfaceDestroy, { surfaceId: 0 });
  }
  assert.equal(display.script.core.closed, false);
});

Deno.test("A copy of no image, which libspice sends when its machine errs, is told and draws nothing", () => {
  const display = new Display().create(1, 1).fill([0, 0, 1, 1], 7).copy([0, 0, 1, 1], null);
  assert.deepEqual(display.script.eventsOf("unsupported").map(({ error }) => [error.wireName, error.path]), [
    ["DISPLAY_DRAW_COPY", "data.srcBitmap"],
  ]);
  assert.deepEqual([display.script.core.closed, display.pixels()], [false, [[7]]]);
});
