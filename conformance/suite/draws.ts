/** Values of draw messages, with what most cases do not care about filled in. */
import type { DisplayCopyBits, DisplayDrawCopy, DisplayDrawFill } from "../../protocol/messages/draw.ts";
import { BitmapFlags, BitmapFmt, ImageScaleMode, Ropd } from "../../protocol/messages/enums.ts";
import type { Palette, SpiceImage } from "../../protocol/messages/image.ts";
import type { ValueOf } from "../../protocol/schema/message.ts";
import { type Box, boxAt, type Picture } from "./pictures.ts";

/** Where a draw message draws. */
export interface Where {
  /** Default: 0, the primary surface of nearly all servers. */
  readonly surfaceId?: number;
  /** `null` for type NONE. Default: `null`. */
  readonly clip?: readonly Box[] | null;
  /** Bits of `Ropd`. Default: OP_PUT. */
  readonly ropd?: number;
}

/** DRAW_FILL with a solid brush. */
export function fillOf(box: Box, color: number, where: Where = {}): ValueOf<typeof DisplayDrawFill> {
  const brush = { paint: { is: "SOLID", value: color } } as const;
  return { base: baseOf(box, where), data: { brush, ropDescriptor: where.ropd ?? Ropd.OP_PUT, mask: noMask() } };
}

/** How an image is drawn. */
export interface CopyWhere extends Where {
  /** Part of the image. Default: as much as the box holds, from its corner. */
  readonly srcArea?: Box;
  /** Default: NEAREST. */
  readonly scaleMode?: number;
}

/** DRAW_COPY of an image. */
export function copyOf(box: Box, image: SpiceImage, where: CopyWhere = {}): ValueOf<typeof DisplayDrawCopy> {
  return {
    base: baseOf(box, where),
    data: {
      srcBitmap: image,
      srcArea: where.srcArea ?? boxAt(0, 0, box.right - box.left, box.bottom - box.top),
      ropDescriptor: where.ropd ?? Ropd.OP_PUT,
      scaleMode: where.scaleMode ?? ImageScaleMode.NEAREST,
      mask: noMask(),
    },
  };
}

/** COPY_BITS of a box from elsewhere. */
export function moveOf(box: Box, x: number, y: number, where: Where = {}): ValueOf<typeof DisplayCopyBits> {
  return { base: baseOf(box, where), srcPos: { x, y } };
}

/** Where an image stands in the caches. */
export interface Naming {
  readonly id?: bigint;
  /** Bits of `ImageFlags`. */
  readonly flags?: number;
}

/** An image that is all of a surface. */
export function surfaceImage(surfaceId: number, width: number, height: number): SpiceImage {
  return { id: 0n, flags: 0, width, height, body: { is: "SURFACE", value: { surfaceId } } };
}

/** An image that the peer has already. */
export function cachedImage(id: bigint, width: number, height: number): SpiceImage {
  return { id, flags: 0, width, height, body: { is: "FROM_CACHE", value: null } };
}

/** What a bitmap is like. */
export interface BitmapOptions extends Naming {
  /** A member of `BitmapFmt`. Default: 32BIT. */
  readonly format?: number;
  /** Whether the first row is the top one. Default: true. */
  readonly topDown?: boolean;
  /** Bytes behind each row, filled with 0xee. Default: 0. */
  readonly padding?: number;
  /** Bits 24 to 31 of each pixel of 32 bits. Default: 0. */
  readonly highByte?: number;
  /** Colours of an indexed format. */
  readonly palette?: Palette;
  /** Name of a palette that the peer has, in place of {@link palette}. */
  readonly paletteId?: bigint;
  /** The palette is to be kept. */
  readonly keepPalette?: boolean;
}

/**
 * A BITMAP image of any format.
 * @param picture Its pixels; palette indexes for an indexed format, alpha values for 8BIT_A.
 */
export function bitmapOf(picture: Picture, options: BitmapOptions = {}): SpiceImage {
  const { format = BitmapFmt["32BIT"], topDown = true, palette, paletteId, id = 0n } = options;
  const { width, height } = picture, { stride, data } = bitmapRows(picture, options);
  let flags = topDown ? BitmapFlags.TOP_DOWN : 0;
  if (options.keepPalette === true) flags |= BitmapFlags.PAL_CACHE_ME;
  return {
    id,
    flags: options.flags ?? 0,
    width,
    height,
    body: {
      is: "BITMAP",
      value: {
        format,
        flags,
        x: width,
        y: height,
        stride,
        palette: paletteId === undefined
          ? { is: "otherwise", value: palette ?? null }
          : { is: "PAL_FROM_CACHE", value: paletteId },
        data,
      },
    },
  };
}

/** Bits a pixel, by format number. Source: spice.proto bitmap_fmt. */
const BITS: readonly number[] = [0, 1, 1, 4, 4, 8, 16, 24, 32, 32, 8];

/** The rows of a bitmap. Source: spice-common common/pixman_utils.c, bitmap_1be_32_to_32 and its neighbours. */
function bitmapRows(picture: Picture, options: BitmapOptions): { stride: number; data: Uint8Array } {
  const { width, height, pixels } = picture, { format = BitmapFmt["32BIT"], topDown = true, padding = 0 } = options;
  const bits = BITS[format]!, rowBytes = Math.ceil(width * bits / 8), stride = rowBytes + padding;
  const lowFirst = format === BitmapFmt["1BIT_LE"] || format === BitmapFmt["4BIT_LE"];
  const data = new Uint8Array(stride * height).fill(0xee);
  for (let y = 0; y < height; y++) {
    const row = data.subarray((topDown ? y : height - 1 - y) * stride).subarray(0, rowBytes).fill(0);
    for (let x = 0; x < width; x++) {
      let value = pixels[y * width + x]!;
      if (bits < 8) {
        const perByte = 8 / bits, place = x % perByte, at = Math.floor(x / perByte);
        row[at] = row[at]! | value << (lowFirst ? place : perByte - 1 - place) * bits;
        continue;
      }
      if (bits === 16) value = to555(value);
      if (bits === 32) value |= (options.highByte ?? 0) << 24;
      for (let byte = 0; byte < bits / 8; byte++) row[x * bits / 8 + byte] = value >>> 8 * byte;
    }
  }
  return { stride, data };
}

/** x1r5g5b5 of a colour. */
export function to555(color: number): number {
  return color >>> 9 & 0x7c00 | color >>> 6 & 0x3e0 | color >>> 3 & 0x1f;
}

/** What x1r5g5b5 leaves of a colour: five bits, their upper three again below them. */
export function through555(color: number): number {
  const channel = (value: number) => value & 0xf8 | value >> 5 & 7;
  return channel(color >> 16 & 255) << 16 | channel(color >> 8 & 255) << 8 | channel(color & 255);
}

function baseOf(box: Box, { surfaceId = 0, clip = null }: Where): ValueOf<typeof DisplayDrawFill>["base"] {
  const shape = clip === null
    ? { is: "NONE", value: null } as const
    : { is: "RECTS", value: { rects: [...clip] } } as const;
  return { surfaceId, box, clip: { shape } };
}

function noMask(): ValueOf<typeof DisplayDrawFill>["data"]["mask"] {
  return { flags: 0, pos: { x: 0, y: 0 }, bitmap: null };
}
