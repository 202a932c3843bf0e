/** The SpiceLinkReply of a server. */
import { CommonCap, hasCap } from "../../../protocol/capabilities.ts";
import { LinkErr } from "../../../protocol/messages/enums.ts";
import { SPICE_VERSION_MAJOR, SPICE_VERSION_MINOR, SpiceLinkReply } from "../../../protocol/messages/link.ts";
import { group } from "../../suite/case.ts";
import { answerTo } from "../../suite/refusal.ts";
import { type LinkOutcome, readReply, type ServerPeer, withHeader } from "../../suite/server_peer.ts";
import { linkBytes } from "../../suite/server_peer.ts";
import { fail, lacks, lax, must, mustEqual } from "../../suite/verdict.ts";

/** What stands before the modulus of a key of 1024 bits, and behind it. Source: RFC 5280 4.1.2.7, RFC 8017 A.1.1. */
const KEY_HEAD = "30819f300d06092a864886f70d010101050003818d0030818902818100", KEY_TAIL = "0203010001";

export const reply = group("link/reply", "Link handshake: reply")
  .server("version", {
    title: "says that it speaks version 2.2",
    requirement: "The server MUST begin its reply with REDQ, major version 2 and minor version 2",
    source: "spice-server reds.cpp reds_send_link_ack, spice-protocol protocol.h SPICE_VERSION_MAJOR",
    level: "must",
    run: async (peer) => {
      const { header } = await replied(peer);
      mustEqual(header!.majorVersion, SPICE_VERSION_MAJOR, "the major version");
      mustEqual(header!.minorVersion, SPICE_VERSION_MINOR, "the minor version");
    },
  })
  .server("size", {
    title: "sends a reply that is as long as it says, and no longer than it needs",
    requirement: "The server MUST count fields and capability words in the size of its reply",
    source: "spice-server reds.cpp reds_send_link_ack",
    level: "must",
    run: async (peer) => {
      const { body, wire } = await replied(peer), view = viewOf(body!);
      const words = view.getUint32(166, true) + view.getUint32(170, true), offset = view.getUint32(174, true);
      must(offset + 4 * words <= body!.length, `${words} words at ${offset} do not fit in ${body!.length} bytes`);
      must(words === 0 || offset >= SpiceLinkReply.min, `the words at ${offset} overlap the fields`);
      // The server waits for the ticket now.
      must(await wire.take(1, "a byte behind the reply", 300) === null, "bytes follow its reply");
      if (body!.length > SpiceLinkReply.min + 4 * words) lax(`${body!.length} bytes hold ${words} words`);
    },
  })
  .server("key", {
    title: "sends an RSA key of 1024 bits",
    requirement: "The server MUST send the DER SubjectPublicKeyInfo of an RSA key of 1024 bits, 162 bytes",
    source: "spice-server reds.cpp reds_send_link_ack (i2d_PUBKEY_bio), protocol.h SPICE_TICKET_PUBKEY_BYTES",
    level: "must",
    run: async (peer) => {
      const { reply } = await replied(peer), hex = reply!.pubKey.toHex();
      if (/^0*$/.test(hex) && hasCap(reply!.caps?.common ?? [], CommonCap.AUTH_SASL)) lacks("it asks for SASL");
      must(hex.startsWith(KEY_HEAD), `the key begins with ${hex.slice(0, KEY_HEAD.length)}`);
      must(hex.endsWith(KEY_TAIL), `the key ends with ${hex.slice(-10)}`);
      must(parseInt(hex.slice(58, 60), 16) >= 0x80, "the modulus has less than 1024 bits");
    },
  })
  .server("fresh-key", {
    title: "makes a key for each connection",
    requirement: "The server SHOULD NOT use a ticket key twice",
    source: "spice-server reds.cpp reds_send_link_ack (EVP_RSA_gen)",
    level: "should",
    run: async (peer) => {
      const keys = new Set<string>();
      for (let i = 0; i < 3; i++) keys.add((await replied(peer)).reply!.pubKey.toHex());
      must(keys.size === 3, `3 connections get ${keys.size} keys`);
    },
  })
  .server("capabilities", {
    title: "says how it authenticates",
    requirement: "The server MUST have AUTH_SPICE or AUTH_SASL where it has PROTOCOL_AUTH_SELECTION",
    source: "spice-server reds.cpp reds_channel_init_auth_caps, red-channel.cpp RedChannel::RedChannel",
    level: "must",
    run: async (peer) => {
      const common = (await replied(peer)).reply!.caps?.common ?? [];
      if (!hasCap(common, CommonCap.PROTOCOL_AUTH_SELECTION)) lacks("it has no PROTOCOL_AUTH_SELECTION");
      must(hasCap(common, CommonCap.AUTH_SPICE) || hasCap(common, CommonCap.AUTH_SASL), "it has no mechanism");
    },
  })
  .server("known-capabilities", {
    title: "claims no capability that nobody has defined",
    requirement: "The server SHOULD leave the bits of unknown capabilities 0",
    source: "spice-protocol protocol.h SPICE_COMMON_CAP_, SPICE_MAIN_CAP_",
    level: "should",
    run: async (peer) => {
      const caps = (await replied(peer)).reply!.caps;
      const [common = 0, ...more] = caps?.common ?? [], [main = 0, ...most] = caps?.channel ?? [];
      must(common < 16 && more.every((word) => word === 0), `common words ${[common, ...more].join(" ")}`);
      must(main < 16 && most.every((word) => word === 0), `main words ${[main, ...most].join(" ")}`);
    },
  })
  .server("error-form", {
    title: "refuses in the form of a reply",
    requirement: "The server MUST send link errors as a header and a whole SpiceLinkReply of 178 bytes",
    source: "spice-server reds.cpp reds_send_link_error",
    level: "must",
    run: async (peer) => {
      const wire = await peer.connect();
      await wire.send(withHeader(new Uint8Array(18), { size: 3 }).subarray(0, 16), "size 3");
      const { header, body, reply } = await readReply(wire);
      must(reply !== null, "no reply");
      must(reply.error !== LinkErr.OK, "it answers OK");
      mustEqual(header!.size, SpiceLinkReply.min, "the size");
      mustEqual(viewOf(body!).getUint32(166, true) + viewOf(body!).getUint32(170, true), 0, "the number of words");
    },
  })
  .server("error-ends", {
    title: "says nothing after an error",
    requirement: "The server MUST close after an error, and send nothing behind it",
    source: "spice-server reds.cpp reds_handle_read_header_done (reds_link_free)",
    level: "must",
    run: async (peer) => {
      const { wire } = await answerTo(peer, withHeader(new Uint8Array(18), { majorVersion: 7 }), "version 7.2");
      must(await wire.take(1, "a byte behind the error") === null, "bytes follow the error");
      must(wire.ended, "the connection stays open");
    },
  });

async function replied(peer: ServerPeer): Promise<Pick<LinkOutcome, "wire" | "header" | "body" | "reply">> {
  const wire = await peer.connect();
  await wire.send(linkBytes({}), "SpiceLinkMess");
  const read = await readReply(wire);
  if (read.reply === null) fail("no reply");
  mustEqual(read.reply.error, LinkErr.OK, "the error of the reply");
  return { wire, ...read };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
