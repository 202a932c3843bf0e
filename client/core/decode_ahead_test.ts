import assert from "node:assert/strict";
import { encodeJpeg } from "../../codecs/jpeg.ts";
import { encodeLzRgb32 } from "../../codecs/lz.ts";
import type { CodedImage } from "../../codecs/registry.ts";
import { encodeQuic, QuicType } from "../../codecs/quic.ts";
import { channels } from "../../protocol/messages/channels.ts";
import { DisplayMark, DisplaySurfaceCreate } from "../../protocol/messages/display.ts";
import { DisplayDrawCopy, DisplayDrawWhiteness } from "../../protocol/messages/draw.ts";
import { ImageFlags, ImageScaleMode, Ropd, SurfaceFlags, SurfaceFmt } from "../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import { decodeJob, LARGE_PIXELS } from "./decode_ahead.ts";
import type { SessionOutput } from "./session_core.ts";
import { Script } from "./testing/scripted_server.ts";

const DISPLAY = channels.display.type;
const WIDTH = 512, HEIGHT = LARGE_PIXELS / WIDTH;
const box = { top: 0, left: 0, bottom: HEIGHT, right: WIDTH }, noMask = { flags: 0, pos: { x: 0, y: 0 }, bitmap: null };
const base = { surfaceId: 0, box, clip: { shape: { is: "NONE", value: null } } } as const;

type Decode = Extract<SessionOutput, { do: "decode" }>;

/** A session that leaves large images to the test. */
class Display {
  readonly script = new Script({ session: { decodeElsewhere: LARGE_PIXELS } }).begin([{ type: DISPLAY, id: 0 }]);

  constructor() {
    const surface = { surfaceId: 0, width: WIDTH, height: HEIGHT, flags: SurfaceFlags.PRIMARY };
    this.script.channel(DISPLAY).say(DisplaySurfaceCreate, { ...surface, format: SurfaceFmt["32_xRGB"] });
    this.script.events.length = 0;
  }

  copy(srcBitmap: SpiceImage): this {
    this.script.channel(DISPLAY).say(DisplayDrawCopy, {
      base,
      data: { srcBitmap, srcArea: box, ropDescriptor: Ropd.OP_PUT, scaleMode: ImageScaleMode.NEAREST, mask: noMask },
    });
    return this;
  }

  /** Images asked for so far. */
  get asked(): Decode[] {
    return this.script.outputs.filter((output): output is Decode => output.do === "decode");
  }

  /** Answers one of them as a worker does. */
  answer(nth: number): void {
    const { id, image, maxPixels } = this.asked[nth]!;
    this.script.core.decoded(id, decodeJob({ image, maxPixels }), 0);
    this.script.settle();
  }

  /** How many draws and marks there were, and the pixel that shows. */
  get shown(): readonly [number, number] {
    const events = this.script.events.filter(({ type }) => type === "draw" || type === "mark");
    return [events.length, this.script.core.displays.get(0)!.primary!.pixels[0]! & 0xffffff];
  }
}

let ids = 0n;
function image(body: SpiceImage["body"], flags = 0, height = HEIGHT): SpiceImage {
  return { id: ++ids, flags, width: WIDTH, height, body };
}

const plain = (color: number, height = HEIGHT) => new Uint32Array(WIDTH * height).fill(color);
const lz = (color: number) => image({ is: "LZ_RGB", value: { data: encodeLzRgb32(plain(color), WIDTH, HEIGHT) } });
const jpeg = (color: number) => image({ is: "JPEG", value: { data: encodeJpeg(plain(color), WIDTH, HEIGHT) } });
const quic = (color: number, flags = 0, height = HEIGHT) => {
  const data = encodeQuic(plain(color, height), WIDTH, height, QuicType.RGB32);
  return image({ is: "QUIC", value: { data } }, flags, height);
};

Deno.test("Large images are asked for, those behind the first too, and drawn in the order of their messages", () => {
  const display = new Display().copy(jpeg(0x010101)).copy(quic(2)).copy(lz(3)).copy(quic(4));
  display.script.channel(DISPLAY).say(DisplayMark, {});
  const types = (all: readonly Decode[]) => all.map(({ image }: { image: CodedImage }) => image.type);
  assert.deepEqual(types(display.asked), ["JPEG", "QUIC", "QUIC"]);
  assert.deepEqual(display.shown, [0, 0]);
  display.answer(1);
  assert.deepEqual(display.shown, [0, 0], "the first has not come");
  display.answer(0);
  assert.deepEqual(display.shown, [3, 3], "those and the LZ image between, which is decoded on the way");
  display.answer(2);
  assert.deepEqual(display.shown, [5, 4]);
  assert.equal(display.asked.length, 3, "each is asked for once");
});

Deno.test("Small images are not asked for", () => {
  const display = new Display().copy(quic(1, 0, HEIGHT - 1));
  assert.deepEqual([display.asked.length, display.shown[0]], [0, 1]);
});

Deno.test("No more than four images are under way; more are asked for as these come", () => {
  const display = new Display();
  for (let color = 1; color <= 6; color++) display.copy(quic(color));
  assert.equal(display.asked.length, 4);
  display.answer(0);
  assert.deepEqual([display.asked.length, display.shown], [5, [1, 1]]);
  for (let nth = 5; nth > 0; nth--) if (nth < display.asked.length) display.answer(nth);
  display.answer(5);
  assert.deepEqual(display.shown, [6, 6]);
});

Deno.test("A message that is not drawn has its images asked for once, for the cache", () => {
  const display = new Display();
  const kept = quic(5, ImageFlags.CACHE_ME);
  const mask = { flags: 0, pos: { x: 0, y: 0 }, bitmap: kept };
  display.script.channel(DISPLAY).say(DisplayDrawWhiteness, { base, data: { mask } });
  display.copy({ ...kept, flags: 0, body: { is: "FROM_CACHE", value: null } });
  display.answer(0);
  assert.deepEqual([display.asked.length, display.shown, display.script.unsupported.length], [1, [1, 5], 1]);
});

Deno.test("An image that does not decode elsewhere ends the session as one that does not decode here", () => {
  const data = encodeJpeg(plain(6), WIDTH, HEIGHT).subarray(0, 700);
  const display = new Display().copy(image({ is: "JPEG", value: { data } }));
  display.answer(0);
  const { code, path, detail } = display.script.failure;
  assert.deepEqual([code, path], ["bad-value", "data.srcBitmap.body"]);
  assert.match(detail ?? "", /Cannot decode JPEG at byte \d+/);
});

Deno.test("An answer that nobody waits for any more is passed over", () => {
  const display = new Display().copy(quic(7));
  const { id, image, maxPixels } = display.asked[0]!;
  display.script.core.close();
  display.script.core.decoded(id, decodeJob({ image, maxPixels }), 0);
  display.script.core.decoded(999, decodeJob({ image, maxPixels }), 0);
  assert.deepEqual(display.shown[0], 0);
});

Deno.test("A channel with much behind an image that it waits for says so, and is no fault", () => {
  const display = new Display().copy(quic(8)), channel = { type: DISPLAY, id: 0 }, { core } = display.script;
  assert.deepEqual([core.isDecoding(channel), core.isBehind(channel)], [true, false]);
  const bitmap = plain(9);
  const value = { format: 8, flags: 4, x: WIDTH, y: HEIGHT, stride: 4 * WIDTH } as const;
  const body = { ...value, palette: { is: "otherwise", value: null }, data: new Uint8Array(bitmap.buffer) } as const;
  for (let i = 0; i < 80; i++) display.copy(image({ is: "BITMAP", value: body }));
  assert.deepEqual([core.isDecoding(channel), core.isBehind(channel), core.closed], [true, true, false]);
  display.answer(0);
  assert.deepEqual([core.isDecoding(channel), core.isBehind(channel), display.shown], [false, false, [81, 9]]);
});
