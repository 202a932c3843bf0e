/** A part of a head's picture as the display message that shows it with the fewest bytes. */

import type { Rect } from "../../canvas/rect.ts";
import type { Surface } from "../../canvas/surface.ts";
import { classify } from "../../codecs/classify.ts";
import type { GlzDictionary } from "../../codecs/glz.ts";
import { CodecWork, type CodedImage, IMAGE_CODECS } from "../../codecs/registry.ts";
import { DisplayDrawCopy, DisplayDrawFill, type QMask } from "../../protocol/messages/draw.ts";
import { BitmapFlags, ImageScaleMode, JpegAlphaFlags, Ropd } from "../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import type { ValueOf } from "../../protocol/schema/message.ts";
import { type EncodeJob, encodePicture, type PictureCoding } from "./encode_picture.ts";
import type { Coding } from "./image_compression.ts";

/** A message, and its value for `encode`. */
export type EncodedArea =
  & (
    | { readonly message: typeof DisplayDrawFill; readonly value: ValueOf<typeof DisplayDrawFill> }
    | { readonly message: typeof DisplayDrawCopy; readonly value: ValueOf<typeof DisplayDrawCopy> }
  )
  & {
    /** `one`: it belongs to the dictionary that it was encoded with, and must be sent there. */
    readonly viewers: "all" | "one";
    /** Whether the viewer will not have the very pixels. */
    readonly lossy: boolean;
  };

/** Pixels of a picture in one message, at most: 16 MiB when nothing shrinks. One colour may be of any size. */
export const MOST_AREA_PIXELS = 4 * 1024 * 1024;

/** Smaller pictures stay bitmaps: their headers would tell. Source: dcc.cpp MIN_SIZE_TO_COMPRESS. */
const LEAST_COMPRESSED_BYTES = 54;

/** QUIC and JPEG are for pictures of more rows and columns. Source: dcc.cpp MIN_DIMENSION_TO_QUIC. */
const LEAST_PHOTO_SIDE = 3;

/** An area whose picture is still to be encoded. The pixels are in the working memory. */
export interface PreparedArea extends EncodeJob {
  /** @returns The message. */
  readonly finish: (image: CodedImage) => EncodedArea;
}

/**
 * Make the message for a part of a picture: DRAW_FILL for one colour, else DRAW_COPY with an image.
 *
 * What GLZ makes is always kept, since the viewer has to have it; for the rest see {@link encodePicture}.
 *
 * @param surface The picture, format 32_xRGB; bits 24 to 31 are not heeded.
 * @param area Inside the surface, at least one pixel, at most {@link MOST_AREA_PIXELS} unless it has one colour.
 * @param surfaceId The viewer's number of the surface.
 * @param coding How drawings and photographs are coded. LZ may become LZ_PLT.
 * @param options Dictionary and working memory.
 * @returns The message. Its bytes are its own: the picture may change afterwards.
 * @throws {RangeError} The area is not inside the surface, empty, or too large.
 */
export function encodeArea(
  surface: Surface,
  area: Rect,
  surfaceId: number,
  coding: Coding,
  options: AreaOptions = {},
): EncodedArea {
  const { work = new AreaWork() } = options;
  const prepared = prepareArea(surface, area, surfaceId, coding, { ...options, work });
  return "message" in prepared
    ? prepared
    : prepared.finish(encodePicture(prepared.picture, prepared.coding, work.codecs));
}

/**
 * The first half of {@link encodeArea}, with the same parameters: all that only this thread can do.
 *
 * @returns The message, if it is a fill or refers to a dictionary; else what is left to be encoded.
 * @throws {RangeError} As {@link encodeArea}.
 */
export function prepareArea(
  surface: Surface,
  area: Rect,
  surfaceId: number,
  coding: Coding,
  options: AreaOptions = {},
): EncodedArea | PreparedArea {
  const { imageId = 0n, work = new AreaWork(), dictionary = null } = options;
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
    const value = { base, data: { brush, ropDescriptor: Ropd.OP_PUT, mask } };
    return { message: DisplayDrawFill, value, viewers: "all", lossy: false };
  }
  const width = right - left, height = bottom - top;
  if (width * height > MOST_AREA_PIXELS) {
    throw new RangeError(`Cannot encode area: ${width} × ${height} pixels, at most ${MOST_AREA_PIXELS}`);
  }
  const pixels = cutOut(surface, area, work.pixels(width * height));
  const picture = { width, height, pixels, alpha: false };
  const finish = (image: CodedImage): EncodedArea => {
    const srcBitmap = { id: imageId, flags: 0, width, height, body: bodyOf(image) };
    const srcArea = { top: 0, left: 0, bottom: height, right: width }, scaleMode = ImageScaleMode.NEAREST;
    const { refersBack, lossless } = IMAGE_CODECS[image.type];
    return {
      message: DisplayDrawCopy,
      value: { base, data: { srcBitmap, srcArea, ropDescriptor: Ropd.OP_PUT, scaleMode, mask } },
      viewers: refersBack ? "one" : "all",
      lossy: !lossless,
    };
  };
  const how = choose(pixels, width, coding);
  if (how !== "glz") return { picture, coding: how, finish };
  const referring = dictionary === null
    ? null
    : IMAGE_CODECS[coding.zlib ? "ZLIB_GLZ_RGB" : "GLZ_RGB"].encode(picture, { dictionary });
  return referring === null ? { picture, coding: "lz", finish } : finish(referring);
}

/** What {@link encodeArea} may be given. */
export interface AreaOptions {
  /** For the image descriptor. It names a place in caches, of which no use is made: any number will do. */
  readonly imageId?: bigint;
  /** The viewer's; without one, GLZ becomes LZ. */
  readonly dictionary?: GlzDictionary | null;
  /** Working memory; who encodes much hands in the same again. */
  readonly work?: AreaWork;
}

/** Working memory of {@link encodeArea}. It holds nothing between two areas. */
export class AreaWork {
  /** That of the codecs. @internal */
  readonly codecs: CodecWork = new CodecWork();
  #pixels = new Uint32Array(0);

  /** So many pixels, any content; the same memory each time, unless it was given away. @internal */
  pixels(count: number): Uint32Array<ArrayBuffer> {
    if (this.#pixels.length < count) this.#pixels = new Uint32Array(count);
    return this.#pixels.subarray(0, count);
  }

  /** The pixels belong to somebody else now. @internal */
  giveAway(): void {
    this.#pixels = new Uint32Array(0);
  }

  /** They are free again: the larger memory is kept. @internal */
  giveBack({ buffer }: Uint32Array<ArrayBuffer>): void {
    if (buffer.byteLength > this.#pixels.byteLength) this.#pixels = new Uint32Array(buffer);
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

/** How this picture is coded. It is classified only where that makes a difference. */
function choose(pixels: Uint32Array, width: number, { drawings, photos }: Coding): PictureCoding | "glz" {
  if (pixels.byteLength < LEAST_COMPRESSED_BYTES) return "bitmap";
  const small = width < LEAST_PHOTO_SIDE || pixels.length / width < LEAST_PHOTO_SIDE;
  if (small) return drawings === "quic" ? "bitmap" : drawings;
  if (drawings === photos) return drawings;
  return classify(pixels, width).kind === "photo" ? photos : drawings;
}

/** A coded picture as a message has it. */
function bodyOf(image: CodedImage): SpiceImage["body"] {
  const { data } = image;
  switch (image.type) {
    case "BITMAP": {
      const { format, width: x, height: y, strideBytes: stride } = image.layout;
      const palette = { is: "otherwise", value: null } as const;
      return { is: "BITMAP", value: { format, flags: BitmapFlags.TOP_DOWN, x, y, stride, palette, data } };
    }
    case "LZ_PLT": {
      const palette = { is: "otherwise", value: { unique: 0n, ents: [...image.palette!] } } as const;
      return { is: "LZ_PLT", value: { flags: BitmapFlags.TOP_DOWN, palette, data } };
    }
    case "ZLIB_GLZ_RGB":
      return { is: "ZLIB_GLZ_RGB", value: { glzDataSize: image.glzBytes, data } };
    case "JPEG_ALPHA": {
      const { jpegBytes: jpegSize, topDown } = image.layout;
      return { is: "JPEG_ALPHA", value: { flags: topDown ? JpegAlphaFlags.TOP_DOWN : 0, jpegSize, data } };
    }
    default:
      return { is: image.type, value: { data } };
  }
}
