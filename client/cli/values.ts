/** Values of the client's command line: places and regions. Each function throws a `UsageError` that says what it wants. */
import type { Rect } from "../../canvas/rect.ts";
import { UsageError } from "../../cli/usage_error.ts";
import type { Place } from "../pointer.ts";

/** @param text `X,Y`, in pixels from the upper left corner of the head. */
export function parsePlace(what: string, text: string): Place {
  const [, x, y] = /^(\d{1,5}),(\d{1,5})$/.exec(text) ?? [];
  if (x !== undefined && y !== undefined) return { x: Number(x), y: Number(y) };
  throw new UsageError(`${what}: want X,Y in pixels from the upper left corner, as 320,200, not "${text}"`);
}

/** @param text `X,Y,W,H`: place and size, in pixels of the head. */
export function parseRegion(what: string, text: string): Rect {
  const numbers = /^\d{1,5}(,\d{1,5}){3}$/.test(text) ? text.split(",").map(Number) : [];
  const [left = 0, top = 0, width = 0, height = 0] = numbers;
  if (width > 0 && height > 0) return { left, top, right: left + width, bottom: top + height };
  throw new UsageError(`${what}: want X,Y,WIDTH,HEIGHT in pixels, as 0,0,320,200, not "${text}"`);
}
