/** A part of a head's picture as the display message that shows it with the fewest bytes. */

import type { Rect } from "../../canvas/rect.ts";
import type { Surface } from "../../canvas/surface.ts";
import { classify } from "../../codecs/classify.ts";
import { encodeGlz, type GlzDictionary } from "../../codecs/glz.ts";
import { indexColors } from "../../codecs/index_colors.ts";
import { encodeJpeg, JpegWork } from "../../codecs/jpeg.ts";
import { encodeLz4, Lz4Work } from "../../codecs/lz4.ts";
import { encodeLz, encodeLzRgb32, LzType, LzWork } from "../../codecs/lz.ts";
import { encodeQuic, QuicType, QuicWork } from "../../codecs/quic.ts";
import { encodeZlibGlz } from "../../codecs/zlib_glz.ts";
import { DisplayDrawCopy, DisplayDrawFill, type QMask } from "../../protocol/messages/draw.ts";
import { BitmapFlags, BitmapFmt, ImageScaleMode, Ropd } from "../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import type { ValueOf } from "../../protocol/schema/message.ts";
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

/** What compression must save of the uncompressed bytes to be worth the work of both sides. */
const LEAST_SAVING = 1 / 10;

/** Smaller pictures are not tried: their headers would tell. Source: dcc.cpp MIN_SIZE_TO_COMPRESS. */
const LEAST_COMPRESSED_BYTES = 54;

/** QUIC and JPEG are for pictures of more rows and columns. Source: dcc.cpp MIN_DIMENSION_TO_QUIC. */
const LEAST_PHOTO_SIDE = 3;

/** Bytes of LZ a colour from which on a palette is worth a second pass: it then saves an eighth and more. */
const LZ_BYTES_A_COLOR = 12;

/** As the reference. Source: dcc.cpp jpeg_quality. */
const JPEG_QUALITY = 85;

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/**
 * Make the message for a part of a picture: DRAW_FILL for one colour, else DRAW_COPY with an image.
 *
 * LZ writes three bytes for a pixel that it has not seen where the bitmap has four, so even noise shrinks by 24 %, and
 * only pictures of a few pixels do not: there its 28-byte header tells. So compression is tried without a sample, and kept
 * if it saves a tenth; what GLZ makes is always kept, since the viewer has to have it.
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
  const body = encodeBody(pixels, width, coding, dictionary, work);
  const image = { id: imageId, flags: 0, width, height, body };
  const srcArea = { top: 0, left: 0, bottom: height, right: width }, scaleMode = ImageScaleMode.NEAREST;
  return {
    message: DisplayDrawCopy,
    value: { base, data: { srcBitmap: image, srcArea, ropDescriptor: Ropd.OP_PUT, scaleMode, mask } },
    viewers: body.is === "GLZ_RGB" || body.is === "ZLIB_GLZ_RGB" ? "one" : "all",
    lossy: body.is === "JPEG",
  };
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
  /** That of LZ. @internal */
  readonly lz: LzWork = new LzWork();
  /** That of LZ4. @internal */
  readonly lz4: Lz4Work = new Lz4Work();
  /** That of QUIC. @internal */
  readonly quic: QuicWork = new QuicWork();
  /** That of JPEG. @internal */
  readonly jpeg: JpegWork = new JpegWork();
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
  coding: Coding,
  dictionary: GlzDictionary | null,
  work: AreaWork,
): SpiceImage["body"] {
  const height = pixels.length / width;
  const bitmap = () => bitmapBody(pixels, width);
  if (pixels.byteLength < LEAST_COMPRESSED_BYTES) return bitmap();
  const most = pixels.byteLength * (1 - LEAST_SAVING);
  switch (choose(pixels, width, coding)) {
    case "bitmap":
      return bitmap();
    case "glz":
      if (dictionary !== null && pixels.length <= dictionary.windowPixels) {
        // The dictionary keeps them.
        const image = { type: LzType.RGB32, width, height, pixels: pixels.slice() };
        return glzBody(encodeGlz(image, dictionary), coding.zlib);
      }
      break;
    case "quic": {
      const data = encodeQuic(pixels, width, height, QuicType.RGB32, work.quic);
      return data.length <= most ? { is: "QUIC", value: { data } } : bitmap();
    }
    case "jpeg": {
      const data = encodeJpeg(pixels, width, height, { quality: JPEG_QUALITY, work: work.jpeg });
      return data.length <= most ? { is: "JPEG", value: { data } } : bitmap();
    }
    case "lz4": {
      const data = encodeLz4(pixels, width, height, { work: work.lz4 });
      return data.length <= most ? { is: "LZ4", value: { data } } : bitmap();
    }
    case "lz":
  }
  const data = encodeLzRgb32(pixels, width, height, work.lz);
  const indexed = paletteBody(pixels, width, data.length, work.lz);
  if (indexed !== null) return indexed;
  return data.length <= most ? { is: "LZ_RGB", value: { data } } : bitmap();
}

/** How this picture is coded. It is classified only where that makes a difference. */
function choose(pixels: Uint32Array, width: number, { drawings, photos }: Coding): Coding["photos"] {
  const small = width < LEAST_PHOTO_SIDE || pixels.length / width < LEAST_PHOTO_SIDE;
  if (small) return drawings === "quic" ? "bitmap" : drawings;
  if (drawings === photos) return drawings;
  return classify(pixels, width).kind === "photo" ? photos : drawings;
}

function glzBody(glz: Uint8Array, zlib: boolean): SpiceImage["body"] {
  const data = zlib ? encodeZlibGlz(glz) : null;
  return data === null
    ? { is: "GLZ_RGB", value: { data: glz } }
    : { is: "ZLIB_GLZ_RGB", value: { glzDataSize: glz.length, data } };
}

/**
 * LZ_PLT where it is smaller. Its palette takes four bytes a colour, and saves of the literals only: on the reference
 * screens it paid from eight bytes of LZ_RGB a colour on, and a tenth in all.
 *
 * @param lzBytes What LZ_RGB takes.
 */
function paletteBody(pixels: Uint32Array, width: number, lzBytes: number, work: LzWork): SpiceImage["body"] | null {
  if (lzBytes < LZ_BYTES_A_COLOR * 2) return null;
  const indexed = indexColors(pixels);
  if (indexed === null) return null;
  const { indexes, palette } = indexed;
  if (lzBytes < LZ_BYTES_A_COLOR * palette.length) return null;
  const height = pixels.length / width;
  const data = encodeLz({ type: LzType.PLT8, width, height, pixels: indexes }, work);
  if (data.length + palette.byteLength + PALETTE_HEAD_BYTES >= lzBytes) return null;
  const ents = [...palette];
  return {
    is: "LZ_PLT",
    value: { flags: BitmapFlags.TOP_DOWN, palette: { is: "otherwise", value: { unique: 0n, ents } }, data },
  };
}

/** Of LZ_PLT, beyond what LZ_RGB has: flags, the palette's offset, its number and count. */
const PALETTE_HEAD_BYTES = 1 + 4 + 10;

function bitmapBody(pixels: Uint32Array<ArrayBuffer>, width: number): SpiceImage["body"] {
  return {
    is: "BITMAP",
    value: {
      format: BitmapFmt["32BIT"],
      flags: BitmapFlags.TOP_DOWN,
      x: width,
      y: pixels.length / width,
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
