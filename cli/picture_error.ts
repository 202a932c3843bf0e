/** What is wrong with a picture file. */

/**
 * What went wrong, as a stable word. Branch on this, never on the text.
 *
 * - `bad-format`: it is no file of this format, or is damaged.
 * - `unsupported`: a form of the format that is not read here.
 * - `too-large`: more pixels than the limit.
 */
export type PictureErrorCode = "bad-format" | "unsupported" | "too-large";

/** A picture file that cannot be read. */
export class PictureError extends RangeError {
  override readonly name = "PictureError";

  /**
   * @param code The stable word.
   * @param format Which format was read.
   * @param detail What was found, for people: one line.
   */
  constructor(readonly code: PictureErrorCode, readonly format: "PNG" | "PPM", detail: string, cause?: unknown) {
    super(`Cannot read ${format}: ${detail}`, cause === undefined ? undefined : { cause });
  }
}

/** Most pixels of a picture file that are read unless the caller says otherwise: a wall of eight 4K screens. */
export const MAX_PICTURE_PIXELS = 64 * 1024 * 1024;
