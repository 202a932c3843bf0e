/** Where to listen, as the command line says it. */
import { UsageError } from "../../cli/usage_error.ts";
import type { ListenAddress } from "../spice_server.ts";

/** Where to listen unless told otherwise: only programs of this computer get in, on the port that viewers expect. */
export const DEFAULT_PLACE = "127.0.0.1:5900";

/**
 * Reads `HOST:PORT`, `PORT` or `unix:/PATH`. A HOST of `*` is every address of this computer; port 0 is any free one.
 *
 * @param what Name of the option, for the error.
 * @param text What was said.
 * @returns The address.
 * @throws {UsageError} It is none.
 */
export function parsePlace(what: string, text: string): ListenAddress {
  const wrong = (why: string) =>
    new UsageError(`${what}: ${why}, not "${text}"; want HOST:PORT, as 127.0.0.1:5900, or unix:/PATH`);
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length);
    // The system's structure has 108 bytes, the last of them 0.
    if (!path.startsWith("/") || path.includes("\0") || new TextEncoder().encode(path).length > 107) {
      throw wrong("a unix socket has a path from /, at most 107 bytes long");
    }
    return { path };
  }
  if (text.startsWith(":") && !text.startsWith("::")) {
    throw wrong("say which address: 127.0.0.1 for this computer only, * for all");
  }
  const [, host, bracketed, digits] = /^(?:(?:([^:[\]/]+)|\[([0-9a-fA-F:.]+)\])?:)?(\d{1,5})$/.exec(text) ?? [];
  if (digits === undefined || Number(digits) > 65535) throw wrong("a port is a number up to 65535");
  const hostname = host === "*" ? "0.0.0.0" : host ?? bracketed ?? "127.0.0.1";
  return { hostname, port: Number(digits) };
}

/** @returns Whether only programs of this computer can come in there. */
export function isLocal(place: ListenAddress): boolean {
  if ("path" in place) return true;
  const { hostname = "127.0.0.1" } = place;
  return hostname === "localhost" || hostname === "::1" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** @returns Whether it is every address of this computer. */
export function isEveryAddress(place: ListenAddress): boolean {
  return !("path" in place) && (place.hostname === "0.0.0.0" || /^[0:]+$/.test(place.hostname ?? ""));
}

/** @returns The place in the words of the command line. */
export function placeText(place: ListenAddress): string {
  if ("path" in place) return `unix:${place.path}`;
  const { hostname = "127.0.0.1", port } = place;
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
