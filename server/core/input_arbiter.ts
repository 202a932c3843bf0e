/** One machine, several viewers with hands: whose input goes on, and what a viewer that vanishes leaves behind. */
import type { MachineButton, MachineInput } from "./vdi.ts";

/** Held keys and buttons of one viewer. */
interface Hands {
  readonly keys: Set<number>;
  readonly buttons: Set<MachineButton>;
}

/**
 * Passes input on so that the machine sees one keyboard and one pointer: a key that two viewers hold goes down once and
 * comes up when the last lets go.
 */
export class InputArbiter {
  readonly #hands = new Map<number, Hands>();

  /** @param pass Takes input for the machine. */
  constructor(readonly pass: (input: MachineInput) => void) {}

  /** Input of a viewer. */
  input(viewer: number, input: MachineInput): void {
    switch (input.kind) {
      case "key": {
        const before = this.#holders((hands) => hands.keys.has(input.scancode));
        const keys = this.#handsOf(viewer).keys;
        if (input.down) {
          keys.add(input.scancode);
          // A key that is held repeats; the machine wants to know.
          return this.pass(input);
        }
        keys.delete(input.scancode);
        if (before <= 1 && this.#holders((hands) => hands.keys.has(input.scancode)) === 0) this.pass(input);
        return;
      }
      case "button": {
        const { button, down } = input;
        const wheel = button === "UP" || button === "DOWN";
        const buttons = this.#handsOf(viewer).buttons;
        const before = this.#holders((hands) => hands.buttons.has(button));
        if (down) buttons.add(button);
        else buttons.delete(button);
        const after = this.#holders((hands) => hands.buttons.has(button));
        if (wheel || (down ? before === 0 : after === 0 && before > 0)) this.pass(input);
        return;
      }
      default:
        this.pass(input);
    }
  }

  /** A viewer is gone: what it alone held is let go. */
  leave(viewer: number): void {
    const hands = this.#hands.get(viewer);
    if (hands === undefined) return;
    for (const button of [...hands.buttons]) this.input(viewer, { kind: "button", button, down: false });
    for (const scancode of [...hands.keys]) this.input(viewer, { kind: "key", scancode, down: false });
    this.#hands.delete(viewer);
  }

  #handsOf(viewer: number): Hands {
    let hands = this.#hands.get(viewer);
    if (hands === undefined) this.#hands.set(viewer, hands = { keys: new Set(), buttons: new Set() });
    return hands;
  }

  #holders(holds: (hands: Hands) => boolean): number {
    let holders = 0;
    for (const hands of this.#hands.values()) if (holds(hands)) holders++;
    return holders;
  }
}
