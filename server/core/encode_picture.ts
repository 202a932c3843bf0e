/** A picture coded without earlier ones: where it pays, and else as a bitmap. */

import type { DecodedImage } from "../../codecs/image.ts";
import { indexColors } from "../../codecs/index_colors.ts";
import { encodeLz, LzType } from "../../codecs/lz.ts";
import { type CodecWork, type CodedImage, IMAGE_CODECS } from "../../codecs/registry.ts";

/** How {@link encodePicture} is asked to code. LZ may become LZ_PLT, anything a bitmap. */
export type PictureCoding = "bitmap" | "lz" | "lz4" | "quic" | "jpeg";

/** A picture to encode, somewhere else perhaps. */
export interface EncodeJob {
  /** 0x??RRGGBB; bits 24 to 31 are not heeded. */
  readonly picture: DecodedImage;
  /** How. */
  readonly coding: PictureCoding;
}

/** A job that is done. */
export interface EncodeResult {
  /** The coded picture, in memory of its own. */
  readonly image: CodedImage;
  /** Of the job: their memory is used again. */
  readonly pixels: Uint32Array<ArrayBuffer>;
}

/** What compression must save of the uncompressed bytes to be worth the work of both sides. */
const LEAST_SAVING = 1 / 10;

/** Bytes of LZ a colour from which on a palette is worth a second pass: it then saves an eighth and more. */
const LZ_BYTES_A_COLOR = 12;

/** Of LZ_PLT, beyond what LZ_RGB has: flags, the palette's offset, its number and count. */
const PALETTE_HEAD_BYTES = 1 + 4 + 10;

/** As the reference. Source: dcc.cpp jpeg_quality. */
const JPEG_QUALITY = 85;

const TYPES = { quic: "QUIC", jpeg: "JPEG", lz4: "LZ4", lz: "LZ_RGB" } as const;

/**
 * Code a picture.
 *
 * LZ writes three bytes for a pixel that it has not seen where the bitmap has four, so even noise shrinks by 24 %, and
 * only pictures of a few pixels do not: there its 28-byte header tells. So compression is tried without a sample, and kept
 * if it saves a tenth.
 *
 * @param picture 0x??RRGGBB; bits 24 to 31 are not heeded.
 * @param coding How.
 * @param work Working memory.
 * @returns The coded picture, in memory of its own.
 */
export function encodePicture(picture: DecodedImage, coding: PictureCoding, work: CodecWork): CodedImage {
  const coded = coding === "bitmap"
    ? null
    : IMAGE_CODECS[TYPES[coding]].encode(picture, { work, quality: JPEG_QUALITY });
  if (coded?.type === "LZ_RGB") {
    const indexed = withPalette(picture, coded.data.length, work);
    if (indexed !== null) return indexed;
  }
  const most = picture.pixels.byteLength * (1 - LEAST_SAVING);
  return coded !== null && coded.data.length <= most ? coded : IMAGE_CODECS.BITMAP.encode(picture, {})!;
}

/**
 * LZ_PLT where it is smaller. Its palette takes four bytes a colour, and saves of the literals only: on the reference
 * screens it paid from eight bytes of LZ_RGB a colour on, and a tenth in all.
 *
 * @param lzBytes What LZ_RGB takes.
 */
function withPalette(picture: DecodedImage, lzBytes: number, work: CodecWork): CodedImage | null {
  if (lzBytes < LZ_BYTES_A_COLOR * 2) return null;
  const { width, height, pixels } = picture, indexed = indexColors(pixels);
  if (indexed === null) return null;
  const { indexes, palette } = indexed;
  if (lzBytes < LZ_BYTES_A_COLOR * palette.length) return null;
  const data = encodeLz({ type: LzType.PLT8, width, height, pixels: indexes }, work.lz);
  if (data.length + palette.byteLength + PALETTE_HEAD_BYTES >= lzBytes) return null;
  return { type: "LZ_PLT", data, palette };
}
