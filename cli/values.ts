/** Values of a command line. Each function throws a `UsageError` that says what it wants. */
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

/**
 * @param choices What may be said, in lower case.
 * @returns The one of `choices` that was said, in any case.
 */
export function parseChoice<const C extends string>(what: string, text: string, choices: readonly C[]): C {
  const found = choices.find((choice) => choice === text.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError(`${what}: want ${choices.join(", ")}, not "${text}"`);
}
