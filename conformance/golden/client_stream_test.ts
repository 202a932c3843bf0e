/** Our client core on what real servers said: captured streams in, pictures and events out. */
import assert from "node:assert/strict";
import { type CapturedMessage, captureNames, CAPTURES, readCapture } from "../capture.ts";
import { decodePng } from "../../cli/png.ts";
import { replay, serverReads, sessionsOf } from "../replay.ts";
import { DisplayBase, DisplayCopyBits, DisplayDrawCopy, DisplayDrawFill } from "../../protocol/messages/draw.ts";
import { DisplaySurfaceCreate } from "../../protocol/messages/display.ts";
import { ImageFlags } from "../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import { decode } from "../../protocol/schema/decode.ts";
import type { SessionEvent } from "../../mod.ts";

/** What is known of a capture. */
interface Expected {
  /** What is not supported yet: text without ids, and how often. A message that becomes supported goes out. */
  readonly unsupported: Readonly<Record<string, number>>;
  /** With a picture: how many of its pixels no unsupported operation can have changed. */
  readonly pixels?: number;
}

const EXPECTED: Readonly<Record<string, Expected>> = {
  "agent-and-port": { unsupported: { "PORT_INIT": 1, "SPICEVMC_DATA": 1 } },
  "cursor-server-mouse": { unsupported: {} },
  "image-and-palette-cache": {
    unsupported: {},
    pixels: 307200,
  },
  "libspice-bare": { unsupported: { "DISPLAY_DRAW_COPY": 1 } },
  "libspice-bitmaps": { unsupported: {}, pixels: 307200 },
  "libspice-bitmaps-glz": { unsupported: {}, pixels: 307200 },
  "libspice-bitmaps-le": { unsupported: {} },
  "libspice-bitmaps-lz4": { unsupported: {}, pixels: 307200 },
  "libspice-bitmaps-zlib-glz": { unsupported: {}, pixels: 307200 },
  "libspice-blends": { unsupported: { "DISPLAY_DRAW_TRANSPARENT": 6, "DISPLAY_DRAW_ALPHA_BLEND": 28 }, pixels: 202752 },
  "libspice-cache": { unsupported: {}, pixels: 307200 },
  "libspice-cache-small": { unsupported: {}, pixels: 307200 },
  "libspice-clips": {
    unsupported: {
      "DISPLAY_DRAW_FILL a pattern brush": 4,
      "DISPLAY_DRAW_OPAQUE": 4,
      "DISPLAY_DRAW_BLEND": 4,
      "DISPLAY_DRAW_ROP3": 4,
      "DISPLAY_DRAW_BLACKNESS": 4,
      "DISPLAY_DRAW_WHITENESS": 4,
      "DISPLAY_DRAW_INVERS": 4,
    },
    pixels: 221184,
  },
  "libspice-composite": { unsupported: { "DISPLAY_DRAW_COMPOSITE": 91 }, pixels: 190720 },
  "libspice-copies": { unsupported: {}, pixels: 307200 },
  "libspice-copy-bits": { unsupported: {}, pixels: 307200 },
  "libspice-cursor-forms": { unsupported: {}, pixels: 3072 },
  "libspice-cursors": { unsupported: {}, pixels: 307200 },
  "libspice-drops": { unsupported: {}, pixels: 49152 },
  "libspice-fills": {
    unsupported: {
      "DISPLAY_DRAW_FILL a pattern brush": 5,
      "DISPLAY_DRAW_BLACKNESS": 1,
      "DISPLAY_DRAW_WHITENESS": 1,
      "DISPLAY_DRAW_INVERS": 1,
    },
    pixels: 282624,
  },
  "libspice-forms": { unsupported: { "DISPLAY_DRAW_COMPOSITE": 2 }, pixels: 47616 },
  "libspice-forms-glz": {
    unsupported: { "DISPLAY_DRAW_COMPOSITE": 2 },
    pixels: 47616,
  },
  "libspice-forms-le": { unsupported: {} },
  "libspice-forms-le-lz": { unsupported: {} },
  "libspice-forms-lz": { unsupported: { "DISPLAY_DRAW_COMPOSITE": 2 }, pixels: 47616 },
  "libspice-forms-lz4": { unsupported: {}, pixels: 49152 },
  "libspice-forms-zlib-glz": {
    unsupported: {
      "DISPLAY_DRAW_COMPOSITE": 2,
    },
    pixels: 47616,
  },
  "libspice-full-headers": {
    unsupported: {
      "DISPLAY_DRAW_FILL a pattern brush": 5,
      "DISPLAY_DRAW_BLACKNESS": 1,
      "DISPLAY_DRAW_WHITENESS": 1,
      "DISPLAY_DRAW_INVERS": 1,
    },
  },
  "libspice-heads": { unsupported: {}, pixels: 223400 },
  "libspice-inputs": { unsupported: {}, pixels: 307200 },
  "libspice-jpeg-zlib": {
    unsupported: {},
    pixels: 307200,
  },
  "libspice-layouts": { unsupported: {}, pixels: 49152 },
  "libspice-lossy": {
    unsupported: { "DISPLAY_DRAW_BLEND": 1 },
    pixels: 46080,
  },
  "libspice-masks": {
    unsupported: {
      "DISPLAY_DRAW_FILL a mask": 8,
      "DISPLAY_DRAW_COPY a mask": 8,
      "DISPLAY_DRAW_OPAQUE": 4,
      "DISPLAY_DRAW_BLEND": 4,
      "DISPLAY_DRAW_ROP3": 4,
      "DISPLAY_DRAW_BLACKNESS": 4,
      "DISPLAY_DRAW_WHITENESS": 4,
      "DISPLAY_DRAW_INVERS": 4,
    },
    pixels: 184320,
  },
  "libspice-older-cache": { unsupported: {}, pixels: 307200 },
  "libspice-older-link": { unsupported: {}, pixels: 219640 },
  "libspice-migration-two-displays": {
    unsupported: { "MAIN_MIGRATE_BEGIN_SEAMLESS": 1, "MIGRATE": 6, "MIGRATE_DATA": 4 },
    pixels: 46080,
  },
  "libspice-modes": {
    unsupported: {
      "DISPLAY_DRAW_TEXT": 21,
      "DISPLAY_DRAW_STROKE": 20,
      "DISPLAY_DRAW_COMPOSITE": 8,
      "DISPLAY_DRAW_OPAQUE": 1,
      "DISPLAY_DRAW_ALPHA_BLEND": 1,
    },
    pixels: 9984,
  },
  "libspice-operands-bare": {
    unsupported: {
      "DISPLAY_DRAW_OPAQUE": 3,
      "DISPLAY_DRAW_BLEND": 3,
      "DISPLAY_DRAW_ROP3": 4,
      "DISPLAY_DRAW_TRANSPARENT": 1,
      "DISPLAY_DRAW_ALPHA_BLEND": 1,
      "DISPLAY_DRAW_COMPOSITE": 1,
      "DISPLAY_DRAW_STROKE": 2,
      "DISPLAY_DRAW_TEXT": 1,
      "DISPLAY_DRAW_FILL a mask": 2,
      "DISPLAY_DRAW_COPY a mask": 2,
      "DISPLAY_DRAW_BLACKNESS": 2,
      "DISPLAY_DRAW_WHITENESS": 2,
      "DISPLAY_DRAW_INVERS": 2,
    },
  },
  "libspice-operands-glz": {
    unsupported: {
      "DISPLAY_DRAW_FILL a pattern brush": 4,
      "DISPLAY_DRAW_OPAQUE": 8,
      "DISPLAY_DRAW_BLEND": 4,
      "DISPLAY_DRAW_ROP3": 8,
      "DISPLAY_DRAW_STROKE": 3,
      "DISPLAY_DRAW_TEXT": 8,
      "DISPLAY_DRAW_TRANSPARENT": 4,
      "DISPLAY_DRAW_ALPHA_BLEND": 4,
      "DISPLAY_DRAW_COMPOSITE": 8,
    },
    pixels: 9984,
  },
  "libspice-operands-jpeg": {
    unsupported: {
      "DISPLAY_DRAW_FILL a pattern brush": 4,
      "DISPLAY_DRAW_OPAQUE": 8,
      "DISPLAY_DRAW_BLEND": 4,
      "DISPLAY_DRAW_ROP3": 8,
      "DISPLAY_DRAW_STROKE": 3,
      "DISPLAY_DRAW_TEXT": 8,
      "DISPLAY_DRAW_TRANSPARENT": 4,
      "DISPLAY_DRAW_ALPHA_BLEND": 4,
      "DISPLAY_DRAW_COMPOSITE": 8,
    },
    pixels: 9984,
  },
  "libspice-operands-lossy": {
    unsupported: {
      "DISPLAY_DRAW_FILL a pattern brush": 4,
      "DISPLAY_DRAW_OPAQUE": 8,
      "DISPLAY_DRAW_BLEND": 4,
      "DISPLAY_DRAW_ROP3": 8,
      "DISPLAY_DRAW_STROKE": 4,
      "DISPLAY_DRAW_TEXT": 8,
      "DISPLAY_DRAW_TRANSPARENT": 4,
      "DISPLAY_DRAW_ALPHA_BLEND": 4,
      "DISPLAY_DRAW_COMPOSITE": 8,
    },
    pixels: 19200,
  },
  "libspice-operands-lz": {
    unsupported: {
      "DISPLAY_DRAW_FILL a pattern brush": 4,
      "DISPLAY_DRAW_OPAQUE": 8,
      "DISPLAY_DRAW_BLEND": 4,
      "DISPLAY_DRAW_ROP3": 8,
      "DISPLAY_DRAW_STROKE": 3,
      "DISPLAY_DRAW_TEXT": 8,
      "DISPLAY_DRAW_TRANSPARENT": 4,
      "DISPLAY_DRAW_ALPHA_BLEND": 4,
      "DISPLAY_DRAW_COMPOSITE": 8,
    },
    pixels: 9984,
  },
  "libspice-operands-lz4": {
    unsupported: {
      "DISPLAY_DRAW_FILL a pattern brush": 4,
      "DISPLAY_DRAW_OPAQUE": 8,
      "DISPLAY_DRAW_BLEND": 4,
      "DISPLAY_DRAW_ROP3": 8,
      "DISPLAY_DRAW_STROKE": 3,
      "DISPLAY_DRAW_TEXT": 8,
      "DISPLAY_DRAW_TRANSPARENT": 4,
      "DISPLAY_DRAW_ALPHA_BLEND": 4,
      "DISPLAY_DRAW_COMPOSITE": 8,
    },
    pixels: 9984,
  },
  "libspice-operands-masks": {
    unsupported: {
      "DISPLAY_DRAW_FILL a mask": 3,
      "DISPLAY_DRAW_COPY a mask": 3,
      "DISPLAY_DRAW_OPAQUE": 3,
      "DISPLAY_DRAW_BLEND": 3,
      "DISPLAY_DRAW_ROP3": 3,
      "DISPLAY_DRAW_BLACKNESS": 3,
      "DISPLAY_DRAW_WHITENESS": 3,
      "DISPLAY_DRAW_INVERS": 3,
    },
    pixels: 30720,
  },
  "libspice-operands-masks-jpeg": {
    unsupported: {
      "DISPLAY_DRAW_FILL a mask": 3,
      "DISPLAY_DRAW_COPY a mask": 3,
      "DISPLAY_DRAW_OPAQUE": 3,
      "DISPLAY_DRAW_BLEND": 3,
      "DISPLAY_DRAW_ROP3": 3,
      "DISPLAY_DRAW_BLACKNESS": 3,
      "DISPLAY_DRAW_WHITENESS": 3,
      "DISPLAY_DRAW_INVERS": 3,
    },
    pixels: 30720,
  },
  "libspice-operands-zlib-glz": {
    unsupported: {
      "DISPLAY_DRAW_FILL a pattern brush": 4,
      "DISPLAY_DRAW_OPAQUE": 8,
      "DISPLAY_DRAW_BLEND": 4,
      "DISPLAY_DRAW_ROP3": 8,
      "DISPLAY_DRAW_STROKE": 3,
      "DISPLAY_DRAW_TEXT": 8,
      "DISPLAY_DRAW_TRANSPARENT": 4,
      "DISPLAY_DRAW_ALPHA_BLEND": 4,
      "DISPLAY_DRAW_COMPOSITE": 8,
    },
    pixels: 9984,
  },
  "libspice-palettes": { unsupported: { "DISPLAY_STREAM_DESTROY_ALL": 1 }, pixels: 49152 },
  "libspice-photos-quic": { unsupported: {}, pixels: 307200 },
  "libspice-ports-and-agent": { unsupported: { "PORT_INIT": 2, "SPICEVMC_DATA": 2, "PORT_EVENT": 3 }, pixels: 307200 },
  "libspice-purespice": { unsupported: { "PLAYBACK_MODE": 1 } },
  "libspice-refused": { unsupported: {} },
  "libspice-masks-plain": { unsupported: { "DISPLAY_DRAW_FILL a mask": 4 } },
  "libspice-preferences": {
    unsupported: {},
    pixels: 49152,
  },
  "libspice-resize": { unsupported: { "DISPLAY_DRAW_FILL a pattern brush": 17 }, pixels: 291679 },
  "libspice-rop3": { unsupported: { "DISPLAY_DRAW_ROP3": 436 }, pixels: 167680 },
  "libspice-rop3-degenerate": { unsupported: { "DISPLAY_DRAW_ROP3": 76 } },
  "libspice-ropds": {
    unsupported: { "DISPLAY_DRAW_FILL a pattern brush": 112, "DISPLAY_DRAW_OPAQUE": 112, "DISPLAY_DRAW_BLEND": 112 },
    pixels: 199680,
  },
  "libspice-second-session": { unsupported: {} },
  "libspice-sound-raw": {
    unsupported: {
      "PLAYBACK_MODE": 1,
      "PLAYBACK_VOLUME": 2,
      "PLAYBACK_MUTE": 2,
      "RECORD_VOLUME": 2,
      "RECORD_MUTE": 2,
      "PLAYBACK_START": 1,
      "RECORD_START": 1,
      "PLAYBACK_DATA": 100,
      "PLAYBACK_STOP": 1,
      "RECORD_STOP": 1,
    },
    pixels: 307200,
  },
  "libspice-stream-clips": {
    unsupported: {
      "DISPLAY_STREAM_CREATE": 1,
      "DISPLAY_STREAM_ACTIVATE_REPORT": 1,
      "DISPLAY_STREAM_DATA": 31,
      "DISPLAY_STREAM_CLIP": 4,
      "DISPLAY_STREAM_DESTROY": 1,
    },
    pixels: 49152,
  },
  "libspice-stream-late": {
    unsupported: {
      "DISPLAY_STREAM_CREATE": 1,
      "DISPLAY_STREAM_ACTIVATE_REPORT": 1,
      "DISPLAY_STREAM_CLIP": 5,
      "DISPLAY_STREAM_DATA": 23,
      "DISPLAY_STREAM_DESTROY": 1,
    },
    pixels: 49152,
  },
  "libspice-stream-sized": {
    unsupported: {
      "DISPLAY_STREAM_CREATE": 1,
      "DISPLAY_STREAM_ACTIVATE_REPORT": 1,
      "DISPLAY_STREAM_DATA": 20,
      "DISPLAY_STREAM_DATA_SIZED": 20,
      "DISPLAY_STREAM_CLIP": 1,
      "DISPLAY_STREAM_DESTROY": 1,
    },
    pixels: 307200,
  },
  "libspice-streaming-agent": {
    unsupported: {
      "DISPLAY_STREAM_CREATE": 6,
      "DISPLAY_STREAM_ACTIVATE_REPORT": 6,
      "DISPLAY_STREAM_DATA": 3,
      "DISPLAY_STREAM_DESTROY": 5,
    },
    pixels: 49152,
  },
  "libspice-strokes": { unsupported: { "DISPLAY_DRAW_STROKE": 52 }, pixels: 147456 },
  "libspice-surfaces": {
    unsupported: {
      "DISPLAY_SURFACE_CREATE": 2,
      "DISPLAY_DRAW_FILL": 4,
      "DISPLAY_DRAW_ALPHA_BLEND": 1,
      "DISPLAY_DRAW_COMPOSITE": 2,
    },
    pixels: 284160,
  },
  "libspice-switch-host": { unsupported: { "MAIN_MIGRATE_SWITCH_HOST": 1 }, pixels: 307200 },
  "libspice-text": { unsupported: { "DISPLAY_DRAW_TEXT": 54 }, pixels: 196608 },
  "libspice-wrong-ticket": { unsupported: {} },
  "migration-seamless-source": {
    unsupported: {
      "PLAYBACK_MODE": 1,
      "MAIN_MIGRATE_BEGIN_SEAMLESS": 1,
      "MIGRATE": 6,
      "MIGRATE_DATA": 3,
    },
  },
  "migration-seamless-target": { unsupported: {} },
  "ops-auto-glz": {
    unsupported: {
      "DISPLAY_DRAW_COPY a mask": 1,
      "DISPLAY_DRAW_FILL a pattern brush": 1,
      "DISPLAY_DRAW_FILL a mask": 2,
      "DISPLAY_DRAW_OPAQUE": 2,
      "DISPLAY_DRAW_BLEND": 1,
      "DISPLAY_DRAW_BLACKNESS": 1,
      "DISPLAY_DRAW_WHITENESS": 2,
      "DISPLAY_DRAW_INVERS": 1,
      "DISPLAY_DRAW_ROP3": 3,
      "DISPLAY_DRAW_TRANSPARENT": 1,
      "DISPLAY_DRAW_ALPHA_BLEND": 2,
      "DISPLAY_DRAW_COMPOSITE": 3,
      "DISPLAY_DRAW_STROKE": 4,
      "DISPLAY_DRAW_TEXT": 4,
    },
  },
  "ops-off": {
    unsupported: {
      "DISPLAY_DRAW_FILL a pattern brush": 1,
      "DISPLAY_DRAW_FILL a mask": 2,
      "DISPLAY_DRAW_COPY a mask": 1,
      "DISPLAY_DRAW_OPAQUE": 2,
      "DISPLAY_DRAW_BLEND": 1,
      "DISPLAY_DRAW_BLACKNESS": 1,
      "DISPLAY_DRAW_WHITENESS": 2,
      "DISPLAY_DRAW_INVERS": 1,
      "DISPLAY_DRAW_ROP3": 3,
      "DISPLAY_DRAW_TRANSPARENT": 1,
      "DISPLAY_DRAW_ALPHA_BLEND": 2,
      "DISPLAY_DRAW_COMPOSITE": 3,
      "DISPLAY_DRAW_STROKE": 4,
      "DISPLAY_DRAW_TEXT": 4,
    },
    pixels: 236157,
  },
  "playback-opus": {
    unsupported: {
      "PLAYBACK_MODE": 1,
      "PLAYBACK_VOLUME": 1,
      "PLAYBACK_MUTE": 2,
      "RECORD_VOLUME": 1,
      "RECORD_MUTE": 1,
      "PLAYBACK_START": 1,
      "RECORD_START": 1,
      "PLAYBACK_DATA": 58,
      "PLAYBACK_STOP": 1,
      "RECORD_STOP": 1,
    },
  },
  "qemu-grub": {
    unsupported: {
      "PLAYBACK_MODE": 1,
      "PLAYBACK_START": 2,
      "PLAYBACK_DATA": 252,
      "PLAYBACK_STOP": 2,
    },
  },
  "qemu-linux-qxl": { unsupported: {}, pixels: 786432 },
  "qemu-linux-virtio": { unsupported: {}, pixels: 786432 },
  "qemu-port-webdav": { unsupported: { "PORT_INIT": 3, "SPICEVMC_DATA": 23 } },
  "qemu-sasl": { unsupported: {} },
  "qemu-secured": { unsupported: {} },
  "qemu-smartcard-idle": { unsupported: { "SMARTCARD_DATA": 2 } },
  "qemu-text-std": { unsupported: {}, pixels: 288000 },
  "qemu-usbredir": { unsupported: { "SPICEVMC_DATA": 29 } },
  "stream-mjpeg": {
    unsupported: {
      "DISPLAY_STREAM_CREATE": 1,
      "DISPLAY_STREAM_ACTIVATE_REPORT": 1,
      "DISPLAY_STREAM_DATA": 24,
      "DISPLAY_STREAM_CLIP": 1,
      "DISPLAY_STREAM_DESTROY": 1,
    },
  },
  "surfaces": {
    unsupported: {
      "DISPLAY_DRAW_ALPHA_BLEND": 1,
      "DISPLAY_DRAW_COMPOSITE": 2,
      "DISPLAY_DRAW_TEXT": 1,
      "DISPLAY_DRAW_STROKE": 1,
    },
    pixels: 253440,
  },
  "xspice-saffron": { unsupported: {} },
  "xspice-spice-gtk": { unsupported: {}, pixels: 786432 },
};

/** Its main channel goes on where another server's stopped, so it has no MAIN_INIT. */
const NO_INIT = "unexpected MAIN_MIGRATE_DST_SEAMLESS_ACK";

/** Errors that end sessions by right, by capture and session. */
const ENDS: Readonly<Record<string, readonly (string | null)[]>> = {
  "libspice-migration-two-displays": [null, NO_INIT],
  "migration-seamless-target": [NO_INIT],
};

/** Bytes that come at once: byte by byte, what goes into a segment of TCP, and a few that divide nothing. */
const STEPS = [1, 7, 251, 1460, 65_521];

/** Splits into more pieces are left out. */
const MOST_PIECES = 1_500_000;

for (const name of captureNames()) {
  Deno.test(`${name}: the client takes all that the server says, in any split`, () => {
    const unsupported: Record<string, number> = {};
    for (const [session, connections] of sessionsOf(readCapture(name).connections).entries()) {
      const reads = serverReads(connections), options = { miniHeader: connections[0]!.headers === "mini" };
      const whole = replay(reads, options);
      const ended = endOf(whole.events);
      assert.equal(ended, ENDS[name]?.[session] ?? null);
      if (ended === null) assert.equal(whole.unheard, 0);
      for (const event of whole.events) {
        if (event.type !== "unsupported") continue;
        const text = `${event.error.wireName}${kindOf(event.error.detail)}`;
        unsupported[text] = (unsupported[text] ?? 0) + 1;
      }
      const bytes = reads.reduce((sum, { bytes }) => sum + bytes.length, 0);
      for (const step of STEPS) {
        if (bytes / step > MOST_PIECES) continue;
        const split = replay(reads, options, step);
        assert.deepEqual(split.events, whole.events);
        for (const [id, { primary }] of whole.core.displays) {
          assert.deepEqual(split.core.displays.get(id)!.primary?.pixels, primary?.pixels);
        }
        for (const [id, { cursor }] of whole.core.cursors) {
          assert.deepEqual(split.core.cursors.get(id)!.cursor, cursor);
        }
      }
    }
    assert.deepEqual(unsupported, EXPECTED[name]?.unsupported);
  });
}

for (const [name, { pixels }] of Object.entries(EXPECTED)) {
  if (pixels === undefined) continue;
  Deno.test(`${name}: the primary equals spice-gtk's picture where all operations are supported`, () => {
    const expected = decodePng(Deno.readFileSync(new URL(`${name}.png`, CAPTURES)));
    const [connections] = sessionsOf(readCapture(name).connections);
    const display = connections!.find(({ channel, channelId }) => channel.name === "display" && channelId === 0)!;
    const { primary } = replay(serverReads(connections!)).core.displays.get(0)!;
    assert.deepEqual([primary!.width, primary!.height], [expected.width, expected.height]);
    const unknown = unknownPixels(display.messages.server, expected.width, expected.height);
    let compared = 0;
    const different: string[] = [];
    for (let i = 0; i < unknown.length; i++) {
      if (unknown[i] === 1) continue;
      compared++;
      const ours = primary!.pixels[i]! & 0xffffff, theirs = expected.pixels[i]!;
      if (ours !== theirs) {
        different.push(
          `${i % expected.width},${Math.floor(i / expected.width)} ${ours.toString(16)} ${theirs.toString(16)}`,
        );
      }
    }
    assert.deepEqual(different.slice(0, 5), [], `${different.length} pixels differ`);
    assert.equal(compared, pixels);
  });
}

function endOf(events: readonly SessionEvent[]): string | null {
  const closed = events.filter((event) => event.type === "closed");
  assert.ok(closed.length <= 1);
  const error = closed[0]?.error ?? null;
  return error === null ? null : `${error.code} ${error.wireName}`;
}

/** What makes a message unsupported, if it is not the message as a whole. */
function kindOf(detail: string): string {
  const part = / not cached| not in the GLZ window/.exec(detail)?.[0];
  if (part !== undefined) return part;
  const lack = /^(a mask|a pattern brush) /.exec(detail)?.[1];
  return lack === undefined ? "" : ` ${lack}`;
}

/** Pixels of the primary that an operation may have changed which is not supported, or which reads such pixels. */
function unknownPixels(messages: readonly CapturedMessage[], width: number, height: number): Uint8Array {
  const surfaces = new Map<number, { width: number; height: number; unknown: Uint8Array }>();
  const lossy = new Map<bigint, boolean>();
  const mark = ({ surfaceId, box }: DisplayBase) => {
    const surface = surfaces.get(surfaceId)!;
    for (let y = Math.max(0, box.top); y < Math.min(surface.height, box.bottom); y++) {
      const row = y * surface.width;
      const from = Math.min(surface.width, Math.max(0, box.left)),
        to = Math.max(from, Math.min(surface.width, box.right));
      surface.unknown.fill(1, row + from, row + to);
    }
  };
  /** Whether our client knows the pixels of an image. */
  const knows = (image: SpiceImage): boolean => {
    if (image.body.is === "FROM_CACHE") return lossy.has(image.id);
    if (image.body.is === "FROM_CACHE_LOSSLESS") return lossy.get(image.id) === false;
    if (image.body.is === "SURFACE") return !surfaces.get(image.body.value.surfaceId)!.unknown.includes(1);
    if ((image.flags & (ImageFlags.CACHE_ME | ImageFlags.CACHE_REPLACE_ME)) !== 0) {
      lossy.set(image.id, image.body.is.startsWith("JPEG"));
    }
    return true;
  };
  for (const { declaration, body } of messages) {
    if (declaration === undefined) continue;
    if (declaration.name === DisplaySurfaceCreate.name) {
      const { surfaceId, width, height } = decode(DisplaySurfaceCreate.wire, body);
      surfaces.set(surfaceId, { width, height, unknown: new Uint8Array(width * height) });
    } else if (declaration.name === DisplayDrawFill.name) {
      const { base, data } = decode(DisplayDrawFill.wire, body);
      if (data.mask.bitmap !== null || data.brush.paint.is === "PATTERN") mark(base);
    } else if (declaration.name === DisplayDrawCopy.name) {
      const { base, data } = decode(DisplayDrawCopy.wire, body);
      if (!knows(data.srcBitmap!) || data.mask.bitmap !== null) mark(base);
    } else if (declaration.name === DisplayCopyBits.name) {
      const { base } = decode(DisplayCopyBits.wire, body);
      if (surfaces.get(base.surfaceId)!.unknown.includes(1)) mark(base);
    } else if (declaration.name.startsWith("DISPLAY_DRAW_")) {
      // Every draw message begins with its base. Its images are kept, though it is not drawn.
      mark(decode(DisplayBase, body));
      imagesIn(decode<unknown>(declaration.wire, body)).forEach(knows);
    }
  }
  const { unknown, ...size } = surfaces.get(0)!;
  assert.deepEqual(size, { width, height });
  return unknown;
}

/** All images in a message's value. */
function imagesIn(value: unknown): SpiceImage[] {
  if (!(value instanceof Object) || ArrayBuffer.isView(value)) return [];
  if ("id" in value && "body" in value) return [value as SpiceImage];
  return Object.values(value).flatMap(imagesIn);
}
