/** The guest agent's stream: who may send how much of it. */
import {
  AgentAnnounceCapabilities,
  AgentCap,
  AgentClipboardRequest,
  AgentMessageType,
  ClipboardType,
  VD_AGENT_MAX_DATA_SIZE,
} from "../../../protocol/messages/agent.ts";
import { hasCap, wordsOfCaps } from "../../../protocol/capabilities.ts";
import { LinkErr } from "../../../protocol/messages/enums.ts";
import {
  MainAgentConnected,
  MainAgentConnectedTokens,
  MainAgentDisconnected,
  MainAgentStart,
  MainAgentToken,
} from "../../../protocol/messages/main.ts";
import { decode } from "../../../protocol/schema/decode.ts";
import { agentBytes, agentData, agentMessages, findAgent, sendAgent, sendAgentBytes } from "../../suite/agent_talk.ts";
import { hearOut, mustAnswer, mustCope, mustServe, mustStay } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import type { ClientPeer, Script } from "../../suite/client_peer.ts";
import { eventually } from "../../suite/eventually.ts";
import type { ServerPeer, SessionTalk } from "../../suite/server_peer.ts";
import type { Talk } from "../../suite/talk.ts";
import { fail, lacks, lax, must, mustEqual } from "../../suite/verdict.ts";

const SERVER = "spice-server reds.cpp reds_on_main_agent_data, reds_get_agent_data_buffer";
const FILTER = "spice-server agent-msg-filter.c agent_msg_filter_process_data";
const GTK = "spice-gtk channel-main.c agent_start, agent_announce_caps, agent_msg_queue_many, agent_send_msg_queue";
const ANNOUNCE = AgentMessageType.ANNOUNCE_CAPABILITIES;

/** What a client announces that the reference's agents know. */
const CAPS = wordsOfCaps([
  AgentCap.MOUSE_STATE,
  AgentCap.MONITORS_CONFIG,
  AgentCap.REPLY,
  AgentCap.CLIPBOARD_BY_DEMAND,
  AgentCap.CLIPBOARD_SELECTION,
]);

export const agent = group("main/agent", "The agent's stream")
  .server("absent", {
    title: "passes over agent data that is under way when there is no agent",
    requirement: "The server MUST discard AGENT_DATA before AGENT_START, or without an agent",
    source: `${SERVER} (client_agent_started)`,
    level: "must",
    run: async (peer) => {
      const { main } = await peer.session();
      for (let i = 0; i < 3; i++) await sendAgent(main, AgentAnnounceCapabilities, { request: 1, caps: CAPS });
      await mustStay(main, "agent data before AGENT_START");
      mustEqual(agentData(main).length, 0, "the number of answers");
    },
  })
  .server("start-without", {
    title: "passes over AGENT_START and tokens when there is no agent",
    requirement: "The server SHOULD ignore AGENT_START and AGENT_TOKEN without an agent",
    source: "spice-server reds.cpp reds_on_main_agent_start, reds_on_main_agent_tokens",
    level: "should",
    covers: ["main/client/MAIN_AGENT_TOKEN"],
    run: async (peer) => {
      const { main, init } = await peer.session();
      if (init.agentConnected !== 0) lacks("there is an agent");
      await main.send(MainAgentStart, { numTokens: 10 });
      // Its number from a client is not that from a server.
      await main.sendBody(108, new Uint8Array([1, 0, 0, 0]), "MAIN_AGENT_TOKEN");
      await mustStay(main, "AGENT_START without an agent");
    },
  })
  .server("announces", {
    title: "answers ANNOUNCE_CAPABILITIES",
    requirement: "The agent MUST answer an announcement with `request` by its own",
    source: "vd_agent.h VDAgentAnnounceCapabilities",
    level: "must",
    covers: ["main/client/MAIN_AGENT_START", "main/*/MAIN_AGENT_DATA"],
    run: async (peer) => {
      const { main } = await startAgent(peer, 20);
      await sendAgent(main, AgentAnnounceCapabilities, { request: 1, caps: CAPS });
      const answer = await findAgent(main, ANNOUNCE);
      must(answer !== null, "no announcement comes");
      must(
        decode(AgentAnnounceCapabilities.wire, answer.data).caps.length > 0,
        "it announces no words of capabilities",
      );
    },
  })
  .server("split", {
    title: "puts a message together that comes in two AGENT_DATA",
    requirement: "The server MUST pass a message on whose body comes in several AGENT_DATA",
    source: `${FILTER} (msg_data_to_read)`,
    level: "must",
    run: async (peer) => {
      const { main } = await startAgent(peer, 20);
      const bytes = agentBytes(AgentAnnounceCapabilities, { request: 1, caps: CAPS });
      await sendAgentBytes(main, bytes.subarray(0, 22));
      await sendAgentBytes(main, bytes.subarray(22));
      must(await findAgent(main, ANNOUNCE) !== null, "no announcement comes");
    },
  })
  .server("no-tokens", {
    title: "sends nothing to a client that gave no tokens",
    requirement: "The server MUST NOT send more AGENT_DATA than the client gave tokens for",
    source: "spice-server char-device.cpp RedCharDeviceClient (num_send_tokens)",
    level: "must",
    run: async (peer) => {
      const { main } = await startAgent(peer, 0);
      for (let i = 0; i < 3; i++) await sendAgent(main, AgentAnnounceCapabilities, { request: 1, caps: CAPS });
      mustEqual(agentData(main, await main.drain(600)).length, 0, "the number of AGENT_DATA without a token");
    },
  })
  .server("few-tokens", {
    title: "sends as many messages as the client gave tokens for",
    requirement: "The server MUST count a token for each AGENT_DATA",
    source: "spice-server char-device.cpp RedCharDeviceClient (num_send_tokens)",
    level: "must",
    run: async (peer) => {
      const { main } = await startAgent(peer, 2);
      for (let i = 0; i < 5; i++) await sendAgent(main, AgentAnnounceCapabilities, { request: 1, caps: CAPS });
      const sent = agentData(main, await main.drain(600)).length;
      must(sent > 0 && sent <= 2, `it sends ${sent} AGENT_DATA for 2 tokens`);
    },
  })
  .server("tokens-back", {
    title: "gives tokens back",
    requirement: "The server MUST give tokens back for what the agent has taken",
    source: "spice-server char-device.cpp red_char_device_client_tokens_add",
    level: "must",
    covers: ["main/server/MAIN_AGENT_TOKEN"],
    run: async (peer) => {
      const { main, init } = await startAgent(peer, 100);
      const sent = init.agentTokens;
      for (let i = 0; i < sent; i++) await sendAgent(main, AgentAnnounceCapabilities, { request: 0, caps: CAPS });
      const tokens = (await main.drain(800)).filter(({ type }) => type === MainAgentToken.id)
        .reduce((sum, heard) => sum + main.decode(MainAgentToken, heard).numTokens, 0);
      must(tokens > 0, "no token comes back");
      must(tokens <= sent, `${tokens} tokens come back for ${sent} messages`);
    },
  })
  .server("flood", {
    title: "survives more agent messages than it gave tokens for",
    requirement: "The server SHOULD close the connection of a client that ignores its tokens, or keep up with it",
    source: "spice-server char-device.cpp red_char_device_write_buffer_get (token violation)",
    level: "should",
    run: async (peer) => {
      const { main } = await startAgent(peer, 0);
      for (let i = 0; i < 400; i++) {
        if (!await sendAgent(main, AgentAnnounceCapabilities, { request: 0, caps: CAPS })) break;
      }
      await main.closes(500);
      await mustServe(peer, "400 agent messages at once");
    },
  })
  .server("oversize", {
    title: "refuses an AGENT_DATA of more than 2048 bytes",
    requirement: "The server MUST close the connection of a client that sends more in one AGENT_DATA",
    source: `${FILTER} (VD_AGENT_MAX_DATA_SIZE)`,
    level: "must",
    run: async (peer) => {
      const { main } = await startAgent(peer, 10);
      // 20 bytes of header, the request, and words of capabilities.
      const words = (VD_AGENT_MAX_DATA_SIZE - 24) / 4, capsOf = (count: number) => new Array<number>(count).fill(0);
      await sendAgent(main, AgentAnnounceCapabilities, { request: 0, caps: capsOf(words) });
      await mustStay(main, "an AGENT_DATA of 2048 bytes", 300);
      await sendAgent(main, AgentAnnounceCapabilities, { request: 0, caps: capsOf(words + 1) });
      must(await main.closes(1500), "the connection stays open");
      await mustServe(peer, "an AGENT_DATA of 2052 bytes");
    },
  })
  .server("protocol", {
    title: "refuses agent messages of another protocol",
    requirement: "The server SHOULD close the connection of a client whose VDAgentMessage is not of protocol 1",
    source: FILTER,
    level: "should",
    run: async (peer) => {
      const { main } = await startAgent(peer, 10);
      const bytes = agentBytes(AgentAnnounceCapabilities, { request: 1, caps: CAPS });
      bytes[0] = 2;
      await sendAgentBytes(main, bytes);
      if (!(await main.closes(1500))) lax("it passes over the message");
      await mustServe(peer, "an agent message of protocol 2");
    },
  })
  .client("starts", {
    title: "opens the agent's stream when there is an agent",
    requirement: "The client MUST send AGENT_START before AGENT_DATA",
    source: GTK,
    level: "must",
    covers: ["main/client/MAIN_AGENT_START"],
    run: async (peer) => {
      const main = await withAgent(peer);
      const start = main.heard.findIndex(({ type }) => type === MainAgentStart.id);
      const data = main.heard.findIndex((one) => agentData(main, [one]).length > 0);
      must(data < 0 || start < data, "AGENT_DATA comes before AGENT_START");
      const starts = main.heard.filter(({ type }) => type === MainAgentStart.id);
      mustEqual(starts.length, 1, "the number of AGENT_STARTs");
      must(main.decode(MainAgentStart, starts[0]!).numTokens > 0, "it gives no token");
    },
  })
  .client("none", {
    title: "does not speak to an agent that there is not",
    requirement: "The client MUST NOT send AGENT_DATA while no agent is connected",
    source: `${GTK} (agent_connected)`,
    level: "must",
    run: async (peer) => {
      const main = await peer.main({ init: { agentConnected: 0, agentTokens: 10 } });
      await main.drain(600);
      mustEqual(agentData(main).length, 0, "the number of AGENT_DATA");
      mustEqual(await peer.control.ask("agent"), false, "whether it sees an agent");
    },
  })
  .client("announces", {
    title: "announces its capabilities first",
    requirement: "The client MUST begin with ANNOUNCE_CAPABILITIES and ask for those of the agent",
    source: `${GTK} (request = 1)`,
    level: "must",
    run: async (peer) => {
      const main = await withAgent(peer);
      must(await findAgent(main, ANNOUNCE) !== null, "no announcement comes");
      const [first] = agentMessages(main);
      mustEqual(first!.type, ANNOUNCE, "the type of the first agent message");
      const { request, caps } = decode(AgentAnnounceCapabilities.wire, first!.data);
      mustEqual(request, 1, "its request");
      must(hasCap(caps, AgentCap.REPLY) || hasCap(caps, AgentCap.MONITORS_CONFIG), "it announces nothing");
    },
  })
  .client("answers", {
    title: "announces its capabilities when it is asked",
    requirement: "The client MUST answer an announcement with `request` by its own, and one without it not at all",
    source: "spice-gtk channel-main.c main_agent_handle_msg (VD_AGENT_ANNOUNCE_CAPABILITIES)",
    level: "must",
    run: async (peer) => {
      const main = await withAgent(peer);
      const before = announcements(main);
      await sendAgent(main, AgentAnnounceCapabilities, { request: 0, caps: CAPS });
      await hearOut(peer, main, "an announcement");
      mustEqual(announcements(main), before, "the number of announcements after one without request");
      await sendAgent(main, AgentAnnounceCapabilities, { request: 1, caps: CAPS });
      await hearOut(peer, main, "an announcement");
      mustEqual(announcements(main), before + 1, "the number of announcements after one with request");
    },
  })
  .client("split", {
    title: "puts a message together that comes byte by byte",
    requirement: "The client MUST put the agent's messages together from any split of AGENT_DATA",
    source: "spice-gtk channel-main.c main_handle_agent_data_msg",
    level: "must",
    run: async (peer) => {
      const main = await withAgent(peer);
      const before = announcements(main), bytes = agentBytes(AgentAnnounceCapabilities, { request: 1, caps: CAPS });
      for (let at = 0; at < bytes.length; at++) await sendAgentBytes(main, bytes.subarray(at, at + 1));
      await hearOut(peer, main, "an announcement in bytes");
      mustEqual(announcements(main), before + 1, "the number of announcements");
    },
  })
  .client("joined", {
    title: "takes two messages in one AGENT_DATA apart",
    requirement: "The client SHOULD take apart messages that come in one AGENT_DATA",
    source: "spice-gtk channel-main.c main_handle_agent_data",
    level: "should",
    run: async (peer) => {
      const main = await withAgent(peer);
      const before = announcements(main), bytes = agentBytes(AgentAnnounceCapabilities, { request: 1, caps: CAPS });
      const two = new Uint8Array(2 * bytes.length);
      two.set(bytes);
      two.set(bytes, bytes.length);
      await sendAgentBytes(main, two);
      await hearOut(peer, main, "two announcements");
      mustEqual(announcements(main), before + 2, "the number of announcements");
    },
  })
  .client("tokens", {
    title: "sends no more messages than it has tokens for",
    requirement: "The client MUST NOT send more AGENT_DATA than the server gave tokens for",
    source: `${GTK}; spice-server char-device.cpp red_char_device_write_buffer_get (token violation)`,
    level: "must",
    covers: ["main/server/MAIN_AGENT_TOKEN"],
    run: async (peer) => {
      const main = await withAgent(peer, { init: { agentConnected: 1, agentTokens: 2 } });
      // Each asks for an answer.
      for (let i = 0; i < 6; i++) await sendAgent(main, AgentAnnounceCapabilities, { request: 1, caps: CAPS });
      await hearOut(peer, main, "six announcements");
      must(agentData(main).length <= 2, `it sends ${agentData(main).length} AGENT_DATA for 2 tokens`);
      await main.send(MainAgentToken, { numTokens: 1 });
      await hearOut(peer, main, "a token");
      mustEqual(agentData(main).length, 3, "the number of AGENT_DATA for 3 tokens");
      await main.send(MainAgentToken, { numTokens: 100 });
      await hearOut(peer, main, "100 tokens");
      must(agentData(main).length > 3, "nothing follows more tokens");
    },
  })
  .client("parts", {
    title: "sends a long message in parts of 2048 bytes",
    requirement: "The client MUST NOT send more than 2048 bytes in one AGENT_DATA",
    source: `${GTK} (VD_AGENT_MAX_DATA_SIZE); ${FILTER}`,
    level: "must",
    run: async (peer) => {
      const main = await withAgent(peer, { init: { agentConnected: 1, agentTokens: 100 } });
      await sendAgent(main, AgentAnnounceCapabilities, { request: 0, caps: CAPS });
      await hearOut(peer, main, "an announcement");
      const text = "saffron ".repeat(1000);
      await peer.control.ask("clipboard", { text });
      must(await findAgent(main, AgentMessageType.CLIPBOARD_GRAB) !== null, "no CLIPBOARD_GRAB comes");
      await sendAgent(main, AgentClipboardRequest, {
        selection: 0,
        reserved: new Uint8Array(3),
        type: ClipboardType.UTF8_TEXT,
      });
      const answer = await findAgent(main, AgentMessageType.CLIPBOARD) ?? fail("no CLIPBOARD comes");
      mustEqual(new TextDecoder().decode(answer.data.subarray(8)), text, "the text");
      const longest = Math.max(...agentData(main).map(({ body }) => body.length));
      must(longest <= VD_AGENT_MAX_DATA_SIZE, `it sends ${longest} bytes in one AGENT_DATA`);
    },
  })
  .client("comes", {
    title: "speaks to an agent that comes later",
    requirement: "The client MUST open the stream anew when AGENT_CONNECTED or AGENT_CONNECTED_TOKENS comes",
    source: "spice-gtk channel-main.c main_handle_agent_connected, main_handle_agent_connected_tokens",
    level: "must",
    covers: ["main/server/MAIN_AGENT_CONNECTED*"],
    run: async (peer) => {
      const main = await peer.main({ init: { agentConnected: 0, agentTokens: 10 } });
      await main.drain(300);
      for (const withTokens of [false, true]) {
        if (withTokens) await main.send(MainAgentConnectedTokens, { numTokens: 10 });
        else await main.send(MainAgentConnected, {});
        await eventually("whether it sees the agent", () => peer.control.ask("agent"), true);
        const heard = await hearOut(peer, main, "AGENT_CONNECTED");
        if (!heard.some(({ type }) => type === MainAgentStart.id)) lacks("it does not use the agent");
        await main.send(MainAgentDisconnected, { errorCode: LinkErr.OK });
        await eventually("whether it sees the agent", () => peer.control.ask("agent"), false);
      }
    },
  })
  .client("goes", {
    title: "is silent when the agent has gone",
    requirement: "The client MUST send no AGENT_DATA after AGENT_DISCONNECTED, and keep the session",
    source: "spice-gtk channel-main.c main_handle_agent_disconnected, agent_stopped",
    level: "must",
    covers: ["main/server/MAIN_AGENT_DISCONNECTED"],
    run: async (peer) => {
      const main = await peer.main({ init: { agentConnected: 1, agentTokens: 10 } });
      await hearOut(peer, main, "MAIN_INIT");
      for (const errorCode of [LinkErr.OK, LinkErr.ERROR]) await main.send(MainAgentDisconnected, { errorCode });
      await mustAnswer(peer, main, "AGENT_DISCONNECTED");
      mustEqual(agentData(main, await main.drain(500)).length, 0, "the number of AGENT_DATA after AGENT_DISCONNECTED");
      await eventually("whether it sees the agent", () => peer.control.ask("agent"), false);
    },
  })
  .client("unasked", {
    title: "survives agent data without an agent, of types and protocols that there are not",
    requirement: "The client SHOULD survive AGENT_DATA that it did not ask for",
    source: "spice-gtk channel-main.c main_handle_agent_data, main_agent_handle_msg",
    level: "should",
    covers: ["main/server/MAIN_AGENT_DATA"],
    run: async (peer) => {
      const main = await peer.main();
      const bytes = agentBytes(AgentAnnounceCapabilities, { request: 1, caps: CAPS }), other = bytes.slice();
      other[0] = 9;
      const unknown = bytes.slice();
      unknown[4] = 200;
      for (const data of [bytes, other, unknown, new Uint8Array(24)]) {
        await sendAgentBytes(main, data);
        if (await mustCope(peer, main, "agent data without an agent") === "closed") break;
      }
    },
  });

/** A session whose agent is started. */
async function startAgent(peer: ServerPeer, numTokens: number): Promise<SessionTalk> {
  const session = await peer.session();
  if (session.init.agentConnected === 0) lacks("there is no agent");
  await session.main.send(MainAgentStart, { numTokens });
  return session;
}

/** The main channel of a client that uses the agent. */
async function withAgent(
  peer: ClientPeer,
  script: Script = { init: { agentConnected: 1, agentTokens: 50 } },
): Promise<Talk> {
  const main = await peer.main(script);
  await hearOut(peer, main, "MAIN_INIT");
  if (!main.heard.some(({ type }) => type === MainAgentStart.id)) lacks("it does not use the agent");
  return main;
}

function announcements(main: Talk): number {
  return agentMessages(main).filter(({ type }) => type === ANNOUNCE).length;
}
