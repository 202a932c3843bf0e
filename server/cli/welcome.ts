/** What the server says once it listens: where, and how to get in. */
import type { ListenAddress } from "../spice_server.ts";
import { isEveryAddress, isLocal } from "./listen_place.ts";
import type { Passwords } from "./passwords.ts";

/** A place that is listened on. */
export interface OpenPlace {
  readonly place: ListenAddress;
  /** What to connect to, as `SpiceServer.listen` gives it. */
  readonly uri: string;
}

/** What to tell. */
export interface WelcomeFacts {
  /** Kind of the machine. */
  readonly machine: string;
  readonly places: readonly OpenPlace[];
  readonly passwords: Passwords;
  readonly maxViewers: number;
}

/** @returns The lines of one screen. */
export function welcome({ machine, places, passwords, maxViewers }: WelcomeFacts): string[] {
  const first = reachable(places[0]!);
  const shell = /^[\w:/.+[\]-]+$/.test(first) ? first : `'${first.replaceAll("'", "'\\''")}'`;
  const rows: [string, string][] = [
    ...places.map((open): [string, string] => ["Listening", `${open.uri}  (${reach(open.place)})`]),
    ["Connect", `remote-viewer ${shell}`],
    ["", `deno task client info ${shell}`],
    ...passwordRows(passwords, places),
    ["Viewers", maxViewers === 1 ? "one at a time" : `up to ${maxViewers} at once`],
    ...warningRows(places, passwords),
  ];
  return [
    `Saffron serves ${machine === "demo" ? "the demo" : `a machine (${machine})`}.`,
    "",
    ...rows.map(([label, text], i) => `  ${(rows[i - 1]?.[0] === label ? "" : label).padEnd(11)}${text}`),
    "",
    "Ctrl-C stops it.",
  ];
}

/** Nobody can connect to "every address". */
function reachable({ place, uri }: OpenPlace): string {
  return isEveryAddress(place) ? uri.replace(/^spice:\/\/(\[[^\]]*\]|[^:]*)/, "spice://127.0.0.1") : uri;
}

function reach(place: ListenAddress): string {
  if ("path" in place) return "whoever may open the socket";
  if (isLocal(place)) return "this computer only";
  return isEveryAddress(place) ? "every address of this computer; put its name in place of 127.0.0.1" : "the network";
}

function passwordRows({ control, view, made, seconds }: Passwords, places: readonly OpenPlace[]): [string, string][] {
  if (control === null) {
    const who = places.every(({ place }) => "path" in place)
      ? "whoever may open the socket gets in"
      : places.every(({ place }) => isLocal(place))
      ? "every user of this computer gets in"
      : "everyone who can reach it gets in";
    return [["Password", `none: ${who}`]];
  }
  const rows: [string, string][] = [["Password", made ? `${control}  (made for this run)` : "the one that was given"]];
  if (view !== null) rows.push(["", "and the view-only one, which cannot steer"]);
  if (seconds !== null) rows.push(["", `lets viewers in for ${seconds} s from now; who is in stays`]);
  return rows;
}

function warningRows(places: readonly OpenPlace[], { control }: Passwords): [string, string][] {
  const open = places.find(({ place }) => !isLocal(place));
  if (open === undefined) return [];
  const rows: [string, string][] = [["Warning", "pictures and keys cross the network unencrypted"]];
  if (control === null) rows.push(["Warning", "there is no password: everyone in the network can steer this machine"]);
  return rows;
}
