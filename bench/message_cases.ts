/** The messages whose decoding and encoding is measured, and what is done with them. */
import assert from "node:assert/strict";
import { readCapture } from "../conformance/capture.ts";
import type { Rect } from "../canvas/rect.ts";
import { DisplayDrawCopy, DisplayDrawFill } from "../protocol/messages/draw.ts";
import { decode } from "../protocol/schema/decode.ts";
import { encode, encodeBytes } from "../protocol/schema/encode.ts";
import type { Message, ValueOf } from "../protocol/schema/message.ts";

/** One thing to measure. */
export interface MessageCase {
  /** As `decode/draw-copy-lz`. */
  readonly name: string;
  /** What the message is. */
  readonly what: string;
  /** Bytes of the body. */
  readonly bytes: number;
  /** Does it once. The result is kept by who measures, so that nothing is optimized away. */
  run(): unknown;
}

/** @returns All cases: each message decoded, encoded to chunks as the channels do, and encoded to one array. */
export function messageCases(): MessageCase[] {
  return [
    ...casesOf("draw-copy-lz", "DRAW_COPY of an LZ_RGB image, from a capture of QEMU", DisplayDrawCopy, drawCopyLz()),
    ...casesOf("draw-copy-cached", "DRAW_COPY of a cached image, from a capture", DisplayDrawCopy, drawCopyCached()),
    ...casesOf("clip-64", "DRAW_FILL with a clip of 64 rectangles", DisplayDrawFill, fillWithClip(64)),
    ...casesOf("bitmap-1mb", "DRAW_COPY of a BITMAP of 512 × 512 pixels, 1 MiB", DisplayDrawCopy, drawCopyBitmap()),
  ];
}

function casesOf<T>(name: string, what: string, message: Message<string, T>, value: T): MessageCase[] {
  const body = encodeBytes(message.wire, value);
  const bytes = body.length;
  // A wrong measurement is worse than none: what is measured must do what it says.
  assert.deepEqual(decode(message.wire, body), value);
  return [
    { name: `decode/${name}`, what, bytes, run: () => decode(message.wire, body) },
    { name: `encode/${name}`, what, bytes, run: () => encode(message.wire, value) },
    { name: `encodeBytes/${name}`, what, bytes, run: () => encodeBytes(message.wire, value) },
  ];
}

type DrawCopy = ValueOf<typeof DisplayDrawCopy>;

function drawCopyLz(): DrawCopy {
  return firstCopy("qemu-grub", ({ data }) => data.srcBitmap?.body.is === "LZ_RGB");
}

function drawCopyCached(): DrawCopy {
  return firstCopy("image-and-palette-cache", ({ data }) => data.srcBitmap?.body.is === "FROM_CACHE");
}

function drawCopyBitmap(): DrawCopy {
  const copy = firstCopy("ops-off", ({ data }) => data.srcBitmap?.body.is === "BITMAP");
  const image = copy.data.srcBitmap;
  assert(image?.body.is === "BITMAP");
  const side = 512, stride = 4 * side;
  const data = Uint8Array.from({ length: stride * side }, (_, i) => i * 7);
  const area: Rect = { left: 0, top: 0, right: side, bottom: side };
  const body = { ...image.body, value: { ...image.body.value, x: side, y: side, stride, data } };
  const srcBitmap = { ...image, width: side, height: side, body };
  return { base: { ...copy.base, box: area }, data: { ...copy.data, srcBitmap, srcArea: area } };
}

/** Overlapping bands, as of a window behind others. */
function fillWithClip(count: number): ValueOf<typeof DisplayDrawFill> {
  const rects = Array.from({ length: count }, (_, i): Rect => {
    return { left: 8 * i, top: 12 * i, right: 640 + 8 * i, bottom: 12 * i + 12 };
  });
  return {
    base: {
      surfaceId: 0,
      box: { left: 0, top: 0, right: 1152, bottom: 768 },
      clip: { shape: { is: "RECTS", value: { rects } } },
    },
    data: {
      brush: { paint: { is: "SOLID", value: 0x336699 } },
      ropDescriptor: 8,
      mask: { flags: 0, pos: { x: 0, y: 0 }, bitmap: null },
    },
  };
}

function firstCopy(capture: string, wanted: (value: DrawCopy) => boolean): DrawCopy {
  for (const { messages } of readCapture(capture).connections) {
    for (const { declaration, body } of messages.server) {
      if (declaration?.name !== DisplayDrawCopy.name) continue;
      const value = decode(DisplayDrawCopy.wire, body);
      if (wanted(value)) return value;
    }
  }
  throw new Error(`The capture ${capture} holds no such DRAW_COPY`);
}
