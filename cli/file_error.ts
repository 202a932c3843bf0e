/** A file that could not be read or written. Its text names the file, and is one line. */
export class FileError extends Error {
  override readonly name = "FileError";

  /**
   * @param path The file as the user named it.
   * @param action `read` or `write`.
   * @param cause What went wrong.
   */
  constructor(path: string, action: "read" | "write", cause: unknown) {
    super(`Cannot ${action} ${path}: ${reason(cause)}`, { cause });
  }
}

function reason(cause: unknown): string {
  if (cause instanceof Deno.errors.NotFound) return "no such file or folder";
  if (cause instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (cause instanceof Deno.errors.NotCapable) return "Deno was not given the permission for it";
  if (!(cause instanceof Error)) return String(cause);
  // Our own readers begin with "Cannot …: ", which the line has already.
  return cause.message.replace(/^Cannot [^:]*: /, "");
}
