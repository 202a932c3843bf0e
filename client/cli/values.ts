/** Values of the command line: numbers, places, regions. Each function throws a `UsageError` that says what it wants. */
import type { Rect } from "../../canvas/rect.ts";
import type { Place } from "../pointer.ts";
import { UsageError } from "./usage_error.ts";

/**
 * @param what Name of the option or argument, for the error.
 * @param text A decimal number.
 * @param least Smallest value.
 * @param most Largest value.
 * @returns The number.
 */
export function parseInteger(what: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^-?\d{1,15}$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`${what}: want a whole number from ${least} to ${most}, not "${text}"`);
}

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

/**
 * @param choices What may be said, in lower case.
 * @returns The one of `choices` that was said, in any case.
 */
export function parseChoice<const C extends string>(what: string, text: string, choices: readonly C[]): C {
  const found = choices.find((choice) => choice === text.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError(`${what}: want ${choices.join(", ")}, not "${text}"`);
}
