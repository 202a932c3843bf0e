/** GLZ streams token by token, for tests of what no encoder writes. */
import { LzType } from "../../../codecs/lz.ts";

/** Fields of the header that a test says. */
export interface MadeGlz {
  readonly id?: bigint;
  readonly type?: number;
  readonly width?: number;
  readonly height?: number;
  readonly stride?: number;
  readonly headDist?: number;
  readonly topDown?: boolean;
}

/** A GLZ stream with a header and the tokens given. */
export function glzStream(made: MadeGlz, tokens: readonly number[]): Uint8Array<ArrayBuffer> {
  const { id = 0n, type = LzType.RGB32, width = 4, height = 1, headDist = 0, topDown = true } = made;
  const out = new Uint8Array(33 + tokens.length), view = new DataView(out.buffer);
  view.setUint32(0, 0x20205a4c);
  view.setUint32(4, 0x00010001);
  view.setUint8(8, type | Number(topDown) << 4);
  view.setUint32(9, width);
  view.setUint32(13, height);
  view.setUint32(17, made.stride ?? width * ([0, 1, 1, 1, 1, 1, 2, 3, 4, 4, 4, 1][type] ?? 4));
  view.setBigUint64(21, id);
  view.setUint32(29, headDist);
  out.set(tokens, 33);
  return out;
}

/** A literal of RGB32 pixels. */
export function literal(...pixels: number[]): number[] {
  return [pixels.length - 1, ...pixels.flatMap((pixel) => [pixel & 255, pixel >> 8 & 255, pixel >> 16])];
}

/** A match in the longest form that its numbers need. Length without bias, offset as it is coded. */
export function match(length: number, offset: number, images: number): number[] {
  const more = length < 7 ? [] : [...Array(Math.floor((length - 7) / 255)).fill(255), (length - 7) % 255];
  const start = [Math.min(length, 7) << 5 | (offset < 4096 ? 0 : 16) | offset & 15, ...more, offset >> 4 & 255];
  if (offset < 4096) {
    const bytes = [images >> 6, images >> 14, images >> 22].filter((rest) => rest > 0).map((rest) => rest & 255);
    return [...start, bytes.length << 6 | images & 63, ...bytes];
  }
  const bytes = [images, images >> 8, images >> 16].filter((rest) => rest > 0).map((rest) => rest & 255);
  const longer = offset >= 1 << 17;
  return [
    ...start,
    bytes.length << 6 | Number(longer) << 5 | offset >> 12 & 31,
    ...bytes,
    ...longer ? [offset >> 17] : [],
  ];
}
