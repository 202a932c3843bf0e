/** MAIN_INIT, the name and the UUID: what a session begins with. */
import { CommonCap, MainCap } from "../../../protocol/capabilities.ts";
import { MouseMode } from "../../../protocol/messages/enums.ts";
import {
  MainAttachChannels,
  MainChannelsList,
  MainInit,
  MainMultiMediaTime,
  MainName,
  MainUuid,
} from "../../../protocol/messages/main.ts";
import { mustAnswer, mustGoOnOrEnd } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import { mainInit } from "../../suite/client_peer.ts";
import { eventually } from "../../suite/eventually.ts";
import { lacks, must, mustEqual } from "../../suite/verdict.ts";

const SERVER = "spice-server main-channel-client.cpp main_channel_marshall_init, reds.cpp reds_handle_main_link";
const GTK = "spice-gtk channel-main.c main_handle_init";
const text = (words: string) => new TextEncoder().encode(words);

export const init = group("main/init", "The beginning of a session")
  .server("first", {
    title: "begins with MAIN_INIT",
    requirement: "The server MUST send MAIN_INIT as the first message of the main channel",
    source: `${SERVER}; MainChannelClient::send_item`,
    level: "must",
    covers: ["main/server/MAIN_INIT"],
    run: async (peer) => {
      const main = await peer.open();
      const first = await main.next();
      mustEqual(first?.name, MainInit.name, "the first message");
      main.decode(MainInit, first!);
      const again = (await main.drain()).filter(({ type }) => type === MainInit.id);
      mustEqual(again.length, 0, "the number of further MAIN_INITs");
    },
  })
  .server("session-id", {
    title: "gives each session a number that is not 0",
    requirement: "The server MUST NOT give the session id 0, with which clients ask for a new session",
    source: "spice-server reds.cpp reds_handle_main_link (g_random_int)",
    level: "must",
    run: async (peer) => {
      const ids = new Set<number>();
      for (let i = 0; i < 4; i++) {
        const { sessionId } = await (await peer.open()).expect(MainInit);
        must(sessionId !== 0, "the session id is 0");
        ids.add(sessionId);
      }
      mustEqual(ids.size, 4, "the number of different session ids of 4 sessions");
    },
  })
  .server("mouse-modes", {
    title: "offers mouse modes, and is in one of them",
    requirement: "The server MUST be in one mouse mode, which is among those that it supports",
    source: SERVER,
    level: "must",
    run: async (peer) => {
      const { supportedMouseModes: all, currentMouseMode: now } = await (await peer.open()).expect(MainInit);
      must(now === MouseMode.SERVER || now === MouseMode.CLIENT, `the current mode is ${now}`);
      must((all & now) !== 0, `the current mode ${now} is not among the supported ${all}`);
      must((all & ~(MouseMode.SERVER | MouseMode.CLIENT)) === 0, `the supported modes are ${all}`);
    },
  })
  .server("agent", {
    title: "tells whether there is an agent, and gives tokens",
    requirement: "The server MUST tell agent_connected as 0 or 1, and give a token at least when it is 1",
    source: `${SERVER} (REDS_AGENT_WINDOW_SIZE)`,
    level: "must",
    run: async (peer) => {
      const { agentConnected, agentTokens } = await (await peer.open()).expect(MainInit);
      must(agentConnected <= 1, `agent_connected is ${agentConnected}`);
      must(agentConnected === 0 || agentTokens > 0, "there is an agent, and no token to speak to it");
    },
  })
  .server("clock", {
    title: "tells the multimedia time",
    requirement: "The multimedia time of a later session is later",
    source: `${SERVER} (reds_get_mm_time)`,
    level: "info",
    run: async (peer) => {
      const before = (await (await peer.open()).expect(MainInit)).multiMediaTime;
      await new Promise((done) => setTimeout(done, 300));
      const after = (await (await peer.open()).expect(MainInit)).multiMediaTime;
      const passed = (after - before) >>> 0;
      must(passed >= 200 && passed < 30_000, `in 300 ms its clock goes on by ${passed} ms`);
    },
  })
  .server("no-name", {
    title: "sends no name to a client that does not know of it",
    requirement: "The server MUST NOT send NAME or UUID to a client without NAME_AND_UUID",
    source: "spice-server main-channel-client.cpp MainChannelClient::push_name, push_uuid",
    level: "must",
    run: async (peer) => {
      const main = await peer.open({ channelCaps: [] });
      await main.expect(MainInit);
      const told = (await main.drain(400)).filter(({ type }) => type === MainName.id || type === MainUuid.id);
      mustEqual(told.map(({ name }) => name), [], "what it tells a client without NAME_AND_UUID");
    },
  })
  .server("name", {
    title: "sends its name with a NUL",
    requirement: "The server SHOULD send a name that is UTF-8 and ends in its only NUL",
    source: "spice-server main-channel-client.cpp main_name_item_new",
    level: "should",
    covers: ["main/server/MAIN_NAME"],
    run: async (peer) => {
      const main = await peer.open({ channelCaps: [MainCap.NAME_AND_UUID] });
      const { name } = await main.find(MainName, undefined, 1000) ?? lacks("it tells no name");
      mustEqual(name.indexOf(0), name.length - 1, "the place of the NUL");
      new TextDecoder("utf-8", { fatal: true }).decode(name);
    },
  })
  .server("uuid", {
    title: "sends its UUID",
    requirement: "The server SHOULD send a UUID of 16 bytes, the same to every client",
    source: "spice-server main-channel-client.cpp MainChannelClient::push_uuid",
    level: "should",
    covers: ["main/server/MAIN_UUID"],
    run: async (peer) => {
      const ask = async () => {
        const main = await peer.open({ channelCaps: [MainCap.NAME_AND_UUID] });
        return (await main.find(MainUuid, undefined, 1000) ?? lacks("it tells no UUID")).uuid;
      };
      mustEqual(await ask(), await ask(), "the second UUID");
    },
  })
  .client("waits", {
    title: "asks for the channels after MAIN_INIT, and once",
    requirement: "The client MUST send ATTACH_CHANNELS once, after MAIN_INIT",
    source: GTK,
    level: "must",
    covers: ["main/client/MAIN_ATTACH_CHANNELS"],
    run: async (peer) => {
      const main = await peer.main({ greet: (name) => name !== "main" });
      mustEqual(attached(await main.drain(500)), 0, "the number of ATTACH_CHANNELS before MAIN_INIT");
      await main.send(MainInit, mainInit());
      await main.expect(MainAttachChannels);
      await main.send(MainChannelsList, { channels: [] });
      mustEqual(attached(await main.drain(500)), 0, "the number of further ATTACH_CHANNELS");
    },
  })
  .client("name", {
    title: "takes the machine's name",
    requirement: "The client MUST read MAIN_NAME with its NUL",
    source: "spice-gtk channel-main.c main_handle_name",
    level: "must",
    covers: ["main/server/MAIN_NAME"],
    run: async (peer) => {
      const main = await peer.main();
      await main.send(MainName, { name: text("Käse 🧀\0") });
      await eventually("its name of the machine", () => peer.control.ask("name"), "Käse 🧀");
    },
  })
  .client("name-unterminated", {
    title: "takes a name without a NUL",
    requirement: "The client SHOULD read name_len bytes of MAIN_NAME, whether or not they end in NUL",
    source: "spice.proto MainChannel.name; spice-gtk channel-main.c main_handle_name, which reads up to a NUL",
    level: "should",
    run: async (peer) => {
      const main = await peer.main();
      for (const name of ["0123456789abcdef", "x"]) {
        await main.send(MainName, { name: text(name) });
        await eventually("its name of the machine", () => peer.control.ask("name"), name);
      }
      await main.send(MainName, { name: new Uint8Array(0) });
      await mustAnswer(peer, main, "a name of no bytes");
    },
  })
  .client("uuid", {
    title: "takes the machine's UUID",
    requirement: "The client SHOULD read the 16 bytes of MAIN_UUID",
    source: "spice-gtk channel-main.c main_handle_uuid",
    level: "should",
    covers: ["main/server/MAIN_UUID"],
    run: async (peer) => {
      const main = await peer.main(), uuid = Uint8Array.from({ length: 16 }, (_, i) => 0xf0 - i);
      await main.send(MainUuid, { uuid });
      await eventually("its UUID of the machine", () => peer.control.ask("uuid"), uuid.toHex());
    },
  })
  .client("mm-time", {
    title: "takes MULTI_MEDIA_TIME",
    requirement: "The client SHOULD take MULTI_MEDIA_TIME at any time, also one that goes back",
    source: "spice-gtk channel-main.c main_handle_mm_time",
    level: "should",
    covers: ["main/server/MAIN_MULTI_MEDIA_TIME"],
    run: async (peer) => {
      const main = await peer.main();
      for (const time of [5000, 0, 0xffff_ffff, 1]) {
        await main.send(MainMultiMediaTime, { time });
        await mustAnswer(peer, main, `the multimedia time ${time}`);
      }
    },
  })
  .client("again", {
    title: "survives a second MAIN_INIT",
    requirement: "The client SHOULD take a second MAIN_INIT, or end the session: it says so",
    source: GTK,
    level: "should",
    run: async (peer) => {
      const main = await peer.main();
      await main.send(MainInit, mainInit());
      await mustGoOnOrEnd(peer, main, "a second MAIN_INIT");
    },
  })
  .client("full-header", {
    title: "begins a session with full headers",
    requirement: "The client MUST do the same with headers of 18 bytes when the server lacks MINI_HEADER",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg (use_mini_header)",
    level: "must",
    run: async (peer) => {
      const main = await peer.main({ commonCaps: [CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.AUTH_SPICE] });
      mustEqual(main.options.header, "full", "the header");
      await peer.channel("display");
      await mustAnswer(peer, main, "a beginning with full headers");
    },
  });

function attached(heard: readonly { readonly type: number }[]): number {
  return heard.filter(({ type }) => type === MainAttachChannels.id).length;
}
