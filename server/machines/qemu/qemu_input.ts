/**
 * Input for QEMU: from viewers to QMP's `input-send-event`.
 *
 * One command is on its way at any time; what comes meanwhile waits, and steps and places of the pointer are merged.
 * Each command holds what a device can take as one report: a press and a release in one would be lost on a mouse.
 *
 * Source: QEMU qapi/ui.json InputEvent; ui/input.c qemu_input_event_send, qemu_input_find_handler; hw/input/hid.c.
 */
import { KeyboardModifierFlags } from "../../../protocol/messages/enums.ts";
import type { MachineButton, MachineInput } from "../../core/vdi.ts";
import type { QemuHead } from "./qemu_arguments.ts";

/** One event of `input-send-event`. */
export type QmpInputEvent =
  | { readonly type: "key"; readonly data: { readonly down: boolean; readonly key: QmpKey } }
  | { readonly type: "btn"; readonly data: { readonly down: boolean; readonly button: string } }
  | { readonly type: "abs" | "rel"; readonly data: { readonly axis: "x" | "y"; readonly value: number } };

/** A key by its set 1 scancode, with bit 7 for extended keys. */
export interface QmpKey {
  readonly type: "number";
  readonly data: number;
}

/** Arguments of `input-send-event`. */
export interface QmpInput {
  readonly device?: string;
  readonly head?: number;
  readonly events: readonly QmpInputEvent[];
}

/** Sends one; resolves when QEMU has taken it. What it rejects with is passed over. */
export type SendInput = (input: QmpInput) => Promise<unknown>;

/** QEMU's places go from 0 to 0x7fff on both axes. Source: QEMU ui/input.h INPUT_EVENT_ABS_MAX. */
const PLACES = 0x8000;
/** Waiting commands. A QEMU that takes nothing for that long gets releases only, so that no key stays down. */
const MAX_WAITING = 256;
const MAX_WAITING_RELEASES = 1024;

const BUTTONS: Readonly<Record<MachineButton, string>> = {
  LEFT: "left",
  MIDDLE: "middle",
  RIGHT: "right",
  UP: "wheel-up",
  DOWN: "wheel-down",
  SIDE: "side",
  EXTRA: "extra",
};

/** Scancodes of the lock keys. */
const LOCK_KEYS: readonly (readonly [modifier: number, scancode: number])[] = [
  [KeyboardModifierFlags.SCROLL_LOCK, 0x46],
  [KeyboardModifierFlags.NUM_LOCK, 0x45],
  [KeyboardModifierFlags.CAPS_LOCK, 0x3a],
];

type Waiting =
  | { readonly kind: "position"; readonly head: number; readonly x: number; readonly y: number }
  | { readonly kind: "motion"; readonly dx: number; readonly dy: number }
  | { readonly kind: "other"; readonly input: QmpInput };

/** The input of one machine. */
export class QemuInput {
  readonly #heads: readonly Pick<QemuHead, "device" | "output" | "boundTablet">[];
  readonly #send: SendInput;
  readonly #waiting: Waiting[] = [];
  readonly #sizes = new Map<number, { readonly width: number; readonly height: number }>();
  #leds: number | null = null;
  /** The head with a tablet of its own that the pointer is on; its buttons are those of that tablet. */
  #tablet: number | null = null;
  #sending = false;

  constructor(heads: readonly Pick<QemuHead, "device" | "output" | "boundTablet">[], send: SendInput) {
    this.#heads = heads;
    this.#send = send;
  }

  /** The size of a head, to which places are relative; places on a head without one are dropped. */
  setSize(head: number, size: { readonly width: number; readonly height: number } | null): void {
    if (size === null) this.#sizes.delete(head);
    else this.#sizes.set(head, size);
  }

  /** The machine's LEDs: flags of `KeyboardModifierFlags`. */
  setLeds(modifiers: number): void {
    this.#leds = modifiers;
  }

  /** Takes input; sizes are not for it. */
  take(input: MachineInput): void {
    switch (input.kind) {
      case "key":
        return this.#key(input.scancode, input.down);
      case "button":
        return this.#add({ kind: "other", input: this.#button(input.button, input.down) }, !input.down);
      case "motion": {
        const { dx, dy } = input, last = this.#waiting.at(-1);
        this.#tablet = null;
        if (last?.kind === "motion") this.#waiting.pop();
        const before = last?.kind === "motion" ? last : { dx: 0, dy: 0 };
        return this.#add({ kind: "motion", dx: before.dx + dx, dy: before.dy + dy }, false);
      }
      case "position": {
        const { head, x, y } = input, last = this.#waiting.at(-1);
        if (!this.#sizes.has(head) || this.#heads[head] === undefined) return;
        this.#tablet = this.#heads[head].boundTablet ? head : null;
        if (last?.kind === "position" && last.head === head) this.#waiting.pop();
        return this.#add({ kind: "position", head, x, y }, false);
      }
      case "leds":
        return this.#wantLeds(input.modifiers);
    }
  }

  #key(scancode: number, down: boolean): void {
    const data = scancode & 0x7f | ((scancode & 0xff00) === 0xe000 ? 0x80 : 0);
    if ((data & 0x7f) === 0) return;
    const events = [{ type: "key", data: { down, key: { type: "number", data } } }] as const;
    this.#add({ kind: "other", input: { events } }, !down);
  }

  #button(button: MachineButton, down: boolean): QmpInput {
    return { ...this.#route(this.#tablet), events: [{ type: "btn", data: { down, button: BUTTONS[button] } }] };
  }

  #wantLeds(modifiers: number): void {
    if (this.#leds === null) return;
    for (const [modifier, scancode] of LOCK_KEYS) {
      if (((this.#leds ^ modifiers) & modifier) === 0) continue;
      this.#key(scancode, true);
      this.#key(scancode, false);
    }
    // Until QEMU tells what came of it, so that a second wish does not press the keys again.
    this.#leds = modifiers;
  }

  #route(head: number | null): { readonly device?: string; readonly head?: number } {
    const { device, output } = this.#heads[head ?? -1] ?? { device: null, output: 0 };
    return device === null ? {} : { device, head: output };
  }

  #add(waiting: Waiting, release: boolean): void {
    if (this.#waiting.length >= (release ? MAX_WAITING_RELEASES : MAX_WAITING)) return;
    this.#waiting.push(waiting);
    if (!this.#sending) void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    this.#sending = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const input = this.#inputOf(next);
      // QEMU refuses what it has no device for; a lost connection is told elsewhere.
      if (input !== null) await this.#send(input).catch(() => {});
    }
    this.#sending = false;
  }

  #inputOf(waiting: Waiting): QmpInput | null {
    switch (waiting.kind) {
      case "other":
        return waiting.input;
      case "motion":
        return { events: [axis("rel", "x", waiting.dx), axis("rel", "y", waiting.dy)] };
      case "position": {
        const { head, x, y } = waiting, size = this.#sizes.get(head);
        if (size === undefined) return null;
        const route = this.#heads[head]!.boundTablet ? this.#route(head) : {};
        return { ...route, events: [axis("abs", "x", place(x, size.width)), axis("abs", "y", place(y, size.height))] };
      }
    }
  }
}

/**
 * A place for QEMU: the middle of the pixel, which guests find again whether they round down or to the nearest.
 *
 * @param at Pixel, cut to the side.
 * @param side Pixels of the side, at least 1.
 * @returns 0 to 0x7fff.
 */
export function place(at: number, side: number): number {
  return Math.floor((Math.min(Math.max(at, 0), side - 1) + 0.5) * PLACES / side);
}

function axis(type: "abs" | "rel", axis: "x" | "y", value: number): QmpInputEvent {
  return { type, data: { axis, value } };
}
