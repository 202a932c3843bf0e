/**
 * SPICE URIs.
 *
 *   spice://[user[:password]@]host[:port][?port=N&tls-port=N&password=P]    plain port after the host
 *   spice+tls://[user[:password]@]host:port[?password=P]                    TLS port after the host
 *   spice+unix:///path[?password=P]
 *   spice://host:port;tls-port=N;password=P                                 `;` for `?` and `&`: old, still in use
 *
 * Source: spice-common docs/spice_uri_scheme.txt; spice-gtk src/spice-session.c spice_parse_uri, spice_uri_create.
 * What spice-gtk reads is read the same here, and so is what only the document allows. Four things are ours: `@` in a
 * parameter is part of it and a unix path is decoded and ends at `?`, as the document says; `:` in the userinfo starts a
 * password, as in RFC 3986, where spice-gtk takes all of it for the user name; and `spice://` without a port means 5900,
 * where neither has a default.
 */

import { checkHost, checkPort, checkUnixPath, isIpv6, type SpiceTarget } from "./target.ts";
import { TargetError } from "./target_error.ts";

/** Plain port of a `spice://` URI that names none: where servers on one's own network mostly start to count. */
export const DEFAULT_PORT = 5900;

/** Longest URI, in UTF-16 units. */
export const MAX_URI_LENGTH = 16 * 1024;

/** How to write a URI. */
export interface FormatUriOptions {
  /** Writes the password, too. Without it the URI may be shown and logged. Default: `false`. */
  readonly withPassword?: boolean;
}

/**
 * Reads a SPICE URI. Scheme and parameter names may be in any case. A path after the host, and parameters that
 * belong to another client (with a dot in the name), are passed over.
 *
 * @param uri At most {@link MAX_URI_LENGTH} long. Space around it is passed over.
 * @returns The address, `username` and `password`.
 * @throws {TargetError} `bad-scheme`, `bad-syntax`, `bad-encoding`, `bad-host`, `bad-port`, `bad-path`, `missing-host`,
 * `missing-port`, `missing-path`, `unknown-parameter`, `duplicate`, `conflict`, `too-large`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseUri } from "../mod.ts";
 *
 * assert.deepEqual(parseUri("spice://[::1]:5930?password=s%26cret"), { host: "::1", port: 5930, password: "s&cret" });
 * ```
 */
export function parseUri(uri: string): SpiceTarget {
  if (uri.length > MAX_URI_LENGTH) fail("too-large", `longer than ${MAX_URI_LENGTH} characters`);
  const [start = "", variant = ""] = /^spice(\+tls|\+unix)?:\/\//i.exec(uri.trim()) ?? fail("bad-scheme", FORMS);
  const rest = uri.trim().slice(start.length);
  return variant.toLowerCase() === "+unix" ? parseUnix(rest) : parseHost(rest, variant !== "");
}

/**
 * Writes a target as a URI that spice-gtk reads as well. What a URI cannot say (certificates, proxy, title …) is left
 * out.
 *
 * @param target What {@link parseUri} or `parseVv()` made, or your own.
 * @param options The password is left out by default.
 * @returns A URI that {@link parseUri} reads back.
 * @throws {TargetError} `bad-host`, `bad-port`, `bad-path`, `bad-encoding`, `missing-host`, `missing-port`,
 * `missing-path`, `too-large`.
 */
export function formatUri(target: SpiceTarget, options: FormatUriOptions = {}): string {
  const action = "write SPICE URI";
  const user = target.username ? `${encode(target.username)}@` : "";
  const query: string[] = [];
  let uri: string;
  if (target.unixPath !== undefined) {
    const path = checkUnixPath(target.unixPath, action).split("/").map(encode).join("/");
    uri = `spice+unix://${user}${path}`;
  } else {
    const host = checkHost(target.host, action);
    const place = user + (isIpv6(host) ? `[${host.replace("%", "%25")}]` : encode(host));
    const port = target.port === undefined ? undefined : checkPort(target.port, "port", action);
    const tlsPort = target.tlsPort === undefined ? undefined : checkPort(target.tlsPort, "tls-port", action);
    if (port !== undefined && tlsPort !== undefined) {
      uri = `spice://${place}`;
      query.push(`port=${port}`, `tls-port=${tlsPort}`);
    } else if (tlsPort !== undefined) uri = `spice+tls://${place}:${tlsPort}`;
    else if (port !== undefined) uri = `spice://${place}:${port}`;
    else throw new TargetError("missing-port", action, "neither port nor tls-port is set");
  }
  if (options.withPassword && target.password) query.push(`password=${encode(target.password)}`);
  if (query.length > 0) uri += `?${query.join("&")}`;
  if (uri.length <= MAX_URI_LENGTH) return uri;
  throw new TargetError("too-large", action, `longer than ${MAX_URI_LENGTH} characters`);
}

const FORMS = "want spice://host:port, spice+tls://host:port or spice+unix:///path";

/** Parameters of SPICE; all others belong to one client or are typing errors. */
type Parameter = "port" | "tls-port" | "password";

/** In the `?` form `;` may be part of a value; it separates only where spice-gtk can read on behind it. */
const MOSTLY_AMPERSAND = /&|;(?=[-.\w]+=|&|$)/;

function fail(code: TargetError["code"], detail: string): never {
  throw new TargetError(code, "read SPICE URI", detail);
}

/** @param rest All after `spice+unix://`. */
function parseUnix(rest: string): SpiceTarget {
  const [place, query] = cut(rest, rest.indexOf("?"));
  const slash = place.indexOf("/");
  // A path may hold `@`; only before the first `/` does it end a userinfo.
  const at = (slash < 0 ? place : place.slice(0, slash)).lastIndexOf("@");
  const parameters = parseQuery(query, MOSTLY_AMPERSAND);
  if (parameters.has("port") || parameters.has("tls-port")) fail("conflict", "a unix socket has no port");
  const unixPath = checkUnixPath(decode(place.slice(at + 1)), "read SPICE URI");
  return { unixPath, ...parseUser(place.slice(0, Math.max(at, 0)), parameters.get("password")) };
}

/** @param rest All after `spice://` or, with `tls`, after `spice+tls://`. */
function parseHost(rest: string, tls: boolean): SpiceTarget {
  // The authority ends at `/` or `?`. `;` may stand in a userinfo, but starts parameters where it names one.
  const end = rest.search(/[/?]|;(?:port|tls-port|password)=/i);
  const head = end < 0 ? rest : rest.slice(0, end);
  const at = head.lastIndexOf("@");
  if (head.indexOf("@") !== at) fail("bad-syntax", "write @ in a user name or password as %40");
  const authority = head.slice(at + 1);
  // Past the userinfo every `;` starts parameters; past a path, too.
  const [place, tail] = cut(authority, authority.indexOf(";"), ";");
  const after = tail + (end < 0 ? "" : rest.slice(end));
  const start = after.search(/[;?]/);
  const query = start < 0 ? "" : after.slice(start + 1);
  const separator = after[start] === ";" ? /[&;]/ : MOSTLY_AMPERSAND;
  // As in spice-gtk, a port that `spice+tls://` does not accept is passed over.
  const parameters = parseQuery(query, separator, tls ? ["port", "tls-port"] : []);

  const [host, port] = splitPlace(place);
  const tlsPort = parameters.get("tls-port");
  if (port !== "" && parameters.has("port")) fail("duplicate", "port is set twice");
  const first = port || parameters.get("port");
  const target: { host: string; port?: number; tlsPort?: number } = { host };
  if (tls) target.tlsPort = parsePort(first ?? fail("missing-port", "no port: write spice+tls://host:port"), "port");
  else {
    if (first !== undefined) target.port = parsePort(first, "port");
    if (tlsPort !== undefined) target.tlsPort = parsePort(tlsPort, "tls-port");
    if (target.port === undefined && target.tlsPort === undefined) target.port = DEFAULT_PORT;
  }
  return { ...target, ...parseUser(head.slice(0, Math.max(at, 0)), parameters.get("password")) };
}

/** @returns Host without brackets, and the port's digits or nothing. */
function splitPlace(place: string): [string, string] {
  if (place.startsWith("[")) {
    const [, address, port = ""] = /^\[([^[\]]*)\](?::(.*))?$/s.exec(place) ??
      fail("bad-syntax", "want [address]:port for an IPv6 address");
    // RFC 6874 writes the `%` of a zone as `%25`.
    return [checkHost(`[${address?.replace("%25", "%")}]`, "read SPICE URI"), port];
  }
  const [name, port] = cut(place, place.indexOf(":"));
  if (port.includes(":")) {
    fail("bad-syntax", "more than one : behind the user name; an IPv6 address stands in brackets: [::1]");
  }
  return [checkHost(decode(name), "read SPICE URI"), port];
}

/** @param text Text behind `host:`, or the decoded value of a parameter. */
function parsePort(text: string, name: string): number {
  if (/^[0-9]{1,5}$/.test(text)) return checkPort(Number(text), name, "read SPICE URI");
  return fail("bad-port", `${name}: want a number from 1 to 65535 (in a password / ? : @ are %2F %3F %3A %40)`);
}

/** @returns What is said of the user; an empty name or password says nothing. */
function parseUser(userinfo: string, parameter: string | undefined): { username?: string; password?: string } {
  const [name, secret] = cut(userinfo, userinfo.indexOf(":")).map(decode);
  if (secret && parameter !== undefined) fail("duplicate", "password is set twice");
  const password = secret || parameter;
  return { ...(name ? { username: name } : {}), ...(password ? { password } : {}) };
}

/** @returns Values by parameter; those without a value are left out, as in spice-gtk. */
function parseQuery(query: string, separator: RegExp, ignored: readonly Parameter[] = []): Map<Parameter, string> {
  const values = new Map<Parameter, string>();
  for (const part of query.split(separator)) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    if (equals < 1) fail("bad-syntax", "want name=value as a parameter (write & in a value as %26)");
    const name = decode(part.slice(0, equals)).toLowerCase();
    const value = decode(part.slice(equals + 1));
    if (value === "") continue;
    if (name !== "port" && name !== "tls-port" && name !== "password") {
      // The document asks for a prefix with dots in the names of one client's own parameters.
      if (name.includes(".")) continue;
      fail("unknown-parameter", "the parameters are port, tls-port and password (write & in a value as %26)");
    }
    if (ignored.includes(name)) continue;
    if (values.has(name)) fail("duplicate", `${name} is set twice`);
    values.set(name, value);
  }
  return values;
}

/** @returns The text before `at`, and after it (with `keep` put before); all and nothing where `at` is -1. */
function cut(text: string, at: number, keep = ""): [string, string] {
  return at < 0 ? [text, ""] : [text.slice(0, at), keep + text.slice(at + 1)];
}

function decode(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    return fail("bad-encoding", "want UTF-8 as %XX (write % itself as %25)");
  }
  if (decoded.includes("\0") || !decoded.isWellFormed()) fail("bad-encoding", "want text in UTF-8 without NUL");
  return decoded;
}

function encode(text: string): string {
  if (text.isWellFormed() && !text.includes("\0")) return encodeURIComponent(text);
  throw new TargetError("bad-encoding", "write SPICE URI", "want text in Unicode without NUL");
}
