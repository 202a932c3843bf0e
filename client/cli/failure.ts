/** From an error to an exit code and to one line that a person can act on. */
import { ExitCode } from "../../cli/exit_code.ts";
import { FileError } from "../../cli/file_error.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { LinkErr } from "../../protocol/messages/enums.ts";
import { nameOf } from "../../protocol/schema/enumeration.ts";
import { TargetError } from "../../protocol/target_error.ts";
import { KeyboardError } from "../core/keyboard/keyboard_error.ts";
import { LAYOUTS } from "../core/keyboard/layouts.ts";

/** What was known when it failed. */
export interface Circumstances {
  /** Where the target is, for people. */
  readonly address: string;
  /** Whether a password was given. */
  readonly password: boolean;
  /** Whether the session was ready before. */
  readonly connected: boolean;
}

/** How to tell a failure. */
export interface Failure {
  readonly code: number;
  /** One line, without a line end. */
  readonly line: string;
}

/**
 * @param error What was thrown.
 * @param known What was known then.
 * @returns Exit code and line.
 */
export function describeFailure(error: unknown, known: Circumstances): Failure {
  if (error instanceof ProtocolError) return describeProtocolError(error, known);
  if (error instanceof UsageError || error instanceof TargetError) return { code: ExitCode.USAGE, line: error.message };
  if (error instanceof KeyboardError) return { code: ExitCode.USAGE, line: error.message + keyboardHint(error) };
  if (error instanceof FileError) return { code: ExitCode.FAILED, line: error.message };
  if (error instanceof Deno.errors.NotCapable) {
    return { code: ExitCode.FAILED, line: `Deno was not given a permission: ${error.message}` };
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: ExitCode.FAILED, line: `this is a fault of the client, please report it with --verbose: ${what}` };
}

function keyboardHint(error: KeyboardError): string {
  if (error.code === "unknown-layout" && error.suggestions.length === 0) {
    return `; there are ${LAYOUTS.map(({ name }) => name).join(", ")}`;
  }
  return error.code === "untypable" ? "; choose the layout that the guest uses with --layout" : "";
}

function describeProtocolError(error: ProtocolError, known: Circumstances): Failure {
  const { address } = known;
  switch (error.code) {
    case "link-refused":
      return { code: ExitCode.REFUSED, line: describeRefusal(error, known) };
    case "unreachable":
      return { code: ExitCode.UNREACHABLE, line: `cannot reach ${address}: ${unreachable(error)}` };
    case "timeout":
      if (known.connected) return { code: ExitCode.FAILED, line: error.message };
      return {
        code: ExitCode.UNREACHABLE,
        line: `${address} accepts connections but does not answer as a SPICE server: ${error.detail}`,
      };
    case "bad-magic":
      return { code: ExitCode.FAILED, line: `${address} is no SPICE server: it says ${error.detail}` };
    case "closed":
      if (known.connected) return { code: ExitCode.FAILED, line: `${address} ended the session: ${error.detail}` };
      return {
        code: ExitCode.FAILED,
        line: `${address} broke off the handshake: ${error.detail}; is that its port of plain SPICE, without TLS?`,
      };
    default:
      return { code: ExitCode.FAILED, line: error.message };
  }
}

function describeRefusal(error: ProtocolError, { address, password }: Circumstances): string {
  const name = error.linkError === null ? "no reason" : nameOf(LinkErr, error.linkError);
  switch (error.linkError) {
    case LinkErr.PERMISSION_DENIED:
      if (password) return `${address} refused the password (${name}): it is wrong, has expired, or none is set there`;
      return `${address} wants a password (${name}): give it with --password-file FILE or in SPICE_PASSWORD`;
    case LinkErr.NEED_SECURED:
      return `${address} wants TLS (${name}), which this client does not speak yet`;
    case LinkErr.NEED_UNSECURED:
      return `${address} wants no TLS on this channel (${name})`;
    case LinkErr.VERSION_MISMATCH:
      return `${address} speaks another version of SPICE (${name})`;
    default:
      return `${address} refused the connection: ${name}`;
  }
}

/** Why the system could not connect, in fewer words than it says. */
function unreachable({ cause, detail }: ProtocolError): string {
  if (cause instanceof Deno.errors.ConnectionRefused) return "nothing listens there";
  if (cause instanceof Deno.errors.NotFound) return "there is no such socket";
  if (cause instanceof Deno.errors.PermissionDenied) return "this user may not open the socket";
  return detail.replace(/ \(os error \d+\)$/, "");
}
