/**
 * Keys for VNC servers that know symbols only: the keysyms that a us keyboard gives.
 *
 * Such a server finds the key that bears the symbol in the guest's layout, so a guest with another layout gets what a
 * us keyboard types. Servers with pseudo-encoding -258 get places instead, and the symbol is not looked at.
 */
import { KeyboardModifierFlags } from "../../../protocol/messages/enums.ts";

/** Follows shift and the lock keys, and gives each key the same symbol when it comes up as when it went down. */
export class RfbKeyboard {
  readonly #held = new Map<number, number>();
  #locks = 0;

  /** Takes over what is known of the lock keys: flags of `KeyboardModifierFlags`. */
  setLocks(locks: number): void {
    this.#locks = locks;
  }

  /**
   * The symbol of a key that goes down or comes up.
   * @param scancode Set 1, 0xe0xx for extended keys.
   * @returns 0 for a key without one.
   */
  keysym(scancode: number, down: boolean): number {
    const held = this.#held.get(scancode);
    if (!down) {
      this.#held.delete(scancode);
      return held ?? this.#symbol(scancode);
    }
    if (held !== undefined) return held;
    const symbol = this.#symbol(scancode);
    if (LOCKS.has(scancode)) this.#locks ^= LOCKS.get(scancode)!;
    // A keyboard has some hundred keys; a viewer that presses more is not one.
    if (this.#held.size < 256) this.#held.set(scancode, symbol);
    return symbol;
  }

  #symbol(scancode: number): number {
    const other = OTHERS.get(scancode);
    if (other !== undefined) return other;
    const shift = this.#held.has(LEFT_SHIFT) || this.#held.has(RIGHT_SHIFT);
    const digit = KEYPAD.get(scancode);
    if (digit !== undefined) return digit[(this.#locks & KeyboardModifierFlags.NUM_LOCK) !== 0 !== shift ? 1 : 0];
    const pair = SYMBOLS.get(scancode);
    if (pair === undefined) return 0;
    const letter = /[a-z]/.test(pair[0]!);
    const upper = letter && (this.#locks & KeyboardModifierFlags.CAPS_LOCK) !== 0 ? !shift : shift;
    return pair.charCodeAt(upper ? 1 : 0);
  }
}

const LEFT_SHIFT = 0x2a;
const RIGHT_SHIFT = 0x36;

const LOCKS: ReadonlyMap<number, number> = new Map([
  [0x3a, KeyboardModifierFlags.CAPS_LOCK],
  [0x45, KeyboardModifierFlags.NUM_LOCK],
  [0x46, KeyboardModifierFlags.SCROLL_LOCK],
]);

/** Rows of keys from their first scancode: plain symbol, symbol with shift. Latin-1 keysyms are character codes. */
const ROWS: readonly (readonly [first: number, pairs: string])[] = [
  [0x02, "1! 2@ 3# 4$ 5% 6^ 7& 8* 9( 0) -_ =+"],
  [0x10, "qQ wW eE rR tT yY uU iI oO pP [{ ]}"],
  [0x1e, "aA sS dD fF gG hH jJ kK lL ;: '\" `~"],
  [0x2b, "\\| zZ xX cC vV bB nN mM ,< .> /?"],
  [0x56, "<>"],
];

const SYMBOLS: ReadonlyMap<number, string> = new Map([
  ...ROWS.flatMap(([first, pairs]) => pairs.split(" ").map((pair, i) => [first + i, pair] as const)),
  [0x39, "  "] as const,
]);

/** Without num lock, with it. Source: X11/keysymdef.h KP_*. */
const KEYPAD: ReadonlyMap<number, readonly [number, number]> = new Map([
  [0x47, [0xff95, 0xffb7]], // Home 7
  [0x48, [0xff97, 0xffb8]], // Up 8
  [0x49, [0xff9a, 0xffb9]], // Prior 9
  [0x4b, [0xff96, 0xffb4]], // Left 4
  [0x4c, [0xff9d, 0xffb5]], // Begin 5
  [0x4d, [0xff98, 0xffb6]], // Right 6
  [0x4f, [0xff9c, 0xffb1]], // End 1
  [0x50, [0xff99, 0xffb2]], // Down 2
  [0x51, [0xff9b, 0xffb3]], // Next 3
  [0x52, [0xff9e, 0xffb0]], // Insert 0
  [0x53, [0xff9f, 0xffae]], // Delete, decimal
]);

/** Keys whose symbol depends on nothing. Source: X11/keysymdef.h. */
const OTHERS: ReadonlyMap<number, number> = new Map([
  [0x01, 0xff1b], // Escape
  [0x0e, 0xff08], // BackSpace
  [0x0f, 0xff09], // Tab
  [0x1c, 0xff0d], // Return
  [0x1d, 0xffe3], // Control_L
  [LEFT_SHIFT, 0xffe1],
  [RIGHT_SHIFT, 0xffe2],
  [0x38, 0xffe9], // Alt_L
  [0x3a, 0xffe5], // Caps_Lock
  [0x45, 0xff7f], // Num_Lock
  [0x46, 0xff14], // Scroll_Lock
  ...Array.from({ length: 10 }, (_, i) => [0x3b + i, 0xffbe + i] as const), // F1 to F10
  [0x57, 0xffc8], // F11
  [0x58, 0xffc9], // F12
  [0x37, 0xffaa], // KP_Multiply
  [0x4a, 0xffad], // KP_Subtract
  [0x4e, 0xffab], // KP_Add
  [0x54, 0xff15], // Sys_Req
  [0xe01c, 0xff8d], // KP_Enter
  [0xe035, 0xffaf], // KP_Divide
  [0xe01d, 0xffe4], // Control_R
  [0xe038, 0xffea], // Alt_R
  [0xe037, 0xff61], // Print
  [0xe046, 0xff13], // Pause
  [0xe047, 0xff50], // Home
  [0xe048, 0xff52], // Up
  [0xe049, 0xff55], // Prior
  [0xe04b, 0xff51], // Left
  [0xe04d, 0xff53], // Right
  [0xe04f, 0xff57], // End
  [0xe050, 0xff54], // Down
  [0xe051, 0xff56], // Next
  [0xe052, 0xff63], // Insert
  [0xe053, 0xffff], // Delete
  [0xe05b, 0xffeb], // Super_L
  [0xe05c, 0xffec], // Super_R
  [0xe05d, 0xff67], // Menu
]);
