/** Which data header is used, and the serials in it. */
import { CommonCap, hasCap } from "../../../protocol/capabilities.ts";
import { Ping } from "../../../protocol/messages/base.ts";
import { MainAttachChannels, MainChannelsList, MainInit } from "../../../protocol/messages/main.ts";
import { mustAnswer } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import type { Talk } from "../../suite/talk.ts";
import { lacks, lax, must, mustEqual } from "../../suite/verdict.ts";

const { PROTOCOL_AUTH_SELECTION, AUTH_SPICE, MINI_HEADER } = CommonCap;
/** Capabilities without MINI_HEADER. */
const NO_MINI = [PROTOCOL_AUTH_SELECTION, AUTH_SPICE];

export const kinds = group("headers/kinds", "Data headers: kinds and serials")
  .server("mini", {
    title: "sends and reads mini headers where both sides have them",
    requirement: "The server MUST use the 6-byte header when both sides have MINI_HEADER",
    source: "spice-server red-channel-client.cpp RedChannelClient::RedChannelClient (test_remote_common_cap)",
    level: "must",
    covers: ["caps/common/MINI_HEADER/server"],
    run: async (peer) => {
      const { main } = await peer.session();
      if (!hasCap(main.options.commonCaps, MINI_HEADER)) lacks("it has no MINI_HEADER");
    },
  })
  .server("full", {
    title: "sends and reads full headers where its client has no others",
    requirement: "The server MUST use the 18-byte header with a client that lacks MINI_HEADER",
    source: "spice-server red-channel-client.cpp RedChannelClient::RedChannelClient (full_header_wrapper)",
    level: "must",
    run: async (peer) => void await peer.session({ commonCaps: NO_MINI }),
  })
  .server("full-on-others", {
    title: "uses full headers on other channels, too",
    requirement: "The server MUST use the 18-byte header on each channel whose link lacked MINI_HEADER",
    source: "spice-server red-channel-client.cpp RedChannelClient::RedChannelClient",
    level: "must",
    run: async (peer) => {
      const session = await peer.session({ commonCaps: NO_MINI });
      const inputs = await session.open("inputs");
      const first = await inputs.next();
      must(first !== null, "no message comes on inputs");
      mustEqual(first.name, "INPUTS_INIT", "the first message on inputs");
      mustEqual(first.serial, 1n, "its serial");
    },
  })
  .server("mixed", {
    title: "uses the header of each channel's own link",
    requirement: "The server MUST choose the header for each connection by itself",
    source: "spice-server red-channel-client.cpp RedChannelClient::RedChannelClient",
    level: "must",
    run: async (peer) => {
      const session = await peer.session({ commonCaps: NO_MINI });
      const inputs = await session.open("inputs", { commonCaps: [...NO_MINI, MINI_HEADER] });
      mustEqual((await inputs.next())?.name, "INPUTS_INIT", "the first message on inputs");
    },
  })
  .server("serials", {
    title: "counts serials from 1",
    requirement: "The server MUST give its messages rising serials, and SHOULD count them from 1 without a gap",
    source: "spice-server red-channel-client.cpp RedChannelClient::begin_send_message (++last_sent_serial)",
    level: "must",
    covers: ["headers/full/server", "headers/full/server/serials=counted"],
    run: async (peer) => {
      const { main } = await peer.session({ commonCaps: NO_MINI });
      await main.drain(300);
      risesByOne(main);
    },
  })
  .server("client-sub-list", {
    title: "bears a sub_list in the header of a client",
    requirement: "The server SHOULD read or pass over the sub_list of a client's full header",
    source: "spice-server red-channel-client.cpp RedChannelClient::handle_incoming (reads type and size alone)",
    level: "info",
    run: async (peer) => {
      const main = await peer.open({ commonCaps: NO_MINI });
      await main.expect(MainInit);
      // An empty list at offset 2.
      await main.sendBody(MainAttachChannels.id, new Uint8Array(4), "MAIN_ATTACH_CHANNELS with a list", 2);
      await main.expect(MainChannelsList);
    },
  })
  .server("client-serials", {
    title: "does not mind the serials of its client",
    requirement: "The server SHOULD take messages whatever serials they have",
    source: "spice-server red-channel-client.cpp RedChannelClient::handle_incoming",
    level: "info",
    run: async (peer) => {
      const main = await peer.open({ commonCaps: NO_MINI });
      await main.expect(MainInit);
      const header = new Uint8Array(18);
      header.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, MainAttachChannels.id]);
      await main.wire.send(header, "MAIN_ATTACH_CHANNELS of serial 2⁶⁴-1");
      await main.expect(MainChannelsList);
    },
  })
  .client("mini", {
    title: "sends and reads mini headers where both sides have them",
    requirement: "The client MUST use the 6-byte header when both sides have MINI_HEADER",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg (use_mini_header)",
    level: "must",
    covers: ["caps/common/MINI_HEADER/client"],
    run: async (peer) => {
      const main = await peer.main();
      if (!hasCap(main.options.commonCaps, MINI_HEADER)) lacks("it has no MINI_HEADER");
      await mustAnswer(peer, main, "a link with MINI_HEADER");
    },
  })
  .client("full", {
    title: "sends and reads full headers where the server has no others",
    requirement: "The client MUST use the 18-byte header with a server that lacks MINI_HEADER",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg (use_mini_header)",
    level: "must",
    run: async (peer) => await mustAnswer(peer, await peer.main({ commonCaps: NO_MINI }), "a link without MINI_HEADER"),
  })
  .client("serials", {
    title: "counts serials from 1",
    requirement: "The client MUST give its messages rising serials, and SHOULD count them from 1 without a gap",
    source: "spice-gtk spice-channel.c spice_msg_out_new (out_serial++)",
    level: "must",
    covers: ["headers/full/client", "headers/full/client/serials=counted"],
    run: async (peer) => {
      const main = await peer.main({ commonCaps: NO_MINI });
      for (let id = 0; id < 5; id++) await main.send(Ping, { id, timestamp: 0n, data: new Uint8Array(0) });
      await mustAnswer(peer, main, "five PINGs");
      risesByOne(main);
    },
  })
  .client("skipped-serials", {
    title: "takes serials with gaps",
    requirement: "The client MUST take the serial of a full header as it is: a server may skip some",
    source: "spice-gtk spice-channel.c spice_channel_recv_msg (the server can sometimes skip serials)",
    level: "must",
    run: async (peer) => {
      const main = await peer.main({ commonCaps: NO_MINI });
      const header = new Uint8Array(18 + 12), view = new DataView(header.buffer);
      view.setBigUint64(0, 1_000_000n, true);
      view.setUint16(8, Ping.id, true);
      view.setUint32(10, 12, true);
      await main.wire.send(header, "PING of serial 1000000");
      await mustAnswer(peer, main, "a serial of 1000000");
    },
  });

/** Fails unless serials rise; they may leave gaps, which is lax. */
function risesByOne({ heard }: Talk): void {
  const serials = heard.filter(({ isSub }) => !isSub).map(({ serial }) => serial);
  must(serials.length > 1, "too few messages come");
  must(serials.every((serial, i) => i === 0 || serial > serials[i - 1]!), `its serials are ${serials.join(", ")}`);
  if (serials.some((serial, i) => serial !== BigInt(i + 1))) lax(`its serials are ${serials.slice(0, 20).join(", ")}`);
}
