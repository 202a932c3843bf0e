/** What a capture lacks, or has that cannot be read here. */

/**
 * - `unreadable`: no such file, no permission, or neither gzip nor tar.
 * - `missing-file`: a connection lacks one of its three files; or there is no connection at all.
 * - `bad-index`: a line of the index is none, or the reads do not add up to the bytes of a stream.
 * - `unknown-channel`: valid, but nothing in the connection can be read further.
 */
export type CaptureErrorCode = "unreadable" | "missing-file" | "bad-index" | "unknown-channel";

/** A capture, or a connection of it, that cannot be read. */
export class CaptureError extends RangeError {
  override readonly name = "CaptureError";

  /**
   * @param code The stable word to branch on.
   * @param detail What was found.
   * @param cause The error behind it, if there is one.
   */
  constructor(readonly code: CaptureErrorCode, detail: string, cause?: unknown) {
    super(`Cannot read capture: ${detail}`, cause === undefined ? undefined : { cause });
  }
}
