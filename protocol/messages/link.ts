/** What goes over a connection before the first message, and the headers of messages after it. */
import { enumeration } from "../schema/enumeration.ts";
import {
  array,
  bytes,
  countOf,
  enumOf,
  type Infer,
  optionalPointer,
  struct,
  textBytes,
  u16,
  u32,
  u64,
  u8,
} from "../schema/wire.ts";
import { LinkErr } from "./enums.ts";

/** `REDQ`, the first four bytes each side sends, read as a little-endian number. Source: protocol.h SPICE_MAGIC. */
export const SPICE_MAGIC = 0x51444552;
/** Peers with another major version do not understand each other. Source: protocol.h SPICE_VERSION_MAJOR. */
export const SPICE_VERSION_MAJOR = 2;
/** Source: protocol.h SPICE_VERSION_MINOR. */
export const SPICE_VERSION_MINOR = 2;
/** Longest password in bytes, its NUL not counted. Source: protocol.h SPICE_MAX_PASSWORD_LENGTH. */
export const SPICE_MAX_PASSWORD_LENGTH = 60;
/** Bits of the ticket's RSA key. Source: protocol.h SPICE_TICKET_KEY_PAIR_LENGTH. */
export const SPICE_TICKET_KEY_PAIR_LENGTH = 1024;
/** Bytes of the public key, DER SubjectPublicKeyInfo. Source: protocol.h SPICE_TICKET_PUBKEY_BYTES. */
export const SPICE_TICKET_PUBKEY_BYTES = 162;
/** Bytes of the encrypted password. Source: protocol.h SpiceLinkEncryptedTicket. */
export const SPICE_TICKET_BYTES = 128;
/** Bytes of {@link SpiceLinkHeader}. */
export const LINK_HEADER_BYTES = 16;
/** Bytes of {@link SpiceDataHeader}. */
export const DATA_HEADER_BYTES = 18;
/** Bytes of {@link SpiceMiniDataHeader}. */
export const MINI_DATA_HEADER_BYTES = 6;
/** Longest name of a SASL mechanism, in bytes. Source: spice-server red-stream.cpp SASL_MAX_MECHNAME_LEN. */
export const SASL_MAX_MECHNAME_LEN = 100;
/** Longest list of SASL mechanisms, in bytes. Source: spice-gtk spice-channel.c SASL_MAX_MECHLIST_LEN. */
export const SASL_MAX_MECHLIST_LEN = 300;
/** Longest SASL data of one step, in bytes. Source: spice-server red-stream.cpp SASL_DATA_MAX_LEN. */
export const SASL_DATA_MAX_LEN = 1024 * 1024;

/** How the client proves who it is. The values are the bit numbers of the common capabilities. */
export const AuthMechanism = enumeration("auth_mechanism", 32, { SPICE: 1, SASL: 2 });

/** Precedes the link message and the link reply. */
export const SpiceLinkHeader = struct("SpiceLinkHeader", {
  magic: u32,
  majorVersion: u32,
  minorVersion: u32,
  size: u32,
}, { source: "protocol.h SpiceLinkHeader", notes: { size: "bytes that follow the header" } });
/** Value of {@link SpiceLinkHeader}. */
export type SpiceLinkHeader = Infer<typeof SpiceLinkHeader>;

/** The capability words behind a link message or reply: bit `n & 31` of word `n >> 5` is capability `n`. */
export const LinkCaps = struct("LinkCaps", {
  common: array(u32, "numCommonCaps"),
  channel: array(u32, "numChannelCaps"),
}, { source: "spice-server reds.cpp reds_handle_read_link_done" });
/** Value of {@link LinkCaps}. */
export type LinkCaps = Infer<typeof LinkCaps>;

/** The client's first words: which channel of which session it wants. */
export const SpiceLinkMess = struct("SpiceLinkMess", {
  connectionId: u32,
  channelType: u8,
  channelId: u8,
  numCommonCaps: countOf("caps.common"),
  numChannelCaps: countOf("caps.channel"),
  caps: optionalPointer(LinkCaps),
}, {
  source: "protocol.h SpiceLinkMess",
  notes: {
    connectionId: "0 opens a session; else the session_id of MAIN_INIT",
    caps: "null only without capabilities",
  },
  wire: { caps: "caps_offset" },
});
/** Value of {@link SpiceLinkMess}. */
export type SpiceLinkMess = Infer<typeof SpiceLinkMess>;

/** The server's answer to {@link SpiceLinkMess}. */
export const SpiceLinkReply = struct("SpiceLinkReply", {
  error: enumOf(LinkErr),
  pubKey: bytes(SPICE_TICKET_PUBKEY_BYTES),
  numCommonCaps: countOf("caps.common"),
  numChannelCaps: countOf("caps.channel"),
  caps: optionalPointer(LinkCaps),
}, {
  source: "protocol.h SpiceLinkReply",
  notes: {
    pubKey: "DER SubjectPublicKeyInfo; zeros with an error and when SASL will be used",
    caps: "null with an error",
  },
  wire: { caps: "caps_offset" },
});
/** Value of {@link SpiceLinkReply}. */
export type SpiceLinkReply = Infer<typeof SpiceLinkReply>;

/** The client's choice, when the server has the common capability PROTOCOL_AUTH_SELECTION. */
export const SpiceLinkAuthMechanism = struct("SpiceLinkAuthMechanism", {
  authMechanism: enumOf(AuthMechanism),
}, { source: "protocol.h SpiceLinkAuthMechanism" });
/** Value of {@link SpiceLinkAuthMechanism}. */
export type SpiceLinkAuthMechanism = Infer<typeof SpiceLinkAuthMechanism>;

/** The password with its NUL, encrypted with RSA-OAEP (SHA-1) for the key of {@link SpiceLinkReply}. */
export const SpiceLinkEncryptedTicket = struct("SpiceLinkEncryptedTicket", {
  encryptedData: bytes(SPICE_TICKET_BYTES),
}, { source: "protocol.h SpiceLinkEncryptedTicket" });
/** Value of {@link SpiceLinkEncryptedTicket}. */
export type SpiceLinkEncryptedTicket = Infer<typeof SpiceLinkEncryptedTicket>;

/** The server's last word of the link; after 0 come messages. */
export const SpiceLinkResult = struct("SpiceLinkResult", {
  error: enumOf(LinkErr),
}, { source: "spice-server reds.cpp reds_send_link_result" });
/** Value of {@link SpiceLinkResult}. */
export type SpiceLinkResult = Infer<typeof SpiceLinkResult>;

/** Precedes a message, when one side lacks the common capability MINI_HEADER. */
export const SpiceDataHeader = struct("SpiceDataHeader", {
  serial: u64,
  type: u16,
  size: u32,
  subList: u32,
}, {
  source: "protocol.h SpiceDataHeader",
  notes: {
    serial: "1 for the first message of a channel, then one more each",
    size: "bytes of the body",
    subList: "offset in the body of a SubMessageList, whose messages come before this one; 0 for none",
  },
});
/** Value of {@link SpiceDataHeader}. */
export type SpiceDataHeader = Infer<typeof SpiceDataHeader>;

/** Precedes a message, when both sides have the common capability MINI_HEADER. */
export const SpiceMiniDataHeader = struct("SpiceMiniDataHeader", {
  type: u16,
  size: u32,
}, { source: "protocol.h SpiceMiniDataHeader", notes: { size: "bytes of the body" } });
/** Value of {@link SpiceMiniDataHeader}. */
export type SpiceMiniDataHeader = Infer<typeof SpiceMiniDataHeader>;

/** Messages inside another: behind the `subList` of a full header, and the body of LIST. */
export const SpiceSubMessageList = struct("SpiceSubMessageList", {
  size: countOf("subMessages", u16),
  subMessages: array(u32, "size"),
}, {
  source: "protocol.h SpiceSubMessageList",
  notes: { subMessages: "offsets, from the start of the enclosing body, of a SubMessage each" },
});
/** Value of {@link SpiceSubMessageList}. */
export type SpiceSubMessageList = Infer<typeof SpiceSubMessageList>;

/** The header of a message inside another; its body of `size` bytes follows. */
export const SpiceSubMessage = struct("SpiceSubMessage", {
  type: u16,
  size: u32,
}, { source: "protocol.h SpiceSubMessage", notes: { size: "bytes of the body" } });
/** Value of {@link SpiceSubMessage}. */
export type SpiceSubMessage = Infer<typeof SpiceSubMessage>;

/** SASL: the server's list, as `,DIGEST-MD5,PLAIN,`, without NUL. */
export const SaslMechanisms = struct("SaslMechanisms", {
  mechlistlen: countOf("mechlist"),
  mechlist: textBytes("mechlistlen"),
}, { source: "spice-server red-stream.cpp red_sasl_start_auth" });
/** Value of {@link SaslMechanisms}. */
export type SaslMechanisms = Infer<typeof SaslMechanisms>;

/** SASL: the mechanism that the client chose, without NUL; a {@link SaslClientStep} follows at once. */
export const SaslMechanism = struct("SaslMechanism", {
  len: countOf("mechname"),
  mechname: textBytes("len"),
}, { source: "spice-server red-stream.cpp red_sasl_handle_auth_mechlen" });
/** Value of {@link SaslMechanism}. */
export type SaslMechanism = Infer<typeof SaslMechanism>;

/** SASL: data of the client. Empty is "no data"; else a NUL is appended, so that one byte is "empty data". */
export const SaslClientStep = struct("SaslClientStep", {
  len: countOf("data"),
  data: bytes("len"),
}, { source: "spice-server red-stream.cpp red_sasl_handle_auth_steplen" });
/** Value of {@link SaslClientStep}. */
export type SaslClientStep = Infer<typeof SaslClientStep>;

/** SASL: the server's answer to a {@link SaslClientStep}, its data under the same rule. */
export const SaslServerStep = struct("SaslServerStep", {
  len: countOf("data"),
  data: bytes("len"),
  complete: u8,
}, {
  source: "spice-server red-stream.cpp red_sasl_handle_auth_step",
  notes: { complete: "0: the client goes on; 1: a SpiceLinkResult follows" },
});
/** Value of {@link SaslServerStep}. */
export type SaslServerStep = Infer<typeof SaslServerStep>;

/** SASL: what follows a {@link SpiceLinkResult} of 1. */
export const SaslReject = struct("SaslReject", {
  len: countOf("reason"),
  reason: textBytes("len"),
}, { source: "spice-server red-stream.cpp red_sasl_handle_auth_step", notes: { reason: "with NUL" } });
/** Value of {@link SaslReject}. */
export type SaslReject = Infer<typeof SaslReject>;
