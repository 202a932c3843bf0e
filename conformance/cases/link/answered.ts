/** What a client does with odd and broken answers to its link message. */
import { SpiceLinkReply } from "../../../protocol/messages/link.ts";
import { concat } from "../../../protocol/schema/encode.ts";
import { mustAnswer } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import type { ClientPeer, Script } from "../../suite/client_peer.ts";
import { withHeader } from "../../suite/server_peer.ts";
import { must } from "../../suite/verdict.ts";
import type { Wire } from "../../suite/wire.ts";

/** Bytes of the link header. */
const HEADER = 16;
/** Where the parts of a SpiceLinkReply stand. */
const KEY = 4, COMMON = 166, CHANNEL = 170, OFFSET = 174;

export const answered = group("link/answered", "Link handshake: answers")
  .client("bytes", {
    title: "reads a reply that comes in single bytes",
    requirement: "The client MUST read reply and result in any split",
    source: "spice-gtk spice-channel.c spice_channel_read",
    level: "must",
    run: async (peer) => {
      const main = await peer.main({
        say: async (wire, good, when) => {
          for (const byte of good) await wire.send(Uint8Array.of(byte), `a byte of the ${when}`);
          return true;
        },
      });
      await mustAnswer(peer, main, "a handshake in single bytes");
    },
  })
  .client("long", {
    title: "reads a reply that is longer than it needs to be",
    requirement: "The client MUST pass over bytes behind the capability words of a reply",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg",
    level: "must",
    run: async (peer) => {
      const main = await peer.main(
        replying((good) => withHeader(concat([good.subarray(HEADER), new Uint8Array(900)]))),
      );
      await mustAnswer(peer, main, "a reply with bytes behind its words");
    },
  })
  .client("words-apart", {
    title: "finds the words of a reply that stand apart from its fields",
    requirement: "The client MUST look for the capability words where caps_offset says",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg",
    level: "must",
    run: async (peer) => {
      const main = await peer.main(replying((good) => {
        const from = good.subarray(HEADER), body = new Uint8Array(from.length + 7);
        body.set(from.subarray(0, SpiceLinkReply.min));
        body.set(from.subarray(SpiceLinkReply.min), SpiceLinkReply.min + 7);
        new DataView(body.buffer).setUint32(OFFSET, SpiceLinkReply.min + 7, true);
        return withHeader(body);
      }));
      await mustAnswer(peer, main, "a reply whose words stand apart");
    },
  })
  .client("unknown-capabilities", {
    title: "passes over capabilities that it does not know",
    requirement: "The client MUST ignore bits and words of capabilities that nobody has defined",
    source: "spice-gtk spice-channel.c store_caps",
    level: "must",
    run: async (peer) => {
      const main = await peer.main({ commonCaps: [0, 1, 3, 17, 31, 64], channelCaps: { main: [1, 2, 30, 31, 70] } });
      await mustAnswer(peer, main, "a reply of unknown capabilities");
    },
  })
  .client("other-minor", {
    title: "speaks with a server of another minor version",
    requirement: "The client SHOULD NOT look at the minor version of its server",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_hdr (compares major_version alone)",
    level: "should",
    run: async (peer) => {
      const main = await peer.main(replying((good) => withHeader(good.subarray(HEADER), { minorVersion: 9 })));
      await mustAnswer(peer, main, "a reply of another minor version");
    },
  })
  .client("at-once", {
    title: "reads messages that come with the result",
    requirement: "The client MUST take bytes behind the result for messages",
    source: "spice-gtk spice-channel.c spice_channel_recv_auth (reads 4 bytes, no more)",
    level: "must",
    run: async (peer) => {
      // PING 7 behind a mini header, in the segment of the result.
      const ping = new Uint8Array(18);
      ping.set([4, 0, 12, 0, 0, 0, 7]);
      const main = await peer.main({
        greet: () => false,
        say: (wire, good, when) => wire.send(when === "reply" ? good : concat([good, ping]), `${when} and more`),
      });
      const pong = await main.next();
      must(pong !== null && pong.type === 3, "the PING behind the result is not answered");
    },
  })
  .client(
    "magic",
    closes("a reply that does not begin with REDQ", "MUST close", (good) => {
      return withHeader(good.subarray(HEADER), { magic: 0x51444553 });
    }, "spice_channel_recv_link_hdr (invalid SPICE_MAGIC)"),
  )
  .client(
    "version",
    closes("a reply of major version 3", "MUST close", (good) => {
      return withHeader(good.subarray(HEADER), { majorVersion: 3 });
    }, "spice_channel_recv_link_hdr (major mismatch)"),
  )
  .client(
    "small",
    closes("a reply that is too short for its fields", "MUST close", (good) => {
      return withHeader(good.subarray(HEADER, HEADER + 177));
    }, "spice_channel_recv_link_hdr (invalid peer header size)"),
  )
  .client(
    "empty",
    closes("a reply of no bytes", "MUST close", () => {
      return withHeader(new Uint8Array(0));
    }, "spice_channel_recv_link_hdr (invalid peer header size)"),
  )
  .client(
    "offset-beyond",
    closes("capability words that stand behind the reply", "MUST close", (good) => {
      return changed(good, OFFSET, 0x7ffffff0);
    }, "spice_channel_recv_link_msg"),
  )
  .client(
    "count-beyond",
    closes("more capability words than the reply holds", "MUST close", (good) => {
      return changed(good, COMMON, 40);
    }, "spice_channel_recv_link_msg"),
  )
  .client(
    "count-overflow",
    closes("so many capability words that their bytes overflow", "MUST close", (good) => {
      return changed(changed(good, COMMON, 0x40000001), CHANNEL, 0x40000001);
    }, "spice_channel_recv_link_msg"),
  )
  .client(
    "key-broken",
    closes("a key that is none", "MUST close", (good) => {
      const reply = good.slice();
      reply.fill(0xa5, HEADER + KEY, HEADER + KEY + 162);
      return reply;
    }, "spice_channel_send_spice_ticket (d2i_PUBKEY_bio)"),
  )
  .client(
    "key-zeros",
    closes("a key of zeros", "MUST close", (good) => {
      const reply = good.slice();
      reply.fill(0, HEADER + KEY, HEADER + KEY + 162);
      return reply;
    }, "spice_channel_send_spice_ticket (d2i_PUBKEY_bio)"),
  )
  .client(
    "key-other",
    closes("a key of another kind than RSA", "MUST close", (good) => {
      const reply = good.slice();
      reply.fill(0, HEADER + KEY, HEADER + KEY + 162);
      reply.set(Uint8Array.fromHex(CURVE_KEY), HEADER + KEY);
      return reply;
    }, "spice_channel_send_spice_ticket (EVP_PKEY_get0_RSA)"),
  )
  .client(
    "stranger",
    closes("a server that speaks HTTP", "MUST close", () => {
      return new TextEncoder().encode(
        "HTTP/1.1 400 Bad Request\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
      );
    }, "spice_channel_recv_link_hdr (invalid SPICE_MAGIC)"),
  )
  .client(
    "huge",
    closes(
      "a reply of 4 GiB",
      "SHOULD close",
      (good) => {
        return withHeader(good.subarray(HEADER), { size: 0xffffffff });
      },
      "spice_channel_recv_link_hdr (g_malloc0 of any size)",
      "should",
    ),
  )
  .client("leaves-before-reply", leaves("before its reply", (wire) => wire.close(), "reply"))
  .client(
    "leaves-in-reply",
    leaves(
      "in the middle of its reply",
      async (wire, good) => {
        await wire.send(good.subarray(0, 40), "40 bytes of the reply");
        wire.close();
      },
      "reply",
    ),
  )
  .client("leaves-before-result", leaves("in place of a result", (wire) => wire.close(), "result"))
  .client("silent", {
    title: "gives up on a server that says nothing",
    requirement: "The client SHOULD close connections whose handshake does not come to its end within half a minute",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_hdr (waits without a limit)",
    level: "info",
    timeoutMs: 40_000,
    run: async (peer) => {
      await peer.start({ say: () => Promise.resolve(false) });
      const { wire } = await peer.arrival("main");
      must(await wire.closes(30_000), "it still waits after 30 seconds");
      await peer.mustNotCrash();
    },
  });

/** A SubjectPublicKeyInfo of the curve P-256, its point the generator. Source: RFC 5480 2, SEC 2 2.4.2. */
const CURVE_KEY = "3059301306072a8648ce3d020106082a8648ce3d03010703420004" +
  "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
  "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

/** A script whose reply is another. */
function replying(change: (good: Uint8Array) => Uint8Array): Script {
  return { say: (wire, good, when) => wire.send(when === "reply" ? change(good) : good, `another ${when}`) };
}

/** Changes one word of the reply. */
function changed(good: Uint8Array, at: number, value: number): Uint8Array {
  const bytes = good.slice();
  new DataView(bytes.buffer).setUint32(HEADER + at, value, true);
  return bytes;
}

/** A case of a reply after which there is nothing to be done. */
function closes(
  what: string,
  does: string,
  change: (good: Uint8Array) => Uint8Array,
  where: string,
  level: "must" | "should" = "must",
) {
  return {
    title: `closes on ${what}`,
    requirement: `The client ${does} the connection on ${what}, and MUST NOT crash`,
    source: `spice-gtk spice-channel.c ${where}`,
    level,
    run: async (peer: ClientPeer) => {
      await peer.start({
        say: async (wire, good, when) => {
          await wire.send(when === "reply" ? change(good) : good, `another ${when}`);
          return false;
        },
      });
      const { wire } = await peer.arrival("main");
      const closed = await wire.closes();
      await peer.mustNotCrash();
      must(closed, "the connection stays open");
    },
  };
}

/** A case of a server that hangs up. */
function leaves(where: string, leave: (wire: Wire, good: Uint8Array) => void | Promise<void>, at: "reply" | "result") {
  return {
    title: `bears a server that hangs up ${where}`,
    requirement: `The client MUST take an end ${where} for the end, and SHOULD NOT try without end`,
    source: "spice-gtk spice-channel.c spice_channel_recv_link_hdr, spice_channel_recv_auth",
    level: "must" as const,
    run: async (peer: ClientPeer) => {
      await peer.start({
        say: async (wire, good, when) => {
          if (when !== at) return await wire.send(good, when);
          await leave(wire, good);
          return false;
        },
      });
      await peer.arrival("main");
      await new Promise((done) => setTimeout(done, 700));
      must(peer.connections < 4, `it comes ${peer.connections} times in 700 ms`);
      await peer.mustNotCrash();
    },
  };
}
