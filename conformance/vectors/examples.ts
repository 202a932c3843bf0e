/** Everything in a capture that a vector can be made of. */
import { agentAssembler } from "../../protocol/agent_stream.ts";
import { readSubMessages } from "../../protocol/channel/framing.ts";
import { AgentAnnounceCapabilities, agentMessageBody, VDAgentMessage } from "../../protocol/messages/agent.ts";
import { List } from "../../protocol/messages/base.ts";
import { ClientMainAgentData, MainAgentData } from "../../protocol/messages/main.ts";
import {
  SpiceDataHeader,
  SpiceLinkMess,
  SpiceLinkReply,
  SpiceMiniDataHeader,
  SpiceSubMessage,
  SpiceSubMessageList,
} from "../../protocol/messages/link.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import type { Message } from "../../protocol/schema/message.ts";
import type { StructNode, Wire } from "../../protocol/schema/wire.ts";
import type { Capture, CapturedConnection, CapturedHandshake, CapturedMessage } from "../capture.ts";
import { channelOf, kindKey } from "./kinds.ts";

/** Bytes that a peer sent. */
export interface Example {
  /** See `kindKey`. */
  readonly kind: string;
  /** What stood before it: a data header, the header of a message inside another, or nothing. */
  readonly header: "mini" | "full" | "sub-message" | null;
  readonly bytes: Uint8Array;
  /** As `00`. */
  readonly connection: string;
  /** Where it begins in the sender's stream, its header included. */
  readonly offset: number;
  /** Whose words these are: in a server's stream, the agent's are not the server's. */
  readonly by: "client" | "server" | "agent";
}

/**
 * Lists the examples in a capture.
 *
 * @param capture One that round trips.
 */
export function* examplesIn({ connections, handshakes }: Capture): Generator<Example> {
  for (const handshake of handshakes) yield* linkExamples(handshake);
  for (const connection of connections) {
    const { messages, channel } = connection;
    yield* linkExamples(connection);
    for (const from of ["client", "server"] as const) {
      for (const message of messages[from]) yield* messageExamples(connection, message);
    }
    if (channel.name === "main") yield* agentExamples(connection);
  }
}

/** What the recorder changed is no one's word. */
function* linkExamples({ name, link, cleared }: CapturedHandshake): Generator<Example> {
  for (const { from, wire, bytes, offset } of link.parts) {
    const changed = wire === SpiceLinkMess || wire === SpiceLinkReply;
    if (changed && cleared.some((one) => one.from === from)) continue;
    const kind = kindKey({ channel: "link", from, name: wire.name });
    yield { kind, header: null, bytes, connection: name, offset, by: from };
  }
}

function* messageExamples(connection: CapturedConnection, message: CapturedMessage): Generator<Example> {
  const { name, channel, headers, streams } = connection, { from, offset, body, declaration } = message;
  const example = (channel: string, wire: StructNode, bytes: Uint8Array, at: number): Example => {
    return {
      kind: kindKey({ channel, from, name: wire.name }),
      header: null,
      bytes,
      connection: name,
      offset: at,
      by: from,
    };
  };
  const header = headers === "mini" ? SpiceMiniDataHeader : SpiceDataHeader;
  yield example("framing", header, streams[from].subarray(offset, offset + header.min), offset);
  if (declaration === undefined) return;
  // A list may stand behind the message, in the same body.
  const own = message.subList === 0 ? body : body.subarray(0, sizeOf(declaration.wire, body));
  yield { ...example(channelOf(channel.name, declaration), declaration.wire, own, offset), header: headers };
  if (declaration !== List && message.subList === 0) return;

  const start = offset + header.min;
  const list = encodeBytes(SpiceSubMessageList, decode(SpiceSubMessageList, body.subarray(message.subList)));
  yield example("framing", SpiceSubMessageList, list, start + message.subList);
  for (const { type, body: bytes } of readSubMessages(body, message.subList)) {
    const at = bytes.byteOffset - streams[from].byteOffset - SpiceSubMessage.min;
    yield example("framing", SpiceSubMessage, streams[from].subarray(at, at + SpiceSubMessage.min), at);
    const inner = channel.byId[from].get(type);
    if (inner === undefined) continue;
    // What its header says of its size may be too much: see `round_trip.ts`.
    const exact = bytes.subarray(0, sizeOf(inner.wire, bytes));
    yield { ...example(channelOf(channel.name, inner), inner.wire, exact, at), header: "sub-message" };
  }
}

function sizeOf<T>(wire: Wire<T>, bytes: Uint8Array): number {
  return encodeBytes(wire, decode(wire, bytes)).length;
}

function* agentExamples({ name, messages }: CapturedConnection): Generator<Example> {
  const said = {
    client: agentMessages(messages.client, ClientMainAgentData),
    server: agentMessages(messages.server, MainAgentData),
  };
  const caps = { client: capsIn(said.client), server: capsIn(said.server) };
  const common = caps.client.map((word, i) => (word & (caps.server[i] ?? 0)) >>> 0);
  for (const from of ["client", "server"] as const) {
    for (const { offset, message } of said[from]) {
      const example = (wire: StructNode, bytes: Uint8Array): Example => {
        const kind = kindKey({ channel: "agent", from, name: wire.name });
        return { kind, header: null, bytes, connection: name, offset, by: from === "client" ? "client" : "agent" };
      };
      if (from === "client") yield example(VDAgentMessage, encodeBytes(VDAgentMessage, message));
      const body = agentMessageBody(message.type, common);
      if (body !== undefined) yield example(body.wire, message.data);
    }
  }
}

/** The agent's messages of one side, with the offset of the message of the main channel that each begins in. */
function agentMessages(messages: readonly CapturedMessage[], carrier: Message<string, { readonly data: Uint8Array }>) {
  const assembler = agentAssembler();
  let begin: number | null = null;
  return messages.filter(({ declaration }) => declaration === carrier).flatMap(({ offset, body }) => {
    begin ??= offset;
    const whole = assembler.receive(decode(carrier.wire, body).data).map((message) => ({ offset: begin!, message }));
    if (assembler.idle) begin = null;
    return whole;
  });
}

function capsIn(said: readonly { readonly message: VDAgentMessage }[]): readonly number[] {
  const announced = said.find(({ message }) => message.type === AgentAnnounceCapabilities.id);
  return announced === undefined ? [] : decode(AgentAnnounceCapabilities.wire, announced.message.data).caps;
}
