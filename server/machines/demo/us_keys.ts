/** What the keys of a US keyboard are called and type. */
import type { Keyboard } from "./keyboard.ts";

const ROWS: readonly (readonly [first: number, plain: string, shifted: string])[] = [
  [0x02, "1234567890-=", "!@#$%^&*()_+"],
  [0x10, "qwertyuiop[]", "QWERTYUIOP{}"],
  [0x1e, "asdfghjkl;'`", 'ASDFGHJKL:"~'],
  [0x2b, "\\zxcvbnm,./", "|ZXCVBNM<>?"],
  [0x39, " ", " "],
  [0x56, "<", ">"],
];
/** From scancode 0x47 on; blanks are keys that type nothing without Num Lock. */
const KEYPAD = "789-456+1230.";

const NAMES: Readonly<Record<number, string>> = {
  ...{
    0x01: "Escape",
    0x0e: "Backspace",
    0x0f: "Tab",
    0x1c: "Enter",
    0x1d: "Ctrl",
    0x2a: "Shift",
    0x36: "Right Shift",
  },
  ...{ 0x37: "Keypad *", 0x38: "Alt", 0x39: "Space", 0x3a: "Caps Lock", 0x45: "Num Lock", 0x46: "Scroll Lock" },
  ...{ 0x57: "F11", 0x58: "F12", 0xe01c: "Keypad Enter", 0xe01d: "Right Ctrl", 0xe035: "Keypad /", 0xe037: "Print" },
  ...{ 0xe038: "AltGr", 0xe047: "Home", 0xe048: "Up", 0xe049: "Page Up", 0xe04b: "Left", 0xe04d: "Right" },
  ...{ 0xe04f: "End", 0xe050: "Down", 0xe051: "Page Down", 0xe052: "Insert", 0xe053: "Delete", 0xe05b: "Super" },
  ...{ 0xe05c: "Right Super", 0xe05d: "Menu" },
};

/**
 * What a key is called.
 *
 * @param scancode Set 1, 0xe0xx for extended keys.
 */
export function keyName(scancode: number): string {
  const name = NAMES[scancode];
  if (name !== undefined) return name;
  if (scancode >= 0x3b && scancode <= 0x44) return `F${scancode - 0x3a}`;
  if (scancode >= 0x47 && scancode <= 0x53) return `Keypad ${KEYPAD[scancode - 0x47]}`;
  return engraved(scancode)?.[0].toUpperCase() ?? "unknown";
}

/**
 * What a key does to a text.
 *
 * @param scancode Set 1, 0xe0xx for extended keys.
 * @param keyboard What else is held and locked.
 * @returns A character, or the name of an editing key (more than one letter), or null.
 */
export function keyStroke(scancode: number, keyboard: Keyboard): string | null {
  if (keyboard.held(0x1d, 0xe01d, 0x38, 0xe05b, 0xe05c)) return null;
  const shift = keyboard.held(0x2a, 0x36);
  if (scancode >= 0x47 && scancode <= 0x53) {
    const sign = KEYPAD[scancode - 0x47]!;
    if (sign === "-" || sign === "+" || keyboard.numLock !== shift) return sign;
    return NAMES[0xe000 | scancode] ?? null;
  }
  if (scancode === 0x37) return "*";
  if (scancode === 0xe035) return "/";
  if (scancode === 0xe01c) return "Enter";
  const signs = engraved(scancode);
  if (signs === null) return NAMES[scancode] ?? null;
  const [plain, shifted] = signs, letter = plain >= "a" && plain <= "z";
  return shift !== (letter && keyboard.capsLock) ? shifted : plain;
}

function engraved(scancode: number): readonly [string, string] | null {
  for (const [first, plain, shifted] of ROWS) {
    const i = scancode - first;
    if (i >= 0 && i < plain.length) return [plain[i]!, shifted[i]!];
  }
  return null;
}
