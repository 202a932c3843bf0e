/** All that has vectors: every message of every channel, the structures of the link and of framing, the agent's messages. */
import {
  AgentAudioVolumeSync,
  AgentClientDisconnected,
  AgentDisplayConfig,
  AgentFileXferData,
  AgentFileXferStart,
  AgentGraphicsDeviceInfo,
  AgentMaxClipboard,
  agentMessages,
  AgentMonitorsConfig,
  AgentMouseState,
  AgentReply,
  VDAgentMessage,
} from "../../protocol/messages/agent.ts";
import { baseClient, baseServer } from "../../protocol/messages/base.ts";
import { channels } from "../../protocol/messages/channels.ts";
import {
  SaslClientStep,
  SaslMechanism,
  SaslMechanisms,
  SaslReject,
  SaslServerStep,
  SpiceDataHeader,
  SpiceLinkAuthMechanism,
  SpiceLinkEncryptedTicket,
  SpiceLinkHeader,
  SpiceLinkMess,
  SpiceLinkReply,
  SpiceLinkResult,
  SpiceMiniDataHeader,
  SpiceSubMessage,
  SpiceSubMessageList,
} from "../../protocol/messages/link.ts";
import type { Message, Sender } from "../../protocol/schema/message.ts";
import type { StructNode, Wire } from "../../protocol/schema/wire.ts";

/** Something that has vectors. */
export interface Kind {
  /** Name of the channel; `base` for what every channel has; `link`, `framing`, `agent`. */
  readonly channel: string;
  readonly from: Sender;
  /** Wire name. */
  readonly name: string;
  /** Message type; `null` for a structure that is no message. */
  readonly type: number | null;
  readonly wire: StructNode & Wire<unknown>;
}

/** @returns What tells kinds apart, as `display/server/DISPLAY_MARK`. */
export function kindKey({ channel, from, name }: Pick<Kind, "channel" | "from" | "name">): string {
  return `${channel}/${from}/${name}`;
}

/** @returns All kinds by {@link kindKey}, in the order of the declarations. */
export function allKinds(): ReadonlyMap<string, Kind> {
  const kinds = [
    ...structs("link", LINK),
    ...structs("framing", { server: FRAMING, client: [] }),
    ...structs("framing", { server: [], client: [SpiceDataHeader, SpiceMiniDataHeader] }),
    ...messages("base", "server", baseServer),
    ...messages("base", "client", baseClient),
    ...Object.values(channels).flatMap(({ name, server, client }) => [
      ...messages(name, "server", server.filter((one) => !BASE.has(one))),
      ...messages(name, "client", client.filter((one) => !BASE.has(one))),
    ]),
    ...structs("agent", { server: [], client: [VDAgentMessage] }),
    ...messages("agent", "client", agentMessages.filter((one) => !NOT_FROM_CLIENT.has(one))),
    ...messages("agent", "server", agentMessages.filter((one) => !FROM_CLIENT.has(one))),
  ];
  return new Map(kinds.map((kind) => [kindKey(kind), kind]));
}

/** @returns The name of the channel that a message is filed under. */
export function channelOf(channel: string, message: Message): string {
  return BASE.has(message) ? "base" : channel;
}

const BASE: ReadonlySet<Message> = new Set<Message>([...baseServer, ...baseClient]);

const LINK: Readonly<Record<Sender, readonly StructNode[]>> = {
  client: [
    SpiceLinkHeader,
    SpiceLinkMess,
    SpiceLinkAuthMechanism,
    SpiceLinkEncryptedTicket,
    SaslMechanism,
    SaslClientStep,
  ],
  server: [SpiceLinkHeader, SpiceLinkReply, SpiceLinkResult, SaslMechanisms, SaslServerStep, SaslReject],
};

const FRAMING: readonly StructNode[] = [SpiceDataHeader, SpiceMiniDataHeader, SpiceSubMessageList, SpiceSubMessage];

/** Of the agent's messages, what only a client sends. Source: vd_agent.h, spice-server reds.cpp. */
const FROM_CLIENT: ReadonlySet<Message> = new Set<Message>([
  AgentMonitorsConfig,
  AgentDisplayConfig,
  AgentFileXferStart,
  AgentFileXferData,
  AgentMaxClipboard,
  AgentAudioVolumeSync,
]);

/** What is only the agent's answer, or what a server tells the agent on its port. */
const NOT_FROM_CLIENT: ReadonlySet<Message> = new Set<Message>([
  AgentReply,
  AgentMouseState,
  AgentClientDisconnected,
  AgentGraphicsDeviceInfo,
]);

function structs(channel: string, by: Readonly<Record<Sender, readonly StructNode[]>>): Kind[] {
  return (["client", "server"] as const).flatMap((from) =>
    by[from].map((wire) => ({ channel, from, name: wire.name, type: null, wire }))
  );
}

function messages(channel: string, from: Sender, list: readonly Message[]): Kind[] {
  return list.map(({ name, id, wire }) => ({ channel, from, name, type: id, wire }));
}
