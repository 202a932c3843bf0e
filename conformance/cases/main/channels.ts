/** ATTACH_CHANNELS and CHANNELS_LIST: which channels a session has. */
import { Ping, Pong } from "../../../protocol/messages/base.ts";
import { channelByType, type ChannelName } from "../../../protocol/messages/channels.ts";
import { DisplayInit } from "../../../protocol/messages/display.ts";
import { ChannelType, LinkErr } from "../../../protocol/messages/enums.ts";
import { MainAttachChannels, MainChannelsList, MainInit } from "../../../protocol/messages/main.ts";
import { mustAnswer, mustServe, mustStay } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import { type ClientPeer, mainInit, SESSION_ID } from "../../suite/client_peer.ts";
import { DISPLAY_INIT } from "../../suite/server_peer.ts";
import type { Talk } from "../../suite/talk.ts";
import { lax, must, mustEqual } from "../../suite/verdict.ts";

const SERVER = "spice-server main-channel-client.cpp MainChannelClient::send_item (initial_channels_list_sent)";
const GTK = "spice-gtk channel-main.c main_handle_channels_list, spice-channel.c spice_channel_new";

export const channelsList = group("main/channels", "The list of channels")
  .server("asked", {
    title: "lists its channels when it is asked, not before",
    requirement: "The server MUST NOT send CHANNELS_LIST before ATTACH_CHANNELS, and MUST answer that with it",
    source: SERVER,
    level: "must",
    covers: ["main/server/MAIN_CHANNELS_LIST", "main/client/MAIN_ATTACH_CHANNELS"],
    run: async (peer) => {
      const main = await peer.open();
      await main.expect(MainInit);
      const early = (await main.drain(500)).filter(({ type }) => type === MainChannelsList.id);
      mustEqual(early.length, 0, "the number of lists before ATTACH_CHANNELS");
      await main.send(MainAttachChannels, {});
      await main.expect(MainChannelsList);
    },
  })
  .server("distinct", {
    title: "lists each channel once, and main not at all",
    requirement: "The server MUST list each pair of type and id once; main is open already",
    source: "spice-server reds.cpp reds_fill_channels",
    level: "must",
    run: async (peer) => {
      const { channels } = await peer.session();
      const pairs = channels.map(({ type, id }) => `${type}:${id}`);
      mustEqual(pairs.length, new Set(pairs).size, "the number of channels in the list");
      must(channels.every(({ type }) => type !== ChannelType.MAIN), "the list has a main channel");
      must(channels.length > 0, "the list is empty");
    },
  })
  .server("links", {
    title: "lets a client open every channel of its list",
    requirement: "The server MUST let every channel link that it lists",
    source: "spice-server reds.cpp reds_handle_other_links, reds_find_channel",
    level: "must",
    run: async (peer) => {
      const session = await peer.session();
      for (const { type, id } of session.channels) {
        const name = channelByType(type)?.name as ChannelName | undefined;
        if (name === undefined) continue;
        const talk = await session.open(name, { channelId: id });
        if (name === "display") await talk.send(DisplayInit, DISPLAY_INIT);
      }
      await mustStay(session.main, "all channels are open");
    },
  })
  .server("twice", {
    title: "survives a second ATTACH_CHANNELS",
    requirement: "The server SHOULD answer a second ATTACH_CHANNELS with the same list, or not at all",
    source: "spice-server main-channel-client.cpp MainChannelClient::handle_message",
    level: "should",
    run: async (peer) => {
      const session = await peer.session();
      await session.main.send(MainAttachChannels, {});
      const again = await session.main.find(MainChannelsList, undefined, 800);
      if (again !== null) mustEqual(again.channels, session.channels, "the second list");
      must(!session.main.wire.ended, "it closes the connection");
      await session.open("inputs");
    },
  })
  .server("foreign", {
    title: "lists nothing to one session for what another does",
    requirement: "The server MUST refuse channels with the id of a session that has ended",
    source: "spice-server reds.cpp reds_handle_other_links (BAD_CONNECTION_ID)",
    level: "must",
    run: async (peer) => {
      const { main, init } = await peer.session();
      main.wire.close();
      await new Promise((done) => setTimeout(done, 300));
      const { result } = await peer.link({ channel: "inputs", connectionId: init.sessionId });
      must(result !== LinkErr.OK, "a channel of a session that has ended links");
      await mustServe(peer, "a link to a session that has ended");
    },
  })
  .server("hang-up", {
    title: "survives channels that hang up while the session goes on",
    requirement: "The server MUST go on when a channel other than main ends, and let it be opened anew",
    source: "spice-server red-channel-client.cpp RedChannelClient::disconnect",
    level: "must",
    run: async (peer) => {
      const session = await peer.session();
      for (const name of ["inputs", "cursor", "display"] as const) {
        for (let round = 0; round < 2; round++) {
          const talk = await session.open(name);
          if (name === "display") await talk.send(DisplayInit, DISPLAY_INIT);
          talk.wire.close();
          await mustStay(session.main, `its ${name} channel has hung up`, 300);
        }
      }
      await mustServe(peer, "channels that hang up");
    },
  })
  .server("silent-display", {
    title: "does not let a silent display channel hold up others",
    requirement: "The server SHOULD serve other clients while a display channel has not sent DISPLAY_INIT",
    source: "spice-server dcc.cpp display_channel_client_wait_for_init, which waits in the thread of the display",
    level: "should",
    run: async (peer) => {
      const session = await peer.session();
      await session.open("display");
      await mustServe(peer, "a display channel that says nothing");
    },
  })
  .client("session", {
    title: "links its channels with the session's number",
    requirement: "The client MUST link main with the connection id 0, and other channels with that of MAIN_INIT",
    source: "spice-gtk spice-channel.c spice_channel_send_link, channel-main.c main_handle_init",
    level: "must",
    run: async (peer) => {
      await peer.start({ init: { sessionId: 0xfedc_ba98 } });
      mustEqual((await peer.arrival("main")).request.connectionId, 0, "the connection id of main");
      for (const name of ["display", "cursor", "inputs"] as const) {
        mustEqual((await peer.arrival(name)).request.connectionId, 0xfedc_ba98, `the connection id of ${name}`);
      }
    },
  })
  .client("each", {
    title: "opens each channel of the list once",
    requirement: "The client MUST NOT open a channel that the server has not listed, nor one twice",
    source: GTK,
    level: "must",
    covers: ["main/server/MAIN_CHANNELS_LIST"],
    run: async (peer) => {
      const main = await peer.main({ channels: [{ name: "display" }, { name: "display", id: 1 }, { name: "inputs" }] });
      for (const id of [0, 1]) await peer.channel("display", id);
      await peer.channel("inputs");
      await main.drain(500);
      mustEqual(opened(peer), ["display 0", "display 1", "inputs 0"], "what it opens");
    },
  })
  .client("later", {
    title: "opens a channel that is listed later",
    requirement: "The client MUST open channels of a later CHANNELS_LIST, which names only the new ones",
    source: "spice-server main-channel-client.cpp main_channel_marshall_registered_channel",
    level: "must",
    run: async (peer) => {
      const main = await peer.main({ channels: [{ name: "inputs" }] });
      await peer.channel("inputs");
      await main.send(MainChannelsList, { channels: [{ type: ChannelType.DISPLAY, id: 1 }] });
      await peer.channel("display", 1);
    },
  })
  .client("repeated", {
    title: "does not open channels again that are listed again",
    requirement: "The client SHOULD open only the new channels of a later list that names all of them",
    source: "spice-gtk channel-main.c main_handle_channels_list, which makes a channel for each entry",
    level: "should",
    run: async (peer) => {
      const main = await peer.main({ channels: [{ name: "display" }, { name: "inputs" }] });
      await peer.channel("display");
      await peer.channel("inputs");
      const { DISPLAY, INPUTS } = ChannelType;
      await main.send(MainChannelsList, {
        channels: [{ type: DISPLAY, id: 0 }, { type: INPUTS, id: 0 }, { type: DISPLAY, id: 1 }],
      });
      await peer.channel("display", 1);
      await main.drain(500);
      mustEqual(opened(peer), ["display 0", "display 1", "inputs 0"], "what it opens");
    },
  })
  .client("empty", {
    title: "goes on with no channel beside main",
    requirement: "The client SHOULD take an empty CHANNELS_LIST",
    source: GTK,
    level: "should",
    run: async (peer) => {
      const main = await peer.main({ channels: [] });
      await main.drain(300);
      await mustAnswer(peer, main, "an empty list");
      mustEqual(opened(peer), [], "what it opens");
    },
  })
  .client("unknown", {
    title: "passes over channels of types that it does not know",
    requirement: "The client MUST open the channels that it knows, and pass over others",
    source: "spice-gtk spice-channel.c spice_channel_new (unsupported channel kind)",
    level: "must",
    run: async (peer) => {
      const main = await peer.main({ greet: (name) => name !== "main" });
      await main.send(MainInit, mainInit({ sessionId: SESSION_ID }));
      await main.expect(MainAttachChannels);
      await main.send(MainChannelsList, {
        channels: [{ type: 99, id: 0 }, { type: 250, id: 255 }, { type: ChannelType.INPUTS, id: 0 }],
      });
      await answers(await peer.channel("inputs"));
      await answers(main);
    },
  })
  .client("refused", {
    title: "goes on without a channel that is refused",
    requirement: "The client SHOULD keep its session when the server refuses one of its channels",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg, spice_channel_recv_auth",
    level: "should",
    run: async (peer) => {
      const main = await peer.main({
        refuse: ({ channelType }, when) =>
          channelType === ChannelType.CURSOR && when === "result" ? LinkErr.CHANNEL_NOT_AVAILABLE : null,
      });
      await peer.arrival("cursor");
      await answers(await peer.channel("inputs"));
      await answers(main);
    },
  })
  .client("lost", {
    title: "goes on when a channel other than main ends",
    requirement: "A client can keep its session when the server closes its cursor channel",
    source: "spice-gtk spice-channel.c spice_channel_coroutine",
    level: "info",
    run: async (peer) => {
      const main = await peer.main();
      (await peer.channel("cursor")).wire.close();
      if (await main.closes(500)) lax("it ends its session");
      await answers(main);
    },
  });

function opened({ arrivals }: ClientPeer): string[] {
  return arrivals.filter(({ name }) => name !== "main").map(({ name, request }) => `${name} ${request.channelId}`)
    .sort();
}

async function answers(talk: Talk): Promise<void> {
  await talk.send(Ping, { id: 1, timestamp: 0n, data: new Uint8Array(0) });
  must(await talk.find(Pong) !== null, `its ${talk.options.declaration.name} channel answers no PING`);
}
