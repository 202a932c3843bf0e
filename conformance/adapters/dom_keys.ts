/** Keys as a browser on a US keyboard tells them, by their set 1 scancode. */

/** What stands in a `KeyboardEvent`. */
export interface DomKey {
  /** As `KeyA`. */
  readonly code: string;
  readonly keyCode: number;
  /** Of a modifier, as the DevTools protocol counts them: 1 alt, 2 control, 4 meta, 8 shift. */
  readonly modifier: number;
}

const MODIFIERS: Readonly<Record<string, number>> = { Alt: 1, Control: 2, Meta: 4, Shift: 8 };

/** Rows of keys that follow each other: first scancode, then `code` and `keyCode` of each. */
const ROWS: readonly (readonly [number, string])[] = [
  [0x01, "Escape 27"],
  [0x02, "Digit1 49 Digit2 50 Digit3 51 Digit4 52 Digit5 53 Digit6 54 Digit7 55 Digit8 56 Digit9 57 Digit0 48"],
  [0x0c, "Minus 189 Equal 187 Backspace 8 Tab 9"],
  [0x10, "KeyQ 81 KeyW 87 KeyE 69 KeyR 82 KeyT 84 KeyY 89 KeyU 85 KeyI 73 KeyO 79 KeyP 80"],
  [0x1a, "BracketLeft 219 BracketRight 221 Enter 13 ControlLeft 17"],
  [0x1e, "KeyA 65 KeyS 83 KeyD 68 KeyF 70 KeyG 71 KeyH 72 KeyJ 74 KeyK 75 KeyL 76"],
  [0x27, "Semicolon 186 Quote 222 Backquote 192 ShiftLeft 16 Backslash 220"],
  [0x2c, "KeyZ 90 KeyX 88 KeyC 67 KeyV 86 KeyB 66 KeyN 78 KeyM 77 Comma 188 Period 190 Slash 191"],
  [0x36, "ShiftRight 16 NumpadMultiply 106 AltLeft 18 Space 32 CapsLock 20"],
  [0x3b, "F1 112 F2 113 F3 114 F4 115 F5 116 F6 117 F7 118 F8 119 F9 120 F10 121 NumLock 144 ScrollLock 145"],
  [0x47, "Numpad7 103 Numpad8 104 Numpad9 105 NumpadSubtract 109 Numpad4 100 Numpad5 101 Numpad6 102 NumpadAdd 107"],
  [0x4f, "Numpad1 97 Numpad2 98 Numpad3 99 Numpad0 96 NumpadDecimal 110"],
  [0x57, "F11 122 F12 123"],
  [0xe01c, "NumpadEnter 13 ControlRight 17"],
  [0xe035, "NumpadDivide 111"],
  [0xe037, "PrintScreen 44 AltRight 18"],
  [0xe046, "Pause 19 Home 36 ArrowUp 38 PageUp 33"],
  [0xe04b, "ArrowLeft 37"],
  [0xe04d, "ArrowRight 39"],
  [0xe04f, "End 35 ArrowDown 40 PageDown 34 Insert 45 Delete 46"],
  [0xe05b, "MetaLeft 91 MetaRight 92 ContextMenu 93"],
];

/** All keys, by scancode; extended ones as 0xe0xx. */
export const DOM_KEYS: ReadonlyMap<number, DomKey> = new Map(ROWS.flatMap(([first, row]) => {
  const words = row.split(" ");
  return Array.from({ length: words.length / 2 }, (_, i): [number, DomKey] => {
    const code = words[2 * i]!, modifier = MODIFIERS[code.replace(/(Left|Right)$/, "")] ?? 0;
    return [first + i, { code, keyCode: Number(words[2 * i + 1]), modifier }];
  });
}));
