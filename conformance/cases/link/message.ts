/** The link message of a client: its capabilities, and where it says that they stand. */
import { LinkErr } from "../../../protocol/messages/enums.ts";
import { SpiceLinkHeader } from "../../../protocol/messages/link.ts";
import { mustServe } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import { accepts, type Answer, answerTo, refuses } from "../../suite/refusal.ts";
import { linkBytes, type ServerPeer, withHeader } from "../../suite/server_peer.ts";
import { lacks, must, mustEqual } from "../../suite/verdict.ts";

const DATA = LinkErr.INVALID_DATA;
/** Where the parts of a SpiceLinkMess stand. */
const COMMON = 6, CHANNEL = 10, OFFSET = 14, BYTES = 18;

export const message = group("link/message", "Link handshake: message")
  .server("offset-beyond", {
    title: "refuses capabilities that stand behind the message",
    requirement: "The server MUST answer INVALID_DATA (3) when caps_offset leads out of the message",
    source: "spice-server reds.cpp reds_handle_read_link_done",
    level: "must",
    covers: ["link/server/SpiceLinkReply/error=INVALID_DATA"],
    run: async (peer) => {
      for (const offset of [19, 0x1000, 0x7fffffff, 0xfffffffc]) {
        await refuses(await changed(peer, (view) => view.setUint32(OFFSET, offset, true)), DATA);
      }
      await mustServe(peer, "offsets beyond the message");
    },
  })
  .server("offset-overlapping", {
    title: "refuses capabilities that stand in the message's own fields",
    requirement: "The server MUST answer INVALID_DATA (3) when caps_offset is less than the 18 bytes of the fields",
    source: "spice-server reds.cpp reds_handle_read_link_done",
    level: "must",
    covers: ["link/server/SpiceLinkReply/error=INVALID_DATA"],
    run: async (peer) => {
      for (const offset of [0, 4, BYTES - 1]) {
        await refuses(await changed(peer, (view) => view.setUint32(OFFSET, offset, true)), DATA);
      }
    },
  })
  .server("offset-apart", {
    title: "finds capabilities that stand apart from the fields, at an odd offset",
    requirement: "The server MUST look for the capabilities where caps_offset says",
    source: "spice-server reds.cpp red_link_info_get_caps",
    level: "must",
    run: async (peer) => {
      const outcome = await peer.link({
        send: (wire, bytes, what) => {
          if (what !== "SpiceLinkMess") return wire.send(bytes, what);
          const from = bytes.subarray(SpiceLinkHeader.min), body = new Uint8Array(from.length + 3);
          body.set(from.subarray(0, BYTES));
          body.set(from.subarray(BYTES), BYTES + 3);
          new DataView(body.buffer).setUint32(OFFSET, BYTES + 3, true);
          return wire.send(withHeader(body), "SpiceLinkMess with a gap");
        },
      });
      // The ticket is understood only if the server has found PROTOCOL_AUTH_SELECTION.
      accepts(outcome);
      must(await outcome.talk!.next() !== null, "no message follows the link");
    },
  })
  .server("count-beyond", {
    title: "refuses more capabilities than the message holds",
    requirement: "The server MUST answer INVALID_DATA (3) when the words reach beyond the message",
    source: "spice-server reds.cpp reds_handle_read_link_done",
    level: "must",
    covers: ["link/server/SpiceLinkReply/error=INVALID_DATA"],
    run: async (peer) => {
      for (const [at, count] of [[COMMON, 2], [CHANNEL, 2], [COMMON, 1000], [CHANNEL, 1000]] as const) {
        await refuses(await changed(peer, (view) => view.setUint32(at, count, true)), DATA);
      }
    },
  })
  .server("count-overflow", {
    title: "refuses counts whose bytes overflow",
    requirement: "The server MUST answer INVALID_DATA (3) to counts whose sum or size in bytes is not below 2³²",
    source: "spice-server reds.cpp reds_handle_read_link_done (1024), CVE-2018-10873",
    level: "must",
    covers: ["link/server/SpiceLinkReply/error=INVALID_DATA"],
    run: async (peer) => {
      for (
        const [common, channel] of [[0x40000001, 0], [0, 0x40000000], [0xffffffff, 1], [
          0x80000000,
          0x80000001,
        ]] as const
      ) {
        await refuses(
          await changed(peer, (view) => {
            view.setUint32(COMMON, common, true);
            view.setUint32(CHANNEL, channel, true);
          }),
          DATA,
        );
      }
      await mustServe(peer, "counts that overflow");
    },
  })
  .server("no-capabilities", {
    title: "lets a client in that has no capabilities",
    requirement: "The server MUST speak with a client without capabilities: no mechanism, and full headers",
    source: "spice-server reds.cpp reds_handle_read_link_done, spice-protocol protocol.h",
    level: "must",
    run: async (peer) => {
      const outcome = await peer.link({ commonCaps: [] });
      accepts(outcome);
      const first = await outcome.talk!.next();
      must(first !== null, "no message follows the link");
      mustEqual(first.serial, 1n, "the serial of the first message");
    },
  })
  .server("unknown-capabilities", {
    title: "passes over capabilities that it does not know",
    requirement: "The server MUST ignore bits and words of capabilities that nobody has defined",
    source: "spice-server reds.cpp reds_handle_read_link_done, red-channel-capabilities.c",
    level: "must",
    run: async (peer) => {
      accepts(await peer.link({ commonCaps: [0, 1, 3, 17, 31, 40, 95], channelCaps: [0, 1, 2, 29, 31, 63, 200] }));
    },
  })
  .server("many-words", {
    title: "takes all the words that fit",
    requirement: "The server MUST take as many capability words as a link message of 4096 bytes holds",
    source: "spice-server reds.cpp reds_handle_read_link_done (1024 words)",
    level: "must",
    run: async (peer) => {
      // 1018 words in all, all but the first of each kind empty.
      const send: NonNullable<Parameters<ServerPeer["link"]>[0]>["send"] = (wire, bytes, what) => {
        if (what !== "SpiceLinkMess") return wire.send(bytes, what);
        const body = new Uint8Array(BYTES + 4 * 1018), view = new DataView(body.buffer);
        body.set(bytes.subarray(SpiceLinkHeader.min, SpiceLinkHeader.min + BYTES + 4));
        view.setUint32(COMMON, 509, true);
        view.setUint32(CHANNEL, 509, true);
        return wire.send(withHeader(body), "SpiceLinkMess of 1018 words");
      };
      accepts(await peer.link({ send }));
    },
  })
  .server("secured", {
    title: "says that a channel is to be had over TLS alone",
    requirement: "The server MUST answer NEED_SECURED (5) over a plain connection, and close",
    source: "spice-server reds.cpp reds_security_check, reds_handle_read_link_done",
    level: "must",
    covers: ["link/server/SpiceLinkReply/error=NEED_SECURED"],
    run: async (peer) => {
      const { securedChannel: channel } = peer.target;
      if (channel === undefined) lacks("no channel was named that it gives over TLS alone");
      await refuses(await peer.link({ channel, connectionId: channel === "main" ? 0 : 1 }), LinkErr.NEED_SECURED);
    },
  });

/** Sends the usual link message with some of its fields changed. */
async function changed(peer: ServerPeer, change: (view: DataView) => void): Promise<Answer> {
  const bytes = linkBytes({ channelCaps: [0] });
  change(new DataView(bytes.buffer, bytes.byteOffset + SpiceLinkHeader.min));
  return await answerTo(peer, bytes, "SpiceLinkMess");
}
