/** The one error of the keyboard: a name or a character that leads to no key. */

/**
 * What is wrong, as a stable word.
 *
 * - `unknown-key`: no key has this name.
 * - `unknown-layout`: no layout has this name.
 * - `untypable`: the layout has no keys that give this text.
 */
export type KeyboardErrorCode = "unknown-key" | "unknown-layout" | "untypable";

/** A character that a layout cannot type. */
export interface Untypable {
  /** The character. */
  readonly char: string;
  /** Where it stands in the text, in UTF-16 units. */
  readonly index: number;
}

/** A name or a text that does not lead to keys. */
export class KeyboardError extends RangeError {
  /** Always `KeyboardError`. */
  override readonly name = "KeyboardError";

  /** Makes the error; the suggestions are added to its text. */
  constructor(
    /** The stable word to branch on. */
    readonly code: KeyboardErrorCode,
    message: string,
    /** Known names that are near to the unknown one, best first; empty for `untypable`. */
    readonly suggestions: readonly string[] = [],
    /** Every character that cannot be typed, in order; empty for the other codes. */
    readonly untypable: readonly Untypable[] = [],
  ) {
    super(suggestions.length === 0 ? message : `${message} (did you mean ${suggestions.join(", ")}?)`);
  }
}
