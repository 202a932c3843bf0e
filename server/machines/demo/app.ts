/** What a window holds. */
import type { Rect } from "../../../canvas/rect.ts";
import type { MachineButton, MachineInput } from "../../core/vdi.ts";
import type { CursorName } from "./cursors.ts";
import type { Keyboard } from "./keyboard.ts";
import type { Painter } from "./painter.ts";

/** What of an app's picture is no longer right, from the top left corner of its content. */
export type Change =
  /** Must be painted again. */
  | { readonly kind: "damage"; readonly area: Rect }
  /** What is inside the area moved up by some rows (down if negative); the rows that came free are to be painted. */
  | { readonly kind: "scroll"; readonly area: Rect; readonly rows: number };

/** Input as an app gets to see it. */
export interface Seen {
  readonly input: MachineInput;
  readonly keyboard: Keyboard;
  /** Where the pointer is. */
  readonly pointer: { readonly head: number; readonly x: number; readonly y: number };
  readonly buttons: ReadonlySet<MachineButton>;
}

/** The content of a window. Its size never changes. */
export abstract class App {
  abstract readonly title: string;
  abstract readonly width: number;
  abstract readonly height: number;
  #changes: Change[] = [];

  /** Paints all of it, from the origin; what is outside the painter's clip costs little. */
  abstract paint(painter: Painter): void;

  /** The pointer over a place of the content. */
  cursorAt(_x: number, _y: number): CursorName {
    return "arrow";
  }

  /** The left button went down on a place of the content. */
  press(_x: number, _y: number): void {}

  /** The wheel turned over the content: -1 up, 1 down. */
  wheel(_step: number): void {}

  /** A character, or the name of an editing key, while its window is in front. */
  stroke(_stroke: string): void {}

  /** Any input, wherever it goes; also while the window is closed. */
  see(_seen: Seen): void {}

  /** Something happened that a person may read about; also while the window is closed. */
  log(_line: string): void {}

  /** Time passed. @param nowMs Local time of day: milliseconds since 1970 as a clock on the wall shows them. */
  tick(_nowMs: number): void {}

  /** When the picture changes next; null for not by itself. @param nowMs As for {@link tick}. */
  wakeAt(_nowMs: number): number | null {
    return null;
  }

  /** What changed since the last call, in order. */
  takeChanges(): Change[] {
    const taken = this.#changes;
    this.#changes = [];
    return taken;
  }

  protected changed(change: Change): void {
    this.#changes.push(change);
  }

  protected damage(left: number, top: number, right: number, bottom: number): void {
    this.changed({ kind: "damage", area: { left, top, right, bottom } });
  }
}
