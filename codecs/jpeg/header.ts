/** JPEG: what stands before the bits of a stream. */

import type { Quantizer } from "./quantizers.ts";
import { STANDARD_CODES } from "./tables.ts";

/** Bytes that {@link header} writes. */
export const HEADER_BYTES = 623;

/** Everything before the bits, as libjpeg writes it. */
export function header(width: number, height: number, tables: readonly [Quantizer, Quantizer]): Uint8Array {
  const u16 = (value: number) => [value >> 8, value & 255];
  const segment = (marker: number, ...content: number[]) => [0xff, marker, ...u16(content.length + 2), ...content];
  const huffman = [0, 2, 1, 3].flatMap((n) => {
    const { counts, symbols } = STANDARD_CODES[n]!;
    return segment(0xc4, (n >> 1) << 4 | n & 1, ...counts, ...symbols);
  });
  return Uint8Array.of(
    ...[0xff, 0xd8],
    ...segment(0xe0, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0),
    ...segment(0xdb, 0, ...tables[0].steps),
    ...segment(0xdb, 1, ...tables[1].steps),
    ...segment(0xc0, 8, ...u16(height), ...u16(width), 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1),
    ...huffman,
    ...segment(0xda, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0),
  );
}
