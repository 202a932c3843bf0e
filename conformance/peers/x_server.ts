/** An X server on a display that is free. */

import { type PeerProcess, startProcess } from "./process.ts";
import { waitUntil } from "./wait_until.ts";

/** A running X server that programs can connect to. Disposing ends it. */
export interface XServer extends AsyncDisposable {
  readonly process: PeerProcess;
  /** As `:5`. */
  readonly display: string;
}

/**
 * Start an X server, whichever it is, and wait until programs can connect.
 *
 * @param program Name or path of the server.
 * @param args Its arguments, without a display.
 * @param timeoutMs Time limit of the start.
 * @returns The server. Own it with `await using`.
 * @throws {Error} With its output when it ends or takes too long.
 */
export async function startXServer(program: string, args: readonly string[], timeoutMs = 20_000): Promise<XServer> {
  await using stack = new AsyncDisposableStack();
  // X picks the display, writes its number alone on a line, and closes the descriptor. It must not be standard output:
  // the next X client would get descriptor 1, and what the server prints would go to that client.
  const process = stack.use(startProcess("sh", ["-c", 'exec "$0" "$@" -displayfd 3 3>&1', program, ...args]));
  const number = await waitUntil("X's display number", () => {
    process.mustRun();
    return /^(\d+)$/m.exec(process.output())?.[1];
  }, { timeoutMs }).catch((error) => {
    throw new Error(`${program} has no display:\n${process.output()}`, { cause: error });
  });
  const owned = stack.move();
  return { process, display: `:${number}`, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
