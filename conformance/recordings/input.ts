/** Input through spice-gtk, the same each time: every key, walks of the pointer, buttons, wheel, lock keys. */

import type { SpiceGtk } from "../peers/spice_gtk.ts";
import { pause } from "../peers/wait_until.ts";

/**
 * Presses every key that a PC keyboard has, with and without the prefix E0.
 *
 * @param gtk The client.
 * @param scancodes Which; all of them by default.
 */
export async function pressKeys(gtk: SpiceGtk, scancodes: readonly number[] = ALL_KEYS): Promise<void> {
  for (const scancode of scancodes) {
    await gtk.rpc.execute("press", { scancode });
    await gtk.rpc.execute("release", { scancode });
    await pause(5);
  }
}

/**
 * Moves the pointer to places on a curve, a button held now and then.
 *
 * @param gtk The client, in client mouse mode.
 * @param steps How many places.
 * @param size Of the screen, in pixels.
 */
export async function walkTo(gtk: SpiceGtk, steps: number, size: { width: number; height: number }): Promise<void> {
  for (let i = 0; i < steps; i++) {
    const x = Math.round((0.5 + 0.45 * Math.sin(i / 17)) * size.width);
    const y = Math.round((0.5 + 0.45 * Math.cos(i / 23)) * size.height);
    await gtk.rpc.execute("position", { x, y, buttons: i % 40 > 30 ? 1 : 0 });
    await pause(4);
  }
}

/**
 * Moves the pointer by steps.
 *
 * @param gtk The client, in server mouse mode.
 * @param steps How many.
 */
export async function walkBy(gtk: SpiceGtk, steps: number): Promise<void> {
  for (let i = 0; i < steps; i++) {
    const x = Math.round(9 * Math.sin(i / 7)), y = Math.round(9 * Math.cos(i / 11));
    await gtk.rpc.execute("motion", { x, y, buttons: 0 });
    await pause(4);
  }
}

/**
 * Presses each button, and turns the wheel both ways.
 *
 * @param gtk The client.
 * @param buttons Which, as members of SPICE_MOUSE_BUTTON; left, middle, right, up, down, side, extra by default.
 */
export async function pressButtons(gtk: SpiceGtk, buttons: readonly number[] = [1, 2, 3, 4, 5, 6, 7]): Promise<void> {
  for (const button of buttons) {
    await gtk.rpc.execute("button", { button, buttons: 1 << (button - 1), down: true });
    await gtk.rpc.execute("button", { button, buttons: 0, down: false });
    await pause(10);
  }
}

/**
 * Asks for each set of lock keys.
 *
 * @param gtk The client.
 */
export async function switchLocks(gtk: SpiceGtk): Promise<void> {
  for (const locks of [1, 2, 4, 7, 5, 0]) {
    await gtk.rpc.execute("set_locks", { locks });
    await pause(30);
  }
}

/** Every scan code of set 1: 01 to 58, then those with the prefix E0, as spice-gtk takes them. */
const ALL_KEYS: readonly number[] = [
  ...Array.from({ length: 0x58 }, (_, i) => 1 + i),
  ...[0x11c, 0x11d, 0x135, 0x137, 0x138, 0x147, 0x148, 0x149, 0x14b, 0x14d, 0x14f, 0x150, 0x151, 0x152, 0x153],
  ...[0x15b, 0x15c, 0x15d],
];
