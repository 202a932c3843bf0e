/** What a VNC session asks of its driver, and what it has to tell. */
import type { CursorShape } from "../../../canvas/cursor.ts";
import type { Point, Rect } from "../../../canvas/rect.ts";
import type { RfbError } from "./rfb_error.ts";

/** One thing to do or to know, in order. */
export type RfbOutput =
  /** Write in order. */
  | { readonly do: "send"; readonly bytes: Uint8Array }
  /** Answer with `RfbCore.answer`. */
  | { readonly do: "challenge"; readonly challenge: Uint8Array }
  /** The handshake is over. A side may be 0: no picture yet. */
  | { readonly do: "ready"; readonly name: string; readonly width: number; readonly height: number }
  | { readonly do: "size"; readonly width: number; readonly height: number }
  /** New pixels, 0x??RRGGBB: what stands in the upper byte is the server's. Valid until the next poll. */
  | { readonly do: "pixels"; readonly area: Rect; readonly pixels: Uint32Array }
  | { readonly do: "copy"; readonly area: Rect; readonly from: Point }
  /** `null`: no pointer is to be shown. */
  | { readonly do: "cursor"; readonly shape: CursorShape | null }
  | { readonly do: "pointer"; readonly absolute: boolean }
  /** Flags of `KeyboardModifierFlags`. */
  | { readonly do: "leds"; readonly modifiers: number }
  | { readonly do: "bell" }
  /** Whether the server takes other sizes; not told before it is known. */
  | { readonly do: "resizable"; readonly can: boolean }
  /** The answer to a size that was asked for. */
  | { readonly do: "size-answer"; readonly accepted: boolean; readonly detail: string }
  /** An update of the picture begins, or has ended. */
  | { readonly do: "updating" }
  | { readonly do: "updated" }
  /** Close the connection. Nothing follows. */
  | { readonly do: "close"; readonly error: RfbError };

/** Takes an output; the parts of a session are given it. */
export type TellRfb = (output: RfbOutput) => void;
