/** The structures of a captured handshake, one by one. */
import {
  SpiceLinkAuthMechanism,
  SpiceLinkEncryptedTicket,
  SpiceLinkHeader,
  SpiceLinkMess,
  SpiceLinkReply,
  SpiceLinkResult,
} from "../protocol/messages/link.ts";
import type { Sender } from "../protocol/schema/message.ts";
import type { StructNode, Wire } from "../protocol/schema/wire.ts";
import type { CapturedConnection } from "./capture.ts";

/** A structure of the handshake. */
export interface LinkPart {
  readonly from: Sender;
  /** Offset in the sender's stream. */
  readonly offset: number;
  readonly wire: StructNode & Wire<unknown>;
  readonly bytes: Uint8Array;
}

/** @returns Who sends which structures in a handshake with tickets, in order. */
export function linkParts({ streams, link }: Pick<CapturedConnection, "streams" | "link">): LinkPart[] {
  const parts: Readonly<Record<Sender, readonly (StructNode & Wire<unknown>)[]>> = {
    client: [
      SpiceLinkHeader,
      SpiceLinkMess,
      ...(link.authMechanism === null ? [] : [SpiceLinkAuthMechanism]),
      SpiceLinkEncryptedTicket,
    ],
    server: [SpiceLinkHeader, SpiceLinkReply, SpiceLinkResult],
  };
  return (["client", "server"] as const).flatMap((from) => {
    let offset = 0;
    // All but the second have one size; the second takes what is left of the handshake.
    const fixed = parts[from].reduce((sum, { min }, i) => i === 1 ? sum : sum + min, 0);
    return parts[from].map((wire, i): LinkPart => {
      const start = offset, length = i === 1 ? link.bytes[from] - fixed : wire.min;
      offset += length;
      return { from, offset: start, wire, bytes: streams[from].subarray(start, offset) };
    });
  });
}
