/** Keyboard, pointer and lock keys, said to a VNC server in the way that it takes them. */
import { KeyboardModifierFlags } from "../../../protocol/messages/enums.ts";
import type { MachineButton } from "../../core/vdi.ts";
import { clamp } from "./clamp.ts";
import { RfbKeyboard } from "./rfb_keyboard.ts";
import { extendedKeyEvent, keyEvent, pointerEvent } from "./rfb_messages.ts";

/** The middle of a step, which means no step. Source: QEMU ui/vnc.c pointer_event. */
const NO_STEP = 0x7fff;
/** A scancode that no keyboard has, whose release QEMU therefore forgets. */
const NO_KEY = 0x7f;

/** Bits of a pointer event. EXTRA, X11's ninth button, has none. */
const BUTTON_BITS: Readonly<Record<MachineButton, number>> = {
  LEFT: 1,
  MIDDLE: 2,
  RIGHT: 4,
  UP: 8,
  DOWN: 16,
  SIDE: 128,
  EXTRA: 0,
};

/** Scancodes of the lock keys. */
const LOCK_KEYS: readonly (readonly [modifier: number, scancode: number])[] = [
  [KeyboardModifierFlags.SCROLL_LOCK, 0x46],
  [KeyboardModifierFlags.NUM_LOCK, 0x45],
  [KeyboardModifierFlags.CAPS_LOCK, 0x3a],
];

/** The input devices of one session. */
export class RfbInput {
  readonly #send: (bytes: Uint8Array) => void;
  readonly #keyboard = new RfbKeyboard();
  #width = 0;
  #height = 0;
  #extendedKeys = false;
  #absolute = true;
  #leds: number | null = null;
  #buttons = 0;
  #x = 0;
  #y = 0;

  /** @param send Sends a message, or drops it while the server takes none. */
  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
  }

  /** Input: the picture has a new size. */
  resized(width: number, height: number): void {
    this.#width = width;
    this.#height = height;
  }

  /** Input: the server takes keys by their place on the keyboard. */
  useExtendedKeys(): void {
    this.#extendedKeys = true;
  }

  /** Input: the server takes places, or else steps. It begins with places. */
  setAbsolute(absolute: boolean): void {
    this.#absolute = absolute;
  }

  /** Input: the lock keys are so: flags of `KeyboardModifierFlags`. */
  setLeds(modifiers: number): void {
    this.#leds = modifiers;
    this.#keyboard.setLocks(modifiers);
  }

  /** Command: a key, by its set 1 scancode, 0xe0xx for extended keys. */
  key(scancode: number, down: boolean): void {
    const keysym = this.#keyboard.keysym(scancode, down);
    if (this.#extendedKeys) {
      const code = scancode & 0x7f | ((scancode & 0xff00) === 0xe000 ? 0x80 : 0);
      this.#send(extendedKeyEvent(keysym, code, down));
    } else if (keysym !== 0) this.#send(keyEvent(keysym, down));
  }

  /** Command: the pointer is at a place, in pixels. */
  position(x: number, y: number): void {
    if (!this.#absolute) return;
    this.#x = clamp(x, 0, Math.max(0, this.#width - 1));
    this.#y = clamp(y, 0, Math.max(0, this.#height - 1));
    this.#sendPointer();
  }

  /** Command: the pointer takes a step. Only a server that said so (-257) takes steps. */
  motion(dx: number, dy: number): void {
    if (this.#absolute) return;
    const x = NO_STEP + clamp(dx, -NO_STEP, NO_STEP), y = NO_STEP + clamp(dy, -NO_STEP, NO_STEP);
    this.#send(pointerEvent(this.#buttons, x, y));
  }

  /** Command: a button or a step of the wheel. */
  button(button: MachineButton, down: boolean): void {
    const bit = BUTTON_BITS[button], buttons = down ? this.#buttons | bit : this.#buttons & ~bit;
    if (buttons === this.#buttons) return;
    this.#buttons = buttons;
    this.#sendPointer();
  }

  /** Command: the lock keys should be so: flags of `KeyboardModifierFlags`. */
  wantLeds(modifiers: number): void {
    if (this.#leds === null) return this.#keyboard.setLocks(modifiers);
    const differ = this.#leds ^ modifiers;
    for (const [modifier, scancode] of LOCK_KEYS) {
      if ((differ & modifier) === 0) continue;
      this.key(scancode, true);
      this.key(scancode, false);
    }
    // Until the server tells what came of it, so that a second wish does not press the keys again.
    this.#leds = modifiers;
  }

  /**
   * Command: say something without effect. QEMU takes it as a sign of life and looks for changes every 30 ms again; the
   * release of a key that is not down is the one message above type 3 that it forgets in every version.
   * Source: QEMU ui/vnc.c protocol_client_msg, ui/kbd-state.c qkbd_state_key_event.
   */
  sayNothing(): void {
    this.#send(extendedKeyEvent(0, NO_KEY, false));
  }

  #sendPointer(): void {
    const [x, y] = this.#absolute ? [this.#x, this.#y] : [NO_STEP, NO_STEP];
    this.#send(pointerEvent(this.#buttons, x, y));
  }
}
