/** The keys that are held, and the locks. */
import { KeyboardModifierFlags } from "../../../protocol/messages/enums.ts";

const LOCKS: ReadonlyMap<number, number> = new Map([
  [0x3a, KeyboardModifierFlags.CAPS_LOCK],
  [0x45, KeyboardModifierFlags.NUM_LOCK],
  [0x46, KeyboardModifierFlags.SCROLL_LOCK],
]);
const ALL_LOCKS = [...LOCKS.values()].reduce((all, one) => all | one);

/** A keyboard: what is down now. */
export class Keyboard {
  readonly #down = new Set<number>();
  #leds = 0;

  /** Flags of `KeyboardModifierFlags`. */
  get leds(): number {
    return this.#leds;
  }

  get capsLock(): boolean {
    return (this.#leds & KeyboardModifierFlags.CAPS_LOCK) !== 0;
  }

  get numLock(): boolean {
    return (this.#leds & KeyboardModifierFlags.NUM_LOCK) !== 0;
  }

  /** Scancodes of the keys that are down, the longest held first. */
  get down(): readonly number[] {
    return [...this.#down];
  }

  /** Whether one of some keys is down. */
  held(...scancodes: readonly number[]): boolean {
    return scancodes.some((scancode) => this.#down.has(scancode));
  }

  /** A key goes down or up. A key that is down already repeats, which toggles no lock. */
  key(scancode: number, down: boolean): void {
    const lock = LOCKS.get(scancode);
    if (down && lock !== undefined && !this.#down.has(scancode)) this.#leds ^= lock;
    if (down) this.#down.add(scancode);
    else this.#down.delete(scancode);
  }

  /** Sets the locks: flags of `KeyboardModifierFlags`. */
  setLeds(modifiers: number): void {
    this.#leds = modifiers & ALL_LOCKS;
  }
}
