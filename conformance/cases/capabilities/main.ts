/** Capabilities of the main channel. */
import { hasCap, MainCap } from "../../../protocol/capabilities.ts";
import {
  MainAgentConnected,
  MainAgentConnectedTokens,
  MainAgentStart,
  MainMigrateBegin,
  MainMigrateBeginSeamless,
  MainName,
  MainUuid,
} from "../../../protocol/messages/main.ts";
import { hearOut, mustAnswer } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import type { ServerPeer } from "../../suite/server_peer.ts";
import type { Heard, Talk } from "../../suite/talk.ts";
import { lacks, lax, must, mustEqual } from "../../suite/verdict.ts";

export const main = group("capabilities/main", "Capabilities: main")
  .server("name", {
    title: "tells the machine's name where both sides have NAME_AND_UUID",
    requirement: "The server MUST send MAIN_NAME as text with a NUL, after MAIN_INIT",
    source:
      "spice-server main-channel-client.cpp MainChannelClient::push_name, spice-gtk channel-main.c main_handle_name",
    level: "must",
    covers: ["caps/main/NAME_AND_UUID/server", "main/server/MAIN_NAME"],
    run: async (peer) => {
      const talk = (await peer.session()).main;
      advertises(talk, "NAME_AND_UUID");
      const heard = talk.heard.find(({ type }) => type === MainName.id) ??
        (await talk.drain()).find(({ type }) => type === MainName.id);
      if (heard === undefined) lacks("the machine has no name");
      const { name } = talk.decode(MainName, heard);
      must(name.length > 0 && name.at(-1) === 0, "the name does not end with a NUL");
      must(name.indexOf(0) === name.length - 1, "the name has a NUL inside");
    },
  })
  .server("no-name", {
    title: "sends no name and no UUID to a client that cannot read them",
    requirement: "The server MUST NOT send MAIN_NAME or MAIN_UUID to a client without NAME_AND_UUID",
    source: "spice-server main-channel-client.cpp MainChannelClient::push_name, push_uuid (test_remote_cap)",
    level: "must",
    run: async (peer) => {
      const heard = await hears(peer, []);
      must(!has(heard, MainName.id), "MAIN_NAME comes");
      must(!has(heard, MainUuid.id), "MAIN_UUID comes");
    },
  })
  .server("uuid", {
    title: "tells the machine's UUID where both sides have NAME_AND_UUID",
    requirement: "The server MUST send MAIN_UUID of 16 bytes",
    source: "spice-server main-channel-client.cpp MainChannelClient::push_uuid",
    level: "must",
    covers: ["caps/main/NAME_AND_UUID/server", "main/server/MAIN_UUID"],
    run: async (peer) => {
      const talk = (await peer.session()).main;
      advertises(talk, "NAME_AND_UUID");
      await talk.drain();
      const heard = talk.heard.find(({ type }) => type === MainUuid.id);
      if (heard === undefined) lacks("the machine has no UUID");
      mustEqual(talk.decode(MainUuid, heard).uuid.length, 16, "the bytes of the UUID");
    },
  })
  .server("no-agent-tokens", {
    title: "tells nobody of agent tokens who cannot read of them",
    requirement: "The server MUST NOT send MAIN_AGENT_CONNECTED_TOKENS to a client without the capability",
    source: "spice-server main-channel.cpp MainChannel::push_agent_connected",
    level: "must",
    run: async (peer) => {
      must(!has(await hears(peer, [MainCap.NAME_AND_UUID]), MainAgentConnectedTokens.id), "it comes all the same");
    },
  })
  .server("agent-tokens", {
    title: "tells of agent tokens who can read of them",
    requirement: "The server MUST NOT send MAIN_AGENT_CONNECTED to a client with AGENT_CONNECTED_TOKENS",
    source: "spice-server main-channel.cpp MainChannel::push_agent_connected",
    level: "must",
    covers: ["caps/main/AGENT_CONNECTED_TOKENS/server"],
    run: async (peer) => {
      const session = await peer.session();
      advertises(session.main, "AGENT_CONNECTED_TOKENS");
      await session.main.drain();
      must(!has(session.main.heard, MainAgentConnected.id), "MAIN_AGENT_CONNECTED comes");
    },
  })
  .server("no-migration", {
    title: "sends nobody to another host who cannot go",
    requirement: "The server MUST NOT send MAIN_MIGRATE_BEGIN to a client without SEMI_SEAMLESS_MIGRATE",
    source: "spice-server main-channel-client.cpp MainChannelClient::connect_semi_seamless",
    level: "must",
    run: async (peer) => {
      const heard = await hears(peer, []);
      must(!has(heard, MainMigrateBegin.id), "MAIN_MIGRATE_BEGIN comes");
      must(!has(heard, MainMigrateBeginSeamless.id), "MAIN_MIGRATE_BEGIN_SEAMLESS comes");
    },
  })
  .client("name", {
    title: "reads the machine's name where it has NAME_AND_UUID",
    requirement: "The client MUST take MAIN_NAME and MAIN_UUID when it has NAME_AND_UUID",
    source: "spice-gtk channel-main.c main_handle_name, main_handle_uuid",
    level: "must",
    covers: ["caps/main/NAME_AND_UUID/client"],
    run: async (peer) => {
      const talk = await peer.main({ channelCaps: { main: [MainCap.NAME_AND_UUID] } });
      advertises(talk, "NAME_AND_UUID");
      await talk.send(MainName, { name: new TextEncoder().encode("Sächsisches\0") });
      await talk.send(MainUuid, { uuid: new Uint8Array(16).fill(0xab) });
      await mustAnswer(peer, talk, "MAIN_NAME and MAIN_UUID");
      if (peer.target.speaks) mustEqual(await peer.control.ask("name"), "Sächsisches", "the name");
    },
  })
  .client("agent-tokens", {
    title: "reads of agent tokens where it has AGENT_CONNECTED_TOKENS",
    requirement: "The client MUST take MAIN_AGENT_CONNECTED_TOKENS when it has the capability",
    source: "spice-gtk channel-main.c main_handle_agent_connected_tokens",
    level: "must",
    covers: ["caps/main/AGENT_CONNECTED_TOKENS/client"],
    run: async (peer) => {
      const talk = await peer.main({ channelCaps: { main: [MainCap.AGENT_CONNECTED_TOKENS] } });
      advertises(talk, "AGENT_CONNECTED_TOKENS");
      await talk.send(MainAgentConnectedTokens, { numTokens: 5 });
      await mustAnswer(peer, talk, "MAIN_AGENT_CONNECTED_TOKENS");
    },
  })
  .client("agent-start", {
    title: "answers an agent that comes",
    requirement: "The client SHOULD send MAIN_AGENT_START when an agent comes, or it gets no messages of it",
    source: "spice-gtk channel-main.c agent_start",
    level: "info",
    run: async (peer) => {
      const talk = await peer.main({ channelCaps: { main: [MainCap.AGENT_CONNECTED_TOKENS] } });
      await talk.send(MainAgentConnected, {});
      const heard = await hearOut(peer, talk, "MAIN_AGENT_CONNECTED");
      if (!has(heard, MainAgentStart.id)) lax("no MAIN_AGENT_START comes");
    },
  })
  .client("plain-agent", {
    title: "reads of an agent without tokens",
    requirement: "The client MUST take MAIN_AGENT_CONNECTED from a server without AGENT_CONNECTED_TOKENS",
    source: "spice-gtk channel-main.c main_handle_agent_connected",
    level: "must",
    run: async (peer) => {
      const talk = await peer.main();
      await talk.send(MainAgentConnected, {});
      await mustAnswer(peer, talk, "MAIN_AGENT_CONNECTED");
    },
  });

function advertises({ options }: Talk, cap: keyof typeof MainCap & string): void {
  if (!hasCap(options.channelCaps, MainCap[cap])) lacks(`it has no ${cap}`);
}

/** What comes on main at the start of a client with these capabilities. */
async function hears(peer: ServerPeer, channelCaps: readonly number[]): Promise<readonly Heard[]> {
  const { main } = await peer.session({ channelCaps });
  await main.drain(400);
  return main.heard;
}

function has(heard: readonly Heard[], id: number): boolean {
  return heard.some(({ type }) => type === id);
}
