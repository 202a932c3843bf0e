/** What a client does when a server refuses it. */
import { LinkErr } from "../../../protocol/messages/enums.ts";
import { channels } from "../../../protocol/messages/channels.ts";
import type { MemberOf } from "../../../protocol/schema/enumeration.ts";
import { mustAnswer, pause } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import type { ClientPeer } from "../../suite/client_peer.ts";
import { lax, must } from "../../suite/verdict.ts";

export const refused = group("link/refused", "Link handshake: refusals");

/** Every error of the reply but NEED_SECURED, after which a client may come back with TLS. */
const ERRORS = [
  "ERROR",
  "INVALID_MAGIC",
  "INVALID_DATA",
  "VERSION_MISMATCH",
  "NEED_UNSECURED",
  "PERMISSION_DENIED",
  "BAD_CONNECTION_ID",
  "CHANNEL_NOT_AVAILABLE",
] as const satisfies readonly MemberOf<typeof LinkErr>[];

for (const name of ERRORS) {
  refused.client(name.toLowerCase().replaceAll("_", "-"), {
    title: `gives up when the reply says ${name}`,
    requirement: `The client MUST close its connection after ${name} (${
      LinkErr[name]
    }), and SHOULD NOT try without end`,
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg (unhandled error)",
    level: "must",
    covers: [`link/server/SpiceLinkReply/error=${name}`],
    run: async (peer) => {
      await peer.start({ refuse: (_, when) => when === "reply" ? LinkErr[name] : null });
      await givesUp(peer);
    },
  });
}

refused
  .client("need-secured", {
    title: "comes back with TLS, or gives up, when the reply says NEED_SECURED",
    requirement: "The client MUST close its connection after NEED_SECURED (5), and MUST NOT try without TLS again",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg (switching to tls)",
    level: "must",
    covers: ["link/server/SpiceLinkReply/error=NEED_SECURED"],
    run: async (peer) => {
      await peer.start({ refuse: (_, when) => when === "reply" ? LinkErr.NEED_SECURED : null });
      const { wire } = await peer.arrival("main");
      must(await wire.closes(), "the connection stays open");
      await pause(700);
      must(peer.arrivals.length === 1, `it asks ${peer.arrivals.length} times without TLS`);
      await peer.mustNotCrash();
    },
  })
  .client("unknown-error", {
    title: "gives up when the reply holds an error that nobody has defined",
    requirement: "The client MUST take every error but 0 for a refusal",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg (default)",
    level: "must",
    run: async (peer) => {
      await peer.start({ refuse: (_, when) => when === "reply" ? 0x80000042 : null });
      await givesUp(peer);
    },
  })
  .client("unknown-result", {
    title: "gives up when the result holds an error that nobody has defined",
    requirement: "The client MUST take every result but 0 for a refusal",
    source: "spice-gtk spice-channel.c spice_channel_recv_auth",
    level: "must",
    run: async (peer) => {
      await peer.start({ refuse: (_, when) => when === "result" ? 0x80000042 : null });
      await givesUp(peer);
    },
  })
  .client("one-channel", {
    title: "goes on without a channel that it does not get",
    requirement: "The client SHOULD go on with the session when one of its channels is refused",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg (an event of that channel)",
    level: "should",
    covers: ["link/server/SpiceLinkReply/error=CHANNEL_NOT_AVAILABLE"],
    run: async (peer) => {
      const main = await peer.main({
        refuse: ({ channelType }, when) => {
          return channelType === channels.cursor.type && when === "reply" ? LinkErr.CHANNEL_NOT_AVAILABLE : null;
        },
      });
      await peer.channel("display");
      await pause(300);
      await mustAnswer(peer, main, "the refusal of its cursor channel");
    },
  })
  .client("one-channel-result", {
    title: "goes on without a channel that it does not get after its ticket",
    requirement: "The client SHOULD go on with the session when a channel's result is CHANNEL_NOT_AVAILABLE",
    source: "spice-server reds.cpp reds_handle_other_links (answers in the result)",
    level: "should",
    covers: ["link/server/SpiceLinkResult/error=CHANNEL_NOT_AVAILABLE"],
    run: async (peer) => {
      const main = await peer.main({
        refuse: ({ channelType }, when) => {
          return channelType === channels.cursor.type && when === "result" ? LinkErr.CHANNEL_NOT_AVAILABLE : null;
        },
      });
      await peer.channel("display");
      await pause(300);
      await mustAnswer(peer, main, "the refusal of its cursor channel");
    },
  });

/** Fails unless the client closes and leaves it at that; a second try is lax. */
async function givesUp(peer: ClientPeer): Promise<void> {
  const { wire } = await peer.arrival("main");
  must(await wire.closes(), "the connection stays open");
  await pause(700);
  must(peer.connections < 4, `it comes ${peer.connections} times in 700 ms`);
  await peer.mustNotCrash();
  if (peer.connections > 1) lax(`it comes ${peer.connections} times`);
}
