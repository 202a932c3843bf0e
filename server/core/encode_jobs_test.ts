import assert from "node:assert/strict";
import { type Rect, rectOfSize } from "../../canvas/rect.ts";
import { CodecWork } from "../../codecs/registry.ts";
import type { DisplayCopyBits, DisplayDrawCopy } from "../../protocol/messages/draw.ts";
import { ImageCompression } from "../../protocol/messages/enums.ts";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import type { ValueOf } from "../../protocol/schema/message.ts";
import { DisplayChannel, type DisplayContext } from "./display_channel.ts";
import { type EncodeFailure, EncodeJobs, type EncodeOutput } from "./encode_jobs.ts";
import { encodePicture } from "./encode_picture.ts";
import { Screen } from "./screen.ts";
import { SharedGlz } from "./shared_glz.ts";

const WIDTH = 512, HEIGHT = 300;
const ALL: Rect = rectOfSize(WIDTH, HEIGHT);

const photo = (number: number) => (x: number, y: number) => {
  const red = 128 + 100 * Math.sin(x / 31 + y / 57 + number), green = 128 + 90 * Math.sin(y / 23 + number);
  return red << 16 | green << 8 | (x + y >> 2 & 127) + (x * 31 + y * 17) % 3;
};
const text = (x: number, y: number) => (x * 7 ^ y * 5) % 11 < 4 ? 0x202020 : 0xf0f0f0;

/** A head, its viewers, and jobs whose outputs are done by hand. */
class Scene {
  nowMs = 0;
  readonly work = new CodecWork();
  readonly outputs: EncodeOutput[] = [];
  readonly failures: EncodeFailure[] = [];
  readonly jobs: EncodeJobs;
  readonly viewers: SceneViewer[] = [];
  readonly head = {
    screen: new Screen(WIDTH, HEIGHT, 1e6),
    cursor: { shape: null, visible: false, at: null },
    resizable: false,
  };

  constructor(most: number) {
    this.jobs = new EncodeJobs(most, (output) => this.outputs.push(output), (failure) => this.failures.push(failure));
  }

  /** Comes, and has the picture unless it is one to encode. */
  viewer(context: Partial<DisplayContext> = {}): SceneViewer {
    const viewer = new SceneViewer(this, context);
    this.viewers.push(viewer);
    return viewer;
  }

  paint(color: (x: number, y: number) => number, area = ALL): void {
    const pixels: number[] = [];
    for (let y = area.top; y < area.bottom; y++) for (let x = area.left; x < area.right; x++) pixels.push(color(x, y));
    this.#changed(this.head.screen.draw({ kind: "pixels", area, pixels: Uint32Array.from(pixels) }));
  }

  /** Moves the left half down by 10. */
  move(): void {
    const area = { left: 0, top: 10, right: 256, bottom: HEIGHT };
    this.#changed(this.head.screen.draw({ kind: "copy", area, from: { x: 0, y: 0 } }));
  }

  resize(): void {
    const before = this.head.screen;
    this.head.screen = new Screen(WIDTH, HEIGHT + 20, 1e6);
    this.jobs.cancel(before);
    for (const { channel } of this.viewers) channel.headChanged();
  }

  /** What is under way, as was asked. */
  get asked(): string {
    return this.outputs.map((output) => {
      if (output.do === "cancel-encode") return `cancel ${output.id}`;
      const { picture: { width, height }, coding } = output.job;
      return `${coding} ${width}x${height}`;
    }).join(", ");
  }

  /** The oldest job is done, or fails. */
  done(failed?: Error): void {
    const at = this.outputs.findIndex((output) => output.do === "encode"), [output] = this.outputs.splice(at, 1);
    assert(output?.do === "encode");
    const { picture, coding } = output.job;
    const result = { image: encodePicture(picture, coding, this.work), pixels: picture.pixels };
    this.jobs.answer(output.id, failed ?? result, ++this.nowMs);
  }

  #changed(changes: ReturnType<Screen["draw"]>): void {
    for (const change of changes) for (const { channel } of this.viewers) channel.changed(change);
  }
}

/** A viewer whose answers to PING come at once. */
class SceneViewer {
  readonly channel: DisplayChannel;
  /** Messages and images since they were taken. */
  #sent: string[] = [];
  #pings: number[] = [];

  constructor(readonly scene: Scene, context: Partial<DisplayContext>) {
    const { head, jobs } = scene;
    this.channel = new DisplayChannel(
      {
        id: 3,
        peer: { header: "mini", commonCaps: [], channelCaps: [] },
        send: (message, value) => {
          let said = message.name.replace(/DISPLAY_(SURFACE_)?/, "");
          if (message.name === "DISPLAY_DRAW_COPY") {
            const { base: { box }, data } = value as ValueOf<typeof DisplayDrawCopy>;
            said = `${data.srcBitmap!.body.is} ${box.right - box.left}x${box.bottom - box.top}`;
          } else if (message.name === "DISPLAY_COPY_BITS") {
            said += ` ${(value as ValueOf<typeof DisplayCopyBits>).base.box.top}`;
          }
          this.#sent.push(said);
          return encodeBytes(message.wire, value).length;
        },
        startAcks: () => {},
        ackFull: false,
        ping: (id) => void this.#pings.push(id),
      },
      head,
      {
        ...{ compression: "auto-lz", jpeg: "never", zlibGlz: "never", glz: new SharedGlz(), alone: () => false, jobs },
        ...context,
      },
    );
    const value = { pixmapCacheId: 1, pixmapCacheSize: 0n, glzDictionaryId: 1, glzDictionaryWindowSize: 1 << 20 };
    this.channel.handle({ name: "DISPLAY_INIT", value }, scene.nowMs);
    this.#answer();
  }

  /** All that can go out now, and what went out before. */
  pull(): string {
    this.#answer();
    while (this.channel.pull(this.scene.nowMs)) this.#answer();
    return this.#sent.splice(0).join(", ");
  }

  #answer(): void {
    if (this.#pings.length > 0) this.scene.nowMs += 5;
    for (const id of this.#pings.splice(0)) this.channel.pong(id, this.scene.nowMs);
  }
}

Deno.test("EncodeJobs: behind an area under way nothing goes out, then what changed meanwhile, moves as pixels", () => {
  const scene = new Scene(2), viewer = scene.viewer();
  scene.paint(photo(1));
  assert.equal(viewer.pull(), "CREATE");
  assert.equal(scene.asked, "quic 512x300");
  scene.move();
  scene.paint(() => 7, { left: 300, top: 4, right: 310, bottom: 14 });
  assert.equal(viewer.pull(), "");
  scene.done();
  assert.equal(viewer.pull(), "QUIC 512x300, DRAW_FILL, QUIC 256x290, MARK");
  assert.equal(scene.asked, "", "what is small is encoded at once");
  scene.move();
  assert.match(viewer.pull(), /^COPY_BITS/, "nothing is under way");
});

Deno.test("EncodeJobs: drawings that refer back, fills, bitmaps and small pictures are encoded at once", () => {
  const scene = new Scene(2),
    glz = scene.viewer({ compression: "auto-glz" }),
    off = scene.viewer({ compression: "off" });
  scene.paint(text);
  assert.equal(glz.pull(), "CREATE, GLZ_RGB 512x300, MARK");
  assert.equal(off.pull(), "CREATE, BITMAP 512x300, MARK");
  scene.paint(() => 5);
  assert.equal(glz.pull(), "DRAW_FILL");
  scene.paint(photo(1), { left: 0, top: 0, right: 510, bottom: 256 });
  assert.equal(glz.pull(), "QUIC 510x256");
  assert.equal(scene.asked, "");
  scene.paint(photo(2));
  assert.equal(glz.pull(), "");
  assert.equal(scene.asked, "quic 512x300");
});

Deno.test("EncodeJobs: who lacks the same shares what is under way, until the picture changes", () => {
  const scene = new Scene(4);
  scene.paint(photo(1));
  const first = scene.viewer(), second = scene.viewer();
  for (const viewer of [first, second]) assert.equal(viewer.pull(), "CREATE");
  assert.equal(scene.asked, "quic 512x300");
  scene.paint(() => 9, { left: 0, top: 0, right: 8, bottom: 8 });
  const third = scene.viewer();
  assert.equal(third.pull(), "CREATE");
  assert.equal(scene.asked, "quic 512x300, quic 512x300");
  scene.done();
  for (const viewer of [first, second]) assert.equal(viewer.pull(), "QUIC 512x300, DRAW_FILL, MARK");
  assert.equal(third.pull(), "", "what is done is not its picture");
  const fourth = scene.viewer();
  assert.equal(fourth.pull(), "CREATE");
  assert.equal(scene.asked, "quic 512x300");
  scene.done();
  for (const viewer of [third, fourth]) assert.equal(viewer.pull(), "QUIC 512x300, MARK");
  assert.equal(scene.viewer().pull(), "CREATE, QUIC 512x300, MARK", "that is done already");
  assert.equal(scene.asked, "");
});

Deno.test("EncodeJobs: who finds no room has a turn after those who found none before", () => {
  const scene = new Scene(1);
  scene.paint(photo(1));
  const viewers = [scene.viewer(), scene.viewer({ compression: "lz" }), scene.viewer({ jpeg: "always" })];
  const asked: string[] = [];
  for (let turn = 0; turn < 9; turn++) {
    // The driver asks in the same order each time, and the picture changes faster than anyone can have it.
    for (const viewer of viewers) viewer.pull();
    asked.push(scene.asked.replace(/ .*/, ""));
    scene.paint(photo(2 + turn));
    scene.done();
  }
  const round = ["quic", "lz", "jpeg"];
  assert.deepEqual(asked, [...round, ...round, ...round]);
});

Deno.test("EncodeJobs: what is under way of a surface that goes is cancelled, and who waits has its room", () => {
  const scene = new Scene(1), other = new Scene(0);
  scene.paint(photo(1));
  const a = scene.viewer();
  assert.equal(a.pull(), "CREATE");
  // A viewer of another head, on the same jobs.
  other.paint(photo(5));
  const b = other.viewer({ jobs: scene.jobs });
  assert.equal(b.pull(), "CREATE");
  const [job] = scene.outputs;
  assert(job?.do === "encode");
  scene.resize();
  assert.equal(scene.asked, "quic 512x300, cancel 1");
  assert.equal(b.pull(), "");
  assert.equal(scene.asked, "quic 512x300, cancel 1, quic 512x300");
  const { picture } = job.job;
  scene.jobs.answer(job.id, { image: encodePicture(picture, "quic", scene.work), pixels: picture.pixels }, 0);
  assert.equal(a.pull(), "DESTROY, CREATE, DRAW_FILL, MARK");
  scene.outputs.splice(0, 2);
  scene.done();
  assert.equal(b.pull(), "QUIC 512x300, MARK");
});

Deno.test("EncodeJobs: a channel that has gone is sent nothing, and does not wait for room", () => {
  const scene = new Scene(1);
  scene.paint(photo(1));
  const a = scene.viewer(), b = scene.viewer({ compression: "lz" });
  for (const viewer of [a, b]) assert.equal(viewer.pull(), "CREATE");
  a.channel.end();
  b.channel.end();
  scene.done();
  for (const viewer of [a, b]) assert.equal(viewer.pull(), "");
  assert.equal(scene.asked, "");
  assert.equal(scene.viewer().pull(), "CREATE, QUIC 512x300, MARK", "others have what it left");
});

Deno.test("EncodeJobs: where a worker fails, the area is encoded anew as it is now, and the failure names it", () => {
  const scene = new Scene(2);
  scene.paint(photo(1));
  const a = scene.viewer(), b = scene.viewer();
  for (const viewer of [a, b]) assert.equal(viewer.pull(), "CREATE");
  const error = new Error("out of memory");
  scene.paint(() => 3);
  scene.done(error);
  assert.deepEqual(scene.failures, [{ head: 3, area: ALL, coding: "quic", error }]);
  for (const viewer of [a, b]) assert.match(viewer.pull(), /^DRAW_FILL, (DRAW_FILL, )+MARK$/);
});

Deno.test("EncodeJobs: what a viewer prefers holds for what is under way", () => {
  const scene = new Scene(2);
  scene.paint(photo(1));
  const viewer = scene.viewer();
  assert.equal(viewer.pull(), "CREATE");
  const value = { imageCompression: ImageCompression.LZ };
  viewer.channel.handle({ name: "DISPLAY_PREFERRED_COMPRESSION", value }, scene.nowMs);
  assert.equal(viewer.pull(), "");
  assert.equal(scene.asked, "quic 512x300, lz 512x300");
  scene.done();
  assert.equal(viewer.pull(), "");
  scene.done();
  assert.equal(viewer.pull(), "LZ_RGB 512x300, MARK");
});

Deno.test("EncodeJobs: what was sent with a loss is made good, counted from when it was sent", () => {
  const scene = new Scene(2);
  scene.paint(photo(1));
  const viewer = scene.viewer({ jpeg: "always" });
  assert.equal(viewer.pull(), "CREATE");
  assert.equal(viewer.channel.restMs, null);
  scene.nowMs += 5000;
  scene.done();
  assert.equal(viewer.pull(), "JPEG 512x300, MARK");
  assert.ok(viewer.channel.restMs! > scene.nowMs);
  scene.nowMs = viewer.channel.restMs!;
  assert.equal(viewer.pull(), "");
  assert.equal(scene.asked, "quic 512x300");
  scene.done();
  assert.equal(viewer.pull(), "QUIC 512x300");
  assert.equal(viewer.channel.restMs, null);
});
