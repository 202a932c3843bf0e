/** The GLZ header. */

import { CodecError } from "../errors.ts";
import { isLzType, lzRowBytes, LzType } from "../lz/header.ts";

/** Types of GLZ images: those whose pixels have colours of their own, since no message brings a palette with GLZ. */
export type GlzType = typeof LzType.RGB16 | typeof LzType.RGB24 | typeof LzType.RGB32 | typeof LzType.RGBA;

/** The fields of the GLZ header, checked. */
export interface GlzHeader {
  /** What the pixels are. */
  readonly type: GlzType;
  /** Whether the first row is the top one. */
  readonly topDown: boolean;
  /** Pixels a row, 1 to 2³¹ − 1. */
  readonly width: number;
  /** Rows, 1 to 2³¹ − 1. */
  readonly height: number;
  /** Number of the image in the order of encoding, over all display channels of a client. */
  readonly id: bigint;
  /** How many images back the window of this one begins, at most `id`. */
  readonly winHeadDist: number;
}

/** Bytes of the GLZ header. */
export const GLZ_HEADER_BYTES = 33;

const MAGIC = 0x20205a4c;
const VERSION = 0x00010001;
const CODEC = "GLZ";

/**
 * Read the header of a GLZ stream.
 *
 * @param src The stream, from its magic on.
 * @returns The header; its numbers agree with each other.
 * @throws {CodecError} `truncated`, `bad-header`, `bad-size`; `unsupported` for palette images.
 * Source: spice-gtk src/decode-glz.c decode_header.
 */
export function decodeGlzHeader(src: Uint8Array): GlzHeader {
  if (src.length < GLZ_HEADER_BYTES) {
    const detail = `need ${GLZ_HEADER_BYTES} bytes of header, ${src.length} left`;
    throw new CodecError(CODEC, "truncated", src.length, detail);
  }
  const view = new DataView(src.buffer, src.byteOffset, GLZ_HEADER_BYTES);
  const magic = view.getUint32(0), version = view.getUint32(4), typeByte = view.getUint8(8), type = typeByte & 15;
  const width = view.getUint32(9), height = view.getUint32(13), strideBytes = view.getUint32(17);
  const id = view.getBigUint64(21), winHeadDist = view.getUint32(29);
  if (magic !== MAGIC) throw new CodecError(CODEC, "bad-header", 0, `magic is 0x${magic.toString(16)}`);
  if (version !== VERSION) throw new CodecError(CODEC, "bad-header", 4, `version is 0x${version.toString(16)}`);
  if (!isGlzType(type)) {
    const palette = isLzType(type) && type <= LzType.PLT8;
    const detail = palette ? `type ${type} needs a palette, which GLZ messages lack` : `no image type ${type}`;
    throw new CodecError(CODEC, palette ? "unsupported" : "bad-header", 8, detail);
  }
  if (width === 0 || width > 0x7fffffff) throw new CodecError(CODEC, "bad-size", 9, `width is ${width}`);
  if (height === 0 || height > 0x7fffffff) throw new CodecError(CODEC, "bad-size", 13, `height is ${height}`);
  const wanted = lzRowBytes(type, width);
  if (strideBytes !== wanted) {
    throw new CodecError(CODEC, "bad-size", 17, `stride is ${strideBytes}, ${width} pixels take ${wanted}`);
  }
  if (BigInt(winHeadDist) > id) {
    throw new CodecError(CODEC, "bad-header", 29, `the window of image ${id} begins ${winHeadDist} images before it`);
  }
  return { type, topDown: typeByte >> 4 !== 0, width, height, id, winHeadDist };
}

/**
 * Write the header of a GLZ stream.
 *
 * @param header What it says.
 * @param dst Takes the first {@link GLZ_HEADER_BYTES} bytes.
 */
export function putGlzHeader({ type, topDown, width, height, id, winHeadDist }: GlzHeader, dst: Uint8Array): void {
  const view = new DataView(dst.buffer, dst.byteOffset, GLZ_HEADER_BYTES);
  view.setUint32(0, MAGIC);
  view.setUint32(4, VERSION);
  view.setUint8(8, type | (topDown ? 16 : 0));
  view.setUint32(9, width);
  view.setUint32(13, height);
  view.setUint32(17, lzRowBytes(type, width));
  view.setBigUint64(21, id);
  view.setUint32(29, winHeadDist);
}

function isGlzType(type: number): type is GlzType {
  return type >= LzType.RGB16 && type <= LzType.RGBA;
}
