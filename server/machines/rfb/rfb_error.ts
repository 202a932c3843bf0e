/** What goes wrong with a VNC server. */

/**
 * Stable names of what went wrong. Branch on these, never on the text.
 *
 * - `bad-version`: the other side does not begin as RFB does.
 * - `bad-value`: a field holds what the protocol does not allow there, or a rectangle leaves the picture.
 * - `too-large`: a size is over the limits.
 * - `unknown-message`, `unknown-encoding`: what was never asked for; the stream cannot be read on.
 * - `refused`: the server ended the handshake; the text holds its reason.
 * - `unsupported`: no security type that we speak.
 * - `password-needed`, `password-wrong`: the server asks for one; it does not take ours.
 * - `closed`: the server ended the connection.
 * - `timeout`: it did not finish the handshake in time.
 * - `stalled`: it does not read what we send.
 * - `unreachable`: no connection could be made.
 */
export type RfbErrorCode =
  | "bad-version"
  | "bad-value"
  | "too-large"
  | "unknown-message"
  | "unknown-encoding"
  | "refused"
  | "unsupported"
  | "password-needed"
  | "password-wrong"
  | "closed"
  | "timeout"
  | "stalled"
  | "unreachable";

/** A VNC server that cannot be shown, or not any longer. */
export class RfbError extends Error {
  override readonly name = "RfbError";

  /**
   * @param code What went wrong.
   * @param detail What was found against what was needed, for people.
   * @param offset Bytes of the server's stream before what was wrong; `null` where no byte is to blame.
   * @param options The cause, where there is one.
   */
  constructor(
    readonly code: RfbErrorCode,
    readonly detail: string,
    readonly offset: number | null = null,
    options?: ErrorOptions,
  ) {
    super(`Cannot use the VNC server${offset === null ? "" : ` at byte ${offset}`}: ${detail}`, options);
  }
}
