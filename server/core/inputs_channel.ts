/** The inputs channel of a viewer: keys, buttons and motion for the machine, LEDs for the viewer. */
import { KeyboardModifierFlags, MouseButton } from "../../protocol/messages/enums.ts";
import { type inputs, InputsInit, InputsKeyModifiers, InputsMouseMotionAck } from "../../protocol/messages/inputs.ts";
import type { MessageOf } from "../../protocol/schema/message.ts";
import { bytesOfCode, KeyReader } from "./keys.ts";
import type { MachineState } from "./machine_state.ts";
import type { Handler, Port, Received } from "./port.ts";
import type { MachineButton, MachineInput } from "./vdi.ts";

/** What an inputs channel needs of the server. */
export interface InputsHost {
  readonly machine: MachineState;
  /** True in client mouse mode. */
  isAbsolute(): boolean;
  input(input: MachineInput): void;
}

/** Motion messages that one ACK stands for. Source: protocol.h SPICE_INPUT_MOTION_ACK_BUNCH. */
const MOTION_ACK_BUNCH = 4;

/** All flags of KEY_MODIFIERS. */
const ALL_LEDS = KeyboardModifierFlags.SCROLL_LOCK | KeyboardModifierFlags.NUM_LOCK | KeyboardModifierFlags.CAPS_LOCK;

/** Handles inputs channel messages. Source: spice-server server/inputs-channel.cpp. */
export class InputsChannel implements Handler {
  readonly #keys = new KeyReader();
  #motions = 0;

  constructor(readonly port: Port, readonly host: InputsHost) {
    port.send(InputsInit, { keyboardModifiers: host.machine.leds });
  }

  /** The machine's LEDs changed. */
  ledsChanged(): void {
    this.port.send(InputsKeyModifiers, { modifiers: this.host.machine.leds });
  }

  handle(received: Received): void {
    // The channel's declaration pairs each name with the type of its value.
    const message = received as MessageOf<typeof inputs.client>;
    switch (message.name) {
      case "INPUTS_KEY_DOWN":
      case "INPUTS_KEY_UP":
        return this.#read(bytesOfCode(message.value.code));
      case "INPUTS_KEY_SCANCODE":
        return this.#read(message.value.data);
      case "INPUTS_KEY_MODIFIERS":
        return this.host.input({ kind: "leds", modifiers: message.value.modifiers & ALL_LEDS });
      case "INPUTS_MOUSE_MOTION": {
        const { dx, dy } = message.value;
        if (!this.host.isAbsolute() && (dx !== 0 || dy !== 0)) this.host.input({ kind: "motion", dx, dy });
        return this.#acknowledge();
      }
      case "INPUTS_MOUSE_POSITION": {
        const { x, y, displayId } = message.value;
        if (this.host.isAbsolute()) this.host.input({ kind: "position", head: displayId, x, y });
        return this.#acknowledge();
      }
      case "INPUTS_MOUSE_PRESS":
        return this.#button(message.value.button, true);
      case "INPUTS_MOUSE_RELEASE":
        return this.#button(message.value.button, false);
    }
  }

  #read(bytes: Iterable<number>): void {
    for (const { scancode, down } of this.#keys.read(bytes)) this.host.input({ kind: "key", scancode, down });
  }

  #button(number: number, down: boolean): void {
    const button = BUTTONS.get(number);
    if (button !== undefined) this.host.input({ kind: "button", button, down });
  }

  #acknowledge(): void {
    this.#motions = (this.#motions + 1) % MOTION_ACK_BUNCH;
    if (this.#motions === 0) this.port.send(InputsMouseMotionAck, {});
  }
}

const BUTTONS: ReadonlyMap<number, MachineButton> = new Map([
  [MouseButton.LEFT, "LEFT"],
  [MouseButton.MIDDLE, "MIDDLE"],
  [MouseButton.RIGHT, "RIGHT"],
  [MouseButton.UP, "UP"],
  [MouseButton.DOWN, "DOWN"],
  [MouseButton.SIDE, "SIDE"],
  [MouseButton.EXTRA, "EXTRA"],
]);
