/** Bodies of odd sizes and unknown types. */
import { Ping } from "../../../protocol/messages/base.ts";
import {
  MainAttachChannels,
  MainChannelsList,
  MainInit,
  MainMouseModeRequest,
} from "../../../protocol/messages/main.ts";
import { concat } from "../../../protocol/schema/encode.ts";
import { mustAnswer, mustCope, mustServe } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import type { ServerPeer } from "../../suite/server_peer.ts";
import type { Talk } from "../../suite/talk.ts";
import { lax, must } from "../../suite/verdict.ts";

/** A type that no channel has. */
const UNKNOWN = 999;

export const bodies = group("headers/bodies", "Data headers: bodies")
  .server("bytes", {
    title: "reads messages that come in single bytes",
    requirement: "The server MUST read headers and bodies in any split",
    source: "spice-server red-channel-client.cpp RedChannelClient::handle_incoming",
    level: "must",
    run: async (peer) => {
      const main = await opened(peer);
      const bytes = concat([frame(MainMouseModeRequest.id, Uint8Array.of(1, 0)), frame(MainAttachChannels.id)]);
      for (const byte of bytes) await main.wire.send(Uint8Array.of(byte), "a byte");
      await main.expect(MainChannelsList);
    },
  })
  .server("many-at-once", {
    title: "reads many messages that come in one segment",
    requirement: "The server MUST read every message of a segment",
    source: "spice-server red-channel-client.cpp RedChannelClient::handle_incoming",
    level: "must",
    run: async (peer) => {
      const main = await opened(peer), request = frame(MainMouseModeRequest.id, Uint8Array.of(1, 0));
      await main.wire.send(concat([...Array(500).fill(request), frame(MainAttachChannels.id)]), "501 messages");
      await main.expect(MainChannelsList);
    },
  })
  .server("longer", {
    title: "passes over bytes behind the last field",
    requirement: "The server SHOULD take a message with bytes behind the last field that it knows",
    source: "spice-common generated demarshallers (check that there are enough bytes, not that there are no more)",
    level: "info",
    run: async (peer) => {
      const main = await opened(peer);
      await main.sendBody(MainAttachChannels.id, new Uint8Array(5), "MAIN_ATTACH_CHANNELS of 5 bytes");
      await main.expect(MainChannelsList);
    },
  })
  .server("unknown-type", {
    title: "closes on a message that nobody has defined",
    requirement: "The server SHOULD close on a message of an unknown type, and MUST serve the next client",
    source: "spice-server red-channel-client.cpp RedChannelClient::handle_incoming (failed to parse message type)",
    level: "must",
    run: async (peer) => {
      const main = await opened(peer);
      await main.sendBody(UNKNOWN, new Uint8Array(8), `message ${UNKNOWN}`);
      const closed = await main.closes(1500);
      await mustServe(peer, "a message of an unknown type");
      if (!closed) lax("it passes over it");
    },
  })
  .server("unknown-type-inputs", {
    title: "closes on an unknown message of another channel",
    requirement: "The server SHOULD close on a message of an unknown type, and MUST serve the next client",
    source: "spice-server red-channel-client.cpp RedChannelClient::handle_incoming",
    level: "must",
    run: async (peer) => {
      const inputs = await (await peer.session()).open("inputs");
      await inputs.sendBody(0, new Uint8Array(0), "message 0");
      const closed = await inputs.closes(1500);
      await mustServe(peer, "message 0 on inputs");
      if (!closed) lax("it passes over it");
    },
  })
  .server("truncated", {
    title: "closes on a message that ends before its last field",
    requirement: "The server MUST NOT act on a message that is too short, and SHOULD close",
    source: "spice-server red-channel-client.cpp RedChannelClient::handle_incoming (failed to parse message type)",
    level: "must",
    run: async (peer) => {
      const main = await opened(peer);
      await main.sendBody(MainMouseModeRequest.id, Uint8Array.of(2), "MAIN_MOUSE_MODE_REQUEST of 1 byte");
      const closed = await main.closes(1500);
      await mustServe(peer, "a message of 1 byte");
      if (!closed) lax("it stays open");
    },
  })
  .server("empty", {
    title: "closes on an empty message that has fields",
    requirement: "The server MUST NOT act on a message of no bytes that has fields, and SHOULD close",
    source: "spice-server red-channel-client.cpp RedChannelClient::handle_incoming (failed to parse message type)",
    level: "must",
    run: async (peer) => {
      const inputs = await (await peer.session()).open("inputs");
      await inputs.sendBody(111, new Uint8Array(0), "INPUTS_MOUSE_MOTION of no bytes");
      const closed = await inputs.closes(1500);
      await mustServe(peer, "a motion of no bytes");
      if (!closed) lax("it stays open");
    },
  })
  .server("half", {
    title: "bears a client that leaves in the middle of a message",
    requirement: "The server MUST serve the next client when one hangs up inside a header or a body",
    source: "spice-server red-channel-client.cpp RedChannelClient::handle_incoming",
    level: "must",
    run: async (peer) => {
      const whole = frame(MainMouseModeRequest.id, Uint8Array.of(1, 0));
      for (const count of [1, 5, 6, 7]) {
        const main = await opened(peer);
        await main.wire.send(whole.subarray(0, count), `the first ${count} bytes of a message`);
        main.wire.close();
      }
      await mustServe(peer, "parts of a message");
    },
  })
  .client("bytes", {
    title: "reads messages that come in single bytes",
    requirement: "The client MUST read headers and bodies in any split",
    source: "spice-gtk spice-channel.c spice_channel_read",
    level: "must",
    run: async (peer) => {
      const main = await peer.main();
      for (const byte of frame(Ping.id, new Uint8Array(12))) await main.wire.send(Uint8Array.of(byte), "a byte");
      await mustAnswer(peer, main, "a message in single bytes");
    },
  })
  .client("many-at-once", {
    title: "reads many messages that come in one segment",
    requirement: "The client MUST read every message of a segment",
    source: "spice-gtk spice-channel.c spice_channel_iterate_read",
    level: "must",
    run: async (peer) => {
      const main = await peer.main(), one = frame(Ping.id, new Uint8Array(12));
      await main.wire.send(concat(Array(500).fill(one)), "500 PINGs");
      await mustAnswer(peer, main, "500 PINGs at once");
      const pongs = main.heard.filter(({ type }) => type === 3).length;
      must(pongs === 501, `it answers ${pongs - 1} of 500 PINGs`);
    },
  })
  .client("large", {
    title: "reads a message of a megabyte",
    requirement: "The client MUST read a PING of 1 MiB, as servers send to measure the link",
    source: "spice-server main-channel-client.cpp MainChannelClient::start_net_test (250 KiB)",
    level: "must",
    run: async (peer) => {
      const main = await peer.main();
      await main.send(Ping, { id: 1, timestamp: 0n, data: new Uint8Array(1024 * 1024) });
      await mustAnswer(peer, main, "a PING of 1 MiB");
    },
  })
  .client("unknown-type", {
    title: "passes over a message that nobody has defined",
    requirement: "The client SHOULD go on after a message of an unknown type",
    source: "spice-gtk spice-channel.c spice_channel_recv_msg (failed to parse message)",
    level: "should",
    run: async (peer) => {
      const main = await peer.main();
      await main.sendBody(UNKNOWN, new Uint8Array(20), `message ${UNKNOWN}`);
      await mustAnswer(peer, main, "a message of an unknown type");
    },
  })
  .client("longer", {
    title: "passes over bytes behind the last field",
    requirement: "The client SHOULD take a message with bytes behind the last field that it knows",
    source: "spice-common generated demarshallers (check that there are enough bytes, not that there are no more)",
    level: "should",
    run: async (peer) => {
      const main = await peer.main();
      await main.sendBody(106, new Uint8Array(11), "MAIN_MULTI_MEDIA_TIME of 11 bytes");
      await mustAnswer(peer, main, "a message with bytes behind its fields");
    },
  })
  .client("truncated", {
    title: "survives a message that ends before its last field",
    requirement: "The client MUST NOT act on a message that is too short; it closes or goes on",
    source: "spice-gtk spice-channel.c spice_channel_recv_msg (failed to parse message)",
    level: "must",
    run: async (peer) => {
      const main = await peer.main();
      await main.sendBody(Ping.id, new Uint8Array(11), "PING of 11 bytes");
      await mustCope(peer, main, "a PING of 11 bytes");
      const pongs = main.heard.filter(({ type, body }) => type === 3 && body[0] === 0);
      must(pongs.length === 0, "it answers the PING that is too short");
    },
  });

async function opened(peer: ServerPeer): Promise<Talk> {
  const main = await peer.open();
  await main.expect(MainInit);
  return main;
}

/** A message behind a mini header. */
function frame(type: number, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  const head = new Uint8Array(6), view = new DataView(head.buffer);
  view.setUint16(0, type, true);
  view.setUint32(2, body.length, true);
  return concat([head, body]);
}
