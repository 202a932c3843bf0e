/**
 * Pointer shapes: from the cursor channel's data to pixels, and onto a picture.
 *
 * ```text
 * ALPHA     width × height × (B G R A), colours multiplied by alpha
 * MONO      AND mask, then XOR mask; rows of whole bytes, leftmost pixel in the highest bit
 * COLOR4    rows of whole bytes, leftmost pixel in the high half; 16 palette entries (u32 0x00RRGGBB); mask
 * COLOR8    one index a pixel; 256 palette entries; mask
 * COLOR16   little-endian x1r5g5b5; mask
 * COLOR24   B G R; mask
 * COLOR32   B G R and an unused byte; mask
 * mask      one bit a pixel, rows not padded, leftmost pixel in the highest bit; 0 opaque, 1 transparent
 *
 * MONO  AND 0 XOR 0 black   AND 0 XOR 1 white   AND 1 XOR 0 transparent   AND 1 XOR 1 inverts what is below
 * A white pixel under a set mask bit inverts, too.
 * ```
 *
 * Source: spice-gtk src/channel-cursor.c set_cursor (all but COLOR8 and COLOR24; it paints a pattern where we invert);
 * spice server/red-stream-device.cpp get_cursor_type_bits (COLOR24); COLOR8 after its neighbour COLOR4.
 */

import { CanvasError } from "./errors.ts";

/** Cursor types on the wire. Source: spice.proto cursor_type. */
export const CursorType = { ALPHA: 0, MONO: 1, COLOR4: 2, COLOR8: 3, COLOR16: 4, COLOR24: 5, COLOR32: 6 } as const;

/** One of {@link CursorType}. */
export type CursorType = typeof CursorType[keyof typeof CursorType];

/** What the message says about a cursor's data. Source: spice.proto CursorHeader. */
export interface CursorHeader {
  /** A {@link CursorType}; any other number is refused. */
  readonly type: number;
  readonly width: number;
  readonly height: number;
  readonly hotSpotX: number;
  readonly hotSpotY: number;
}

/** A pointer shape. */
export interface CursorShape {
  /** Pixels a row, at least 1. */
  readonly width: number;
  /** Rows, at least 1. */
  readonly height: number;
  /** Column that points, 0 to width. */
  readonly hotX: number;
  /** Row that points, 0 to height. */
  readonly hotY: number;
  /** width × height pixels, 0xAARRGGBB, colours multiplied by alpha. */
  readonly pixels: Uint32Array<ArrayBuffer>;
  /** One byte a pixel, 1 where the shape inverts what is below it (its pixel is then 0); null if nowhere. */
  readonly invert: Uint8Array<ArrayBuffer> | null;
}

const ACTION = "decode a cursor";
/** Bytes of palette, by type. */
const PALETTE_BYTES: readonly number[] = [0, 0, 64, 1024, 0, 0, 0];

/**
 * Turn a cursor's data into pixels.
 *
 * @param header Type, size and hot spot; a hot spot outside the shape is moved to its edge, as the reference does.
 * @param data Bytes as in the message. More than needed are ignored.
 * @param maxPixels Most pixels that a shape may have; checked before anything is allocated.
 * @throws {CanvasError} `unsupported` (no such type), `bad-size`, `truncated`.
 */
export function decodeCursor(header: CursorHeader, data: Uint8Array, maxPixels: number): CursorShape {
  const { type, width, height } = header;
  if (!isCursorType(type)) throw new CanvasError(ACTION, "unsupported", `cursor type ${type}`);
  if (!(width >= 1 && height >= 1 && width * height <= maxPixels)) {
    throw new CanvasError(ACTION, "bad-size", `${width} × ${height} pixels, the limit is ${maxPixels}`);
  }
  const count = width * height, colourBytes = colourSize(type, width) * height, paletteBytes = PALETTE_BYTES[type]!;
  const masked = type !== CursorType.ALPHA && type !== CursorType.MONO;
  const needed = colourBytes + paletteBytes + (masked ? Math.ceil(count / 8) : 0);
  if (!(data.length >= needed)) {
    throw new CanvasError(ACTION, "truncated", `need ${needed} bytes, ${data.length} left`);
  }
  const pixels = new Uint32Array(count), invert = new Uint8Array(count);
  if (type === CursorType.MONO) {
    readMono(data, width, height, pixels, invert);
  } else {
    readColours(type, data, width, pixels);
    if (type === CursorType.COLOR4 || type === CursorType.COLOR8) {
      const palette = new DataView(data.buffer, data.byteOffset + colourBytes, paletteBytes);
      for (let i = 0; i < count; i++) pixels[i] = palette.getUint32(pixels[i]! * 4, true);
    }
    if (masked) {
      const white = type === CursorType.COLOR16 ? 0xf8f8f8 : 0xffffff;
      applyMask(data.subarray(colourBytes + paletteBytes), white, pixels, invert);
    }
  }
  return {
    width,
    height,
    hotX: Math.min(header.hotSpotX, width),
    hotY: Math.min(header.hotSpotY, height),
    pixels,
    invert: invert.includes(1) ? invert : null,
  };
}

/** A picture to put a pointer on. */
export interface RgbaPicture {
  readonly width: number;
  readonly height: number;
  /** 4 bytes R, G, B, A a pixel, rows from the top down; taken for opaque. */
  readonly rgba: Uint8Array | Uint8ClampedArray;
}

/**
 * Draw a pointer onto a picture, in place.
 *
 * @param picture Drawn upon; its alpha stays as it is.
 * @param cursor The shape.
 * @param x Column of the picture that the hot spot is on; any integer.
 * @param y Row of the picture that the hot spot is on; any integer.
 */
export function drawCursor(picture: RgbaPicture, cursor: CursorShape, x: number, y: number): void {
  const { rgba } = picture, { pixels, invert } = cursor, left = x - cursor.hotX, top = y - cursor.hotY;
  const firstX = Math.max(0, -left), endX = Math.min(cursor.width, picture.width - left);
  const firstY = Math.max(0, -top), endY = Math.min(cursor.height, picture.height - top);
  for (let cy = firstY; cy < endY; cy++) {
    for (let cx = firstX; cx < endX; cx++) {
      const i = cy * cursor.width + cx, at = ((top + cy) * picture.width + left + cx) * 4, pixel = pixels[i]!;
      if (invert !== null && invert[i] === 1) {
        rgba[at] = rgba[at]! ^ 255;
        rgba[at + 1] = rgba[at + 1]! ^ 255;
        rgba[at + 2] = rgba[at + 2]! ^ 255;
        continue;
      }
      const through = 255 - (pixel >>> 24);
      rgba[at] = over(pixel >>> 16 & 255, rgba[at]!, through);
      rgba[at + 1] = over(pixel >>> 8 & 255, rgba[at + 1]!, through);
      rgba[at + 2] = over(pixel & 255, rgba[at + 2]!, through);
    }
  }
}

/** One channel over another: rounded division by 255, cut at 255 for shapes that were not multiplied by alpha. */
function over(source: number, below: number, through: number): number {
  const product = below * through + 128;
  return Math.min(255, source + (product + (product >> 8) >> 8));
}

function isCursorType(type: number): type is CursorType {
  return Number.isInteger(type) && type >= CursorType.ALPHA && type <= CursorType.COLOR32;
}

/** Bytes of one row of colours; of both masks for MONO. */
function colourSize(type: CursorType, width: number): number {
  switch (type) {
    case CursorType.MONO:
      return Math.ceil(width / 8) * 2;
    case CursorType.COLOR4:
      return Math.ceil(width / 2);
    case CursorType.COLOR8:
      return width;
    case CursorType.COLOR16:
      return width * 2;
    case CursorType.COLOR24:
      return width * 3;
    case CursorType.ALPHA:
    case CursorType.COLOR32:
      return width * 4;
  }
}

function readMono(data: Uint8Array, width: number, height: number, pixels: Uint32Array, invert: Uint8Array): void {
  const stride = Math.ceil(width / 8), xor = stride * height;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const at = y * stride + (x >> 3), bit = 128 >> (x & 7);
      const transparent = data[at]! & bit, set = data[xor + at]! & bit;
      if (!transparent) pixels[i] = set ? 0xffffffff : 0xff000000;
      else if (set) invert[i] = 1;
    }
  }
}

/** Colours as 0x??RRGGBB, palette indexes as they are. */
function readColours(type: CursorType, data: Uint8Array, width: number, pixels: Uint32Array): void {
  switch (type) {
    case CursorType.COLOR4: {
      const stride = Math.ceil(width / 2);
      for (let i = 0; i < pixels.length; i++) {
        const x = i % width, byte = data[(i - x) / width * stride + (x >> 1)]!;
        pixels[i] = x & 1 ? byte & 15 : byte >> 4;
      }
      break;
    }
    case CursorType.COLOR8:
      for (let i = 0; i < pixels.length; i++) pixels[i] = data[i]!;
      break;
    case CursorType.COLOR16:
      for (let i = 0, at = 0; i < pixels.length; i++, at += 2) {
        const value = data[at]! | data[at + 1]! << 8;
        // The low three bits of a channel stay 0 here, unlike those of images: the reference shifts only.
        pixels[i] = (value & 0x7c00) << 9 | (value & 0x3e0) << 6 | (value & 0x1f) << 3;
      }
      break;
    case CursorType.COLOR24:
      for (let i = 0, at = 0; i < pixels.length; i++, at += 3) {
        pixels[i] = data[at]! | data[at + 1]! << 8 | data[at + 2]! << 16;
      }
      break;
    default:
      for (let i = 0, at = 0; i < pixels.length; i++, at += 4) {
        pixels[i] = data[at]! | data[at + 1]! << 8 | data[at + 2]! << 16 | data[at + 3]! << 24;
      }
  }
}

function applyMask(mask: Uint8Array, white: number, pixels: Uint32Array, invert: Uint8Array): void {
  for (let i = 0; i < pixels.length; i++) {
    const colour = pixels[i]! & 0xffffff;
    if (!(mask[i >> 3]! & 128 >> (i & 7))) {
      pixels[i] = colour | 0xff000000;
    } else {
      if (colour === white) invert[i] = 1;
      pixels[i] = 0;
    }
  }
}
