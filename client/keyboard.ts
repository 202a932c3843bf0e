/** The keyboard of a session, for programs: chords and text, at a pace that a guest can follow. */
import { chordToKeys, parseChord } from "./core/keyboard/chord.ts";
import type { Layout } from "./core/keyboard/layout.ts";
import { layoutByName } from "./core/keyboard/layout_by_name.ts";
import type { KeyEvent } from "./core/keyboard/scancode.ts";
import { textToKeys, type TypeTextOptions } from "./core/keyboard/type_text.ts";
import { KeyboardModifierFlags } from "../protocol/messages/enums.ts";
import type { InputDevice } from "./input_device.ts";

/** How keys are pressed. */
export interface KeyOptions {
  /** Keyboard layout that the guest uses, as `fr`. Default: `us`. */
  readonly layout?: string;
  /**
   * Milliseconds after each key press and release, at least: a server that is behind is waited for. Default: 10. A guest
   * that polls its keyboard controller slowly (a boot loader under emulation) loses keys that come faster than it looks.
   */
  readonly delayMs?: number;
}

/** Presses keys in the guest. */
export class Keyboard {
  readonly #device: InputDevice;

  /** Made by `connect`, as a part of the session. */
  constructor(device: InputDevice) {
    this.#device = device;
  }

  /**
   * Presses chords one after another, then waits until the server has taken them.
   *
   * @param chords One or more, as `ctrl+alt+f2`, `enter`, `shift+a`.
   * @param options Layout and pace.
   * @throws {KeyboardError} A key is not known; nothing is pressed then.
   */
  async press(chords: string | readonly string[], options: KeyOptions = {}): Promise<void> {
    const layout = layoutOf(options);
    const keys = [chords].flat().flatMap((chord) => chordToKeys(parseChord(chord, layout)));
    await this.send(keys, options);
  }

  /**
   * Types a text as a person with the layout would, then waits until the server has taken it.
   *
   * @param text Any text; line ends become Enter.
   * @param options Layout, pace, and what to do with characters that the layout lacks.
   * @throws {KeyboardError} The layout lacks a character (unless `fallback` is `skip`); nothing is typed then.
   */
  async type(text: string, options: KeyOptions & TypeTextOptions = {}): Promise<void> {
    const capsLock = (this.#device.inputs().modifiers & KeyboardModifierFlags.CAPS_LOCK) !== 0;
    await this.send(textToKeys(text, layoutOf(options), { capsLock, ...options }), options);
  }

  /**
   * Sends key events as they are, then waits until the server has taken them.
   *
   * @param keys In order, with every release.
   * @param options Pace; the layout does not matter.
   */
  async send(keys: readonly KeyEvent[], options: KeyOptions = {}): Promise<void> {
    for (const key of keys) {
      this.#device.inputs().key(key);
      await this.#device.pace(options.delayMs ?? 10);
    }
    await this.#device.settle();
  }
}

function layoutOf(options: KeyOptions): Layout {
  return layoutByName(options.layout ?? "us");
}
