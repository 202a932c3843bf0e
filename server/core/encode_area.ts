/** A part of a head's picture as the display message that shows it with the fewest bytes. */

import type { Rect } from "../../canvas/rect.ts";
import type { Surface } from "../../canvas/surface.ts";
import { encodeLzRgb32, LzWork } from "../../codecs/lz.ts";
import { DisplayDrawCopy, DisplayDrawFill, type QMask } from "../../protocol/messages/draw.ts";
import { BitmapFlags, BitmapFmt, ImageScaleMode, Ropd } from "../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import type { ValueOf } from "../../protocol/schema/message.ts";

/** A message, and its value for `encode`. */
export type EncodedArea =
  | { readonly message: typeof DisplayDrawFill; readonly value: ValueOf<typeof DisplayDrawFill> }
  | { readonly message: typeof DisplayDrawCopy; readonly value: ValueOf<typeof DisplayDrawCopy> };

/** Compression of pixels: LZ where it helps, or none. */
export type Compression = "off" | "lz";

/** Pixels of a picture in one message, at most: 16 MiB when nothing shrinks. One colour may be of any size. */
export const MOST_AREA_PIXELS = 4 * 1024 * 1024;

/** What LZ must save of the uncompressed bytes to be worth the work of both sides. */
const LEAST_SAVING = 1 / 10;

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/**
 * Make the message for a part of a picture: DRAW_FILL for one colour, else DRAW_COPY with LZ_RGB or a 32BIT bitmap.
 *
 * LZ writes three bytes for a pixel that it has not seen where the bitmap has four, so even noise shrinks by 24 %, and
 * only pictures of a few pixels do not: there its 28-byte header tells. So it is tried without a sample, and kept if it
 * saves a tenth.
 *
 * @param surface The picture, format 32_xRGB; bits 24 to 31 are not heeded.
 * @param area Inside the surface, at least one pixel, at most {@link MOST_AREA_PIXELS} unless it has one colour.
 * @param surfaceId The viewer's number of the surface.
 * @param compression `off`: bitmaps only.
 * @param imageId For the image descriptor. It names a place in caches, of which no use is made: any number will do.
 * @param work Working memory; who encodes much hands in the same again.
 * @returns The message. Its bytes are its own: the picture may change afterwards.
 * @throws {RangeError} The area is not inside the surface, empty, or too large.
 */
export function encodeArea(
  surface: Surface,
  area: Rect,
  surfaceId: number,
  compression: Compression,
  imageId = 0n,
  work: AreaWork = new AreaWork(),
): EncodedArea {
  const { left, top, right, bottom } = area;
  const inside = left >= 0 && top >= 0 && right <= surface.width && bottom <= surface.height;
  if (!(inside && left < right && top < bottom)) {
    throw new RangeError(`Cannot encode area: ${left},${top} to ${right},${bottom} is not in the picture`);
  }
  const base = { surfaceId, box: { top, left, bottom, right }, clip: { shape: { is: "NONE", value: null } } } as const;
  const mask: QMask = { flags: 0, pos: { x: 0, y: 0 }, bitmap: null };
  const color = onlyColor(surface, area);
  if (color !== null) {
    const brush = { paint: { is: "SOLID", value: color } } as const;
    return { message: DisplayDrawFill, value: { base, data: { brush, ropDescriptor: Ropd.OP_PUT, mask } } };
  }
  const width = right - left, height = bottom - top;
  if (width * height > MOST_AREA_PIXELS) {
    throw new RangeError(`Cannot encode area: ${width} × ${height} pixels, at most ${MOST_AREA_PIXELS}`);
  }
  const pixels = cutOut(surface, area, work.pixels(width * height));
  const image = { id: imageId, flags: 0, width, height, body: encodeBody(pixels, width, compression, work.lz) };
  const srcArea = { top: 0, left: 0, bottom: height, right: width }, scaleMode = ImageScaleMode.NEAREST;
  return {
    message: DisplayDrawCopy,
    value: { base, data: { srcBitmap: image, srcArea, ropDescriptor: Ropd.OP_PUT, scaleMode, mask } },
  };
}

/** Working memory of {@link encodeArea}. It holds nothing between two areas. */
export class AreaWork {
  /** That of LZ. @internal */
  readonly lz: LzWork = new LzWork();
  #pixels = new Uint32Array(0);

  /** So many pixels, any content. @internal */
  pixels(count: number): Uint32Array<ArrayBuffer> {
    if (this.#pixels.length < count) this.#pixels = new Uint32Array(count);
    return this.#pixels.subarray(0, count);
  }
}

/** The colour of all pixels of an area, or null. */
function onlyColor(surface: Surface, { left, top, right, bottom }: Rect): number | null {
  const { pixels, width } = surface, color = pixels[top * width + left]! & 0xffffff;
  for (let y = top; y < bottom; y++) {
    for (let at = y * width + left, end = y * width + right; at < end; at++) {
      if ((pixels[at]! & 0xffffff) !== color) return null;
    }
  }
  return color;
}

/** The pixels of an area, row by row. @returns What it was given. */
function cutOut<T extends Uint32Array>(surface: Surface, { left, top, right, bottom }: Rect, pixels: T): T {
  const span = right - left;
  for (let y = top; y < bottom; y++) {
    const from = y * surface.width + left;
    pixels.set(surface.pixels.subarray(from, from + span), (y - top) * span);
  }
  return pixels;
}

function encodeBody(
  pixels: Uint32Array<ArrayBuffer>,
  width: number,
  compression: Compression,
  work: LzWork,
): SpiceImage["body"] {
  const height = pixels.length / width;
  if (compression === "lz") {
    const data = encodeLzRgb32(pixels, width, height, work);
    if (data.length <= pixels.byteLength * (1 - LEAST_SAVING)) return { is: "LZ_RGB", value: { data } };
  }
  return {
    is: "BITMAP",
    value: {
      format: BitmapFmt["32BIT"],
      flags: BitmapFlags.TOP_DOWN,
      x: width,
      y: height,
      stride: width * 4,
      palette: { is: "otherwise", value: null },
      data: littleEndianBytes(pixels),
    },
  };
}

/** A copy of pixels as bytes B G R 0. */
function littleEndianBytes(pixels: Uint32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pixels.length * 4);
  if (HOST_IS_LITTLE_ENDIAN) new Uint32Array(bytes.buffer).set(pixels);
  else {
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < pixels.length; i++) view.setUint32(i * 4, pixels[i]!, true);
  }
  return bytes;
}
