/** Where a server is and how to get in: what a `spice://` URI or a `.vv` file says. */

import { type TargetAction, TargetError } from "./target_error.ts";

/** What is said beside the address. What was not said is absent. */
export interface TargetAccess {
  /** For SASL; a ticket needs none. */
  readonly username?: string;
  /** The ticket, or the SASL password. */
  readonly password?: string;
  /** Channels that must use TLS, by name as `main` or `display`; `all` for every one. */
  readonly secureChannels?: readonly string[];
  /** Channels not to open, by name. */
  readonly disableChannels?: readonly string[];
  /** OpenSSL cipher list. */
  readonly tlsCiphers?: string;
  /** Certificates to trust, PEM. */
  readonly ca?: string;
  /** Subject that the server's certificate must have, as `O=Example,CN=host`. */
  readonly hostSubject?: string;
  /** Proxy to go through, as `http://user:password@host:3128`. */
  readonly proxy?: string;
  /** Window title. */
  readonly title?: string;
}

/** A server on the network. It has `port`, `tlsPort` or both. */
export interface HostTarget extends TargetAccess {
  /** Name or address; IPv6 without brackets. */
  readonly host: string;
  /** Port without TLS, 1 to 65535. */
  readonly port?: number;
  /** Port with TLS, 1 to 65535. */
  readonly tlsPort?: number;
  /** Not with a host. */
  readonly unixPath?: never;
}

/** A server on a unix socket of this machine. */
export interface UnixTarget extends TargetAccess {
  /** Path of the socket. */
  readonly unixPath: string;
  /** Not with a path. */
  readonly host?: never;
  /** Not with a path. */
  readonly port?: never;
  /** Not with a path. */
  readonly tlsPort?: never;
}

/** A server and how to get in. Where `unixPath` is `undefined`, there is a `host`. */
export type SpiceTarget = HostTarget | UnixTarget;

/**
 * Checks a host.
 *
 * @param text Name or address; IPv6 with or without brackets.
 * @param action For the error.
 * @returns The host as a {@link HostTarget} holds it.
 * @throws {TargetError} `missing-host`, `bad-host`.
 */
export function checkHost(text: string, action: TargetAction): string {
  if (text === "") throw new TargetError("missing-host", action, "no host: it says no server to connect to");
  const bracketed = text.startsWith("[") && text.endsWith("]");
  const host = bracketed ? text.slice(1, -1) : text;
  if (isIpv6(host) || !bracketed && host.isWellFormed() && !NOT_IN_NAME.test(host)) return host;
  throw new TargetError("bad-host", action, "want a host name, an IPv4 address or an IPv6 address as the host");
}

/**
 * Checks a port.
 *
 * @param port The number.
 * @param name `port` or `tls-port`, for the error.
 * @param action For the error.
 * @returns The port.
 * @throws {TargetError} `bad-port`.
 */
export function checkPort(port: number, name: string, action: TargetAction): number {
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port;
  throw new TargetError("bad-port", action, `${name}: want a number from 1 to 65535`);
}

/**
 * Checks the path of a unix socket.
 *
 * @param path Absolute, or relative to where the client runs.
 * @param action For the error.
 * @returns The path.
 * @throws {TargetError} `missing-path`, `bad-path`.
 */
export function checkUnixPath(path: string, action: TargetAction): string {
  if (path === "") throw new TargetError("missing-path", action, "no path of a unix socket");
  if (!path.includes("\0") && path.isWellFormed()) return path;
  throw new TargetError("bad-path", action, "want a path without NUL as the unix socket");
}

/** What no host name holds: space, control characters, and all that ends a host in a URI. */
const NOT_IN_NAME = /[\p{Cc}\s/?#@[\]\\:%<>"^|`{}]/u;

/** @returns Whether this is an IPv6 address, with a zone or without. Source: RFC 4291 2.2, RFC 6874 2. */
export function isIpv6(text: string): boolean {
  const [address = "", zone, ...rest] = text.split("%");
  if (rest.length > 0 || zone !== undefined && !/^[\w.~-]+$/.test(zone)) return false;
  const halves = address.split("::").map((half) => half === "" ? [] : half.split(":"));
  if (halves.length > 2) return false;
  const last = halves.at(-1)?.at(-1) ?? "";
  const dotted = /^\d{1,3}(\.\d{1,3}){3}$/.test(last) && last.split(".").every((byte) => Number(byte) <= 255);
  if (dotted) halves.at(-1)?.splice(-1, 1, "0", "0");
  const groups = halves.flat();
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) &&
    (halves.length === 2 ? groups.length <= 7 : groups.length === 8);
}
