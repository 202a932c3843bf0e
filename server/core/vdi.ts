/**
 * The seam between a machine and the server: what a machine shows, and what it is given.
 *
 * The name is SPICE's (virtual device interface). Heads are numbered from 0; each head is one display channel and one
 * cursor channel.
 */
import type { CursorShape } from "../../canvas/cursor.ts";
import type { Point, Rect } from "../../canvas/rect.ts";

/** Something drawn on a head. Areas are cut to the head. */
export type Drawable =
  /** New pixels, 0x00RRGGBB, row by row from the top; the server finds out what of them is new. They are copied. */
  | { readonly kind: "pixels"; readonly area: Rect; readonly pixels: Uint32Array }
  /** One colour, 0x00RRGGBB. */
  | { readonly kind: "fill"; readonly area: Rect; readonly color: number }
  /** The pixels at `from` move to `area`; the two may overlap. */
  | { readonly kind: "copy"; readonly area: Rect; readonly from: Point };

/** The pointer that the machine shows on a head. */
export interface MachineCursor {
  /** `null`: the machine has no shape of its own to show. */
  readonly shape: CursorShape | null;
  /** False while hidden. */
  readonly visible: boolean;
  /** Place of the hot spot, when the machine tells it; it is needed in server mouse mode. */
  readonly at: Point | null;
}

/** Which pointer devices the machine has. */
export interface MouseModes {
  /** A tablet: places can be sent (client mouse mode). */
  readonly absolute: boolean;
  /** A mouse: steps can be sent (server mouse mode). */
  readonly relative: boolean;
}

/** What a machine tells its server. Calls take effect in order. */
export interface Vdi {
  /** Name and UUID (16 bytes) that viewers are told. */
  identity(name: string | null, uuid: Uint8Array | null): void;
  /** A head appears, changes its size in pixels (its picture is then black), or goes away. */
  head(head: number, size: { readonly width: number; readonly height: number } | null): void;
  /** Whether a head takes other sizes, see `resize` of {@link MachineInput}; at first it does not. */
  resizable(head: number, can: boolean): void;
  /** Something was drawn on a head. */
  draw(head: number, drawable: Drawable): void;
  /**
   * The machine is in the middle of a picture, or has finished it. Small parts of a picture wait for the rest, so that
   * viewers see it whole and in few messages; a machine that never says so is always shown as it is.
   */
  drawing(head: number, going: boolean): void;
  /** The pointer of a head is now so. */
  cursor(head: number, cursor: MachineCursor): void;
  /** Keyboard LEDs: flags of `KeyboardModifierFlags`. */
  leds(modifiers: number): void;
  /** The machine has these pointer devices now. */
  mouseModes(modes: MouseModes): void;
}

/** A mouse button by its wire name; UP and DOWN are steps of the wheel. */
export type MachineButton = "LEFT" | "MIDDLE" | "RIGHT" | "UP" | "DOWN" | "SIDE" | "EXTRA";

/** What viewers do to a machine. */
export type MachineInput =
  /** Set 1 scancode, 0xe0xx for extended keys. */
  | { readonly kind: "key"; readonly scancode: number; readonly down: boolean }
  /** The pointer is at a place of a head, in its pixels. */
  | { readonly kind: "position"; readonly head: number; readonly x: number; readonly y: number }
  | { readonly kind: "motion"; readonly dx: number; readonly dy: number }
  | { readonly kind: "button"; readonly button: MachineButton; readonly down: boolean }
  /** A viewer wants the lock keys so: flags of `KeyboardModifierFlags`. */
  | { readonly kind: "leds"; readonly modifiers: number }
  /** A viewer wants the head to have this size, in pixels; 0 × 0 to be off. */
  | { readonly kind: "resize"; readonly head: number; readonly width: number; readonly height: number };

/** A machine that a server shows. One contract test serves every implementation. */
export interface Machine {
  /**
   * Begins to show itself; resolves when the first heads are there.
   * @param ended Called once when the machine ends by itself, with what a person should know.
   */
  start(vdi: Vdi, ended: (last: MachineEnd) => void): Promise<void>;
  /** Takes input. It must not throw; what the machine cannot take is dropped. */
  input(input: MachineInput): void;
  /** Someone watches, or nobody does: a machine may rest in between. */
  watched(viewers: number): void;
  /** Ends it; resolves when nothing of it is left. */
  stop(): Promise<void>;
}

/** How a machine ended. */
export interface MachineEnd {
  /** Exit code of its process; `null` when it has none. */
  readonly code: number | null;
  /** For people: its last words, or what went wrong. */
  readonly message: string;
}
