/** Where a VNC server is, as the command line says it. */
import { UsageError } from "../../cli/usage_error.ts";
import type { RfbAddress } from "../machines/rfb/rfb_head.ts";

/** Port of a VNC server's first display. Source: RFC 7869. */
const VNC_PORT = 5900;

/**
 * Reads `vnc://HOST[:PORT]` or `vnc+unix:///PATH`.
 *
 * @param text What was said.
 * @returns The address.
 * @throws {UsageError} It is none, or holds a password.
 */
export function parseVncTarget(text: string): RfbAddress {
  const form = "want vnc://HOST:PORT or vnc+unix:///PATH";
  // Not shown: a password can be in it.
  if (/^vnc(\+unix)?:\/\/[^/]*@/.test(text)) {
    throw new UsageError("give the VNC server's password with --vnc-password-file, not before an @");
  }
  const [, path] = /^vnc\+unix:\/\/(\/.+)$/.exec(text) ?? [];
  if (path !== undefined) return { kind: "unix", path };
  const [, host, bracketed, port] = /^vnc:\/\/(?:([^:[\]/?#]+)|\[([0-9a-fA-F:.]+)\])(?::(\d{1,5}))?\/?$/.exec(text) ??
    [];
  const name = host ?? bracketed;
  const number = port === undefined ? VNC_PORT : Number(port);
  if (name === undefined || number < 1 || number > 65535) throw new UsageError(`"${text}" is no VNC server: ${form}`);
  return { kind: "tcp", host: name, port: number };
}
