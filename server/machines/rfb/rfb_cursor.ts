/** Cursor shapes of VNC servers. */
import type { CursorShape } from "../../../canvas/cursor.ts";

/** Size and hot spot of a cursor rectangle, at least one pixel. */
export interface RfbCursorHeader {
  readonly width: number;
  readonly height: number;
  readonly hotX: number;
  readonly hotY: number;
}

/** Bytes of a cursor of pseudo-encoding -239: pixels, then a bitmap of whole bytes a row. */
export function maskedCursorBytes(width: number, height: number): number {
  return width * height * 4 + Math.ceil(width / 8) * height;
}

/**
 * A cursor of pseudo-encoding -239: pixels B, G, R, unused; then one bit a pixel, leftmost in the highest bit, 1 where
 * the cursor is opaque.
 *
 * @param data Exactly {@link maskedCursorBytes}.
 */
export function maskedCursor(header: RfbCursorHeader, data: Uint8Array): CursorShape {
  const { width, height } = header, pixels = new Uint32Array(width * height);
  const stride = Math.ceil(width / 8), mask = width * height * 4;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!(data[mask + y * stride + (x >> 3)]! & 128 >> (x & 7))) continue;
      pixels[i] = data[4 * i]! | data[4 * i + 1]! << 8 | data[4 * i + 2]! << 16 | 0xff << 24;
    }
  }
  return shape(header, pixels);
}

/**
 * A cursor of pseudo-encoding -314: colours multiplied by alpha. The specification has R, G, B, A; QEMU sends its words
 * as they are, B, G, R, A.
 *
 * @param data Exactly width × height × 4 bytes.
 * @param order Of the bytes of a pixel.
 * Source: rfbproto, "Cursor With Alpha"; QEMU ui/vnc.c vnc_cursor_define.
 */
export function alphaCursor(header: RfbCursorHeader, data: Uint8Array, order: "RGBA" | "BGRA"): CursorShape {
  const pixels = new Uint32Array(header.width * header.height), red = order === "BGRA" ? 2 : 0;
  for (let i = 0, at = 0; i < pixels.length; i++, at += 4) {
    pixels[i] = data[at + 2 - red]! | data[at + 1]! << 8 | data[at + red]! << 16 | data[at + 3]! << 24;
  }
  return shape(header, pixels);
}

function shape(header: RfbCursorHeader, pixels: Uint32Array<ArrayBuffer>): CursorShape {
  const { width, height } = header;
  return {
    width,
    height,
    hotX: Math.min(header.hotX, width),
    hotY: Math.min(header.hotY, height),
    pixels,
    invert: null,
  };
}
