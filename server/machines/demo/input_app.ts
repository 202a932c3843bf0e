/** A page that shows what the machine received. */
import { KeyboardModifierFlags } from "../../../protocol/messages/enums.ts";
import type { MachineButton } from "../../core/vdi.ts";
import { App, type Seen } from "./app.ts";
import { fitText, textWidth } from "./face.ts";
import { FACES } from "./faces.ts";
import type { Painter } from "./painter.ts";
import { THEME } from "./theme.ts";
import { keyName } from "./us_keys.ts";

const ROW = 24;
const LIST_TOP = ROW * 6 + 6;
const LIST_ROW = 17;
const LIST_ROWS = 8;
const VALUE_LEFT = 78;
const BUTTONS: readonly MachineButton[] = ["LEFT", "MIDDLE", "RIGHT", "SIDE", "EXTRA"];
const LEDS = [
  ["NUM", KeyboardModifierFlags.NUM_LOCK],
  ["CAPS", KeyboardModifierFlags.CAPS_LOCK],
  ["SCROLL", KeyboardModifierFlags.SCROLL_LOCK],
] as const;

/** Rows of the page, in order. */
const LABELS = ["Pointer", "Motion", "Buttons", "Wheel", "LEDs", "Held keys"];

/** What was received: state above, the last keys and buttons below. */
export class InputApp extends App {
  override readonly title = "Input";
  override readonly width = 344;
  override readonly height = LIST_TOP + LIST_ROWS * LIST_ROW + 14;
  readonly #events: string[] = [];
  readonly #values = { pointer: "", motion: "none", wheel: "up 0, down 0", held: "none" };
  #buttons: readonly MachineButton[] = [];
  #leds = 0;
  #count = 0;
  readonly #wheel = { UP: 0, DOWN: 0 };

  /** The last events, the newest first. */
  get events(): readonly string[] {
    return this.#events;
  }

  override paint(painter: Painter): void {
    const { pointer, motion, wheel, held } = this.#values;
    LABELS.forEach((label, row) => painter.text(2, row * ROW + 16, label, FACES.sans, THEME.quiet));
    [pointer, motion, null, wheel, null, held].forEach((value, row) => {
      if (value === null) return;
      const text = fitText(FACES.sans, value, this.width - VALUE_LEFT);
      painter.text(VALUE_LEFT, row * ROW + 16, text, FACES.sans, THEME.ink);
    });
    chips(painter, 2, BUTTONS.map((name) => [name, this.#buttons.includes(name)]));
    chips(painter, 4, LEDS.map(([name, flag]) => [name, (this.#leds & flag) !== 0]));
    painter.box({ left: 0, right: this.width, top: LIST_TOP, bottom: this.height }, 4, THEME.line);
    painter.box({ left: 1, right: this.width - 1, top: LIST_TOP + 1, bottom: this.height - 1 }, 3, THEME.paper);
    this.#events.forEach((line, i) => {
      painter.text(10, LIST_TOP + 7 + i * LIST_ROW + 13, line, FACES.mono, i === 0 ? THEME.accentInk : THEME.ink);
    });
  }

  override see({ input, keyboard, pointer, buttons }: Seen): void {
    switch (input.kind) {
      case "key":
        this.#event(
          `key     ${scancodeText(input.scancode)} ${input.down ? "down" : "up  "} ${keyName(input.scancode)}`,
        );
        break;
      case "button":
        this.#event(`button  ${input.button.toLowerCase()} ${input.down ? "down" : "up"}`);
        if ((input.button === "UP" || input.button === "DOWN") && input.down) {
          this.#wheel[input.button]++;
          this.#set("wheel", 3, `up ${this.#wheel.UP}, down ${this.#wheel.DOWN}`);
        }
        break;
      case "leds":
        this.#event(`leds    ${input.modifiers}`);
        break;
      case "resize":
        this.#event(`resize  head ${input.head + 1} to ${input.width} × ${input.height}`);
        break;
      case "motion":
        this.#set("motion", 1, `${signed(input.dx)}, ${signed(input.dy)}`);
        break;
      case "position":
        break;
    }
    this.#set("pointer", 0, `${pointer.x}, ${pointer.y} on head ${pointer.head + 1}`);
    const held = keyboard.down.map((key) => `${keyName(key)} (${scancodeText(key).trim()})`).join(", ");
    this.#set("held", 5, held === "" ? "none" : held);
    const down = BUTTONS.filter((name) => buttons.has(name));
    if (down.join() !== this.#buttons.join()) this.#row(2);
    this.#buttons = down;
    if (keyboard.leds !== this.#leds) this.#row(4);
    this.#leds = keyboard.leds;
  }

  #set(name: "pointer" | "motion" | "wheel" | "held", row: number, value: string): void {
    if (this.#values[name] === value) return;
    this.#values[name] = value;
    this.#row(row);
  }

  #row(row: number): void {
    this.damage(VALUE_LEFT - 2, row * ROW, this.width, (row + 1) * ROW);
  }

  #event(text: string): void {
    this.#events.unshift(`${String(++this.#count).padStart(4)}  ${text}`);
    this.#events.length = Math.min(this.#events.length, LIST_ROWS);
    this.damage(2, LIST_TOP + 4, this.width - 2, this.height - 4);
  }
}

/** Names in boxes, lit or not. */
function chips(painter: Painter, row: number, list: readonly (readonly [string, boolean])[]): void {
  let left = VALUE_LEFT;
  for (const [name, lit] of list) {
    const word = name[0] + name.slice(1).toLowerCase(), right = left + textWidth(FACES.sans, word) + 10;
    painter.box({ left, right, top: row * ROW + 2, bottom: row * ROW + 22 }, 5, lit ? THEME.accent : THEME.faint);
    painter.text(left + 5, row * ROW + 16, word, FACES.sans, lit ? THEME.ink : THEME.quiet);
    left = right + 5;
  }
}

function scancodeText(scancode: number): string {
  return scancode.toString(16).padStart(scancode > 0xff ? 4 : 2, "0").padEnd(4);
}

function signed(value: number): string {
  return value < 0 ? String(value) : `+${value}`;
}
