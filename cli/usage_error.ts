/** A command line that asks for nothing we can do. Its text is for people, and is one line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
