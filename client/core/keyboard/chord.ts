import { KeyboardError } from "./keyboard_error.ts";
import type { Layout } from "./layout.ts";
import { US } from "./layouts/us.ts";
import { findScancode, type KeyEvent, Scancode, scancodeOf } from "./scancode.ts";
import { strokeTable } from "./stroke_table.ts";

/** Keys that are held together, in the order of pressing, each once. */
export type Chord = readonly number[];

/**
 * Keys to press together, as `ctrl+alt+f2`, `shift+a`, `ctrl-alt-del` or a single `enter`.
 *
 * A single character means the key that gives it on the layout: `ctrl+a` is the key right of CapsLock on `us`, right of
 * Tab on `fr`. Case does not matter (`Ctrl+C` is Ctrl and the C key). Digits mean the key that bears them, also where
 * the layout asks for Shift to type them; for other characters Shift and AltGr are added where they are needed. What
 * the layout does not have is looked for on a US keyboard. `+` and `-` can stand last: `ctrl++`.
 *
 * @param text One chord.
 * @param layout The layout that the guest uses. Default: `us`.
 * @returns XT scancodes in the order of pressing.
 * @throws {KeyboardError} `unknown-key`, with suggestions; `untypable` for a character that takes a dead key.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { chordToKeys, layoutByName, parseChord } from "../../../mod.ts";
 *
 * const CTRL = 0x1d, ALT = 0x38, F2 = 0x3c;
 * assert.deepEqual(parseChord("ctrl+alt+f2"), [CTRL, ALT, F2]);
 * assert.deepEqual(parseChord("ctrl+a", layoutByName("fr")), [CTRL, 0x10]); // the key right of Tab
 * assert.equal(chordToKeys([CTRL, ALT, F2]).length, 6); // three presses, three releases
 * ```
 */
export function parseChord(text: string, layout: Layout = US): Chord {
  return [...new Set(split(text.trim()).flatMap((name) => keysOf(name.trim(), layout)))];
}

/**
 * Presses a chord and releases it, last key first.
 *
 * @param chord As {@link parseChord} gives it.
 * @returns Key events in order.
 */
export function chordToKeys(chord: Chord): KeyEvent[] {
  return [
    ...chord.map((scancode) => ({ down: true, scancode })),
    ...chord.toReversed().map((scancode) => ({ down: false, scancode })),
  ];
}

/** Names in a chord. A separator counts only between two names, so that it can be a name itself. */
function split(text: string): string[] {
  if (text.includes("+")) return text.split(/(?<=.)\+(?=.)/su);
  const names = text.split(/(?<=.)-(?=.)/su);
  if (findScancode(text) === undefined) return names;
  // `page-up` and `kp-0` are keys, `ctrl-r` is a chord, although `ctrl_r` is a key.
  const isChord = names.some((name) => name.length === 1) && names.every((name) => findScancode(name) !== undefined);
  return isChord ? names : [text];
}

function keysOf(name: string, layout: Layout): number[] {
  if ([...name].length !== 1) return [scancodeOf(name)];
  const table = strokeTable(layout);
  const strokes = table.get(name.toLowerCase()) ?? table.get(name);
  // Shortcuts keep their Latin letters on layouts that have none.
  if (strokes === undefined) return [scancodeOf(name)];
  const [stroke, ...others] = strokes;
  if (stroke === undefined || others.length > 0) {
    throw new KeyboardError(
      "untypable",
      `Cannot press "${name}" in a chord: layout ${layout.name} takes a dead key`,
      [],
      [{ char: name, index: 0 }],
    );
  }
  if (/[0-9]/.test(name)) return [stroke.scancode];
  return [
    ...(stroke.shift ? [Scancode.LEFT_SHIFT] : []),
    ...(stroke.altgr ? [Scancode.RIGHT_ALT] : []),
    stroke.scancode,
  ];
}
