/** Byte streams to a server. */
import type { Connection } from "../../io/pipe.ts";
import { ProtocolError } from "../../protocol/errors.ts";

/** Where a server listens. */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/**
 * Connects to a server.
 * @param signal Gives up when aborted.
 * @throws {ProtocolError} `unreachable`: with the reason that the system gave.
 */
export async function openConnection(address: Address, signal: AbortSignal): Promise<Connection> {
  try {
    const conn = address.kind === "tcp"
      ? await Deno.connect({ hostname: address.host, port: address.port, signal })
      : await Deno.connect({ transport: "unix", path: address.path });
    if ("setNoDelay" in conn) conn.setNoDelay(true);
    return conn;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    const where = address.kind === "tcp" ? `${address.host}:${address.port}` : address.path;
    const why = signal.aborted ? "no answer" : error instanceof Error ? error.message : String(error);
    throw new ProtocolError({ code: "unreachable", action: "connect to", message: where, detail: why, cause: error });
  }
}
