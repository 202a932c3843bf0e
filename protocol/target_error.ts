/** What is wrong with a `spice://` URI or a `.vv` file. */

/**
 * What went wrong, as a stable word. Branch on this, never on the text.
 *
 * - `bad-scheme`: neither `spice://`, `spice+tls://` nor `spice+unix://`.
 * - `bad-syntax`: the parts cannot be told apart.
 * - `bad-encoding`: a percent escape or a byte is no UTF-8, or stands for NUL.
 * - `bad-host`, `bad-port`, `bad-path`, `bad-value`: a part holds what it must not.
 * - `missing-host`, `missing-port`, `missing-path`, `missing-type`: a part that is needed is not there.
 * - `unsupported-type`: a `.vv` file for VNC or oVirt.
 * - `unknown-parameter`: a URI parameter that SPICE does not have.
 * - `duplicate`: one thing said twice.
 * - `conflict`: two things that exclude each other.
 * - `too-large`: longer than the limit.
 */
export type TargetErrorCode =
  | "bad-scheme"
  | "bad-syntax"
  | "bad-encoding"
  | "bad-host"
  | "bad-port"
  | "bad-path"
  | "bad-value"
  | "missing-host"
  | "missing-port"
  | "missing-path"
  | "missing-type"
  | "unsupported-type"
  | "unknown-parameter"
  | "duplicate"
  | "conflict"
  | "too-large";

/** What was being done when a {@link TargetError} was thrown. */
export type TargetAction = "read SPICE URI" | "write SPICE URI" | "read .vv file" | "write .vv file";

/**
 * A URI or file from which no target can be made. The text never quotes the input: any part of it can be a
 * password that was put in the wrong place.
 */
export class TargetError extends RangeError {
  /** Always `TargetError`. */
  override readonly name = "TargetError";
  /** The stable word to branch on. */
  readonly code: TargetErrorCode;

  /**
   * Makes the error and its text.
   *
   * @param code The stable word.
   * @param action What was being done.
   * @param detail What is wanted, for people: one line, nothing of the input in it.
   */
  constructor(code: TargetErrorCode, action: TargetAction, detail: string) {
    super(`Cannot ${action}: ${detail}`);
    this.code = code;
  }
}
