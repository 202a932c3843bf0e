/** The forms of a cursor: its type, and whether it is kept, was kept before, or neither. */
import { CursorFlags, CursorType } from "../../protocol/messages/enums.ts";
import type { Cursor } from "../../protocol/messages/cursor.ts";
import { nameOf } from "../../protocol/schema/enumeration.ts";
import { sendable } from "./facets.ts";

const NONE = "cursor-shape/NONE";

/** The items of cursors, as `cursor-shape/ALPHA/CACHE_ME`. */
export function cursorForms(): string[] {
  const shapes = sendable(CursorType).flatMap(([type]) =>
    ["uncached", "CACHE_ME", "FROM_CACHE"].map((cache) => `cursor-shape/${type}/${cache}`)
  );
  return [NONE, ...shapes];
}

/** @returns One of {@link cursorForms}, or `null` for a cursor of a type that is not known. */
export function cursorForm({ header, flags }: Cursor): string | null {
  if (header === null) return NONE;
  const cache = (flags & CursorFlags.FROM_CACHE) !== 0
    ? "FROM_CACHE"
    : (flags & CursorFlags.CACHE_ME) !== 0
    ? "CACHE_ME"
    : "uncached";
  const form = `cursor-shape/${nameOf(CursorType, header.type)}/${cache}`;
  return FORMS.has(form) ? form : null;
}

const FORMS: ReadonlySet<string> = new Set(cursorForms());
