import assert from "node:assert/strict";
import { rectOfSize } from "../../canvas/rect.ts";
import { DisplayCap, wordsOfCaps } from "../../protocol/capabilities.ts";
import type { DisplayDrawCopy } from "../../protocol/messages/draw.ts";
import { ImageCompression as Wire } from "../../protocol/messages/enums.ts";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import type { ValueOf } from "../../protocol/schema/message.ts";
import { DisplayChannel, type DisplayContext } from "./display_channel.ts";
import { EncodeJobs } from "./encode_jobs.ts";
import type { Port } from "./port.ts";
import { Screen } from "./screen.ts";
import { SharedGlz } from "./shared_glz.ts";

const SIZE = { width: 200, height: 120 };

/** A display channel whose viewer answers each PING after a while. */
class Script {
  nowMs = 0;
  readonly screen = new Screen(SIZE.width, SIZE.height, 1e6);
  readonly channel: DisplayChannel;
  /** What was sent since it was taken: messages, images by type. */
  #sent: string[] = [];
  #pings: number[] = [];
  /** Bytes that no answer has come for. */
  #bytes = 0;

  constructor(
    context: Partial<DisplayContext> = {},
    caps: readonly number[] = [],
    glz = 1 << 20,
    readonly bytesPerMs = Infinity,
  ) {
    const port: Port = {
      id: 0,
      peer: { header: "mini", commonCaps: [], channelCaps: wordsOfCaps(caps) },
      send: (message, value) => {
        const image = message.name !== "DISPLAY_DRAW_COPY"
          ? null
          : (value as ValueOf<typeof DisplayDrawCopy>).data.srcBitmap!.body.is;
        this.#sent.push(image ?? message.name.replace("DISPLAY_", ""));
        const { length } = encodeBytes(message.wire, value);
        this.#bytes += length;
        return length;
      },
      startAcks: () => {},
      ackFull: false,
      ping: (id) => void this.#pings.push(id),
    };
    const head = { screen: this.screen, cursor: { shape: null, visible: false, at: null }, resizable: false };
    this.channel = new DisplayChannel(port, head, {
      compression: "auto",
      jpeg: "never",
      zlibGlz: "never",
      glz: new SharedGlz(),
      alone: () => true,
      jobs: new EncodeJobs(0, () => {}, () => {}),
      ...context,
    });
    const value = { pixmapCacheId: 1, pixmapCacheSize: 0n, glzDictionaryId: 1, glzDictionaryWindowSize: glz };
    this.channel.handle({ name: "DISPLAY_INIT", value }, 0);
    // One that says it can prefer something has not done so yet.
    if (!caps.includes(DisplayCap.PREF_COMPRESSION)) this.answer();
    this.pull();
    this.#sent = [];
  }

  prefer(imageCompression: number): void {
    this.channel.handle({ name: "DISPLAY_PREFERRED_COMPRESSION", value: { imageCompression } }, this.nowMs);
  }

  /** Paint all of it, and send it. @returns What was sent. */
  show(color: (x: number, y: number) => number): string {
    const pixels = Uint32Array.from({ length: SIZE.width * SIZE.height }, (_, i) => {
      return color(i % SIZE.width, Math.floor(i / SIZE.width));
    });
    const area = rectOfSize(SIZE.width, SIZE.height);
    for (const change of this.screen.draw({ kind: "pixels", area, pixels })) this.channel.changed(change);
    return this.pull();
  }

  /** All that goes out now, each answered after 5 ms. */
  pull(): string {
    while (this.channel.pull(this.nowMs)) this.answer();
    return [...new Set(this.#sent.splice(0))].join(" ");
  }

  /** The answers to all PINGs come. */
  answer(): void {
    this.nowMs += 5 + this.#bytes / this.bytesPerMs;
    this.#bytes = 0;
    for (const id of this.#pings.splice(0)) this.channel.pong(id, this.nowMs);
  }
}

let step = 0;
const text = (x: number, y: number) => (x * 7 ^ y * 5 + step) % 11 < 4 ? 0x202020 : 0xf0f0f0 + step;
const photo = (x: number, y: number) => {
  const red = 128 + 100 * Math.sin(x / 31 + y / 57 + step), green = 128 + 90 * Math.sin(y / 23);
  return red << 16 | green << 8 | (x + y >> 2 & 127) + (x * 31 + y * 17) % 3;
};
const next = () => void step++;

Deno.test("A display channel obeys what its viewer prefers", () => {
  const script = new Script({}, [DisplayCap.LZ4_COMPRESSION]);
  const said: string[] = [script.show(text), (next(), script.show(photo))];
  for (const prefer of [Wire.OFF, Wire.AUTO_GLZ, Wire.AUTO_LZ, Wire.QUIC, Wire.GLZ, Wire.LZ, Wire.LZ4, 99]) {
    script.prefer(prefer);
    next();
    const one = script.show(text);
    next();
    said.push(`${one}, ${script.show(photo)}`);
  }
  assert.deepEqual(said, [
    ...["GLZ_RGB", "QUIC", "BITMAP, BITMAP", "GLZ_RGB, QUIC", "LZ_PLT, QUIC", "QUIC, QUIC", "GLZ_RGB, GLZ_RGB"],
    ...["LZ_PLT, LZ_RGB", "LZ4, BITMAP", "LZ4, BITMAP"],
  ]);
});

Deno.test("A display channel waits with its first picture for what a viewer may prefer", () => {
  const script = new Script({}, [DisplayCap.PREF_COMPRESSION]), other = new Script({}, [DisplayCap.PREF_COMPRESSION]);
  assert.equal(script.show(text), "");
  script.prefer(Wire.LZ);
  assert.match(script.pull(), /^LZ_PLT/);
  assert.equal(other.show(text), "");
  other.answer();
  assert.match(other.pull(), /^GLZ_RGB/, "it prefers nothing");
});

Deno.test("A display channel sends no LZ4 and no GLZ to a viewer that has not said it can", () => {
  assert.equal(new Script({ compression: "lz4" }).show(text), "LZ_PLT");
  assert.equal(new Script({ compression: "glz" }, [], 0).show(text), "LZ_PLT");
});

Deno.test("A display channel sends zlib when told", () => {
  assert.equal(new Script({ zlibGlz: "always" }).show(text), "ZLIB_GLZ_RGB");
});

Deno.test("A display channel sends JPEG and zlib on a slow link alone, when that is left to it", () => {
  const said = [400, 12_500].map((bytesPerMs) => {
    const script = new Script({ jpeg: "auto", zlibGlz: "auto" }, [DisplayCap.PREF_COMPRESSION], 1 << 20, bytesPerMs);
    // The first round trip is measured before there is anything large.
    script.answer();
    script.pull();
    return [photo, photo, photo, text].map((color) => (next(), script.show(color)));
  });
  assert.deepEqual(said, [["QUIC", "QUIC", "JPEG", "ZLIB_GLZ_RGB"], ["QUIC", "QUIC", "QUIC", "GLZ_RGB"]]);
});

Deno.test("A display channel makes good what it sent as JPEG, once it has rested", () => {
  const script = new Script({ jpeg: "always" });
  next();
  assert.equal(script.show(photo), "JPEG");
  const restMs = script.channel.restMs!;
  script.nowMs = restMs - 200;
  next();
  assert.equal(script.show(photo), "JPEG", "it moves");
  assert.ok(script.channel.restMs! > restMs);
  script.nowMs = script.channel.restMs! - 1;
  assert.equal(script.pull(), "");
  script.nowMs++;
  assert.equal(script.pull(), "QUIC");
  assert.equal(script.channel.restMs, null);
  script.nowMs += 10_000;
  assert.equal(script.pull(), "");
});

Deno.test("A display channel makes nothing good that was drawn over, but what was moved", () => {
  const script = new Script({ jpeg: "always" });
  next();
  assert.equal(script.show(photo), "JPEG");
  for (
    const change of script.screen.draw({
      kind: "copy",
      area: { left: 0, top: 0, right: 64, bottom: 32 },
      from: { x: 64, y: 48 },
    })
  ) script.channel.changed(change);
  assert.equal(script.pull(), "COPY_BITS");
  const area = { left: 64, top: 0, right: SIZE.width, bottom: SIZE.height };
  for (const change of script.screen.draw({ kind: "fill", area, color: 5 })) script.channel.changed(change);
  const below = { left: 0, top: 32, right: 64, bottom: SIZE.height };
  for (const change of script.screen.draw({ kind: "fill", area: below, color: 6 })) script.channel.changed(change);
  assert.notEqual(script.pull(), "");
  script.nowMs += 1000;
  assert.equal(script.pull(), "QUIC");
  assert.equal(script.channel.restMs, null);
});
