/** The pointer of a session, for programs: places on heads in both mouse modes, buttons, wheel and drags. */
import { ProtocolError } from "../protocol/errors.ts";
import { MouseMode } from "../protocol/messages/enums.ts";
import type { ButtonName } from "./core/inputs_channel.ts";
import type { InputDevice } from "./input_device.ts";
import type { Screen, ScreenHead } from "./screen.ts";

/** A place on a head, in its pixels. */
export interface Place {
  /** Column, from 0 at the left. */
  readonly x: number;
  /** Row, from 0 at the top. */
  readonly y: number;
}

/** Where and how the pointer acts. */
export interface PointerOptions {
  /** Number of the head. Default: 0. */
  readonly head?: number;
  /** Milliseconds after each press, release, wheel step and stage of a drag. Default: 20. */
  readonly delayMs?: number;
}

/** A click. */
export interface ClickOptions extends PointerOptions {
  /** Default: LEFT. */
  readonly button?: Exclude<ButtonName, "UP" | "DOWN">;
  /** 2 for a double click. Default: 1. */
  readonly count?: number;
}

/** Moves between the places of a drag. */
const DRAG_STAGES = 8;
/** Steps of a relative move before it is given up. */
const RELATIVE_TRIES = 200;
/** Steps without any effect before a relative move is given up. */
const RELATIVE_IDLE_TRIES = 10;
/** How long the guest may take to tell where a step led, milliseconds. A step of less than a pixel leads nowhere. */
const RELATIVE_MS = 150;
/** Pause between steps, milliseconds: a mouse reports a hundred times a second, and guests take faster steps for a jerk. */
const RELATIVE_PACE_MS = 10;
/** The longest step. A PS/2 mouse reports more than that in several parts, and the guest shows the cursor in between. */
const LONGEST_STEP = 127;
/** How long a new session may take to tell its heads and to answer for the mouse mode that it was asked for. */
const READY_MS = 2000;

/** Moves and clicks in the guest. */
export class Pointer {
  /** True once the server has had its time to answer for the mouse mode. */
  #modeKnown = false;

  readonly #device: InputDevice;
  readonly #screen: Screen;

  /** Made by `connect`, as a part of the session. */
  constructor(device: InputDevice, screen: Screen) {
    this.#device = device;
    this.#screen = screen;
  }

  /** `client`: the pointer goes where we say. `server`: the guest moves it by steps, at its own speed. */
  get mode(): "client" | "server" {
    return this.#device.core.main?.mouseMode === MouseMode.CLIENT ? "client" : "server";
  }

  /**
   * Moves to a place. In server mode the guest accelerates steps as it likes, so it goes in steps until the cursor that
   * the guest shows has arrived.
   * @throws {ProtocolError} `unexpected`: no such head; `timeout`: in server mode the guest shows no cursor or does not
   * let it arrive.
   */
  async move(place: Place, options: PointerOptions = {}): Promise<void> {
    const head = await this.#head(options.head ?? 0);
    const x = Math.trunc(place.x) + head.x, y = Math.trunc(place.y) + head.y;
    if (this.mode === "client") this.#device.inputs().moveTo(x, y, head.display);
    else await this.#moveRelative(head, x, y);
    await this.#device.settle();
  }

  /** Moves by a step as the guest understands it; only in server mode does that mean anything. */
  async moveBy(dx: number, dy: number): Promise<void> {
    this.#device.inputs().moveBy(Math.trunc(dx), Math.trunc(dy));
    await this.#device.settle();
  }

  /** Presses a button and leaves it down. */
  async down(button: ButtonName = "LEFT", options: PointerOptions = {}): Promise<void> {
    this.#device.inputs().press(button);
    await this.#device.pause(options.delayMs ?? 20);
  }

  /** Releases a button. */
  async up(button: ButtonName = "LEFT", options: PointerOptions = {}): Promise<void> {
    this.#device.inputs().release(button);
    await this.#device.pause(options.delayMs ?? 20);
  }

  /** Clicks where the pointer is, or at a place. */
  async click(place: Place | null, options: ClickOptions = {}): Promise<void> {
    if (place !== null) await this.move(place, options);
    for (let i = 0; i < (options.count ?? 1); i++) {
      await this.down(options.button, options);
      await this.up(options.button, options);
    }
    await this.#device.settle();
  }

  /** Presses at one place, moves in stages, releases at another. */
  async drag(from: Place, to: Place, options: ClickOptions = {}): Promise<void> {
    await this.move(from, options);
    await this.down(options.button, options);
    for (let stage = 1; stage <= DRAG_STAGES; stage++) {
      const part = stage / DRAG_STAGES;
      await this.move({ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }, options);
      await this.#device.pause(options.delayMs ?? 20);
    }
    await this.up(options.button, options);
    await this.#device.settle();
  }

  /** Turns the wheel. @param steps Down when positive, up when negative. */
  async wheel(steps: number, options: PointerOptions = {}): Promise<void> {
    const button = steps < 0 ? "UP" : "DOWN";
    for (let i = 0; i < Math.abs(steps); i++) {
      await this.down(button, options);
      await this.up(button, options);
    }
    await this.#device.settle();
  }

  /** A head, once a new session knows of it and of its mouse mode. */
  async #head(number: number): Promise<ScreenHead> {
    const pending = () => !this.#modeKnown && this.#device.core.main?.mouseModePending === true;
    await this.#eventually(READY_MS, () => this.#screen.heads[number] !== undefined && !pending());
    this.#modeKnown = true;
    const heads = this.#screen.heads;
    const head = heads[number];
    if (head !== undefined) return head;
    const detail = `there are ${heads.length} heads, numbered from 0`;
    throw new ProtocolError({ by: "local", code: "unexpected", action: "point at", message: `head ${number}`, detail });
  }

  async #moveRelative(head: ScreenHead, x: number, y: number): Promise<void> {
    const cursorNow = () => this.#device.core.cursors.get(head.display)?.cursor;
    for (let tries = 0, idle = 0; tries < RELATIVE_TRIES && idle < RELATIVE_IDLE_TRIES; tries++) {
      const cursor = cursorNow();
      if (cursor === undefined || cursor.image === null) break;
      const arrived = cursor.x === x && cursor.y === y;
      // A guest that was late once may have another step to show.
      if (arrived && idle === 0) return;
      if (!arrived) this.#device.inputs().moveBy(step(x - cursor.x), step(y - cursor.y));
      await this.#device.settle();
      await this.#eventually(RELATIVE_MS, () => cursorNow() !== cursor);
      await this.#device.pause(RELATIVE_PACE_MS);
      if (cursorNow() !== cursor) idle = 0;
      else if (arrived) return;
      else idle++;
    }
    const cursor = cursorNow();
    const detail = cursor?.image
      ? `the guest's cursor is at ${cursor.x}, ${cursor.y} and does not come to ${x}, ${y}`
      : "in server mouse mode the guest must show a cursor to be followed; a tablet or the agent gives client mode";
    throw new ProtocolError({ code: "timeout", action: "move", message: "the pointer", detail });
  }

  /** Resolves when `check` says so, at once or after an event, when the session is over, or after `ms`. */
  #eventually(ms: number, check: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      if (this.#device.core.closed || check()) return resolve();
      const finish = () => {
        clearTimeout(limit);
        stop();
        resolve();
      };
      const limit = setTimeout(finish, ms);
      const stop = this.#device.events.listen((event) => {
        if (event.type === "closed" || check()) finish();
      });
    });
  }
}

/**
 * How far to go for a distance. Guests make slow steps shorter and fast ones up to four times as long, so a third of
 * the way comes nearer with every step and hardly ever passes the place.
 */
function step(distance: number): number {
  const third = Math.trunc(distance / 3);
  return third === 0 ? Math.sign(distance) : Math.max(-LONGEST_STEP, Math.min(LONGEST_STEP, third));
}
