/**
 * The agent's byte stream: VDAgentMessage values cut into AGENT_DATA bodies, and put together again.
 *
 * A message begins a body of its own and its header is never cut: the reference server refuses anything else from a
 * client. Source: spice-server agent-msg-filter.c agent_msg_filter_process_data; spice-gtk channel-main.c
 * agent_msg_queue_many, main_handle_agent_data_msg.
 */
import { ProtocolError } from "./errors.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import {
  AGENT_MESSAGE_HEADER_BYTES,
  VD_AGENT_MAX_DATA_SIZE,
  VD_AGENT_PROTOCOL,
  VDAgentMessage,
} from "./messages/agent.ts";
import { PacketAssembler } from "./packet_assembler.ts";
import { concat, encode, encodeBytes } from "./schema/encode.ts";
import type { Message } from "./schema/message.ts";

/**
 * Puts agent messages together from AGENT_DATA bodies: one for each direction, and a new one for a new agent.
 *
 * The bodies of the messages are copies. A message of another agent protocol is refused as `bad-value`, one over
 * `limits.agentMessageBytes` as `too-large`; the stream is then of no more use.
 */
export function agentAssembler(limits: Limits = DEFAULT_LIMITS): PacketAssembler<VDAgentMessage> {
  const most = limits.agentMessageBytes;
  return new PacketAssembler({
    headerBytes: () => AGENT_MESSAGE_HEADER_BYTES,
    bodyBytes: (header) => {
      const view = new DataView(header.buffer);
      const protocol = view.getUint32(0, true), size = view.getUint32(16, true);
      if (protocol !== VD_AGENT_PROTOCOL) throw refuse("bad-value", "protocol", `${protocol}, only 1 is known`);
      if (size > most) throw refuse("too-large", "size", `${size} bytes, at most ${most} allowed`);
      return size;
    },
    finish: (header, data) => {
      const view = new DataView(header.buffer);
      return {
        protocol: view.getUint32(0, true),
        type: view.getUint32(4, true),
        opaque: view.getBigUint64(8, true),
        data,
      };
    },
  });
}

/**
 * Cuts a message into AGENT_DATA bodies.
 *
 * @returns Bodies of {@link VD_AGENT_MAX_DATA_SIZE} bytes, the last one shorter; each costs one agent token. All but
 * the first are views into `message.data`.
 */
export function agentChunks(message: VDAgentMessage): Uint8Array[] {
  const first = Math.min(message.data.length, VD_AGENT_MAX_DATA_SIZE - AGENT_MESSAGE_HEADER_BYTES);
  const head = encodeBytes(VDAgentMessage, { ...message, data: message.data.subarray(0, first) });
  new DataView(head.buffer, head.byteOffset).setUint32(16, message.data.length, true);
  const chunks: Uint8Array[] = [head];
  for (let at = first; at < message.data.length; at += VD_AGENT_MAX_DATA_SIZE) {
    chunks.push(message.data.subarray(at, at + VD_AGENT_MAX_DATA_SIZE));
  }
  return chunks;
}

/**
 * Encodes a body and cuts it into AGENT_DATA bodies.
 *
 * @param body The layout that the capabilities of both sides call for, see `agentMessageBody`.
 * @throws {ProtocolError} by `local`: what {@link encode} throws.
 */
export function encodeAgentMessage<T>(body: Message<string, T>, value: T): Uint8Array[] {
  const data = concat(encode(body.wire, value));
  return agentChunks({ protocol: VD_AGENT_PROTOCOL, type: body.id, opaque: 0n, data });
}

function refuse(code: "bad-value" | "too-large", path: string, detail: string): ProtocolError {
  return new ProtocolError({ code, message: "VDAgentMessage", path, detail });
}
