/** A loopback TCP port that is free now. */

/**
 * Ask the system for a port by binding port 0, and let go of it. Another process can take it before the caller does,
 * so a caller that starts a server tries again with another port when the server cannot bind.
 *
 * @returns Port number, 1 to 65535.
 */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
