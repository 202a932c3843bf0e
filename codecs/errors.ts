/** The one error that codecs throw. */

/**
 * What is wrong with an image stream, as a stable word.
 *
 * - `bad-header`: magic, version or a header field is wrong.
 * - `truncated`: the stream ends before the picture does.
 * - `overrun`: a run or a match goes past the last pixel.
 * - `bad-distance`: a match starts before the first pixel, or in an image that cannot be referred to.
 * - `bad-code`: bits that no code of the stream's tables has, or a marker out of turn.
 * - `bad-size`: width, height or stride is zero, over the limit, or differs from what the caller expects.
 * - `bad-palette`: a palette is missing, or an index is beyond its entries.
 * - `unsupported`: a valid form that is not built here.
 */
export type CodecErrorCode =
  | "bad-header"
  | "truncated"
  | "overrun"
  | "bad-distance"
  | "bad-code"
  | "bad-size"
  | "bad-palette"
  | "unsupported";

/** A stream that does not decode: which codec, why, and at which byte of the stream. */
export class CodecError extends RangeError {
  /** Always `CodecError`. */
  override readonly name = "CodecError";

  /** Makes the error and its text. */
  constructor(
    /** Codec or image type, as `LZ_RGB`. */
    readonly codec: string,
    /** The stable word to branch on. */
    readonly code: CodecErrorCode,
    /** Byte offset in the stream where it was noticed. */
    readonly offset: number,
    /** For people; the code's word unless given. */
    readonly detail?: string,
  ) {
    super(`Cannot decode ${codec} at byte ${offset}: ${detail ?? code}`);
  }
}
