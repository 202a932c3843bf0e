/** The inputs channel: keys, buttons, wheel and motion, paced as the server acknowledges them. */
import { KeyboardModifierFlags, MouseButton, MouseButtonMask } from "../../protocol/messages/enums.ts";
import {
  ClientInputsKeyModifiers,
  type inputs,
  InputsKeyDown,
  InputsKeyUp,
  InputsMouseMotion,
  InputsMousePosition,
  InputsMousePress,
  InputsMouseRelease,
} from "../../protocol/messages/inputs.ts";
import type { MemberOf } from "../../protocol/schema/enumeration.ts";
import type { MessageOf } from "../../protocol/schema/message.ts";
import { keyCode, type KeyEvent } from "./keyboard/scancode.ts";
import type { Handler, Port, Received } from "./port.ts";

/** A mouse button by its wire name; UP and DOWN are the wheel. */
export type ButtonName = Exclude<MemberOf<typeof MouseButton>, "INVALID">;

/** The server acknowledges motion in bunches of four. Source: protocol.h SPICE_INPUT_MOTION_ACK_BUNCH. */
export const MOTION_ACK_BUNCH = 4;

/** Motion that the server has not acknowledged yet may be two bunches, as in spice-gtk. */
const MOTION_IN_FLIGHT = 2 * MOTION_ACK_BUNCH;

/** Handles inputs channel messages and sends input. Source: spice-gtk src/channel-inputs.c. */
export class InputsChannel implements Handler {
  readonly #port: Port;
  #buttons = 0;
  #modifiers = 0;
  #inFlight = 0;
  /** Motion that waits for an ACK: the newest position, or the sum of the steps. */
  #position: { readonly x: number; readonly y: number; readonly display: number } | null = null;
  #motion: { readonly dx: number; readonly dy: number } | null = null;
  #pointed: { readonly x: number; readonly y: number; readonly display: number } | null = null;
  readonly #heldKeys = new Set<number>();
  /** Mouse mode of a fence that waits for room; `null` when none does. */
  #fence: "client" | "server" | null = null;

  /** Made by the session core when the channel is linked. */
  constructor(port: Port) {
    this.#port = port;
  }

  /** Keyboard LEDs that the guest shows, flags of `KeyboardModifierFlags`. */
  get modifiers(): number {
    return this.#modifiers;
  }

  /** Pressed buttons, flags of `MouseButtonMask`. */
  get buttons(): number {
    return this.#buttons;
  }

  /** Motion messages that the server has not acknowledged. */
  get motionInFlight(): number {
    return this.#inFlight;
  }

  /** So much motion is in flight that more waits for an ACK. */
  get isFull(): boolean {
    return this.#inFlight >= MOTION_IN_FLIGHT;
  }

  /** Where `moveTo` last put the pointer; `null` before. In client mouse mode the server does not tell. */
  get pointed(): { readonly x: number; readonly y: number; readonly display: number } | null {
    return this.#pointed;
  }

  /** Scancodes that are down. */
  get heldKeys(): ReadonlySet<number> {
    return this.#heldKeys;
  }

  /** Presses or releases a key. */
  key(event: KeyEvent): void {
    const code = keyCode(event);
    if (event.down) {
      this.#heldKeys.add(event.scancode);
      this.#port.send(InputsKeyDown, { code });
    } else {
      this.#heldKeys.delete(event.scancode);
      this.#port.send(InputsKeyUp, { code });
    }
  }

  /** Asks the guest to set its lock keys. @param modifiers Flags of `KeyboardModifierFlags`. */
  setModifiers(modifiers: number): void {
    this.#port.send(ClientInputsKeyModifiers, { modifiers });
  }

  /**
   * Puts the pointer at a place (client mouse mode). While motion is in flight only the newest place is kept.
   * @param display Number of the display channel.
   */
  moveTo(x: number, y: number, display: number): void {
    this.#position = this.#pointed = { x, y, display };
    this.#flush(false);
  }

  /** Moves the pointer by a step (server mouse mode). While motion is in flight steps are added up. */
  moveBy(dx: number, dy: number): void {
    this.#motion = { dx: (this.#motion?.dx ?? 0) + dx, dy: (this.#motion?.dy ?? 0) + dy };
    this.#flush(false);
  }

  /** Presses a button; waiting motion goes first. */
  press(button: ButtonName): void {
    this.#flush(true);
    this.#buttons |= MouseButtonMask[button];
    this.#port.send(InputsMousePress, { button: MouseButton[button], buttonsState: this.#buttons });
  }

  /** Releases a button; waiting motion goes first. */
  release(button: ButtonName): void {
    this.#flush(true);
    this.#buttons &= ~MouseButtonMask[button];
    this.#port.send(InputsMouseRelease, { button: MouseButton[button], buttonsState: this.#buttons });
  }

  /**
   * Sends motion without effect, so that an ACK tells that the server has taken what was sent before. The server counts
   * motion of the other mouse mode, and does no more with it; of its own mode, each step would take a place in the PS/2
   * mouse's queue of four, and a full queue loses buttons.
   * @param mode Mouse mode that holds.
   *
   * Source: spice server/inputs-channel.cpp InputsChannelClient::handle_message; QEMU hw/input/ps2.c
   * ps2_mouse_send_packet.
   */
  mark(mode: "client" | "server" = "client"): void {
    if (mode === "client") this.#sendMotion(0, 0);
    else this.#sendPosition(this.#pointed ?? { x: 0, y: 0, display: 0 });
  }

  /**
   * Fills the count of unacknowledged motion up to a whole bunch with marks, so that an ACK follows, as soon as there is
   * room for them.
   * @param mode Mouse mode that holds.
   */
  fence(mode: "client" | "server" = "client"): void {
    this.#fence = mode;
    this.#flush(false);
  }

  /** Input from the channel: a message. For the session core alone. */
  handle(received: Received): void {
    // The channel's declaration pairs each name with the type of its value.
    const message = received as MessageOf<typeof inputs.server>;
    switch (message.name) {
      case "INPUTS_INIT":
        return this.#setModifiers(message.value.keyboardModifiers);
      case "INPUTS_KEY_MODIFIERS":
        return this.#setModifiers(message.value.modifiers);
      case "INPUTS_MOUSE_MOTION_ACK":
        this.#inFlight = Math.max(0, this.#inFlight - MOTION_ACK_BUNCH);
        this.#flush(false);
        return this.#port.emit({ type: "motion-ack" });
    }
  }

  #setModifiers(modifiers: number): void {
    this.#modifiers = modifiers;
    this.#port.emit({ type: "modifiers", modifiers });
  }

  /** Sends waiting motion if there is room for it, or `now` in any case. */
  #flush(now: boolean): void {
    if (!now && this.isFull) return;
    const motion = this.#motion, position = this.#position;
    this.#motion = null;
    this.#position = null;
    if (motion !== null && (motion.dx !== 0 || motion.dy !== 0)) this.#sendMotion(motion.dx, motion.dy);
    if (position !== null) this.#sendPosition(position);
    this.#fill();
  }

  /** Sends the fence that waits, if there is room for it. */
  #fill(): void {
    const mode = this.#fence;
    if (mode === null || this.isFull) return;
    this.#fence = null;
    do this.mark(mode); while (this.#inFlight % MOTION_ACK_BUNCH !== 0);
  }

  #sendPosition({ x, y, display }: { readonly x: number; readonly y: number; readonly display: number }): void {
    this.#inFlight++;
    this.#port.send(InputsMousePosition, { x, y, buttonsState: this.#buttons, displayId: display });
  }

  #sendMotion(dx: number, dy: number): void {
    this.#inFlight++;
    this.#port.send(InputsMouseMotion, { dx, dy, buttonsState: this.#buttons });
  }
}

/** @returns Names of the lit LEDs, as `NUM_LOCK`. */
export function ledNames(modifiers: number): string[] {
  return Object.entries(KeyboardModifierFlags).filter(([, bit]) => (modifiers & bit) !== 0).map(([name]) => name);
}
