/** From an error to an exit code and to one line that an administrator can act on. */
import { ExitCode } from "../../cli/exit_code.ts";
import { FileError } from "../../cli/file_error.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { QemuError } from "../machines/qemu/qemu_error.ts";
import { RfbError } from "../machines/rfb/rfb_error.ts";

/** How to tell a failure. */
export interface Failure {
  readonly code: number;
  /** One line, without a line end. */
  readonly line: string;
}

/** A place that cannot be listened on. */
export class ListenError extends Error {
  override readonly name = "ListenError";

  /**
   * @param place In the words of the command line.
   * @param cause What the system said.
   */
  constructor(readonly place: string, cause: unknown) {
    super(`Cannot listen on ${place}: ${reason(cause)}`, { cause });
  }
}

/**
 * @param error What was thrown.
 * @returns Exit code and line.
 */
export function describeFailure(error: unknown): Failure {
  if (error instanceof UsageError) return { code: ExitCode.USAGE, line: error.message };
  if (error instanceof FileError) return { code: ExitCode.FAILED, line: error.message };
  if (error instanceof ListenError) return { code: ExitCode.UNREACHABLE, line: error.message };
  if (error instanceof RfbError) return { code: rfbCode(error), line: error.message + rfbHint(error) };
  if (error instanceof QemuError && !(error.cause instanceof Deno.errors.NotCapable)) return describeQemuError(error);
  const denied = error instanceof QemuError ? error.cause : error;
  if (denied instanceof Deno.errors.NotCapable) {
    const line = `Deno was not given a permission: ${denied.message}; docs/permissions.md says which are needed`;
    return { code: ExitCode.FAILED, line };
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: ExitCode.FAILED, line: `this is a fault of the server, please report it with --verbose: ${what}` };
}

function describeQemuError({ code, message, exitCode }: QemuError): Failure {
  const line = message.replace(/\s*\n\s*/g, " / ");
  switch (code) {
    case "refused":
      return { code: ExitCode.USAGE, line };
    case "unreachable":
    case "timeout":
      return { code: ExitCode.UNREACHABLE, line };
    default:
      return { code: exitCode ?? ExitCode.FAILED, line };
  }
}

function rfbCode({ code }: RfbError): number {
  if (code === "unreachable" || code === "timeout") return ExitCode.UNREACHABLE;
  return code === "password-needed" || code === "password-wrong" || code === "refused"
    ? ExitCode.REFUSED
    : ExitCode.FAILED;
}

function rfbHint({ code }: RfbError): string {
  return code === "password-needed" ? "; give it with --vnc-password-file" : "";
}

/** Why the system does not let us listen. */
function reason(cause: unknown): string {
  if (cause instanceof Deno.errors.AddrInUse) return "another program listens there already";
  if (cause instanceof Deno.errors.AddrNotAvailable) return "this computer has no such address";
  if (cause instanceof Deno.errors.NotFound) return "there is no such folder";
  if (cause instanceof Deno.errors.PermissionDenied) {
    return "this user may not (ports below 1024 are the administrator's, and a socket needs a folder one may write to)";
  }
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/lookup|not known|resolution/i.test(text)) return "no address belongs to this name";
  return text.replace(/ \(os error \d+\)$/, "");
}
