/** An X server on a display that is free. */

import { type PeerProcess, startProcess } from "./process.ts";
import { waitUntil } from "./wait_until.ts";

/**
 * Start an X server, whichever it is, and wait until programs can connect.
 *
 * @param program Name or path of the server.
 * @param args Its arguments, without a display.
 * @param stack The server ends with it.
 * @param timeoutMs Time limit of the start, 20000 by default.
 * @returns The process, and the display, as `:5`.
 * @throws {Error} With its output when it ends or takes too long.
 */
export async function startXServer(
  program: string,
  args: readonly string[],
  stack: AsyncDisposableStack,
  timeoutMs = 20_000,
): Promise<{ readonly process: PeerProcess; readonly display: string }> {
  // X picks the display, writes its number alone on a line, and closes the descriptor. It must not be standard output:
  // the next X client would get descriptor 1, and what the server prints would go to that client.
  const process = stack.use(startProcess("sh", ["-c", 'exec "$0" "$@" -displayfd 3 3>&1', program, ...args]));
  const number = await waitUntil("X's display number", () => {
    process.mustRun();
    return /^(\d+)$/m.exec(process.output())?.[1];
  }, { timeoutMs });
  return { process, display: `:${number}` };
}
