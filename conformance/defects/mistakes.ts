/** Mistakes that either end can make, when it writes or when it reads, and what defects are made of. */
import { DisplaySurfaceCreate } from "../../protocol/messages/display.ts";
import { DisplayCopyBits, DisplayDrawFill } from "../../protocol/messages/draw.ts";
import { InputsKeyDown, InputsMousePosition } from "../../protocol/messages/inputs.ts";
import type { Defect } from "./defect.ts";
import { change, type Tampering } from "./tamper.ts";

/** The code of an extended key in the wrong byte order. */
export const KEY_ORDER: Tampering = change("client", InputsKeyDown, ({ code }) => {
  return { code: code > 0xff ? (code & 0xff) << 8 | code >> 8 & 0xff : code };
});

/** x for y. */
export const PLACE_SWAPPED: Tampering = change("client", InputsMousePosition, (value) => {
  return { ...value, x: value.y, y: value.x };
});

/** Width for height. */
export const SURFACE_SIZE_SWAPPED: Tampering = change("server", DisplaySurfaceCreate, (value) => {
  return { ...value, width: value.height, height: value.width };
});

/** Left, top, right, bottom for top, left, bottom, right. */
export const RECT_ORDER: Tampering = change("server", DisplayDrawFill, (value) => {
  const { top, left, bottom, right } = value.base.box;
  return { ...value, base: { ...value.base, box: { top: left, left: top, bottom: right, right: bottom } } };
});

/** A brush's colour as BGR for RGB. */
export const FILL_COLOUR_ORDER: Tampering = change("server", DisplayDrawFill, (value) => {
  const { paint } = value.data.brush;
  if (paint.is !== "SOLID") return value;
  const color = (paint.value & 0xff) << 16 | paint.value & 0xff00 | paint.value >> 16 & 0xff;
  return { ...value, data: { ...value.data, brush: { paint: { is: "SOLID", value: color } as const } } };
});

/** A move from one row too low. */
export const COPY_BITS_SOURCE: Tampering = change("server", DisplayCopyBits, (value) => {
  return { ...value, srcPos: { ...value.srcPos, y: value.srcPos.y + 1 } };
});

/** A defect from its parts. */
export function defect(name: string, about: string, tampering: Tampering): Defect {
  return { name, about, tampering };
}

/** Other bytes at a place. */
export function patched(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}
