/** From palette indexes to pixels. */

import { CodecError } from "../errors.ts";
import { LZ_HEADER_BYTES, type LzHeader, LzType } from "./header.ts";

const CODEC = "LZ";

/**
 * The palette, if it has the colours that every index of the type needs.
 *
 * @throws {CodecError} `bad-palette`.
 */
export function requirePalette(type: LzType, palette: Uint32Array | undefined): Uint32Array {
  const least = type === LzType.PLT1_LE || type === LzType.PLT1_BE ? 2 : 1;
  if (palette === undefined) throw new CodecError(CODEC, "bad-palette", 8, "a palette is missing");
  if (palette.length < least) {
    throw new CodecError(CODEC, "bad-palette", 8, `the palette has ${palette.length} colours, need ${least}`);
  }
  return palette;
}

/**
 * Crop rows to their width, put them top-down, and look up the colours.
 *
 * @throws {CodecError} `bad-palette`: an index without a colour.
 */
export function expandPalette(header: LzHeader, indexes: Uint8Array, palette: Uint32Array, dst: Uint32Array): void {
  const { type, width, height, strideBytes, topDown } = header;
  const colours = new Uint32Array(256);
  const shiftBits = type <= LzType.PLT1_BE ? 3 : type <= LzType.PLT4_BE ? 1 : 0;
  const known = type === LzType.PLT4_LE || type === LzType.PLT4_BE ? 256 : palette.length;
  for (let i = 0; i < 256; i++) colours[i] = palette[i % palette.length]! & 0xffffff;
  // Index i of a byte sits at bit (i ^ flip) × bits: little-endian types start at bit 0, big-endian ones at the top.
  const perByte = 1 << shiftBits, bits = 8 >> shiftBits, mask = (1 << bits) - 1;
  const flip = type === LzType.PLT1_BE || type === LzType.PLT4_BE ? perByte - 1 : 0;
  for (let y = 0; y < height; y++) {
    const row = y * strideBytes;
    let out = (topDown ? y : height - 1 - y) * width;
    for (let x = 0; x < width; x++) {
      const index = indexes[row + (x >> shiftBits)]! >> ((x & perByte - 1) ^ flip) * bits & mask;
      if (!(index < known)) {
        throw new CodecError(CODEC, "bad-palette", LZ_HEADER_BYTES, `index ${index} of ${known} colours`);
      }
      dst[out++] = colours[index]!;
    }
  }
}
