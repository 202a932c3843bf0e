/**
 * Reads a handshake from what both sides said, one that fails and one with SASL included, and tells what it covers.
 *
 * Source: spice-server reds.cpp reds_handle_new_link, red-stream.cpp red_sasl_start_auth and following.
 */
import { CommonCap, hasCap } from "../../protocol/capabilities.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { channelByType } from "../../protocol/messages/channels.ts";
import {
  AuthMechanism,
  LINK_HEADER_BYTES,
  SaslClientStep,
  SaslMechanism,
  SaslMechanisms,
  SaslReject,
  SaslServerStep,
  SPICE_MAGIC,
  SPICE_TICKET_BYTES,
  SpiceLinkAuthMechanism,
  SpiceLinkEncryptedTicket,
  SpiceLinkHeader,
  SpiceLinkMess,
  SpiceLinkReply,
  SpiceLinkResult,
} from "../../protocol/messages/link.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { concat } from "../../protocol/schema/encode.ts";
import type { Channel, Sender } from "../../protocol/schema/message.ts";
import type { Infer, StructNode, Typed } from "../../protocol/schema/wire.ts";
import { asksForSeal } from "../captured_link.ts";
import { markCapabilities } from "./capability_items.ts";
import { markLink, markLinkMess } from "./link_items.ts";

/** Bytes that are needed next. */
export interface Want {
  readonly from: Sender;
  readonly bytes: number;
}

/** What messages follow a handshake. */
export interface Linked {
  readonly channel: Channel;
  readonly channelId: number;
  /** The session that the client says it is in; 0 where one begins. */
  readonly connectionId: number;
  readonly headers: "full" | "mini";
}

/** Asks for bytes until the handshake is over; `null` when no messages follow it. */
export type Handshake = Generator<Want, Linked | null, Uint8Array>;

/** The longest link message or reply that a server reads. Source: spice-server reds.cpp. */
const MOST_BYTES = 4096;

/**
 * @param tell Told of each item as it is covered.
 * @param changed Sides whose link message or reply the recorder changed: those two cover nothing then.
 */
export function* handshake(
  tell: (from: Sender, addresses: readonly string[]) => void,
  changed: ReadonlySet<Sender> = new Set(),
): Handshake {
  const tellOfLink = (from: Sender, addresses: readonly string[]) => {
    if (!changed.has(from)) tell(from, addresses);
  };
  /** A reply, the first or one that takes it back. */
  function* readReply(size: number): Generator<Want, SpiceLinkReply, Uint8Array> {
    const reply = decode(SpiceLinkReply, yield { from: "server", bytes: size });
    tellOfLink("server", markLink("server", SpiceLinkReply, reply));
    return reply;
  }
  function* read<T>(from: Sender, struct: StructNode & Typed<T>, size: number): Generator<Want, T, Uint8Array> {
    const value = decode(struct, yield { from, bytes: size });
    tell(from, markLink(from, struct, value));
    return value;
  }
  /** A u32 of bytes, then the bytes, then `more`. */
  function* readLong<T>(from: Sender, struct: StructNode & Typed<T>, more = 0): Generator<Want, T, Uint8Array> {
    const head = yield { from, bytes: 4 };
    const size = new DataView(head.buffer, head.byteOffset).getUint32(0, true);
    const value = decode(struct, concat([head, yield { from, bytes: size + more }]));
    tell(from, markLink(from, struct, value));
    return value;
  }

  // The server answers every link message, a damaged one too, and by then all of the client's that matters has come.
  const replyHead = decode(SpiceLinkHeader, yield { from: "server", bytes: LINK_HEADER_BYTES });
  const reply = yield* readReply(replyHead.size);
  const mess = yield* readMess(reply.error === 0);
  if (mess !== null) tellOfLink("client", markLinkMess(mess));
  const channel = mess === null ? undefined : channelByType(mess.channelType);
  if (mess === null || channel === undefined || reply.error !== 0) return null;
  tellOfLink("client", markCapabilities(channel, "client", mess.caps));
  tellOfLink("server", markCapabilities(channel, "server", reply.caps));

  const both = (cap: number) => hasCap(mess.caps?.common ?? [], cap) && hasCap(reply.caps?.common ?? [], cap);
  const chosen = both(CommonCap.PROTOCOL_AUTH_SELECTION)
    ? (yield* read("client", SpiceLinkAuthMechanism, 4)).authMechanism
    : null;
  tell("client", [`link/auth-selection=${chosen === null ? "absent" : "present"}`]);
  let sealed = false;
  if (chosen === AuthMechanism.SASL) {
    yield* readLong("server", SaslMechanisms);
    const { mechname } = yield* readLong("client", SaslMechanism);
    do {
      const { data } = yield* readLong("client", SaslClientStep);
      sealed ||= asksForSeal(new TextDecoder("latin1").decode(mechname), data);
    } while ((yield* readLong("server", SaslServerStep, 1)).complete === 0);
  } else if (chosen === null || chosen === AuthMechanism.SPICE) {
    yield* read("client", SpiceLinkEncryptedTicket, SPICE_TICKET_BYTES);
  }
  const last = yield { from: "server", bytes: 4 };
  if (new DataView(last.buffer, last.byteOffset).getUint32(0, true) === SPICE_MAGIC) {
    const rest = yield { from: "server", bytes: LINK_HEADER_BYTES - 4 };
    yield* readReply(decode(SpiceLinkHeader, concat([last, rest])).size);
    return null;
  }
  const result = decode(SpiceLinkResult, last);
  tell("server", markLink("server", SpiceLinkResult, result));
  if (result.error !== 0 && chosen === AuthMechanism.SASL) yield* readLong("server", SaslReject);
  // What SASL encrypts cannot be read.
  if (result.error !== 0 || sealed) return null;
  const { channelId, connectionId } = mess;
  return { channel, channelId, connectionId, headers: both(CommonCap.MINI_HEADER) ? "mini" : "full" };
}

/** What the client asked for; `null` when it is no link message, or the server refused it before it was whole. */
function* readMess(needed: boolean): Generator<Want, Infer<typeof SpiceLinkMess> | null, Uint8Array> {
  try {
    const { magic, size } = decode(SpiceLinkHeader, yield { from: "client", bytes: LINK_HEADER_BYTES });
    if (magic !== SPICE_MAGIC || size > MOST_BYTES) return null;
    return decode(SpiceLinkMess, yield { from: "client", bytes: size });
  } catch (error) {
    if (needed || !(error instanceof ProtocolError)) throw error;
    return null;
  }
}
