import { KeyboardError, type Untypable } from "./keyboard_error.ts";
import type { Layout, Stroke } from "./layout.ts";
import { type KeyEvent, Scancode } from "./scancode.ts";
import { strokeTable } from "./stroke_table.ts";

/** How to type. */
export interface TypeTextOptions {
  /** What to do with characters that the layout cannot type: refuse the whole text, or leave them out. Default: `throw`. */
  readonly fallback?: "throw" | "skip";
  /**
   * Whether the guest's CapsLock is on. It is then turned off before the text and on again after it: what CapsLock does
   * to keys other than letters differs between systems (`é` of a French keyboard is `É` on Linux, `2` on Windows), so
   * no choice of Shift is right everywhere. Default: false.
   */
  readonly capsLock?: boolean;
}

/**
 * The keys that a typist with this keyboard layout presses to write a text. Modifiers go down and up only where they
 * change, and all keys are up at the end.
 *
 * Line ends (`\n`, `\r\n`, `\r`) become Enter, `\t` Tab, `\b` Backspace, `\x1b` Esc, `\x7f` Delete. Letters with
 * combining marks are typed as one character where Unicode has one.
 *
 * @param text Any text.
 * @param layout The layout that the guest uses; a text comes out wrong if the guest uses another.
 * @param options See {@link TypeTextOptions}.
 * @returns Key events in order; empty for a text without typable characters.
 * @throws {KeyboardError} `untypable`, with every character that cannot be typed and its index.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { layoutByName, textToKeys } from "../../../mod.ts";
 *
 * const LEFT_SHIFT = 0x2a, Q = 0x10; // the key right of Tab types `a` on a French keyboard
 * assert.deepEqual(textToKeys("A", layoutByName("fr")), [
 *   { down: true, scancode: LEFT_SHIFT },
 *   { down: true, scancode: Q },
 *   { down: false, scancode: Q },
 *   { down: false, scancode: LEFT_SHIFT },
 * ]);
 * ```
 */
export function textToKeys(text: string, layout: Layout, options: TypeTextOptions = {}): KeyEvent[] {
  const { strokes, untypable } = plan(text, layout);
  if (untypable.length > 0 && options.fallback !== "skip") throw untypableError(untypable, layout);
  if (strokes.length === 0) return [];
  if (!options.capsLock) return strokesToKeys(strokes);
  const caps = { scancode: Scancode.CAPS_LOCK, shift: layout.capsLock === "shift", altgr: false };
  return strokesToKeys([caps, ...strokes, caps]);
}

/**
 * What `textToKeys` would refuse, or leave out with `fallback: "skip"`.
 *
 * @param text Any text.
 * @param layout The layout to type with.
 * @returns Characters with their index in the text, in order.
 */
export function findUntypable(text: string, layout: Layout): readonly Untypable[] {
  return plan(text, layout).untypable;
}

/** Control characters that are keys of their own. */
const CONTROL_KEYS: ReadonlyMap<string, number> = new Map([
  ["\b", Scancode.BACKSPACE],
  ["\t", Scancode.TAB],
  ["\n", Scancode.ENTER],
  ["\r", Scancode.ENTER],
  ["\r\n", Scancode.ENTER],
  ["\x1b", Scancode.ESC],
  ["\x7f", Scancode.DELETE],
]);

/** A line end of two characters, or a character with its combining marks, or marks that follow nothing. */
const CLUSTER = /\r\n|\P{M}\p{M}*|\p{M}+/gsu;

function plan(text: string, layout: Layout): { strokes: Stroke[]; untypable: Untypable[] } {
  const table = strokeTable(layout);
  const strokes: Stroke[] = [];
  const untypable: Untypable[] = [];
  for (const { 0: cluster, index } of text.matchAll(CLUSTER)) {
    const control = CONTROL_KEYS.get(cluster);
    if (control !== undefined) {
      strokes.push({ scancode: control, shift: false, altgr: false });
      continue;
    }
    const composed = cluster.normalize("NFC");
    let offset = 0;
    for (const char of composed) {
      const found = table.get(char);
      if (found !== undefined) strokes.push(...found);
      // Inside a cluster that was composed anew, the place of a character is that of the cluster.
      else untypable.push({ char, index: composed === cluster ? index + offset : index });
      offset += char.length;
    }
  }
  return { strokes, untypable };
}

/** Presses strokes one after the other; the modifiers of two strokes that both need them stay down between. */
function strokesToKeys(strokes: readonly Stroke[]): KeyEvent[] {
  const events: KeyEvent[] = [];
  let shift = false, altgr = false;
  const hold = (wanted: { readonly shift: boolean; readonly altgr: boolean }) => {
    if (altgr && !wanted.altgr) events.push({ down: false, scancode: Scancode.RIGHT_ALT });
    if (shift && !wanted.shift) events.push({ down: false, scancode: Scancode.LEFT_SHIFT });
    if (!shift && wanted.shift) events.push({ down: true, scancode: Scancode.LEFT_SHIFT });
    if (!altgr && wanted.altgr) events.push({ down: true, scancode: Scancode.RIGHT_ALT });
    ({ shift, altgr } = wanted);
  };
  for (const stroke of strokes) {
    hold(stroke);
    events.push({ down: true, scancode: stroke.scancode }, { down: false, scancode: stroke.scancode });
  }
  hold({ shift: false, altgr: false });
  return events;
}

function untypableError(untypable: readonly Untypable[], layout: Layout): KeyboardError {
  const shown = untypable.slice(0, 5).map(({ char, index }) => `${describe(char)} at ${index}`);
  if (untypable.length > shown.length) shown.push(`${untypable.length - shown.length} more`);
  const count = untypable.length === 1 ? "a character" : `${untypable.length} characters`;
  return new KeyboardError(
    "untypable",
    `Cannot type ${count} with layout ${layout.name}: ${shown.join(", ")}`,
    [],
    untypable,
  );
}

/** A character as `"☃" (U+2603)`; characters that do not show are left to their number. */
function describe(char: string): string {
  const number = `U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
  return /[\p{C}\p{Z}\p{M}]/u.test(char) ? number : `"${char}" (${number})`;
}
