/**
 * GLib's key files, the syntax of `.vv` files: `[group]`, `key=value`, `# comment`, one a line.
 *
 *   \s \n \t \r \\    space, newline, tab, carriage return, backslash, in any value
 *   \;                the separator itself, in a list
 *   key[fr]=value     the value in one language: a key of its own here
 *
 * A group that comes twice is one group; of a key that comes twice the last counts.
 *
 * Source: behaviour of GLib 2.74 g_key_file_load_from_data, g_key_file_get_string, g_key_file_get_string_list.
 */

import { type TargetAction, TargetError, type TargetErrorCode } from "./target_error.ts";

/** Values as they stand in the file, escapes included, by key, by group. */
export type KeyFile = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Longest key file, in bytes. */
export const MAX_KEY_FILE_BYTES = 1 << 20;

/**
 * Reads a key file. Comments are dropped.
 *
 * @param file At most {@link MAX_KEY_FILE_BYTES}; bytes are UTF-8, with or without a byte order mark.
 * @returns Groups and keys in the order of the file.
 * @throws {TargetError} `too-large`, `bad-encoding`, `bad-syntax`.
 */
export function parseKeyFile(file: Uint8Array | string): KeyFile {
  const groups = new Map<string, Map<string, string>>();
  let group: Map<string, string> | undefined;
  for (const [index, ended] of decodeFile(file).split("\n").entries()) {
    const line = trimStart(ended.endsWith("\r") ? ended.slice(0, -1) : ended);
    if (line === "" || line.startsWith("#")) continue;
    const name = /^\[([^\]]*)\][ \t]*$/.exec(line)?.[1];
    if (name !== undefined) {
      if (!GROUP.test(name)) fail("bad-syntax", `line ${index + 1} is no name of a group`);
      group = groups.get(name) ?? new Map();
      groups.set(name, group);
      continue;
    }
    const equals = line.indexOf("=");
    if (equals < 1) fail("bad-syntax", `line ${index + 1}: want key=value, [group] or # comment`);
    if (group === undefined) fail("bad-syntax", `line ${index + 1}: no [group] before the first key`);
    const key = trim(line.slice(0, equals));
    if (!KEY.test(key)) fail("bad-syntax", `line ${index + 1} has no name of a key before =`);
    const value = trimStart(line.slice(equals + 1));
    if (namesOtherEncoding(key, value)) fail("bad-encoding", `line ${index + 1}: want UTF-8 as the encoding`);
    group.set(key, value);
  }
  return groups;
}

/**
 * Writes a key file.
 *
 * @param groups Values with their escapes, as {@link parseKeyFile} gave or {@link quote} made them.
 * @returns Text that {@link parseKeyFile} reads back to the same groups.
 * @throws {TargetError} `bad-syntax` for a name, `bad-value` for a value that the syntax cannot hold, `bad-encoding`,
 * `too-large`.
 */
export function formatKeyFile(groups: KeyFile): string {
  const action = "write .vv file";
  const lines: string[] = [];
  for (const [group, values] of groups) {
    if (!GROUP.test(group)) throw new TargetError("bad-syntax", action, "a group has a name that cannot be written");
    lines.push(lines.length > 0 ? `\n[${group}]` : `[${group}]`);
    for (const [key, value] of values) {
      // A key that starts with `#` would read as a comment.
      if (!KEY.test(key) || trim(key) !== key || key.startsWith("#")) {
        throw new TargetError("bad-syntax", action, `[${group}] has a key that cannot be written`);
      }
      if (/[\n\0]/.test(value) || trimStart(value) !== value || namesOtherEncoding(key, value)) {
        throw new TargetError("bad-value", action, `${key} has a value that cannot be written`);
      }
      // Reading takes one carriage return off a line.
      lines.push(value.endsWith("\r") ? `${key}=${value}\r` : `${key}=${value}`);
    }
  }
  const text = lines.map((line) => `${line}\n`).join("");
  if (!text.isWellFormed()) throw new TargetError("bad-encoding", action, "want text in Unicode");
  checkSize(text, action);
  return text;
}

/**
 * Reads the escapes of a value. As in GLib's g_key_file_get_string, what no escape is stays as it stands, and a
 * backslash at the end is dropped.
 *
 * @param raw Value as it stands in the file.
 * @returns The text.
 */
export function unquote(raw: string): string {
  return raw.replace(/\\(.?)/gs, (both, char: string) => UNESCAPE.get(char) ?? both);
}

/**
 * Reads a list.
 *
 * @param raw Value as it stands in the file, items separated by `;`. Space around an item, and empty items, are passed
 * over.
 * @returns The items, escapes read.
 */
export function unquoteList(raw: string): string[] {
  const items: string[] = [];
  for (let at = 0, start = 0; at <= raw.length; at++) {
    if (at < raw.length && raw[at] !== ";") {
      if (raw[at] === "\\") at++; // the next character is no separator
      continue;
    }
    const item = trim(raw.slice(start, at));
    items.push(item.replace(/\\(.?)/gs, (both, char: string) => char === ";" ? ";" : UNESCAPE.get(char) ?? both));
    start = at + 1;
  }
  return items.filter((item) => item !== "");
}

/**
 * Writes the escapes of a value.
 *
 * @param text Any text without NUL that does not start with a form feed.
 * @returns A value that {@link unquote} reads back.
 */
export function quote(text: string): string {
  const escaped = text.replace(/[\\\n\r\t]/g, (char) => ESCAPE.get(char) ?? char);
  // Space at either end may be taken for layout; one escape at each end keeps it all.
  const start = escaped.startsWith(" ") ? `\\s${escaped.slice(1)}` : escaped;
  return start.endsWith(" ") ? `${start.slice(0, -1)}\\s` : start;
}

/**
 * Writes a list.
 *
 * @param items Texts as for {@link quote} that do not end with a form feed either; empty ones are left out.
 * @returns A value that {@link unquoteList} reads back.
 */
export function quoteList(items: readonly string[]): string {
  return items.filter((item) => item !== "").map((item) => quote(item).replaceAll(";", "\\;")).join(";");
}

const ESCAPE: ReadonlyMap<string, string> = new Map([["\\", "\\\\"], ["\n", "\\n"], ["\r", "\\r"], ["\t", "\\t"]]);
/** The last is a backslash that ends the value. */
const UNESCAPE: ReadonlyMap<string, string> = new Map([
  ["\\", "\\"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["s", " "],
  ["", ""],
]);

/** Source: GLib g_key_file_is_group_name. */
const GROUP = /^[^\p{Cc}[\]]+$/u;
/** A name and perhaps a language. Source: GLib g_key_file_is_key_name. */
const KEY = /^[^\0\n=[\]]*[^\0\n=[\] ](?:\[[\p{L}\p{N}\-_.@]*\])?$/u;

function fail(code: TargetErrorCode, detail: string): never {
  throw new TargetError(code, "read .vv file", detail);
}

function decodeFile(file: Uint8Array | string): string {
  checkSize(file, "read .vv file");
  let text: string;
  try {
    text = typeof file === "string" ? file : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(file);
  } catch {
    return fail("bad-encoding", "want a file in UTF-8");
  }
  if (text.includes("\0") || !text.isWellFormed()) fail("bad-encoding", "want a file in UTF-8 without NUL");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** GLib looks at the first group only; no other can mean anything else by it. */
function namesOtherEncoding(key: string, value: string): boolean {
  return key === "Encoding" && value.toUpperCase() !== "UTF-8";
}

function checkSize(file: Uint8Array | string, action: TargetAction): void {
  // A UTF-16 unit is at most three bytes of UTF-8: only what may be too long is measured.
  const certain = typeof file === "string" ? file.length * 3 : file.length;
  if (certain <= MAX_KEY_FILE_BYTES) return;
  const size = typeof file !== "string" || file.length > MAX_KEY_FILE_BYTES
    ? file.length
    : new TextEncoder().encode(file).length;
  if (size > MAX_KEY_FILE_BYTES) throw new TargetError("too-large", action, `more than ${MAX_KEY_FILE_BYTES} bytes`);
}

const isSpace = (char: string | undefined): boolean => char !== undefined && " \t\n\f\r".includes(char);

function trimStart(text: string): string {
  let start = 0;
  while (isSpace(text[start])) start++;
  return text.slice(start);
}

/** A loop, because `/\s+$/` takes quadratic time on a run of spaces. */
function trim(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text[end - 1])) end--;
  return trimStart(text.slice(0, end));
}
