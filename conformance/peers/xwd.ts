/** X window dumps: what xwd writes. */

import type { Picture } from "./picture.ts";

/**
 * Read an X window dump.
 *
 * @param bytes The whole file: ZPixmap, 32 bits a pixel, little-endian, as any 24-bit X screen here gives.
 * @returns Its pixels, 0x00RRGGBB.
 * @throws {Error} On any other form.
 *
 * Source: X11/XWDFile.h.
 */
export function parseXwd(bytes: Uint8Array): Picture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const field = (index: number) => view.getUint32(index * 4);
  // Header words: size, version, format, depth, width, height, x offset, byte order, …, 11 bits a pixel,
  // 12 bytes a line, 14 red mask, …, 19 number of colour entries of 12 bytes.
  const [headerSize, width, height, stride] = [field(0), field(4), field(5), field(12)];
  if (field(1) !== 7 || field(2) !== 2 || field(7) !== 0 || field(11) !== 32 || field(14) !== 0xff0000) {
    throw new Error("Cannot read XWD: need version 7, ZPixmap, little-endian, 32 bits a pixel, red on top");
  }
  const start = headerSize + field(19) * 12;
  if (bytes.length < start + stride * height) throw new Error(`Cannot read XWD: ${bytes.length} bytes are too few`);
  const pixels = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      pixels[y * width + x] = view.getUint32(start + y * stride + x * 4, true) & 0xffffff;
    }
  }
  return { width, height, pixels };
}
