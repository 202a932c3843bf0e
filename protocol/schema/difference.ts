/** One place where our declarations and a reference definition do not say the same. */

/**
 * What differs.
 *
 * - `channel`, `message`, `enumeration`, `member`: one side lacks it.
 * - `channel-type`, `id`, `value`: its number.
 * - `field`: one side lacks it. `name`, `order`: it is there under another name, or at another place.
 * - `kind`: an integer here, bytes, a pointer or a switch there.
 * - `width`, `sign`, `byte-order`, `enumeration-of`: of an integer; `width` also of an enumeration.
 * - `flags`: an enumeration here, a set of flags there.
 * - `length`: of bytes or an array. `null`: whether a pointer may be null. `target-order`: when its target is written.
 * - `selector`: the field that a switch reads. `case`: what one value of it selects.
 * - `unused`: an allowed difference that does not occur.
 */
export type DifferenceKind =
  | "channel"
  | "channel-type"
  | "message"
  | "id"
  | "field"
  | "name"
  | "order"
  | "kind"
  | "width"
  | "sign"
  | "byte-order"
  | "enumeration-of"
  | "flags"
  | "length"
  | "null"
  | "target-order"
  | "selector"
  | "case"
  | "enumeration"
  | "member"
  | "value"
  | "unused";

/** A difference. */
export interface Difference {
  /** What differs. */
  readonly kind: DifferenceKind;
  /** Where, as `display server DISPLAY_DRAW_COPY data.srcBitmap`. */
  readonly at: string;
  /** What our declaration says. */
  readonly ours: string;
  /** What the definition says. */
  readonly theirs: string;
}

/** A difference that is meant. */
export interface Allowed {
  /** What differs. */
  readonly kind: DifferenceKind;
  /** Where; `*` stands for any text. */
  readonly at: string;
  /** Why it is meant. */
  readonly reason: string;
}

/** @returns One line for people. */
export function differenceText({ kind, at, ours, theirs }: Difference): string {
  return `${at}: ${kind}: ours ${ours}, theirs ${theirs}`;
}

/** @returns The differences that are not allowed, and one for each allowed one that did not occur. */
export function withoutAllowed(found: readonly Difference[], allowed: readonly Allowed[]): Difference[] {
  const matches = (difference: Difference, { kind, at }: Allowed) =>
    difference.kind === kind && fits(difference.at, at);
  return [
    ...found.filter((difference) => !allowed.some((one) => matches(difference, one))),
    ...allowed.filter((one) => !found.some((difference) => matches(difference, one))).map(({ at, reason }) => ({
      kind: "unused" as const,
      at,
      ours: `allowed, since ${reason}`,
      theirs: "no difference",
    })),
  ];
}

function fits(at: string, pattern: string): boolean {
  const pieces = pattern.split("*").map((piece) => piece.replace(/[^\w ]/g, "\\$&"));
  return new RegExp(`^${pieces.join(".*")}$`).test(at);
}
