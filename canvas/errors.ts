/** The one error that canvas operations throw. */

/**
 * What is wrong with an operation, as a stable word.
 *
 * - `bad-size`: a surface or cursor of no pixels, or of more than the limit.
 * - `truncated`: fewer bytes or pixels than the size needs.
 * - `bad-value`: a number that the protocol does not allow there.
 * - `unsupported`: a valid form that is not built here.
 */
export type CanvasErrorCode = "bad-size" | "truncated" | "bad-value" | "unsupported";

/** An operation that cannot be drawn: which one, and why. */
export class CanvasError extends RangeError {
  override readonly name = "CanvasError";

  constructor(
    /** Operation, as `draw_copy`. */
    readonly operation: string,
    readonly code: CanvasErrorCode,
    detail: string,
  ) {
    super(`Cannot ${operation}: ${detail}`);
  }
}
