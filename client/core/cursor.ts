/** The pointer of a display channel. */
import type { CursorShape } from "../../canvas/cursor.ts";

/** The pointer as the guest wants it shown. */
export interface Cursor {
  /** `null` while no shape has come, or when the guest has none. */
  readonly image: CursorShape | null;
  /** False while hidden. */
  readonly visible: boolean;
  /** Column of the hot spot on its display; it follows the guest in server mouse mode. */
  readonly x: number;
  /** Row of the hot spot. */
  readonly y: number;
}
