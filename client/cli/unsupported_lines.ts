/** What of the server's messages this client did not act on, for people. */
import type { Unsupported } from "../session.ts";

/**
 * @param unsupported As a session counts it.
 * @returns One line for each message and field: how often, and why not, for the first of them.
 */
export function unsupportedLines(unsupported: readonly Unsupported[]): string[] {
  return unsupported.map(({ count, error }) => `not drawn: ${count} × ${error.wireName} (${error.message})`);
}
