/** Where a QEMU that runs already can be reached, as the command line says it. */
import { UsageError } from "../../cli/usage_error.ts";

/** A socket. */
export type AttachPlace =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** Its sockets. */
export interface AttachPlaces {
  readonly qmp: AttachPlace;
  /** One for each head, in order. */
  readonly vnc: readonly AttachPlace[];
}

/**
 * Reads `qmp=PLACE,vnc=PLACE[,vnc=PLACE…]`, where PLACE is `/PATH` or `HOST:PORT`.
 *
 * @param what Name of the option, for the error.
 * @param text What was said.
 * @returns The sockets.
 * @throws {UsageError} It is none of these.
 */
export function parseAttachPlaces(what: string, text: string): AttachPlaces {
  const form = "want qmp=PLACE,vnc=PLACE[,vnc=PLACE…], each PLACE a /PATH or HOST:PORT";
  let qmp: AttachPlace | null = null;
  const vnc: AttachPlace[] = [];
  for (const part of text.split(",")) {
    const [, name, place = ""] = /^(qmp|vnc)=(.+)$/.exec(part) ?? [];
    const at = parseOne(place);
    if (name === undefined || at === null) throw new UsageError(`${what}: "${part}" is no socket; ${form}`);
    if (name === "vnc") vnc.push(at);
    else if (qmp === null) qmp = at;
    else throw new UsageError(`${what}: qmp is said twice; ${form}`);
  }
  if (qmp === null || vnc.length === 0) {
    throw new UsageError(`${what}: ${qmp === null ? "qmp" : "vnc"} is missing; ${form}`);
  }
  return { qmp, vnc };
}

function parseOne(place: string): AttachPlace | null {
  if (place.startsWith("/")) return { kind: "unix", path: place };
  const [, host, bracketed, port] = /^(?:([^:[\]/]+)|\[([0-9a-fA-F:.]+)\]):(\d{1,5})$/.exec(place) ?? [];
  const name = host ?? bracketed;
  if (name === undefined || Number(port) < 1 || Number(port) > 65535) return null;
  return { kind: "tcp", host: name, port: Number(port) };
}
