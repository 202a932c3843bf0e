/** Errors of the protocol layer: what broke, whose fault it was, and where in which message. */

/** Who broke the rule: `local` is a wrong value handed to us by our own caller, `remote` is a peer. */
export type Culprit = "local" | "remote";

/**
 * What went wrong, as a stable word. Branch on this, never on the text.
 *
 * - `truncated`: a field needs more bytes than are left.
 * - `trailing`: bytes remain after the message (only checked when exactness was asked for).
 * - `too-large`: a message, count or size is over the {@link Limits}.
 * - `bad-count`: a count names more elements than the bytes left can hold.
 * - `bad-pointer`: an offset lies outside the message body; or a pointer that must not be null is null.
 * - `bad-value`: a field holds a value that the protocol does not allow there.
 * - `bad-tag`: a switch selects no case.
 * - `bad-magic`, `bad-version`: the link header is not SPICE 2.x.
 * - `link-refused`: the peer answered the link with an error; see {@link ProtocolError.linkError}.
 * - `unexpected`: a valid message at a moment when the protocol forbids it.
 * - `unknown-message`: a message id that the channel does not have.
 * - `unsupported`: valid, but not built here.
 * - `timeout`: the peer said nothing for longer than the limits allow.
 * - `closed`: the connection ended in the middle of something.
 * - `unreachable`: no connection could be made.
 */
export type ProtocolErrorCode =
  | "truncated"
  | "trailing"
  | "too-large"
  | "bad-count"
  | "bad-pointer"
  | "bad-value"
  | "bad-tag"
  | "bad-magic"
  | "bad-version"
  | "link-refused"
  | "unexpected"
  | "unknown-message"
  | "unsupported"
  | "timeout"
  | "closed"
  | "unreachable";

/** The parts of a {@link ProtocolError}. */
export interface ProtocolErrorInit {
  /** Who broke the rule. Default: `remote`. */
  readonly by?: Culprit;
  /** The stable word. */
  readonly code: ProtocolErrorCode;
  /** What was being done, as a verb phrase without a subject: `decode`, `encode`, `link`. Default: `decode`. */
  readonly action?: string;
  /** Message name, as `DISPLAY_DRAW_COPY`, or the name of a struct of the link. */
  readonly message: string;
  /** Field path inside the message, as `data.srcBitmap.width`; empty for the message itself. */
  readonly path?: string;
  /** Byte offset in the message body (after the data header), or in the link stream during the handshake. */
  readonly offset?: number;
  /** What was found against what was needed: `need 4 bytes, 3 left`. */
  readonly detail: string;
  /** The `link_err` number to answer with, or the one the peer answered. */
  readonly linkError?: number;
  /** The error behind this one, if there is one. */
  readonly cause?: unknown;
}

/** A broken rule of the protocol, with the message, the field and the byte where it broke. */
export class ProtocolError extends Error {
  /** Always `ProtocolError`. */
  override readonly name = "ProtocolError";
  /** Who broke the rule. */
  readonly by: Culprit;
  /** The stable word to branch on. */
  readonly code: ProtocolErrorCode;
  /** Name of the message or struct; `Error.message` holds the whole text. */
  readonly wireName: string;
  /** Field path inside the message, as `data.srcBitmap.width`; empty for the message itself. */
  readonly path: string;
  /** Byte offset in the message body, or in the link stream during the handshake; `null` where no byte is to blame. */
  readonly offset: number | null;
  /** What was found against what was needed: `need 4 bytes, 3 left`. */
  readonly detail: string;
  /** The `link_err` number to answer with, or the one the peer answered; `null` where there is none. */
  readonly linkError: number | null;

  /** Makes the error; its text is made of the parts. */
  constructor(init: ProtocolErrorInit) {
    const at = init.offset === undefined ? "" : ` at byte ${init.offset}`;
    const where = init.path ? ` (${init.path})` : "";
    super(
      `Cannot ${init.action ?? "decode"} ${init.message}${at}${where}: ${init.detail}`,
      init.cause === undefined ? undefined : { cause: init.cause },
    );
    this.by = init.by ?? "remote";
    this.code = init.code;
    this.wireName = init.message;
    this.path = init.path ?? "";
    this.offset = init.offset ?? null;
    this.detail = init.detail;
    this.linkError = init.linkError ?? null;
  }
}
