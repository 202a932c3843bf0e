/** Our client core on what real servers said: captured streams in, pictures and events out. */
import assert from "node:assert/strict";
import { type CapturedMessage, captureNames, CAPTURES, readCapture } from "../capture.ts";
import { decodePng } from "../../cli/png.ts";
import { replay, serverReads, sessionsOf } from "../replay.ts";
import {
  DisplayBase,
  DisplayCopyBits,
  DisplayDrawAlphaBlend,
  DisplayDrawCopy,
  DisplayDrawFill,
} from "../../protocol/messages/draw.ts";
import { DisplaySurfaceCreate } from "../../protocol/messages/display.ts";
import { ImageFlags } from "../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import { decode } from "../../protocol/schema/decode.ts";
import type { SessionEvent } from "../../mod.ts";
import { EXPECTED } from "./client_stream_expected.ts";

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
    } else if (declaration.name === DisplayDrawAlphaBlend.name) {
      const { base, data } = decode(DisplayDrawAlphaBlend.wire, body);
      if (data.srcBitmap === null || !knows(data.srcBitmap)) mark(base);
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
