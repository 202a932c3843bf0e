/**
 * Writes the keyboard layouts of `client/core/keyboard/` from the keymaps and the compose table of the X Window System.
 *
 * Needs the Debian packages `libxkbcommon0`, `xkb-data` and `libx11-data`. The keymap is compiled by libxkbcommon, and
 * each key is asked what it types by pressing it, so that types, groups and virtual modifiers mean what they do in a
 * guest.
 *
 * Usage: deno run --allow-ffi --allow-read --allow-write --allow-run _tools/generate_layouts.ts [--check]
 * With `--check` nothing is written: exit code 1 if a file differs, 2 if the installed data have another version.
 *
 * Source: xkbcommon/xkbcommon.h, xkbcommon/xkbcommon-keysyms.h, Compose(5).
 */

interface Wanted {
  readonly name: string;
  readonly layout: string;
  readonly variant?: string;
  /**
   * Where the keymap gives a character on several keys and the choice by modifiers would miss the key that bears it:
   * character to XT scancode, read off keyboards of that country.
   */
  readonly engraved?: Readonly<Record<string, number>>;
  /** Levels to leave out, by XT scancode: other systems have something else there, and there is another way. */
  readonly without?: Readonly<Record<number, readonly number[]>>;
}

const WANTED: readonly Wanted[] = [
  { name: "us", layout: "us" },
  // Windows has accents where X has quotes; a dead key and a space give them on both.
  { name: "us-intl", layout: "us", variant: "intl", without: { 0x07: [3], 0x28: [2, 3], 0x29: [2, 3] } },
  { name: "us-dvorak", layout: "us", variant: "dvorak" },
  { name: "gb", layout: "gb" },
  { name: "fr", layout: "fr", engraved: { "~": 0x03 } },
  { name: "fr-bepo", layout: "fr", variant: "bepo" },
  { name: "de", layout: "de" },
  { name: "de-nodeadkeys", layout: "de", variant: "nodeadkeys" },
  { name: "es", layout: "es", engraved: { "\\": 0x29, "[": 0x1a, "]": 0x1b, "{": 0x28, "}": 0x2b } },
  { name: "it", layout: "it", engraved: { "@": 0x27, "[": 0x1a, "]": 0x1b, "{": 0x1a, "}": 0x1b } },
  { name: "pt", layout: "pt" },
  { name: "be", layout: "be", engraved: { "{": 0x0a, "[": 0x1a, "\\": 0x56 } },
  { name: "ch", layout: "ch", engraved: { "|": 0x08, "]": 0x1b, "}": 0x2b } },
  { name: "ch-fr", layout: "ch", variant: "fr", engraved: { "|": 0x08, "]": 0x1b, "}": 0x2b } },
  { name: "ca", layout: "ca" },
  { name: "nl", layout: "nl" },
  { name: "se", layout: "se", engraved: { "€": 0x12 } },
  { name: "no", layout: "no" },
  { name: "dk", layout: "dk" },
  { name: "fi", layout: "fi" },
  { name: "is", layout: "is", engraved: { "|": 0x56 } },
  { name: "br", layout: "br" },
  { name: "latam", layout: "latam", engraved: { "@": 0x10, "~": 0x1b } },
  { name: "pl", layout: "pl" },
  {
    name: "cz",
    layout: "cz",
    engraved: {
      "&": 0x2e,
      "@": 0x2f,
      "#": 0x2d,
      "$": 0x27,
      "*": 0x35,
      "\\": 0x10,
      "|": 0x11,
      "[": 0x21,
      "]": 0x22,
      "{": 0x30,
      "}": 0x31,
    },
  },
  { name: "hu", layout: "hu" },
  { name: "tr", layout: "tr" },
  { name: "ru", layout: "ru" },
  { name: "jp", layout: "jp", engraved: { "~": 0x0d } },
];

/** Rows of the keyboard, as XT scancodes. `0x56` is the key beside left Shift, `0x73` and `0x7d` are ABNT2 and JIS keys. */
const ROWS: readonly { readonly title: string; readonly scancodes: readonly number[] }[] = [
  { title: "Digits", scancodes: [0x29, ...range(0x02, 0x0d), 0x7d] },
  { title: "Upper row", scancodes: [...range(0x10, 0x1b), 0x2b] },
  { title: "Home row", scancodes: range(0x1e, 0x28) },
  { title: "Lower row", scancodes: [0x56, ...range(0x2c, 0x35), 0x73] },
  { title: "Space", scancodes: [0x39] },
];

const VERSIONS = { xkb: "2.35.1", libX11: "1.8.4" };
const COMPOSE = "/usr/share/X11/locale/en_US.UTF-8/Compose";
const KEYBOARD = new URL("../client/core/keyboard/", import.meta.url);

// X keycodes (evdev + 8) of the keys that are pressed while asking.
const LEFT_SHIFT = 50, RIGHT_ALT = 108, CAPS_LOCK = 66;
const KEY_UP = 0, KEY_DOWN = 1;
const STATE_MODS_LOCKED = 1 << 2;

const xkb = Deno.dlopen("libxkbcommon.so.0", {
  xkb_context_new: { parameters: ["i32"], result: "pointer" },
  xkb_keymap_new_from_names: { parameters: ["pointer", "buffer", "i32"], result: "pointer" },
  xkb_keymap_unref: { parameters: ["pointer"], result: "void" },
  xkb_state_new: { parameters: ["pointer"], result: "pointer" },
  xkb_state_unref: { parameters: ["pointer"], result: "void" },
  xkb_state_update_key: { parameters: ["pointer", "u32", "i32"], result: "i32" },
  xkb_state_key_get_one_sym: { parameters: ["pointer", "u32"], result: "u32" },
  xkb_state_mod_name_is_active: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
  xkb_keysym_get_name: { parameters: ["u32", "buffer", "usize"], result: "i32" },
  xkb_keysym_from_name: { parameters: ["buffer", "i32"], result: "u32" },
  xkb_keysym_to_utf32: { parameters: ["u32"], result: "u32" },
}).symbols;

await main();

async function main(): Promise<void> {
  const check = Deno.args.includes("--check");
  const found = {
    xkb: await packageVersion("xkb-data"),
    libX11: await packageVersion("libx11-data"),
  };
  if (found.xkb !== VERSIONS.xkb || found.libX11 !== VERSIONS.libX11) {
    console.error(
      `Cannot generate layouts: need xkb-data ${VERSIONS.xkb} and libx11-data ${VERSIONS.libX11}, ` +
        `found ${found.xkb} and ${found.libX11}`,
    );
    Deno.exit(2);
  }

  const titles = await readTitles();
  const files = new Map<string, string>();
  const deadKeys = new Set<string>();
  for (const wanted of WANTED) {
    const keymap = readKeymap(wanted);
    for (const levels of keymap.keys.values()) {
      for (const level of levels) if (level.startsWith("dead_")) deadKeys.add(level);
    }
    files.set(`layouts/${snake(wanted.name)}.ts`, layoutSource(wanted, titles.get(titleKey(wanted)) ?? "", keymap));
  }
  files.set("dead_keys.ts", deadKeysSource(await readCompose(deadKeys)));
  files.set("layouts.ts", layoutsSource());

  let differing = 0;
  for (const [path, text] of files) {
    const url = new URL(path, KEYBOARD);
    const formatted = await format(text);
    const old = await Deno.readTextFile(url).catch(() => "");
    if (old === formatted) continue;
    differing++;
    console.log(`${check ? "differs" : "written"}: ${path}`);
    if (!check) await Deno.writeTextFile(url, formatted);
  }
  console.log(`${files.size} files, ${differing} ${check ? "differ" : "written"}`);
  if (check && differing > 0) Deno.exit(1);
}

interface Keymap {
  readonly keys: ReadonlyMap<number, readonly string[]>;
  readonly capsLock: "plain" | "shift";
}

function readKeymap({ layout, variant = "", without = {} }: Wanted): Keymap {
  const context = xkb.xkb_context_new(0);
  // struct xkb_rule_names { rules, model, layout, variant, options }: five C strings.
  const strings = ["evdev", "pc105", layout, variant, ""].map(cString);
  const names = new BigUint64Array(strings.map((s) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(s))));
  const keymap = xkb.xkb_keymap_new_from_names(context, names, 0);
  if (keymap === null) throw new Error(`Cannot compile keymap ${layout}(${variant})`);

  const hasAltGr = pressing(keymap, [], (state) => keysymName(xkb.xkb_state_key_get_one_sym(state, RIGHT_ALT))) ===
    "ISO_Level3_Shift";
  const keys = new Map<number, readonly string[]>();
  for (const scancode of ROWS.flatMap((row) => row.scancodes)) {
    const key = xKeycode(scancode);
    const level = (...modifiers: number[]) =>
      pressing(keymap, modifiers, (state) => symbol(xkb.xkb_state_key_get_one_sym(state, key)));
    const levels = [level(), level(LEFT_SHIFT)];
    // A level that repeats the one without AltGr (or Shift) tells nothing new.
    if (levels[1] === levels[0]) levels[1] = "";
    if (hasAltGr) {
      const alt = level(RIGHT_ALT), both = level(LEFT_SHIFT, RIGHT_ALT);
      levels.push(levels.includes(alt) ? "" : alt);
      levels.push(levels.includes(both) ? "" : both);
    }
    for (const level of without[scancode] ?? []) levels[level] = "";
    while (levels.at(-1) === "") levels.pop();
    if (levels.length > 0) keys.set(scancode, levels);
  }

  const locks = (modifiers: number[]) =>
    pressing(keymap, modifiers, (state) => {
      xkb.xkb_state_update_key(state, CAPS_LOCK, KEY_DOWN);
      xkb.xkb_state_update_key(state, CAPS_LOCK, KEY_UP);
      return xkb.xkb_state_mod_name_is_active(state, cString("Lock"), STATE_MODS_LOCKED) > 0;
    });
  if (!locks([]) && !locks([LEFT_SHIFT])) throw new Error(`Cannot find CapsLock in ${layout}(${variant})`);
  const capsLock = locks([]) ? "plain" : "shift";
  xkb.xkb_keymap_unref(keymap);
  return { keys, capsLock };
}

/** Asks a fresh keyboard on which the given keys are held down. */
function pressing<T>(keymap: Deno.PointerValue, held: readonly number[], ask: (state: Deno.PointerValue) => T): T {
  const state = xkb.xkb_state_new(keymap);
  for (const key of held) xkb.xkb_state_update_key(state, key, KEY_DOWN);
  const answer = ask(state);
  xkb.xkb_state_unref(state);
  return answer;
}

/** A keysym as a level: a character, the name of a dead key, or nothing. */
function symbol(keysym: number): string {
  const name = keysymName(keysym);
  if (name.startsWith("dead_")) return name;
  const code = xkb.xkb_keysym_to_utf32(keysym);
  return code < 0x20 || code === 0x7f ? "" : String.fromCodePoint(code);
}

function keysymName(keysym: number): string {
  const buffer = new Uint8Array(64);
  const length = xkb.xkb_keysym_get_name(keysym, buffer, BigInt(buffer.length));
  return length < 0 ? "" : new TextDecoder().decode(buffer.subarray(0, length));
}

/** Sequences of one or two dead keys and a character, or of dead keys alone, that give one character. */
interface Compose {
  /** Dead keys, joined by a space → pairs of base and result. */
  readonly withBase: ReadonlyMap<string, readonly (readonly [string, string])[]>;
  /** Dead keys, joined by a space → result. */
  readonly alone: ReadonlyMap<string, string>;
}

async function readCompose(deadKeys: ReadonlySet<string>): Promise<Compose> {
  const withBase = new Map<string, [string, string][]>();
  const alone = new Map<string, string>();
  for (const line of (await Deno.readTextFile(COMPOSE)).split("\n")) {
    const rule = /^\s*((?:<\w+>\s*)+):\s*"((?:[^"\\]|\\.)+)"/.exec(line);
    if (rule === null) continue;
    const keys = [...rule[1]!.matchAll(/<(\w+)>/g)].map((match) => match[1]!);
    const result = rule[2]!.replace(/\\(.)/g, "$1");
    if ([...result].length !== 1) continue;
    const dead = keys.filter((key) => deadKeys.has(key));
    if (dead.length < 1 || dead.length > 2) continue;
    if (dead.length === keys.length) alone.set(dead.join(" "), result);
    const base = keys.at(-1)!;
    // Keypad digits are never pressed when typing text.
    if (keys.length !== dead.length + 1 || deadKeys.has(base) || base.startsWith("KP_")) continue;
    const code = xkb.xkb_keysym_to_utf32(xkb.xkb_keysym_from_name(cString(base), 0));
    // A no-break space as base gives a combining mark, which no one types as a character of its own.
    if (code < 0x20 || code === 0xa0) continue;
    const key = dead.join(" ");
    const pairs = withBase.get(key) ?? [];
    pairs.push([String.fromCodePoint(code), result]);
    withBase.set(key, pairs);
  }
  return { withBase, alone };
}

function layoutSource(wanted: Wanted, title: string, keymap: Keymap): string {
  const source = `xkeyboard-config ${VERSIONS.xkb}, symbols/${wanted.layout}${
    wanted.variant ? `(${wanted.variant})` : ""
  }`;
  const rows = ROWS.map((row) => {
    const keys = row.scancodes.flatMap((scancode) => {
      const levels = keymap.keys.get(scancode);
      return levels === undefined ? [] : [`${hex(scancode)}: [${levels.map(quote).join(", ")}],`];
    });
    return [`// ${row.title}`, ...keys].join("\n");
  });
  const pairs = Object.entries(wanted.engraved ?? {}).map(([char, scancode]) => {
    if (!keymap.keys.get(scancode)?.includes(char)) throw new Error(`Cannot find ${char} on ${hex(scancode)}`);
    return `${quote(char)}: ${hex(scancode)}`;
  });
  const engraved = pairs.length === 0 ? "" : `engraved: { ${pairs.join(", ")} },\n`;
  return `// Generated by _tools/generate_layouts.ts: do not edit.
import type { Layout } from "../layout.ts";

/**
 * ${title}.
 *
 * Source: ${source} (MIT/X11 licences).
 */
export const ${constant(wanted.name)}: Layout = {
  name: ${quote(wanted.name)},
  title: ${quote(title)},
  source: ${quote(source)},
  capsLock: ${quote(keymap.capsLock)},
  keys: {
${rows.join("\n")}
  },
${engraved}};
`;
}

function deadKeysSource(compose: Compose): string {
  const entries = sorted(compose.withBase).map(([key, pairs]) => {
    const lines: string[] = [];
    for (let at = 0; at < pairs.length; at += 24) {
      const chunk = pairs.slice(at, at + 24).map(([base, result]) => base + result).join(" ");
      lines.push(quote(at + 24 < pairs.length ? chunk + " " : chunk));
    }
    return `${property(key)}: ${lines.join(" +\n")},`;
  });
  return `// Generated by _tools/generate_layouts.ts: do not edit.

/**
 * What dead keys make of the character after them. Keys are XKB names of one or two dead keys in the order of typing;
 * values are pairs of base and result, separated by one space each (so every third code point is a separator).
 *
 * Source: libX11 ${VERSIONS.libX11}, nls/en_US.UTF-8/Compose (MIT/X11 licences).
 */
export const DEAD_KEYS: Readonly<Record<string, string>> = {
${entries.join("\n")}
};

/**
 * What dead keys give without a character after them, by the same names.
 *
 * Source: libX11 ${VERSIONS.libX11}, nls/en_US.UTF-8/Compose (MIT/X11 licences).
 */
export const DEAD_KEYS_ALONE: Readonly<Record<string, string>> = {
${sorted(compose.alone).map(([key, result]) => `${property(key)}: ${quote(result)},`).join("\n")}
};
`;
}

function layoutsSource(): string {
  return `// Generated by _tools/generate_layouts.ts: do not edit.
import type { Layout } from "./layout.ts";
${WANTED.map(({ name }) => `import { ${constant(name)} } from "./layouts/${snake(name)}.ts";`).join("\n")}

/** Every layout we have. */
export const LAYOUTS: readonly Layout[] = [
${WANTED.map(({ name }) => `${constant(name)},`).join("\n")}
];
`;
}

/** Titles of layouts and variants, as the list for keyboard settings has them. */
async function readTitles(): Promise<ReadonlyMap<string, string>> {
  const titles = new Map<string, string>();
  let section = "";
  for (const line of (await Deno.readTextFile("/usr/share/X11/xkb/rules/evdev.lst")).split("\n")) {
    if (line.startsWith("!")) section = line.slice(1).trim();
    const layout = /^\s+(\S+)\s+(.*)$/.exec(line);
    const variant = /^\s+(\S+)\s+(\S+): (.*)$/.exec(line);
    if (section === "layout" && layout) titles.set(layout[1]!, layout[2]!);
    if (section === "variant" && variant) titles.set(`${variant[2]} ${variant[1]}`, variant[3]!);
  }
  return titles;
}

function titleKey({ layout, variant }: Wanted): string {
  return variant === undefined ? layout : `${layout} ${variant}`;
}

/** X keycode of a typing key: evdev + 8, and evdev codes are XT scancodes up to 88 (linux/input-event-codes.h). */
function xKeycode(scancode: number): number {
  const KEY_RO = 89, KEY_YEN = 124;
  return 8 + (scancode === 0x73 ? KEY_RO : scancode === 0x7d ? KEY_YEN : scancode);
}

async function packageVersion(name: string): Promise<string> {
  const { stdout } = await new Deno.Command("dpkg-query", { args: ["-W", "-f=${Version}", name] }).output();
  return /^(?:\d+:)?([\d.]+)/.exec(new TextDecoder().decode(stdout))?.[1] ?? "none";
}

async function format(text: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--line-width=120", "--ext=ts", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("Cannot format generated source");
  return new TextDecoder().decode(stdout);
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text + "\0");
}

/** A string literal; characters that do not show on their own are escaped. */
function quote(text: string): string {
  const escaped = JSON.stringify(text).replace(
    /(?! )[\p{Z}\p{C}\p{M}]/gu,
    (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  );
  return escaped;
}

function property(key: string): string {
  return key.includes(" ") ? quote(key) : key;
}

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => a < b ? -1 : 1);
}

function hex(scancode: number): string {
  return `0x${scancode.toString(16).padStart(2, "0")}`;
}

function snake(name: string): string {
  return name.replaceAll("-", "_");
}

function constant(name: string): string {
  return snake(name).toUpperCase();
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
