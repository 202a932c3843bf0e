/** Messages of the guest agent: every layout by each side that may send it, its facets, and capabilities. */
import type { PacketAssembler } from "../../protocol/packet_assembler.ts";
import { agentAssembler } from "../../protocol/agent_stream.ts";
import {
  AgentAnnounceCapabilities,
  AgentAudioVolumeSync,
  AgentCap,
  AgentClientDisconnected,
  AgentDisplayConfig,
  AgentFileXferData,
  AgentFileXferStart,
  AgentFileXferStatus,
  AgentGraphicsDeviceInfo,
  AgentMaxClipboard,
  agentMessageBody,
  agentMessages,
  AgentMonitorsConfig,
  AgentMouseState,
  AgentReply,
  fileXferDetail,
  type VDAgentMessage,
} from "../../protocol/messages/agent.ts";
import { decode } from "../../protocol/schema/decode.ts";
import type { Message, Sender } from "../../protocol/schema/message.ts";
import { capItems, markCaps } from "./capability_items.ts";
import { facetsOf } from "./facets.ts";
import { mark } from "./mark.ts";
import { clientLayout } from "./monitor_layouts.ts";

/** Who sends what goes one way only; the rest goes both ways. Source: vd_agent.h, spice-server reds.cpp. */
const BY_CLIENT: ReadonlySet<Message> = new Set<Message>([
  AgentMonitorsConfig,
  AgentDisplayConfig,
  AgentFileXferStart,
  AgentFileXferData,
  AgentMaxClipboard,
  AgentAudioVolumeSync,
]);
const BY_AGENT: ReadonlySet<Message> = new Set<Message>([AgentReply]);
/** From the server to the agent: on the agent's port, never on a SPICE channel. */
const BY_SERVER: ReadonlySet<Message> = new Set<Message>([
  AgentMouseState,
  AgentClientDisconnected,
  AgentGraphicsDeviceInfo,
]);

const DETAILS = ["NOT_ENOUGH_SPACE", "ERROR", "none"];
const CHUNKS = ["chunks=1", "chunks=many"];

/** Who speaks on the agent's stream. */
export type AgentSide = "client" | "agent";

/** The items of the agent, as `agent/client/VD_AGENT_CLIPBOARD/type=UTF8_TEXT`. */
export function agentItems(): string[] {
  return [
    ...capItems("agent/caps", AgentCap, ["client", "agent"]),
    ...["client", "agent"].flatMap((side) => CHUNKS.map((chunks) => `agent/${side}/${chunks}`)),
    ...agentMessages.flatMap((message) =>
      sidesOf(message).flatMap((side) => {
        const at = `agent/${side}/${message.name}`;
        const details = message === AgentFileXferStatus ? DETAILS.map((is) => `detail=${is}`) : [];
        return [at, ...[...facetsOf(message.wire), ...details].map((facet) => `${at}/${facet}`)];
      })
    ),
  ];
}

/** Reads the agent's stream of one main channel. A new agent needs a new one. */
export class AgentMarker {
  readonly #sides = { client: new Stream(), agent: new Stream() };

  /**
   * @param from Who sent AGENT_DATA; what the server sends is the agent's.
   * @param data Its body.
   * @returns The items of the messages that are now whole.
   * @throws {ProtocolError} The stream is none.
   */
  receive(from: Sender, data: Uint8Array): string[] {
    const side = from === "client" ? "client" : "agent", stream = this.#sides[side];
    stream.chunks++;
    return stream.assembler.receive(data).flatMap((message) => {
      const chunks = `agent/${side}/chunks=${stream.chunks > 1 ? "many" : "1"}`;
      stream.chunks = 0;
      return [chunks, ...this.#message(side, message)];
    });
  }

  #message(side: AgentSide, message: VDAgentMessage): string[] {
    const { client, agent } = this.#sides;
    const caps = client.caps.map((word, i) => (word & (agent.caps[i] ?? 0)) >>> 0);
    const body = agentMessageBody(message.type, caps);
    if (body === AgentAnnounceCapabilities) {
      this.#sides[side].caps = decode(AgentAnnounceCapabilities.wire, message.data).caps;
    }
    return body === undefined ? [] : markAgentBody(side, body.name, message.data);
  }
}

/**
 * The items of one message.
 *
 * @param side Who sent it. What the server tells the agent counts as the server's.
 * @param name Name of its layout.
 * @param data Its body.
 * @returns None for a name that is no layout, and for a layout that this side does not send.
 * @throws {ProtocolError} It does not decode.
 */
export function markAgentBody(side: AgentSide, name: string, data: Uint8Array): string[] {
  const body: Message | undefined = agentMessages.find((one) => one.name === name);
  if (body === undefined) return [];
  const sides = sidesOf(body), by = side === "agent" && BY_SERVER.has(body) ? "server" : side;
  if (!sides.includes(by)) return [];
  const at = `agent/${by}/${name}`, facets = mark(body.wire, decode(body.wire, data));
  return [at, ...[...facets].map((facet) => `${at}/${facet}`), ...more(at, by, body, data)];
}

/** What the declaration does not say. */
function more(at: string, side: string, body: Message, data: Uint8Array): string[] {
  switch (body) {
    case AgentAnnounceCapabilities:
      return markCaps("agent/caps", AgentCap, decode(AgentAnnounceCapabilities.wire, data).caps, side);
    case AgentFileXferStatus:
      return [`${at}/detail=${fileXferDetail(decode(AgentFileXferStatus.wire, data))?.is ?? "none"}`];
    case AgentMonitorsConfig:
      return clientLayout(decode(AgentMonitorsConfig.wire, data));
    default:
      return [];
  }
}

/** One direction. */
class Stream {
  readonly assembler: PacketAssembler<VDAgentMessage> = agentAssembler();
  caps: readonly number[] = [];
  /** AGENT_DATA since the last whole message. */
  chunks = 0;
}

function sidesOf(message: Message): readonly string[] {
  if (BY_CLIENT.has(message)) return ["client"];
  if (BY_AGENT.has(message)) return ["agent"];
  return BY_SERVER.has(message) ? ["server"] : ["client", "agent"];
}
