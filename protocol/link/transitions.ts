/** State machines as tables: all transitions in one place, and an unknown target state does not compile. */

/** State to (event to next state). */
export type Transitions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The states of a table. */
export type StateOf<T extends Transitions> = keyof T & string;

/** Checks at compile time that every target is a state of the same table. */
export function transitions<const T extends { readonly [S in keyof T]: Readonly<Record<string, keyof T & string>> }>(
  table: T,
): T {
  return table;
}

/**
 * @returns The state after `event`.
 * @throws {TypeError} The table has no such transition: the core that asks is wrong, not the peer.
 */
export function step<T extends Transitions>(table: T, state: StateOf<T>, event: string): StateOf<T> {
  const next = table[state]?.[event];
  if (next === undefined) throw new TypeError(`No transition from ${state} on ${event}`);
  return next;
}

/** The server side of the link handshake. */
export const SERVER_LINK = transitions({
  awaitHeader: { linkHeader: "awaitLinkMess", refused: "closed" },
  awaitLinkMess: { linkMess: "makingKey", refused: "closed" },
  makingKey: { replied: "awaitAuthMechanism", repliedNoAuthSelection: "awaitTicket", refused: "closed" },
  awaitAuthMechanism: { authSpice: "awaitTicket", refused: "closed" },
  awaitTicket: { ticket: "checkingTicket" },
  checkingTicket: { accepted: "linked", refused: "closed" },
  linked: {},
  closed: {},
});

/** The client side of the link handshake. */
export const CLIENT_LINK = transitions({
  awaitHeader: { linkHeader: "awaitReply", refused: "closed" },
  awaitReply: { reply: "encryptingTicket", refused: "closed" },
  encryptingTicket: { ticketSent: "awaitResult", refused: "closed" },
  awaitResult: { accepted: "linked", repliedAgain: "awaitReplyAgain", refused: "closed" },
  awaitReplyAgain: { refused: "closed" },
  linked: {},
  closed: {},
});
