/**
 * `.vv` files, which tell a viewer where to connect and how to look: a key file with a `[virt-viewer]` group. Groups
 * and keys that are none of ours, `[ovirt]` among them, are kept as they stand.
 *
 * Source: remote-viewer(1) of virt-viewer 11.0, CONNECTION FILE; virt-viewer src/virt-viewer-file.c
 * virt_viewer_file_fill_app, src/virt-viewer-session-spice.c fill_session.
 * Where we differ from virt-viewer: it takes a number that is none for 0, and an address beside a `unix-path` for
 * unsaid; we refuse the file.
 */

import { formatKeyFile, type KeyFile, parseKeyFile, quote, quoteList, unquote, unquoteList } from "./key_file.ts";
import { checkHost, checkPort, checkUnixPath, type SpiceTarget, type TargetAccess } from "./target.ts";
import { TargetError, type TargetErrorCode } from "./target_error.ts";

/** Least version of the viewer on one system. */
export interface VvVersion {
  /** System by its libosinfo short id, as `fedora22`. */
  readonly osId: string;
  /** Integers separated by `.`, and perhaps `-` and a build number of the same form. */
  readonly version: string;
}

/** Key bindings, as `shift+f11`; an action that has none while others do is without one. */
export interface VvHotkeys {
  /** Into full screen and out of it. */
  readonly toggleFullscreen?: string;
  /** Gives the pointer back to this machine. */
  readonly releaseCursor?: string;
  /** Sends Ctrl+Alt+Del. */
  readonly secureAttention?: string;
  /** Puts a smartcard of software into the reader. */
  readonly smartcardInsert?: string;
  /** Takes it out again. */
  readonly smartcardRemove?: string;
  /** Resets the USB devices that the guest was given. */
  readonly usbDeviceReset?: string;
  /** Shows the picture larger. */
  readonly zoomIn?: string;
  /** Shows the picture smaller. */
  readonly zoomOut?: string;
  /** Shows the picture in its own size. */
  readonly zoomReset?: string;
}

/** What a `.vv` file says. What it does not say is absent. */
export interface VvFile {
  /** Where to connect and how to get in. */
  readonly target: SpiceTarget;
  /** Whether to open in full screen. */
  readonly fullscreen?: boolean;
  /** Keys for what a viewer does itself. */
  readonly hotkeys?: VvHotkeys;
  /** Bits a pixel to ask the guest for. */
  readonly colorDepth?: 16 | 32;
  /** Desktop effects to ask the guest to leave off: `wallpaper`, `font-smooth`, `animation`, `all`. */
  readonly disableEffects?: readonly string[];
  /** Whether smartcards of this machine can be used in the guest. */
  readonly enableSmartcard?: boolean;
  /** Whether USB devices of this machine can be given to the guest. */
  readonly enableUsbredir?: boolean;
  /** Whether USB devices go to the guest as they are plugged in. */
  readonly enableUsbAutoshare?: boolean;
  /** Which of them: rules `class,vendor,product,version,allow` separated by `|`. */
  readonly usbFilter?: string;
  /** Whether the caller is to delete the file once it is read. */
  readonly deleteThisFile?: boolean;
  /** Least version of remote-viewer; says nothing to another client. */
  readonly version?: string;
  /** Least versions of remote-viewer, by system. */
  readonly versions?: readonly VvVersion[];
  /** Where to get a newer remote-viewer. */
  readonly newerVersionUrl?: string;
  /** All other keys, by group and as they stand in the file; `unquote()` reads one. Absent where there are none. */
  readonly other?: KeyFile;
}

/**
 * Reads a `.vv` file.
 *
 * @param file The whole file, at most 1 MiB; bytes are UTF-8.
 * @returns What it says. `port` and `tls-port` of 0 or less say, as in virt-viewer, that there is none.
 * @throws {TargetError} `too-large`, `bad-encoding`, `bad-syntax`, `missing-type`, `unsupported-type`, `missing-host`,
 * `missing-port`, `missing-path`, `bad-host`, `bad-port`, `bad-path`, `bad-value`, `conflict`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseVv } from "../mod.ts";
 *
 * const file = parseVv("[virt-viewer]\ntype=spice\nhost=betsiboka\nport=5900\nfullscreen=1\n");
 * assert.deepEqual(file, { target: { host: "betsiboka", port: 5900 }, fullscreen: true });
 * ```
 */
export function parseVv(file: Uint8Array | string): VvFile {
  const groups = parseKeyFile(file);
  const values = groups.get(GROUP) ?? fail("missing-type", `no [${GROUP}] group: it is no .vv file`);
  const type = trimmed(values, "type") ?? fail("missing-type", `no type in [${GROUP}]: want type=spice`);
  if (type.toLowerCase() !== "spice") fail("unsupported-type", "type: want spice; VNC and oVirt files are not for us");

  const out: Writable<VvFile> = { target: { ...parsePlace(values), ...parseAccess(values) } };
  for (const [key, name] of FLAGS) set(out, name, parseFlag(values, key));
  for (const [key, name] of STRINGS) set(out, name, parseString(values, key));
  const hotkeys: Writable<VvHotkeys> = {};
  for (const [key, name] of HOTKEYS) set(hotkeys, name, parseString(values, key));
  if (Object.keys(hotkeys).length > 0) out.hotkeys = hotkeys;
  const depth = parseInteger(values, "color-depth");
  if (depth === 16 || depth === 32) out.colorDepth = depth;
  else if (depth !== undefined) fail("bad-value", "color-depth: want 16 or 32");
  set(out, "disableEffects", parseList(values, "disable-effects"));
  set(out, "versions", parseVersions(values));
  const other = parseOther(groups);
  if (other.size > 0) out.other = other;
  return out;
}

/**
 * Writes a `.vv` file. The password, if there is one, stands in it in the clear.
 *
 * @param file What it is to say.
 * @returns Text that {@link parseVv} reads back to the same; empty list items are left out.
 * @throws {TargetError} For what no file can say: `missing-port`, `bad-host`, `bad-port`, `bad-path`, `bad-value`,
 * `bad-syntax`, `bad-encoding`, `too-large`, and `conflict` for one of our keys in `other`.
 */
export function formatVv(file: VvFile): string {
  const values = new Map([["type", "spice"]]);
  const put = (key: string, value: string | undefined) => value === undefined || values.set(key, value);
  const putList = (key: string, items: readonly string[] | undefined) => {
    if (items === undefined) return;
    // A form feed at an end is the one space that has no escape.
    if (items.some((item) => item.startsWith("\f") || item.endsWith("\f"))) {
      throw new TargetError("bad-value", WRITE, `${key} has an item that cannot be written`);
    }
    put(key, quoteList(items));
  };
  for (const [key, name] of FILE_HEAD) put(key, quoted(file[name]));
  putList("versions", file.versions?.map(formatVersion));
  putPlace(file.target, put);
  for (const [key, name] of ACCESS_STRINGS) put(key, quoted(file.target[name]));
  for (const [key, name] of ACCESS_LISTS) putList(key, file.target[name]);
  for (const [key, name] of FLAGS) put(key, file[name] === undefined ? undefined : file[name] ? "1" : "0");
  for (const [key, name] of HOTKEYS) put(key, quoted(file.hotkeys?.[name]));
  put("color-depth", file.colorDepth?.toString());
  putList("disable-effects", file.disableEffects);
  put("usb-filter", quoted(file.usbFilter));

  const groups = new Map<string, ReadonlyMap<string, string>>([[GROUP, values]]);
  for (const [group, others] of file.other ?? []) {
    if (group !== GROUP) groups.set(group, others);
    else {for (const [key, value] of others) {
        if (OURS.has(key)) throw new TargetError("conflict", WRITE, `other has ${key}, which has a place of its own`);
        values.set(key, value);
      }}
  }
  return formatKeyFile(groups);
}

const GROUP = "virt-viewer";
const WRITE = "write .vv file";

const ACCESS_STRINGS = [
  ["username", "username"],
  ["password", "password"],
  ["tls-ciphers", "tlsCiphers"],
  ["ca", "ca"],
  ["host-subject", "hostSubject"],
  ["proxy", "proxy"],
  ["title", "title"],
] as const;
const ACCESS_LISTS = [["secure-channels", "secureChannels"], ["disable-channels", "disableChannels"]] as const;
const FILE_HEAD = [["version", "version"], ["newer-version-url", "newerVersionUrl"]] as const;
const STRINGS = [...FILE_HEAD, ["usb-filter", "usbFilter"]] as const;
const FLAGS = [
  ["fullscreen", "fullscreen"],
  ["enable-smartcard", "enableSmartcard"],
  ["enable-usbredir", "enableUsbredir"],
  ["enable-usb-autoshare", "enableUsbAutoshare"],
  ["delete-this-file", "deleteThisFile"],
] as const;
const HOTKEYS = [
  ["toggle-fullscreen", "toggleFullscreen"],
  ["release-cursor", "releaseCursor"],
  ["secure-attention", "secureAttention"],
  ["smartcard-insert", "smartcardInsert"],
  ["smartcard-remove", "smartcardRemove"],
  ["usb-device-reset", "usbDeviceReset"],
  ["zoom-in", "zoomIn"],
  ["zoom-out", "zoomOut"],
  ["zoom-reset", "zoomReset"],
] as const;

/** Keys that have a place of their own in a {@link VvFile}. */
const OURS: ReadonlySet<string> = new Set([
  ...["type", "unix-path", "host", "port", "tls-port", "color-depth", "disable-effects", "versions"],
  ...[...ACCESS_STRINGS, ...ACCESS_LISTS, ...STRINGS, ...FLAGS, ...HOTKEYS].map(([key]) => key),
]);

type Values = ReadonlyMap<string, string>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };

function fail(code: TargetErrorCode, detail: string): never {
  throw new TargetError(code, "read .vv file", detail);
}

/** Sets what is known; an absent key stays absent. */
function set<T, K extends keyof T>(out: T, name: K, value: T[K] | undefined): void {
  if (value !== undefined) out[name] = value;
}

function parsePlace(values: Values): SpiceTarget {
  const action = "read .vv file";
  const path = parseString(values, "unix-path");
  const host = trimmed(values, "host");
  const port = parsePort(values, "port");
  const tlsPort = parsePort(values, "tls-port");
  if (path !== undefined) {
    if (host === undefined && port === undefined && tlsPort === undefined) {
      return { unixPath: checkUnixPath(path, action) };
    }
    return fail("conflict", "unix-path excludes host, port and tls-port");
  }
  if (port === undefined && tlsPort === undefined) fail("missing-port", "neither port nor tls-port is set");
  return {
    host: checkHost(host ?? "", action),
    ...(port === undefined ? {} : { port }),
    ...(tlsPort === undefined ? {} : { tlsPort }),
  };
}

function putPlace(target: SpiceTarget, put: (key: string, value: string) => void): void {
  if (target.unixPath !== undefined) return put("unix-path", quote(checkUnixPath(target.unixPath, WRITE)));
  if (target.port === undefined && target.tlsPort === undefined) {
    throw new TargetError("missing-port", WRITE, "neither port nor tls-port is set");
  }
  put("host", checkHost(target.host, WRITE));
  if (target.port !== undefined) put("port", `${checkPort(target.port, "port", WRITE)}`);
  if (target.tlsPort !== undefined) put("tls-port", `${checkPort(target.tlsPort, "tls-port", WRITE)}`);
}

function parseAccess(values: Values): TargetAccess {
  const access: Writable<TargetAccess> = {};
  for (const [key, name] of ACCESS_STRINGS) set(access, name, parseString(values, key));
  for (const [key, name] of ACCESS_LISTS) set(access, name, parseList(values, key));
  return access;
}

function parseString(values: Values, key: string): string | undefined {
  const raw = values.get(key);
  return raw === undefined ? undefined : unquote(raw);
}

/** For values in which space at the ends means nothing. */
function trimmed(values: Values, key: string): string | undefined {
  return parseString(values, key)?.trim();
}

function parseList(values: Values, key: string): string[] | undefined {
  const raw = values.get(key);
  return raw === undefined ? undefined : unquoteList(raw);
}

function parseInteger(values: Values, key: string): number | undefined {
  const text = trimmed(values, key);
  if (text === undefined || /^[+-]?[0-9]{1,10}$/.test(text)) return text === undefined ? undefined : Number(text);
  return fail("bad-value", `${key}: want a whole number`);
}

/** virt-viewer writes and reads flags as numbers; `true` and `false` are how GLib writes them. */
function parseFlag(values: Values, key: string): boolean | undefined {
  const word = trimmed(values, key);
  if (word === "true" || word === "false") return word === "true";
  if (word === undefined || /^[+-]?[0-9]{1,10}$/.test(word)) return word === undefined ? undefined : Number(word) !== 0;
  return fail("bad-value", `${key}: want 1 or 0`);
}

function parsePort(values: Values, key: string): number | undefined {
  const port = parseInteger(values, key);
  // Management software writes -1 or 0 for a port that the server does not have.
  return port === undefined || port <= 0 ? undefined : checkPort(port, key, "read .vv file");
}

function parseVersions(values: Values): VvVersion[] | undefined {
  return parseList(values, "versions")?.map((item) => {
    const colon = item.indexOf(":");
    if (colon < 0) fail("bad-value", "versions: want osid:version pairs separated by ;");
    return { osId: item.slice(0, colon), version: item.slice(colon + 1) };
  });
}

function formatVersion({ osId, version }: VvVersion): string {
  if (!osId.includes(":")) return `${osId}:${version}`;
  throw new TargetError("bad-value", WRITE, "versions: a system's id cannot have a : in it");
}

function parseOther(groups: KeyFile): KeyFile {
  const other = new Map<string, Values>();
  for (const [group, values] of groups) {
    const kept = group === GROUP ? new Map([...values].filter(([key]) => !OURS.has(key))) : values;
    if (group !== GROUP || kept.size > 0) other.set(group, kept);
  }
  return other;
}

function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : quote(text);
}
