/**
 * Types every character of every keyboard layout into a real X server and reads back what a terminal received.
 *
 * The X server compiles the keymap (`setxkbmap`), Xlib composes the dead keys, and xterm hands the text to `cat`; none
 * of them shares code with the generator of the layouts. Each layout is typed in a seeded random order, as it is and
 * with CapsLock on; then control characters; then each level of each key by itself, also those that the typist would
 * not choose. Anything that differs is shown, and the exit code is 1.
 *
 * Needs Xvfb, xterm, xdotool, setxkbmap (Debian: xvfb xterm xdotool x11-xkb-utils).
 *
 * Usage: deno run --allow-read --allow-write --allow-run --allow-env _tools/check_layouts.ts [--display 71] [layout…]
 */
import { parseArgs } from "node:util";
import { LAYOUTS } from "../client/core/keyboard/layouts.ts";
import { layoutByName } from "../client/core/keyboard/layout_by_name.ts";
import { DEAD_KEYS } from "../client/core/keyboard/dead_keys.ts";
import type { Layout } from "../client/core/keyboard/layout.ts";
import type { KeyEvent } from "../client/core/keyboard/scancode.ts";
import { strokeTable } from "../client/core/keyboard/stroke_table.ts";
import { textToKeys } from "../client/core/keyboard/type_text.ts";

const { values, positionals } = parseArgs({
  args: Deno.args,
  options: { display: { type: "string", default: "71" } },
  allowPositionals: true,
});
const ENV = { DISPLAY: `:${values.display}`, LC_ALL: "C.UTF-8", XMODIFIERS: "@im=none" };
const LAYOUTS_TO_CHECK = positionals.length === 0 ? LAYOUTS : positionals.map(layoutByName);
/** Ends each text, so that the reader knows that all of it has come. A character that no layout has. */
const END = "\x04";

const folder = await Deno.makeTempDir({ prefix: "layouts" });
const server = new Deno.Command("Xvfb", {
  args: [ENV.DISPLAY, "-screen", "0", "800x600x24", "-nolisten", "tcp", "-noreset"],
  stdout: "null",
  stderr: "null",
}).spawn();
let wrong = 0, typed = 0, levelsPressed = 0;
try {
  await until("the X server", async () => (await run("xdotool", ["getmouselocation"], true)).success);
  for (const layout of LAYOUTS_TO_CHECK) {
    const chars = [...strokeTable(layout).keys()];
    // Combining marks stand first, where they have no letter to combine with.
    const marks = chars.filter((char) => /\p{M}/u.test(char)).join("").normalize("NFC");
    const text = marks + shuffle(chars.filter((char) => !/\p{M}/u.test(char)), layout.name).join("");
    const results = [
      await check(layout, "typed", text, textToKeys(text, layout)),
      await checkCapsLock(layout, text),
      await check(layout, "controls", "1\t2\n3\b4\x1b5\x7f", textToKeys("1\t2\r\n3\b4\x1b5\x7f", layout), controls),
      await checkLevels(layout),
    ];
    typed += chars.length;
    console.log(`${layout.name}: ${chars.length} characters, ${results.every(Boolean) ? "all as typed" : "DIFFERENT"}`);
  }
} finally {
  server.kill("SIGTERM");
  await server.status;
  await Deno.remove(folder, { recursive: true });
}
console.log(
  `${LAYOUTS_TO_CHECK.length} layouts, ${typed} characters, ${levelsPressed} levels of keys, ${wrong} checks failed`,
);
Deno.exit(wrong === 0 ? 0 : 1);

/** Types and compares; shows the difference. */
async function check(
  layout: Layout,
  what: string,
  expected: string,
  keys: readonly KeyEvent[],
  read = (text: string) => text,
): Promise<boolean> {
  // Layouts may give a character by a code point that is canonically the same: U+2126 for U+03A9.
  const got = read((await typeIntoTerminal(layout, keys)).normalize("NFC"));
  if (got === expected) return true;
  wrong++;
  const a = [...expected], b = [...got];
  const at = a.findIndex((char, i) => char !== b[i]);
  console.log(`${layout.name}, ${what}: ${a.length} characters sent, ${b.length} received, first difference at ${at}`);
  console.log(`  sent     ${JSON.stringify(a.slice(at, at + 20).join(""))}`);
  console.log(`  received ${JSON.stringify(b.slice(at, at + 20).join(""))}`);
  return false;
}

/** Turns CapsLock on, types with that known, and then looks whether CapsLock is on as before. */
function checkCapsLock(layout: Layout, text: string): Promise<boolean> {
  const shifted = layout.capsLock === "shift";
  const caps = [
    ...(shifted ? [{ down: true, scancode: 0x2a }] : []),
    { down: true, scancode: 0x3a },
    { down: false, scancode: 0x3a },
    ...(shifted ? [{ down: false, scancode: 0x2a }] : []),
  ];
  const letter = layout.keys[0x1e]?.[0] ?? "";
  const plainLetter = [{ down: true, scancode: 0x1e }, { down: false, scancode: 0x1e }];
  return check(layout, "with CapsLock", text + letter.toUpperCase(), [
    ...caps,
    ...textToKeys(text, layout, { capsLock: true }),
    ...plainLetter,
    ...caps,
  ]);
}

/** Presses each level of each key; dead keys are followed by a space. */
function checkLevels(layout: Layout): Promise<boolean> {
  const expected: string[] = [];
  const keys: KeyEvent[] = [];
  const press = (scancode: number, modifiers: readonly number[]) => {
    keys.push(...modifiers.map((scancode) => ({ down: true, scancode })));
    keys.push({ down: true, scancode }, { down: false, scancode });
    keys.push(...modifiers.map((scancode) => ({ down: false, scancode })));
  };
  for (const [code, levels] of Object.entries(layout.keys)) {
    for (const [level, symbol] of levels.entries()) {
      const modifiers = [...(level & 2 ? [0xe038] : []), ...(level & 1 ? [0x2a] : [])];
      const dead = symbol.startsWith("dead_");
      const char = dead ? afterDeadKey(symbol, " ") : symbol;
      if (char === undefined || char === "") continue;
      press(Number(code), modifiers);
      if (dead) press(0x39, []);
      // A Tab keeps one from combining with the next.
      press(0x0f, []);
      expected.push(char + "\t");
    }
  }
  levelsPressed += expected.length;
  return check(layout, "levels", expected.join("").normalize("NFC"), keys);
}

function afterDeadKey(name: string, base: string): string | undefined {
  const chars = [...DEAD_KEYS[name] ?? ""];
  return chars.find((_, i) => i % 3 === 1 && chars[i - 1] === base);
}

/** What a terminal makes of the keys that are control characters, back to those characters. */
function controls(received: string): string {
  return received.replace("3\x7f4", "3\b4").replace("\x1b[3~", "\x7f").replaceAll("\r", "\n");
}

async function typeIntoTerminal(layout: Layout, keys: readonly KeyEvent[]): Promise<string> {
  const [name = "", variant = ""] = /symbols\/(\w+)(?:\((\w+)\))?/.exec(layout.source)?.slice(1) ?? [];
  await run("setxkbmap", ["-model", "pc105", "-layout", name, "-variant", variant, "-option", ""]);
  const out = `${folder}/out`;
  await Deno.remove(out).catch(() => {});
  const terminal = new Deno.Command("xterm", {
    args: ["-u8", "-geometry", "80x24+0+0", "-e", "sh", "-c", `stty raw -echo; exec cat > '${out}'`],
    env: ENV,
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await until("the terminal", async () => (await Deno.stat(out).catch(() => null)) !== null);
    const window = (await run("xdotool", ["search", "--sync", "--onlyvisible", "--class", "xterm"])).text.trim();
    await run("xdotool", ["mousemove", "100", "100", "windowfocus", "--sync", window]);
    const script = `${folder}/keys`;
    const lines = keys.map(({ down, scancode }) => `key${down ? "down" : "up"} --delay 0 ${xdotoolKey(scancode)}`);
    // Ctrl+D by name, which no layout has as a character, marks the end.
    await Deno.writeTextFile(script, [...lines, "key --delay 0 --clearmodifiers ctrl+d", ""].join("\n"));
    await run("xdotool", [script]);
    await until("the end of the text", async () => (await Deno.readTextFile(out)).endsWith(END)).catch(() => {});
    return (await Deno.readTextFile(out)).replace(END, "");
  } finally {
    terminal.kill("SIGTERM");
    await terminal.status;
  }
}

/** The X keycode of an XT scancode: evdev code + 8 (linux/input-event-codes.h). */
function xdotoolKey(scancode: number): string {
  // xdotool takes a keycode of one digit for the digit.
  if (scancode === 0x01) return "Escape";
  const evdev = new Map([[0x73, 89], [0x7d, 124], [0xe038, 100], [0xe053, 111]]).get(scancode) ?? scancode;
  return String(evdev + 8);
}

async function run(command: string, args: string[], mayFail = false): Promise<{ success: boolean; text: string }> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, env: ENV }).output();
  if (!success && !mayFail) throw new Error(`${command} failed: ${new TextDecoder().decode(stderr).trim()}`);
  return { success, text: new TextDecoder().decode(stdout) };
}

async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Cannot go on: waited 10 s for ${what}`);
}

/** A random order that is the same in every run. */
function shuffle<T>(items: readonly T[], seed: string): T[] {
  let state = [...seed].reduce((sum, char) => sum * 31 + char.charCodeAt(0) | 0, 1);
  const next = () => (state = Math.imul(state, 1664525) + 1013904223 | 0) >>> 0;
  return items.map((item) => ({ item, order: next() })).sort((a, b) => a.order - b.order).map(({ item }) => item);
}
