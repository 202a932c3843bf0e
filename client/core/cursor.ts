/** The pointer of a display channel. */
import type { CursorShape } from "../../canvas/cursor.ts";

/** The pointer as the guest wants it shown. */
export interface Cursor {
  /** `null` while no shape has come, or when the guest has none. */
  readonly image: CursorShape | null;
  /** False while hidden. */
  readonly visible: boolean;
  /** Place of the hot spot; it follows the guest in server mouse mode, and the client draws it there. */
  readonly x: number;
  readonly y: number;
}
