/** The connections of a server: how many there may be, and until when they must have linked. */
import { ProtocolError } from "../../protocol/errors.ts";
import type { Connection } from "./connection.ts";
import type { Ticket } from "./ticket.ts";
import type { Viewer } from "./viewer.ts";

/** A connection, where it comes from, and until when its link must be done. */
export interface Member {
  /** A number that no other connection has. */
  readonly number: number;
  readonly connection: Connection;
  readonly address: string;
  readonly deadlineMs: number;
  /** The question that asked for its ticket key; `null` before. */
  keyId: number | null;
  /** Random bits that came with the key. */
  random: number;
  viewer: Viewer | null;
  /** What let it in; `null` before. */
  ticket: Ticket | null;
}

/** How many connections there may be. */
export interface MemberLimits {
  /** Most connections of one address. Default: 512. */
  readonly maxConnectionsPerAddress?: number;
  /** Most connections whose link is not done; the oldest makes room for one more. Default: 128. */
  readonly maxHalfOpen?: number;
}

/** All connections, oldest first. */
export class Members {
  readonly #members = new Map<number, Member>();
  readonly #ofAddress: number;
  readonly #halfOpen: number;

  constructor({ maxConnectionsPerAddress = 512, maxHalfOpen = 128 }: MemberLimits) {
    this.#ofAddress = maxConnectionsPerAddress;
    this.#halfOpen = maxHalfOpen;
  }

  get size(): number {
    return this.#members.size;
  }

  /** The connection of a number. */
  get(number: number): Member | undefined {
    return this.#members.get(number);
  }

  /** All of them; others may come and go while they are looked at. */
  all(): readonly Member[] {
    return [...this.#members.values()];
  }

  add(member: Member): void {
    this.#members.set(member.number, member);
  }

  /** @returns False when it was not there. */
  delete(number: number): boolean {
    return this.#members.delete(number);
  }

  /** Why one more connection of an address is too many; `null` when it is not. */
  refusal(address: string): ProtocolError | null {
    const count = this.all().filter((member) => member.address === address).length;
    return count < this.#ofAddress ? null : tooMany("accept", `${count} connections of this address`);
  }

  /**
   * Who must go so that one more may come, and why: who says nothing makes room, so that connections that wait for ever
   * keep nobody out.
   */
  crowdedOut(): { readonly member: Member; readonly error: ProtocolError } | null {
    const halfOpen = this.#waiting(), [member] = halfOpen;
    if (member === undefined || halfOpen.length < this.#halfOpen) return null;
    return {
      member,
      error: tooMany("keep", `${halfOpen.length} connections that have not linked, of which it is the oldest`),
    };
  }

  /** Those whose time to link is over. */
  late(nowMs: number): readonly Member[] {
    return this.#waiting().filter(({ deadlineMs }) => nowMs >= deadlineMs);
  }

  /** When the next one's time to link is over; `null` when all have linked. */
  get nextDeadlineMs(): number | null {
    const waiting = this.#waiting();
    return waiting.length === 0 ? null : Math.min(...waiting.map(({ deadlineMs }) => deadlineMs));
  }

  #waiting(): Member[] {
    return this.all().filter(({ connection }) => !connection.linked);
  }
}

function tooMany(action: string, detail: string): ProtocolError {
  return new ProtocolError({ code: "too-large", action, message: "a connection", detail });
}
