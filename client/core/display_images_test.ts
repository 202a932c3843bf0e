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
  DisplaySurfaceCreate,
} from "../../protocol/messages/display.ts";
import { DisplayDrawBlend, DisplayDrawCopy, DisplayDrawTransparent } from "../../protocol/messages/draw.ts";
import {
  BitmapFlags,
  ImageFlags,
  ImageScaleMode,
  ResourceType,
  Ropd,
  SurfaceFlags,
  SurfaceFmt,
} from "../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import { InputsInit } from "../../protocol/messages/inputs.ts";
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
import { Script } from "./testing/scripted_server.ts";

const DISPLAY = channels.display.type, INPUTS = channels.inputs.type;
const { OP_PUT, OP_XOR } = Ropd;

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

Deno.test("An image that is drawn and forgotten does not reach the GLZ images that refer to earlier ones", () => {
  const display = new Display().create(40, 3), dictionary = new GlzDictionary(10_000);
  display.copy([0, 0, 40, 1], glz(dictionary));
  display.copy([0, 1, 40, 2], lz(encodeLzRgb32(new Uint32Array(40).fill(7), 40, 1), 40, 1));
  display.copy([0, 2, 40, 3], glz(dictionary));
  assert.deepEqual(display.pixels(), [COLOURS, new Array(40).fill(7), COLOURS]);
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

Deno.test("A server that keeps more images than were offered ends the session", () => {
  const display = new Display({ imageCachePixels: 5 }).create(2, 1);
  const keep = (id: bigint) => display.copy([0, 0, 2, 1], bitmap(2, [1, 2], { id, flags: ImageFlags.CACHE_ME }));
  for (const id of [1n, 2n, 3n, 4n, 5n, 5n, 5n]) keep(id);
  assert.equal(display.script.core.closed, false);
  keep(6n);
  assert.deepEqual(display.failure, ["too-large", "data.srcBitmap.id", "DISPLAY_DRAW_COPY"]);
});
