/** The LZ header, and the image types that LZ and GLZ share. */

import { CodecError } from "../errors.ts";

/** Image types of the LZ header. Source: lz_common.h LzImageType. */
export const LzType = {
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

/** One of {@link LzType}. */
export type LzType = typeof LzType[keyof typeof LzType];

/** The fields of the LZ header, checked. */
export interface LzHeader {
  /** What the pixels are. */
  readonly type: LzType;
  /** Pixels a row, 1 to 2³¹ − 1. */
  readonly width: number;
  /** Rows, 1 to 2³¹ − 1. */
  readonly height: number;
  /** Bytes a row before compression. Only palette images need it. */
  readonly strideBytes: number;
  /** Whether the first row is the top one. */
  readonly topDown: boolean;
}

/** Bytes of the LZ header. */
export const LZ_HEADER_BYTES = 28;

const MAGIC = 0x20205a4c;
const VERSION = 0x00010001;
const CODEC = "LZ";

/**
 * Read the header of an LZ stream.
 *
 * @param src The stream, from its magic on.
 * @returns The header; its numbers agree with each other as the reference demands.
 * @throws {CodecError} `truncated`, `bad-header`, `bad-size`.
 * Source: lz.c lz_decode_begin, lz_set_sizes.
 */
export function decodeLzHeader(src: Uint8Array): LzHeader {
  if (src.length < LZ_HEADER_BYTES) {
    throw new CodecError(CODEC, "truncated", src.length, `need ${LZ_HEADER_BYTES} bytes of header, ${src.length} left`);
  }
  const words = new DataView(src.buffer, src.byteOffset, LZ_HEADER_BYTES);
  const magic = words.getUint32(0), version = words.getUint32(4), type = words.getUint32(8);
  const width = words.getUint32(12), height = words.getUint32(16), strideBytes = words.getUint32(20);
  if (magic !== MAGIC) throw new CodecError(CODEC, "bad-header", 0, `magic is 0x${magic.toString(16)}`);
  if (version !== VERSION) throw new CodecError(CODEC, "bad-header", 4, `version is 0x${version.toString(16)}`);
  if (!isLzType(type)) throw new CodecError(CODEC, "bad-header", 8, `no image type ${type}`);
  if (width === 0 || width > 0x7fffffff) throw new CodecError(CODEC, "bad-size", 12, `width is ${width}`);
  if (height === 0 || height > 0x7fffffff) throw new CodecError(CODEC, "bad-size", 16, `height is ${height}`);
  const wanted = lzRowBytes(type, width);
  if (strideBytes !== wanted) {
    throw new CodecError(CODEC, "bad-size", 20, `stride is ${strideBytes}, ${width} pixels take ${wanted}`);
  }
  return { type, width, height, strideBytes, topDown: words.getUint32(24) !== 0 };
}

/** Whether a number is one of {@link LzType}. */
export function isLzType(type: number): type is LzType {
  return type >= LzType.PLT1_LE && type <= LzType.A8;
}

/**
 * Write the header of an LZ stream.
 *
 * @param header What it says.
 * @param dst Takes the first {@link LZ_HEADER_BYTES} bytes.
 */
export function putLzHeader(header: LzHeader, dst: Uint8Array): void {
  const { type, width, height, strideBytes, topDown } = header;
  const words = new DataView(dst.buffer, dst.byteOffset);
  [MAGIC, VERSION, type, width, height, strideBytes, Number(topDown)].forEach((word, i) =>
    words.setUint32(i * 4, word)
  );
}

/** Bytes of an uncompressed row. The reference allows no other stride. */
export function lzRowBytes(type: LzType, width: number): number {
  switch (type) {
    case LzType.PLT1_LE:
    case LzType.PLT1_BE:
      return Math.ceil(width / 8);
    case LzType.PLT4_LE:
    case LzType.PLT4_BE:
      return Math.ceil(width / 2);
    case LzType.PLT8:
    case LzType.A8:
      return width;
    case LzType.RGB16:
      return width * 2;
    case LzType.RGB24:
      return width * 3;
    default:
      return width * 4;
  }
}
