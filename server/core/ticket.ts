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

/** Whether a password, `null` for one that did not decrypt, is the ticket's; its time is not looked at. */
export function opens(ticket: Ticket, password: Uint8Array | null): boolean {
  return ticket.password === null || (password !== null && equal(ticket.password, password));
}

/** Whether a ticket still lets viewers in. */
export function isValid({ untilMs }: Ticket, nowMs: number): boolean {
  return untilMs === null || nowMs <= untilMs;
}

/** Compares without telling by its time where the difference is. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) difference |= (a[i] ?? 0) ^ b[i]!;
  return difference === 0;
}
