import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { encodeGlz, GlzDictionary } from "../../codecs/glz.ts";
import { encodeJpeg } from "../../codecs/jpeg.ts";
import { encodeLzRgb32, LzType } from "../../codecs/lz.ts";
import { DEFAULT_LIMITS, type Limits } from "../../protocol/limits.ts";
import { channels } from "../../protocol/messages/channels.ts";
import {
  DisplayInvalAllPalettes,
  DisplayInvalAllPixmaps,
  DisplayInvalList,
  DisplayInvalPalette,
  DisplayMark,
  DisplayMode,
  DisplayMonitorsConfig,
  DisplayReset,
  DisplaySurfaceCreate,
  DisplaySurfaceDestroy,
} from "../../protocol/messages/display.ts";
import {
  DisplayCopyBits,
  DisplayDrawAlphaBlend,
  DisplayDrawBlend,
  DisplayDrawCopy,
  DisplayDrawFill,
  DisplayDrawTransparent,
  DisplayDrawWhiteness,
} from "../../protocol/messages/draw.ts";
import {
  AlphaFlags,
  BitmapFlags,
  BitmapFmt,
  ImageCompression,
  ImageFlags,
  ImageScaleMode,
  ResourceType,
  Ropd,
  SurfaceFlags,
  SurfaceFmt,
} from "../../protocol/messages/enums.ts";
import type { BitmapData, Palette, SpiceImage } from "../../protocol/messages/image.ts";
import { InputsInit } from "../../protocol/messages/inputs.ts";
import { arbitrary } from "../../protocol/schema/arbitrary.ts";
import type { ValueOf } from "../../protocol/schema/message.ts";
import { Script } from "./testing/scripted_server.ts";

const DISPLAY = channels.display.type, INPUTS = channels.inputs.type;
const { OP_PUT, OP_XOR } = Ropd;

type Box = readonly [left: number, top: number, right: number, bottom: number];

const rect = ([left, top, right, bottom]: Box) => ({ top, left, bottom, right });
const noMask = { flags: 0, pos: { x: 0, y: 0 }, bitmap: null };
const base = (box: Box, surfaceId = 0, clips?: readonly Box[]): ValueOf<typeof DisplayDrawFill>["base"] => ({
  surfaceId,
  box: rect(box),
  clip: clips === undefined
    ? { shape: { is: "NONE", value: null } }
    : { shape: { is: "RECTS", value: { rects: clips.map(rect) } } },
});

/** A session with one display channel, and a shorthand for what its server draws. */
class Display {
  readonly script: Script;

  constructor(limits: Partial<Limits> = {}, preferredCompression?: number) {
    this.script = new Script({
      session: {
        limits: { ...DEFAULT_LIMITS, ...limits },
        ...(preferredCompression === undefined ? {} : { preferredCompression }),
      },
    }).begin([{ type: DISPLAY, id: 0 }, { type: INPUTS, id: 0 }]);
  }

  get server() {
    return this.script.channel(DISPLAY);
  }

  get core() {
    return this.script.core.displays.get(0)!;
  }

  /** Events from now on. */
  clear(): this {
    this.script.events.length = 0;
    return this;
  }

  create(width: number, height: number, surfaceId = 0, format: number = SurfaceFmt["32_xRGB"]): this {
    const flags = surfaceId === 0 ? SurfaceFlags.PRIMARY : 0;
    this.server.say(DisplaySurfaceCreate, { surfaceId, width, height, format, flags });
    return this;
  }

  fill(box: Box, value: number, options: { surfaceId?: number; clips?: Box[]; rop?: number } = {}): this {
    this.server.say(DisplayDrawFill, {
      base: base(box, options.surfaceId, options.clips),
      data: { brush: { paint: { is: "SOLID", value } }, ropDescriptor: options.rop ?? OP_PUT, mask: noMask },
    });
    return this;
  }

  copy(
    box: Box,
    srcBitmap: SpiceImage | null,
    area: Box = [0, 0, box[2] - box[0], box[3] - box[1]],
    surfaceId = 0,
  ): this {
    const srcArea = rect(area), scaleMode = ImageScaleMode.NEAREST;
    this.server.say(DisplayDrawCopy, {
      base: base(box, surfaceId),
      data: { srcBitmap, srcArea, ropDescriptor: OP_PUT, scaleMode, mask: noMask },
    });
    return this;
  }

  /** @param options Which surface, the alpha of the message, and its flags. */
  alphaBlend(
    box: Box,
    srcBitmap: SpiceImage | null,
    { surfaceId = 0, alpha = 255, alphaFlags = 0, area = [0, 0, box[2] - box[0], box[3] - box[1]] }: {
      surfaceId?: number;
      alpha?: number;
      alphaFlags?: number;
      area?: Box;
    } = {},
  ): this {
    const srcArea = rect(area);
    this.server.say(DisplayDrawAlphaBlend, {
      base: base(box, surfaceId),
      data: { alphaFlags, alpha, srcBitmap, srcArea },
    });
    return this;
  }

  /** Colours of a surface, row by row. */
  pixels(surfaceId = 0): number[][] {
    const { pixels, width } = this.core.surface(surfaceId)!;
    const rows: number[][] = [];
    for (let at = 0; at < pixels.length; at += width) {
      rows.push([...pixels.subarray(at, at + width)].map((pixel) => pixel & 0xffffff));
    }
    return rows;
  }

  /** Code, path and message of the error that ended the session. */
  get failure(): readonly string[] {
    const { code, path, wireName } = this.script.failure;
    return [code, path, wireName];
  }
}

interface Kept {
  readonly id?: bigint;
  readonly flags?: number;
}

const image = (width: number, height: number, body: SpiceImage["body"], { id = 1n, flags = 0 }: Kept = {}) => ({
  id,
  flags,
  width,
  height,
  body,
});

/** A 32-bit bitmap, top-down. */
function bitmap(
  width: number,
  colours: readonly number[],
  kept: Kept = {},
  format: number = BitmapFmt["32BIT"],
): SpiceImage {
  const data = new Uint8Array(Uint32Array.from(colours).buffer), y = colours.length / width;
  const value: BitmapData = {
    format,
    flags: BitmapFlags.TOP_DOWN,
    x: width,
    y,
    stride: 4 * width,
    palette: { is: "otherwise", value: null },
    data,
  };
  return image(width, y, { is: "BITMAP", value }, kept);
}

/** A row of palette indexes. */
function indexed(indexes: readonly number[], palette: BitmapData["palette"], flags = 0): SpiceImage {
  const value: BitmapData = {
    format: BitmapFmt["8BIT"],
    flags: BitmapFlags.TOP_DOWN | flags,
    x: indexes.length,
    y: 1,
    stride: indexes.length,
    palette,
    data: Uint8Array.from(indexes),
  };
  return image(indexes.length, 1, { is: "BITMAP", value });
}

const fromCache = (id: bigint) => image(1, 1, { is: "FROM_CACHE", value: null }, { id });
const lz = (data: Uint8Array, width: number, height: number) => image(width, height, { is: "LZ_RGB", value: { data } });

/** A row of forty colours that agree with nothing else. */
const COLOURS = Array.from({ length: 40 }, (_, i) => i * 0x9e3779b1 >>> 8);

/** The row in GLZ; every second one refers to the first. */
function glz(dictionary: GlzDictionary, kept: Kept = {}): SpiceImage {
  const pixels = Uint32Array.from(COLOURS);
  const data = encodeGlz({ type: LzType.RGB32, width: 40, height: 1, pixels }, dictionary);
  return image(40, 1, { is: "GLZ_RGB", value: { data } }, kept);
}

/** A GLZ image inside zlib, even where that does not make it shorter. */
function zlibGlz(image: SpiceImage): SpiceImage {
  assert(image.body.is === "GLZ_RGB");
  const { data } = image.body.value;
  return { ...image, body: { is: "ZLIB_GLZ_RGB", value: { glzDataSize: data.length, data: deflateSync(data) } } };
}

/** Two display channels with a primary of a row of forty each. */
function twoDisplays(limits: Partial<Limits> = {}) {
  const script = new Script({ session: { limits: { ...DEFAULT_LIMITS, ...limits } } })
    .begin([{ type: DISPLAY, id: 0 }, { type: DISPLAY, id: 1 }]);
  const srcArea = rect([0, 0, 40, 1]), scaleMode = ImageScaleMode.NEAREST;
  for (const id of [0, 1]) {
    const surface = { surfaceId: 0, width: 40, height: 1, format: SurfaceFmt["32_xRGB"], flags: SurfaceFlags.PRIMARY };
    script.channel(DISPLAY, id).say(DisplaySurfaceCreate, surface);
  }
  return {
    script,
    copy: (id: number, srcBitmap: SpiceImage) =>
      script.channel(DISPLAY, id).say(DisplayDrawCopy, {
        base: base([0, 0, 40, 1]),
        data: { srcBitmap, ropDescriptor: OP_PUT, srcArea, scaleMode, mask: noMask },
      }),
    row: (id: number) => [...script.core.displays.get(id)!.primary!.pixels].map((pixel) => pixel & 0xffffff),
  };
}

Deno.test("GLZ images are drawn, and so are those that refer to them", () => {
  const display = new Display().create(40, 4), dictionary = new GlzDictionary(10_000);
  const images = [glz(dictionary), glz(dictionary), zlibGlz(glz(dictionary)), glz(dictionary)];
  images.forEach((image, y) => display.copy([0, y, 40, y + 1], image));
  assert.deepEqual(display.pixels(), Array(4).fill(COLOURS));
});

Deno.test("HIGH_BITS_SET of a GLZ image does not reach the images that refer to it", () => {
  const display = new Display().create(40, 1), dictionary = new GlzDictionary(10_000);
  display.create(40, 1, 1, SurfaceFmt["32_ARGB"]);
  display.copy([0, 0, 40, 1], glz(dictionary, { flags: ImageFlags.HIGH_BITS_SET }), undefined, 1);
  assert.equal(display.core.surface(1)!.pixels[0]! >>> 24, 0xff);
  display.copy([0, 0, 40, 1], glz(dictionary), undefined, 1);
  assert.deepEqual([...display.core.surface(1)!.pixels], COLOURS);
});

Deno.test("A GLZ image whose reference comes on another display channel is drawn then", () => {
  const { script, copy, row } = twoDisplays(), dictionary = new GlzDictionary(10_000);
  const images = [glz(dictionary), glz(dictionary), glz(dictionary)];
  copy(0, images[1]!);
  script.channel(DISPLAY, 0).say(DisplayMark, {});
  copy(0, images[2]!);
  assert.deepEqual(row(0), Array(40).fill(0));
  copy(1, images[0]!);
  assert.deepEqual([row(0), row(1)], [COLOURS, COLOURS]);
  const types = script.events.map(({ type }) => type).filter((type) => type === "draw" || type === "mark");
  assert.deepEqual(types, ["draw", "draw", "mark", "draw"]);
});

Deno.test("A GLZ image that waits holds back no more bytes than the limit", () => {
  const { script, copy } = twoDisplays({ waitingBytes: 2000 }), dictionary = new GlzDictionary(10_000);
  glz(dictionary);
  const second = glz(dictionary);
  copy(0, second);
  for (let i = 0; i < 20 && !script.core.closed; i++) copy(0, bitmap(40, COLOURS));
  assert.equal(script.failure.code, "too-large");
});

Deno.test("GLZ images of what is not drawn are in the window all the same", () => {
  const display = new Display().create(40, 1), dictionary = new GlzDictionary(10_000);
  const srcBitmap = glz(dictionary), area = rect([0, 0, 40, 1]);
  display.server.say(DisplayDrawTransparent, {
    base: base([0, 0, 40, 1]),
    data: { srcBitmap, srcArea: area, srcColor: 0, trueColor: 0 },
  });
  assert.deepEqual([display.script.unsupported.length, display.pixels()[0]![1]], [1, 0]);
  display.copy([0, 0, 40, 1], glz(dictionary));
  assert.deepEqual(display.pixels(), [COLOURS]);
});

Deno.test("A GLZ image that refers to what nobody can bring ends the session", () => {
  const display = new Display().create(40, 1), dictionary = new GlzDictionary(10_000);
  glz(dictionary);
  display.copy([0, 0, 40, 1], glz(dictionary));
  assert.deepEqual(display.failure, ["bad-value", "data.srcBitmap.body", "DISPLAY_DRAW_COPY"]);
});

Deno.test("A GLZ image larger than what was offered twice ends the session", () => {
  const display = new Display({ glzWindowPixels: 19 }).create(40, 1);
  display.copy([0, 0, 40, 1], glz(new GlzDictionary(10_000)));
  assert.deepEqual(display.failure, ["bad-value", "data.srcBitmap.body", "DISPLAY_DRAW_COPY"]);
});

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

Deno.test("Images that say so are kept, named again, and dropped", () => {
  const display = new Display().create(1, 1);
  const { CACHE_ME, CACHE_REPLACE_ME } = ImageFlags, pixel = () => display.pixels()[0]![0];
  display.copy([0, 0, 1, 1], bitmap(1, [0x11], { id: 7n, flags: CACHE_ME }));
  display.copy([0, 0, 1, 1], bitmap(1, [0x22], { id: 8n, flags: CACHE_ME }));
  display.copy([0, 0, 1, 1], fromCache(7n));
  assert.equal(pixel(), 0x11);
  display.copy([0, 0, 1, 1], bitmap(1, [0x33], { id: 7n, flags: CACHE_REPLACE_ME }));
  display.copy([0, 0, 1, 1], fromCache(8n)).copy([0, 0, 1, 1], fromCache(7n));
  assert.equal(pixel(), 0x33);
  display.server.say(DisplayInvalList, { resources: [{ type: ResourceType.PIXMAP, id: 7n }, { type: 0, id: 8n }] });
  display.copy([0, 0, 1, 1], fromCache(8n));
  assert.equal(pixel(), 0x22);
  display.copy([0, 0, 1, 1], fromCache(7n));
  assert.deepEqual(display.failure, ["bad-value", "data.srcBitmap.id", "DISPLAY_DRAW_COPY"]);
});

Deno.test("A draw whose image another display channel has yet to bring waits for it, with all that follows", () => {
  const script = new Script().begin([{ type: DISPLAY, id: 0 }, { type: DISPLAY, id: 1 }]);
  const area = rect([0, 0, 1, 1]), rest = { srcArea: area, scaleMode: ImageScaleMode.NEAREST, mask: noMask };
  const copy = (id: number, srcBitmap: SpiceImage) => {
    const data = { srcBitmap, ropDescriptor: OP_PUT, ...rest };
    script.channel(DISPLAY, id).say(DisplayDrawCopy, { base: base([0, 0, 1, 1]), data });
  };
  for (const id of [0, 1]) {
    script.channel(DISPLAY, id).say(DisplaySurfaceCreate, {
      surfaceId: 0,
      width: 1,
      height: 1,
      format: SurfaceFmt["32_xRGB"],
      flags: SurfaceFlags.PRIMARY,
    });
  }
  const shown = () => [0, 1].map((id) => script.core.displays.get(id)!.surface(0)!.pixels[0]! & 0xffffff);
  copy(0, fromCache(7n));
  script.channel(DISPLAY, 0).say(DisplayMark, {});
  assert.deepEqual(script.events.filter(({ type }) => type === "draw" || type === "mark"), []);
  copy(1, bitmap(1, [0x123456], { id: 7n, flags: ImageFlags.CACHE_ME }));
  assert.deepEqual(shown(), [0x123456, 0x123456]);
  assert.deepEqual(script.events.filter(({ type }) => type === "draw" || type === "mark").map(({ type }) => type), [
    ...["draw", "draw", "mark"],
  ]);
});

Deno.test("A draw that must not lose anything waits for the lossless image in place of a lossy one", () => {
  const { script, copy, row } = twoDisplays(), { CACHE_ME, CACHE_REPLACE_ME } = ImageFlags, id = 7n;
  const jpeg = encodeJpeg(Uint32Array.from(COLOURS), 40, 1, { quality: 20 });
  copy(0, image(40, 1, { is: "JPEG", value: { data: jpeg } }, { id, flags: CACHE_ME }));
  const lossy = row(0);
  assert.notDeepEqual(lossy, COLOURS);
  copy(1, image(40, 1, { is: "FROM_CACHE", value: null }, { id }));
  assert.deepEqual(row(1), lossy);
  const lossless = image(40, 1, { is: "FROM_CACHE_LOSSLESS", value: null }, { id });
  copy(1, lossless);
  assert.deepEqual(row(1), lossy);
  copy(0, bitmap(40, COLOURS, { id, flags: CACHE_REPLACE_ME }));
  assert.deepEqual([row(0), row(1), script.core.closed], [COLOURS, COLOURS, false]);

  const alone = new Display().create(40, 1);
  alone.copy([0, 0, 40, 1], image(40, 1, { is: "JPEG", value: { data: jpeg } }, { id, flags: CACHE_ME }));
  alone.copy([0, 0, 40, 1], lossless);
  assert.deepEqual(alone.failure, ["bad-value", "data.srcBitmap.id", "DISPLAY_DRAW_COPY"]);
});

Deno.test("INVAL_ALL_PIXMAPS forgets all images once the channels of its list are there", () => {
  const display = new Display().create(1, 1);
  const inputs = display.script.channel(INPUTS);
  display.copy([0, 0, 1, 1], bitmap(1, [0x11], { id: 7n, flags: ImageFlags.CACHE_ME }));
  display.server.say(DisplayInvalAllPixmaps, {
    waitList: [{ channelType: INPUTS, channelId: 0, messageSerial: 1n }],
  });
  display.fill([0, 0, 1, 1], 0x99);
  assert.equal(display.pixels()[0]![0], 0x11, "it waits");
  inputs.say(InputsInit, { keyboardModifiers: 0 });
  assert.equal(display.pixels()[0]![0], 0x99);
  display.copy([0, 0, 1, 1], fromCache(7n));
  assert.deepEqual(display.failure, ["bad-value", "data.srcBitmap.id", "DISPLAY_DRAW_COPY"]);
});

Deno.test("Palettes that say so are kept, named again, and dropped one by one or all", () => {
  const put = (unique: bigint, colour: number) =>
    indexed([0], { is: "otherwise", value: { unique, ents: [colour] } }, BitmapFlags.PAL_CACHE_ME);
  const get = (unique: bigint) => indexed([0], { is: "PAL_FROM_CACHE", value: unique });
  const begin = () => new Display().create(1, 1).copy([0, 0, 1, 1], put(1n, 0x11)).copy([0, 0, 1, 1], put(2n, 0x22));
  const display = begin().copy([0, 0, 1, 1], get(1n));
  assert.deepEqual(display.pixels(), [[0x11]]);
  display.server.say(DisplayInvalPalette, { id: 1n });
  display.copy([0, 0, 1, 1], get(2n));
  assert.deepEqual(display.pixels(), [[0x22]]);
  display.copy([0, 0, 1, 1], get(1n));
  assert.deepEqual(display.failure, ["bad-value", "data.srcBitmap.body.palette", "DISPLAY_DRAW_COPY"]);
  const all = begin();
  all.server.say(DisplayInvalAllPalettes, {});
  all.copy([0, 0, 1, 1], get(2n));
  assert.equal(all.failure[0], "bad-value");
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

Deno.test("Images of what is not drawn are there for what is", () => {
  const display = new Display().create(40, 1), dictionary = new GlzDictionary(10_000), id = 7n;
  const data = { srcArea: rect([0, 0, 40, 1]), ropDescriptor: OP_XOR, scaleMode: ImageScaleMode.NEAREST };
  const blend = (srcBitmap: SpiceImage, bitmap: SpiceImage | null = null) =>
    display.server.say(DisplayDrawBlend, {
      base: base([0, 0, 40, 1]),
      data: { ...data, srcBitmap, mask: { ...noMask, bitmap } },
    });
  blend(glz(dictionary, { id, flags: ImageFlags.CACHE_ME }), indexed([0], { is: "PAL_FROM_CACHE", value: 9n }));
  assert.deepEqual([display.script.unsupported.length, display.pixels()], [1, [Array(40).fill(0)]]);
  display.copy([0, 0, 40, 1], glz(dictionary));
  assert.deepEqual(display.pixels(), [COLOURS]);
  display.fill([0, 0, 40, 1], 0);
  display.copy([0, 0, 40, 1], image(40, 1, { is: "FROM_CACHE", value: null }, { id }));
  assert.deepEqual([display.script.unsupported.length, display.pixels()], [1, [COLOURS]]);
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

Deno.test("Images keep to the limits of side and pixels, whatever their streams say", () => {
  const copy = (limits: Partial<Limits>, source: SpiceImage) =>
    new Display(limits).create(1, 1).copy([0, 0, 1, 1], source);
  assert.deepEqual(copy({ imagePixelsPerSide: 3 }, bitmap(4, [1, 2, 3, 4])).failure.slice(0, 2), [
    "too-large",
    "data.srcBitmap.width",
  ]);
  // The limit of surfaces is another: of an image, a part can be drawn.
  assert.deepEqual(copy({ pixelsPerSide: 3 }, bitmap(4, [1, 2, 3, 4])).pixels(), [[1]]);
  assert.equal(copy({ pixels: 3 }, bitmap(2, [1, 2, 3, 4])).failure[0], "bad-value");
  const stream = encodeLzRgb32(Uint32Array.of(5, 6, 7, 8), 2, 2);
  assert.equal(copy({ pixels: 3 }, lz(stream, 2, 2)).failure[0], "bad-value");
  assert.deepEqual(copy({}, lz(stream, 2, 1)).failure.slice(0, 2), ["bad-value", "data.srcBitmap.width"]);
  assert.deepEqual(copy({}, lz(stream.subarray(0, 35), 2, 2)).failure.slice(0, 2), [
    "bad-value",
    "data.srcBitmap.body",
  ]);
});

Deno.test("A copy of no image, which libspice sends when its machine errs, is told and draws nothing", () => {
  const display = new Display().create(1, 1).fill([0, 0, 1, 1], 7).copy([0, 0, 1, 1], null);
  assert.deepEqual(display.script.eventsOf("unsupported").map(({ error }) => [error.wireName, error.path]), [
    ["DISPLAY_DRAW_COPY", "data.srcBitmap"],
  ]);
  assert.deepEqual([display.script.core.closed, display.pixels()], [false, [[7]]]);
});

Deno.test("A server that keeps more images than were offered ends the session", () => {
  const display = new Display({ imageCachePixels: 5 }).create(2, 1);
  const keep = (id: bigint) => display.copy([0, 0, 2, 1], bitmap(2, [1, 2], { id, flags: ImageFlags.CACHE_ME }));
  for (const id of [1n, 2n, 3n, 4n, 5n, 5n, 5n]) keep(id);
  assert.equal(display.script.core.closed, false);
  keep(6n);
  assert.deepEqual(display.failure, ["too-large", "data.srcBitmap.id", "DISPLAY_DRAW_COPY"]);
});
