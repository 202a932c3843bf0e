/** Which channel of which session a client asks for. */
import { type ChannelName, channels } from "../../../protocol/messages/channels.ts";
import { LinkErr } from "../../../protocol/messages/enums.ts";
import { MainChannelsList, MainInit } from "../../../protocol/messages/main.ts";
import { mustServe } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import { accepts, refuses, refusesSomehow } from "../../suite/refusal.ts";
import { lacks, lax, must } from "../../suite/verdict.ts";

export const channel = group("link/channel", "Link handshake: which channel")
  .server("unknown-type", {
    title: "has no channel of a type that nobody has defined",
    requirement: "The server MUST refuse unknown channel types, and SHOULD answer CHANNEL_NOT_AVAILABLE (9)",
    source: "spice-server reds.cpp reds_send_link_ack (closes without an answer), reds_handle_other_links",
    level: "must",
    covers: ["link/server/*/error=CHANNEL_NOT_AVAILABLE"],
    run: async (peer) => {
      const { init } = await peer.session();
      for (const channelType of [0, 77, 255]) {
        const outcome = await peer.link({ channelType, connectionId: init.sessionId });
        await refusesSomehow(outcome, LinkErr.CHANNEL_NOT_AVAILABLE);
      }
    },
  })
  .server("not-offered", {
    title: "does not give a channel that it does not list",
    requirement: "The server MUST refuse channels that are not in MAIN_CHANNELS_LIST, and SHOULD say so with 9",
    source: "spice-server reds.cpp reds_send_link_ack (closes without an answer), reds_handle_other_links",
    level: "must",
    covers: ["link/server/*/error=CHANNEL_NOT_AVAILABLE"],
    run: async (peer) => {
      const session = await peer.session();
      const missing = KINDS.find((name) => {
        return name !== "main" && session.channels.every(({ type }) => type !== channels[name].type);
      });
      if (missing === undefined) lacks("it offers every kind of channel");
      const outcome = await peer.link({ channel: missing, connectionId: session.init.sessionId });
      await refusesSomehow(outcome, LinkErr.CHANNEL_NOT_AVAILABLE);
    },
  })
  .server("tunnel", {
    title: "gives no tunnel channel unless it lists one",
    requirement: "The server MUST refuse the tunnel channel, which nobody speaks any more, where it does not list it",
    source: "spice-server reds.cpp reds_send_link_ack, spice.proto TunnelChannel (ifdef USE_TUNNEL)",
    level: "must",
    covers: ["link/channel=TUNNEL"],
    run: async (peer) => {
      const { init, channels: list } = await peer.session();
      if (list.some(({ type }) => type === channels.tunnel.type)) lacks("it lists a tunnel channel");
      const outcome = await peer.link({ channel: "tunnel", connectionId: init.sessionId });
      await refusesSomehow(outcome, LinkErr.CHANNEL_NOT_AVAILABLE);
    },
  })
  .server("not-offered-number", {
    title: "does not give a number of a kind that it does not list",
    requirement: "The server MUST refuse channel ids that are not in MAIN_CHANNELS_LIST, and SHOULD say so with 9",
    source: "spice-server reds.cpp reds_find_channel, reds_send_link_ack",
    level: "must",
    covers: ["link/server/*/error=CHANNEL_NOT_AVAILABLE"],
    run: async (peer) => {
      const session = await peer.session();
      const outcome = await peer.link({ channel: "display", channelId: 200, connectionId: session.init.sessionId });
      await refusesSomehow(outcome, LinkErr.CHANNEL_NOT_AVAILABLE);
    },
  })
  .server("wrong-session", {
    title: "gives no channel of a session that there is not",
    requirement: "The server MUST answer BAD_CONNECTION_ID (8) to a session id that it has not given",
    source: "spice-server reds.cpp reds_handle_other_links",
    level: "must",
    covers: ["link/server/*/error=BAD_CONNECTION_ID"],
    run: async (peer) => {
      const { init } = await peer.session();
      const connectionId = (init.sessionId ^ 0x5a5a5a5a) >>> 0;
      await refuses(await peer.link({ channel: "inputs", connectionId }), LinkErr.BAD_CONNECTION_ID);
    },
  })
  .server("no-session", {
    title: "gives no channel but main without a session",
    requirement: "The server MUST answer BAD_CONNECTION_ID (8) to another channel than main with session id 0",
    source: "spice-server reds.cpp reds_handle_other_links",
    level: "must",
    covers: ["link/server/*/error=BAD_CONNECTION_ID"],
    run: async (peer) => {
      await refuses(await peer.link({ channel: "inputs", connectionId: 0 }), LinkErr.BAD_CONNECTION_ID);
    },
  })
  .server("ended-session", {
    title: "gives no channel of a session that is over",
    requirement: "The server MUST answer BAD_CONNECTION_ID (8) once the session's main channel has gone",
    source: "spice-server reds.cpp reds_handle_other_links, main-channel.cpp get_client_by_link_id",
    level: "must",
    covers: ["link/server/*/error=BAD_CONNECTION_ID"],
    run: async (peer) => {
      const { main, init } = await peer.session();
      main.wire.close();
      const end = performance.now() + 3000;
      for (;;) {
        const outcome = await peer.link({ channel: "inputs", connectionId: init.sessionId });
        // It may hear of the end only now.
        if (outcome.result !== LinkErr.OK || performance.now() > end) {
          return await refuses(outcome, LinkErr.BAD_CONNECTION_ID);
        }
        outcome.wire.close();
      }
    },
  })
  .server("main-of-session", {
    title: "begins no session for a main channel that names one",
    requirement: "The server SHOULD NOT send MAIN_INIT when main is linked with a session id: a migration is to come",
    source: "spice-server reds.cpp reds_handle_main_link (mig_target)",
    level: "should",
    run: async (peer) => {
      const { result, talk, wire } = await peer.link({ connectionId: 0x12345678 });
      if (talk === null) return must(result !== null || await wire.closes(), "it neither answers nor closes");
      must(
        await talk.find(MainInit, () => true, 1500) === null,
        "it begins a session under a number that it did not give",
      );
      wire.close();
      await mustServe(peer, "a main link that names a session");
    },
  })
  .server("main-number", {
    title: "has one main channel",
    requirement: "The server SHOULD refuse a main channel with another id than 0",
    source: "spice-server reds.cpp reds_send_link_ack (takes main for any id)",
    level: "info",
    run: async (peer) => {
      const outcome = await peer.link({ channelId: 3 });
      if (outcome.talk !== null) lax("it takes main channel 3 for main channel 0");
    },
  })
  .server("second-of-kind", {
    title: "gives a session each channel once",
    requirement: "The server MUST refuse or close the second link of a channel of the same session",
    source: "spice-server red-client.cpp RedClient::add_channel",
    level: "must",
    run: async (peer) => {
      const session = await peer.session();
      using first = await session.open("inputs");
      const { talk, wire } = await peer.link({ channel: "inputs", connectionId: session.init.sessionId });
      must(await wire.closes(), "both stay open");
      if (talk !== null) lax("it answers OK, then closes");
      must(!first.wire.ended, "it closes the first one");
    },
  })
  .server("after-first", {
    title: "gives a channel anew once its connection has gone",
    requirement: "The server MUST give a session a channel that it had and has no more",
    source: "spice-server red-client.cpp RedClient::remove_client",
    level: "must",
    run: async (peer) => {
      const session = await peer.session();
      (await session.open("inputs")).wire.close();
      const end = performance.now() + 3000;
      for (;;) {
        const outcome = await peer.link({ channel: "inputs", connectionId: session.init.sessionId });
        if (outcome.talk !== null && await outcome.talk.next(500) !== null) return;
        must(performance.now() < end, "the channel is not to be had again");
        outcome.wire.close();
      }
    },
  })
  .server("before-attach", {
    title: "gives channels before MAIN_ATTACH_CHANNELS",
    requirement: "The server SHOULD give channels of a session as soon as MAIN_INIT has told its id",
    source: "spice-server reds.cpp reds_handle_other_links",
    level: "should",
    run: async (peer) => {
      const main = await peer.open(), { sessionId } = await main.expect(MainInit);
      accepts(await peer.link({ channel: "inputs", connectionId: sessionId }));
    },
  })
  .server("all-listed", {
    title: "gives every channel that it lists",
    requirement: "The server MUST let a client link each channel of MAIN_CHANNELS_LIST",
    source: "spice-server reds.cpp reds_fill_channels, reds_handle_other_links",
    level: "must",
    run: async (peer) => {
      const session = await peer.session();
      for (const { type, id } of session.channels) {
        if (type === channels.main.type) continue;
        const name = nameOfType(type);
        must(name !== null, `it lists a channel of type ${type}, which nobody has defined`);
        await session.open(name, { channelId: id });
      }
    },
  })
  .server("listed-once", {
    title: "lists each channel once, and main not at all",
    requirement: "The server SHOULD list each channel once, and not main, which its client has",
    source: "spice-server reds.cpp reds_fill_channels",
    level: "info",
    run: async (peer) => {
      const { channels: list } = await peer.session();
      const words = list.map(({ type, id }) => `${nameOfType(type) ?? type} ${id}`);
      if (new Set(words).size < words.length) lax(`it lists ${words.join(", ")}`);
      if (list.some(({ type }) => type === channels.main.type)) lax("it lists main");
    },
  })
  .server("session-ids", {
    title: "gives sessions numbers that nobody can guess",
    requirement: "The server MUST give each session another id than 0, and SHOULD NOT count them",
    source: "spice-server reds.cpp reds_handle_main_link (g_random_int)",
    level: "must",
    run: async (peer) => {
      const ids: number[] = [];
      for (let i = 0; i < 4; i++) {
        const { main, init } = await peer.session();
        main.wire.close();
        ids.push(init.sessionId);
      }
      must(!ids.includes(0), "a session has the id 0");
      must(new Set(ids).size === ids.length, `sessions have the ids ${ids.join(", ")}`);
      const steps = ids.slice(1).map((id, i) => (id - ids[i]!) >>> 0);
      if (new Set(steps).size === 1) lax(`session ids rise by ${steps[0]}: ${ids.join(", ")}`);
    },
  })
  .server("attach-again", {
    title: "bears a second MAIN_ATTACH_CHANNELS",
    requirement: "The server SHOULD answer MAIN_ATTACH_CHANNELS with the list again, or pass over it",
    source: "spice-server main-channel.cpp main_channel_push_channels",
    level: "should",
    run: async (peer) => {
      const { main } = await peer.session();
      await main.sendBody(104, new Uint8Array(0), "MAIN_ATTACH_CHANNELS");
      const list = await main.find(MainChannelsList, () => true, 1000);
      must(list !== null || !main.wire.ended, "it closes the connection");
    },
  });

const KINDS = Object.keys(channels) as ChannelName[];

function nameOfType(type: number): ChannelName | null {
  return KINDS.find((name) => channels[name].type === type) ?? null;
}
