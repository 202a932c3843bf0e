/**
 * A reader of LZ_RGB streams of 24 and 32 bits, for cases that judge servers. It is made to be right at a glance, not fast.
 *
 * Source: spice-common common/lz.c lz_decode_begin, common/lz_decompress_tmpl.c.
 */
import { blank, paint, type Picture } from "./pictures.ts";
import { fail, must } from "./verdict.ts";

/** The header of an LZ stream. */
export interface LzHead {
  readonly type: number;
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
}

/** Reads the header. @throws {Finding} `failed`: it is none. */
export function readLzHead(data: Uint8Array): LzHead {
  if (data.length < 28) return fail(`its LZ stream has ${data.length} bytes`);
  const words = new DataView(data.buffer, data.byteOffset, 28), magic = words.getUint32(0);
  must(magic === 0x20205a4c, `its LZ stream begins with 0x${magic.toString(16)}`);
  const [type, width, height] = [words.getUint32(8), words.getUint32(12), words.getUint32(16)];
  return { type, width, height, topDown: words.getUint32(24) !== 0 };
}

/**
 * Decodes a stream.
 * @returns `null` for a type that is none of RGB24, RGB32 and RGBA.
 * @throws {Finding} `failed`: it is broken.
 */
export function readLzRgb(data: Uint8Array): Picture | null {
  const { type, width, height, topDown } = readLzHead(data), count = width * height;
  if (type < 7 || type > 9) return null;
  must(count < 1 << 26, `its LZ stream has ${width} × ${height} pixels`);
  const pixels: number[] = [];
  let at = 28;
  const byte = () => data[at++] ?? fail(`its LZ stream ends after ${pixels.length} of ${count} pixels`);
  while (pixels.length < count) {
    const control = byte();
    if (control < 32) {
      for (let i = 0; i <= control; i++) pixels.push(byte() | byte() << 8 | byte() << 16);
      continue;
    }
    let length = control >> 5;
    if (length === 7) {
      let more;
      do length += more = byte(); while (more === 255);
    }
    let distance = ((control & 31) << 8 | byte()) + 1;
    if (distance === 8192) distance = (byte() << 8 | byte()) + 8192;
    const from = pixels.length - distance;
    must(from >= 0, "its LZ stream refers to before the first pixel");
    must(pixels.length + length <= count, "its LZ stream goes beyond the last pixel");
    for (let i = 0; i < length; i++) pixels.push(pixels[from + i]!);
  }
  must(pixels.length === count, "its LZ stream goes beyond the last pixel");
  const picture = blank(width, height);
  paint(picture, { left: 0, top: 0, right: width, bottom: height }, (x, y) => {
    return pixels[(topDown ? y : height - 1 - y) * width + x]!;
  });
  return picture;
}
