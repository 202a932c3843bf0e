/**
 * LZ streams of every image type, for cases that judge decoders: literals, and runs where asked for. It is small, not
 * good at compressing.
 *
 * Source: spice-common common/lz.c lz_encode, common/lz_compress_tmpl.c, common/lz_common.h LzImageType.
 */
import { concat } from "../../protocol/schema/encode.ts";
import { to555 } from "./draws.ts";
import type { Picture } from "./pictures.ts";

/** Image types of the LZ header. */
export const LzImageType = {
  PLT1_LE: 1,
  PLT1_BE: 2,
  PLT4_LE: 3,
  PLT4_BE: 4,
  PLT8: 5,
  RGB16: 6,
  RGB24: 7,
  RGB32: 8,
  RGBA: 9,
  XXXA: 10,
  A8: 11,
} as const;

/** What a stream is like. */
export interface LzOptions {
  /** A member of {@link LzImageType}. Default: RGB32. */
  readonly type?: number;
  /** Whether the first row is the top one. Default: true. */
  readonly topDown?: boolean;
  /** Whether what came before is referred to. Default: false, all is spelt out. */
  readonly matches?: boolean;
  /** Alpha of the pixels of RGBA, one for all or each as a picture says. Default: 255. */
  readonly alpha?: number | Picture;
  /** Fields of the header that lie. */
  readonly header?: Partial<Record<"magic" | "version" | "type" | "width" | "height" | "stride", number>>;
}

/**
 * Encodes a picture.
 * @param picture Colours; palette indexes for the PLT types, alpha values for XXXA and A8.
 */
export function lzStream(picture: Picture, options: LzOptions = {}): Uint8Array {
  const { type = LzImageType.RGB32, topDown = true, matches = false } = options, { width, height } = picture;
  const units = rowsOf(picture, topDown).flatMap((row) => {
    if (type <= LzImageType.PLT8) return packedIndexes(row, type);
    return type === LzImageType.RGB16 ? [...row].map(to555) : [...row];
  });
  const fields = {
    magic: 0x20205a4c,
    version: 0x00010001,
    type,
    width,
    height,
    stride: strideOf(type, width),
    ...options.header,
  };
  const head = new DataView(new ArrayBuffer(28));
  Object.values(fields).forEach((word, i) => head.setUint32(4 * i, word));
  head.setUint32(24, topDown ? 1 : 0);
  const parts: Uint8Array[] = [new Uint8Array(head.buffer)];
  if (type <= LzImageType.PLT8 || type >= LzImageType.XXXA) parts.push(pass(units, (unit) => [unit], 2, matches));
  else if (type === LzImageType.RGB16) parts.push(pass(units, (unit) => [unit >> 8, unit & 255], 1, matches));
  else parts.push(pass(units, (unit) => [unit & 255, unit >> 8 & 255, unit >> 16 & 255], 0, matches));
  if (type === LzImageType.RGBA) {
    const { alpha = 255 } = options;
    const alphas = typeof alpha === "number"
      ? units.map(() => alpha)
      : rowsOf(alpha, topDown).flatMap((row) => [...row]);
    parts.push(pass(alphas, (unit) => [unit], 2, matches));
  }
  return concat(parts);
}

/** Rows in the order of a stream. */
export function rowsOf({ width, height, pixels }: Picture, topDown: boolean): Uint32Array[] {
  return Array.from({ length: height }, (_, y) => {
    const row = topDown ? y : height - 1 - y;
    return pixels.subarray(row * width, (row + 1) * width);
  });
}

/** Longest literal. */
const LITERALS = 32;

/**
 * One pass over the units: a literal of up to 32 units is their number less 1; a match is `length - bias` in the upper
 * three bits, 7 with more bytes to follow, and the distance less 1 in 13 bits, all of them set with 16 more to follow.
 */
function pass(units: readonly number[], spell: (unit: number) => number[], bias: number, matches: boolean): Uint8Array {
  const out: number[] = [], places = new Map<string, number>();
  let literal: number[] = [];
  const flush = () => {
    if (literal.length > 0) out.push(literal.length - 1, ...literal.flatMap(spell));
    literal = [];
  };
  for (let at = 0; at < units.length;) {
    const key = units.slice(at, at + 4).join(), from = places.get(key);
    places.set(key, at);
    let length = 0;
    if (matches && from !== undefined && at - from < 65536 + 8191) {
      while (at + length < units.length && units[from + length] === units[at + length]) length++;
    }
    if (length < 4) {
      literal.push(units[at++]!);
      if (literal.length === LITERALS) flush();
      continue;
    }
    flush();
    const coded = length - bias, distance = at - from! - 1, far = distance >= 8191;
    out.push(Math.min(coded, 7) << 5 | (far ? 31 : distance >> 8));
    if (coded >= 7) {
      let rest = coded - 7;
      for (; rest >= 255; rest -= 255) out.push(255);
      out.push(rest);
    }
    out.push(far ? 255 : distance & 255);
    if (far) out.push(distance - 8191 >> 8, distance - 8191 & 255);
    at += length;
  }
  flush();
  return Uint8Array.from(out);
}

function packedIndexes(row: Uint32Array, type: number): number[] {
  const bits = type <= LzImageType.PLT1_BE ? 1 : type <= LzImageType.PLT4_BE ? 4 : 8, perByte = 8 / bits;
  const lowFirst = type === LzImageType.PLT1_LE || type === LzImageType.PLT4_LE;
  const bytes = new Array<number>(Math.ceil(row.length / perByte)).fill(0);
  row.forEach((index, x) => {
    const place = x % perByte, at = Math.floor(x / perByte);
    bytes[at] = bytes[at]! | index << (lowFirst ? place : perByte - 1 - place) * bits;
  });
  return bytes;
}

/** Bytes of a row before compression. Source: lz.c lz_set_sizes. */
function strideOf(type: number, width: number): number {
  if (type <= LzImageType.PLT1_BE) return Math.ceil(width / 8);
  if (type <= LzImageType.PLT4_BE) return Math.ceil(width / 2);
  if (type === LzImageType.PLT8 || type === LzImageType.A8) return width;
  return width * (type === LzImageType.RGB16 ? 2 : type === LzImageType.RGB24 ? 3 : 4);
}
