/** What lets viewers in. */

/** What a viewer may do: see and steer, or only see. */
export type Role = "control" | "view";

/** A password and what it lets a viewer do. */
export interface Ticket {
  /** UTF-8, at most 60 bytes; `null` lets everyone in. */
  readonly password: Uint8Array | null;
  /** What it lets a viewer do. */
  readonly role: Role;
  /** When it expires, on the clock of `nowMs`; `null` for never. */
  readonly untilMs: number | null;
}
