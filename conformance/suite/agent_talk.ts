/** The agent's stream on a main channel, from either side: messages in one AGENT_DATA or many. */
import { AGENT_MESSAGE_HEADER_BYTES, VD_AGENT_PROTOCOL, VDAgentMessage } from "../../protocol/messages/agent.ts";
import { MainAgentData } from "../../protocol/messages/main.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { concat, encodeBytes } from "../../protocol/schema/encode.ts";
import type { Message } from "../../protocol/schema/message.ts";
import type { Heard, Talk } from "./talk.ts";

/** Message type of AGENT_DATA from a client. */
const CLIENT_AGENT_DATA = 107;

/** Bytes of a message with its header. */
export function agentBytes<T>(message: Message<string, T>, value: T): Uint8Array {
  const data = encodeBytes(message.wire, value);
  return encodeBytes(VDAgentMessage, { protocol: VD_AGENT_PROTOCOL, type: message.id, opaque: 0n, data });
}

/** Sends bytes of the stream as one AGENT_DATA. */
export function sendAgentBytes(talk: Talk, data: Uint8Array): Promise<boolean> {
  const type = talk.options.as === "client" ? CLIENT_AGENT_DATA : MainAgentData.id;
  return talk.sendBody(type, data, "MAIN_AGENT_DATA");
}

/** Sends a message in one AGENT_DATA. */
export function sendAgent<T>(talk: Talk, message: Message<string, T>, value: T): Promise<boolean> {
  return sendAgentBytes(talk, agentBytes(message, value));
}

/** The AGENT_DATA among what came. */
export function agentData(talk: Talk, heard: readonly Heard[] = talk.heard): readonly Heard[] {
  const type = talk.options.as === "client" ? MainAgentData.id : CLIENT_AGENT_DATA;
  return heard.filter((one) => one.type === type);
}

/** The whole messages of all AGENT_DATA that came so far. */
export function agentMessages(talk: Talk): VDAgentMessage[] {
  const stream = concat(agentData(talk).map(({ body }) => body)), messages: VDAgentMessage[] = [];
  for (let at = 0; at + AGENT_MESSAGE_HEADER_BYTES <= stream.length;) {
    const size = new DataView(stream.buffer, stream.byteOffset + at).getUint32(16, true);
    const end = at + AGENT_MESSAGE_HEADER_BYTES + size;
    if (end > stream.length) break;
    messages.push(decode(VDAgentMessage, stream.subarray(at, end)));
    at = end;
  }
  return messages;
}

/** Waits for a message of a type. @returns `null` when none comes. */
export async function findAgent(talk: Talk, type: number, patienceMs = 5000): Promise<VDAgentMessage | null> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const found = agentMessages(talk).find((one) => one.type === type);
    if (found !== undefined) return found;
    if (await talk.next(end - performance.now()) === null) return null;
  }
}
