/** What a message vector covers: the bytes of one message, or of a structure of the link, of framing, of the agent. */
import { baseClient, baseServer } from "../../protocol/messages/base.ts";
import { channelByType, channels } from "../../protocol/messages/channels.ts";
import {
  SpiceDataHeader,
  SpiceLinkMess,
  SpiceMiniDataHeader,
  SpiceSubMessageList,
} from "../../protocol/messages/link.ts";
import { decode } from "../../protocol/schema/decode.ts";
import type { Channel, Message, Sender } from "../../protocol/schema/message.ts";
import { markAgentBody } from "./agent_items.ts";
import { markCapabilities } from "./capability_items.ts";
import type { Origin } from "./coverage.ts";
import { LINK_STRUCTS, markLink, markLinkMess } from "./link_items.ts";
import { markBody } from "./mark_body.ts";

/** A message vector, as far as it is read here. */
export interface MessageVector {
  /** Wire name, as `DISPLAY_DRAW_COPY`. */
  readonly name: string;
  /** Name of the channel; `base` for what every channel has; `link`, `framing`, `agent`. */
  readonly channel: string;
  readonly direction: `${Sender}-to-${Sender}`;
  /** Message type; `null` for a structure that is no message. */
  readonly type: number | null;
  /** In hexadecimal, without a header. */
  readonly bytes: string;
  readonly origin: { readonly kind: Origin };
}

/**
 * Marks a message vector.
 *
 * @returns The items that it covers.
 * @throws {ProtocolError} Its bytes do not decode.
 * @throws {RangeError} There is no such message.
 */
export function markVector({ name, channel, direction, type, bytes }: MessageVector): string[] {
  const from: Sender = direction.startsWith("client") ? "client" : "server", body = Uint8Array.fromHex(bytes);
  switch (channel) {
    case "link":
      return markStruct(from, name, body);
    case "framing":
      return markFraming(from, name, body);
    case "agent":
      return markAgentBody(from === "client" ? "client" : "agent", name, body);
    case "base": {
      const list: readonly Message[] = from === "client" ? baseClient : baseServer;
      const { addresses } = markBody(channels.main, from, find(list, name, type), body);
      // A vector of the base is of no channel.
      return addresses.filter((address) => !address.startsWith("main/"));
    }
    default: {
      const found = Object.values<Channel>(channels).find((one) => one.name === channel);
      if (found === undefined) throw new RangeError(`There is no channel ${channel}`);
      return [...markBody(found, from, find(found[from], name, type), body).addresses];
    }
  }
}

function find(list: readonly Message[], name: string, type: number | null): Message {
  const message = list.find((one) => one.name === name && one.id === type);
  if (message === undefined) throw new RangeError(`There is no message ${name} of type ${type}`);
  return message;
}

function markStruct(from: Sender, name: string, body: Uint8Array): string[] {
  if (name === SpiceLinkMess.name) {
    const mess = decode(SpiceLinkMess, body), channel = channelByType(mess.channelType);
    return [...markLinkMess(mess), ...(channel === undefined ? [] : markCapabilities(channel, from, mess.caps))];
  }
  const struct = LINK_STRUCTS[from].find((one) => one.name === name);
  return struct === undefined ? [] : markLink(from, struct, decode(struct, body));
}

function markFraming(from: Sender, name: string, body: Uint8Array): string[] {
  switch (name) {
    case SpiceDataHeader.name:
      return [`headers/full/${from}`];
    case SpiceMiniDataHeader.name:
      return [`headers/mini/${from}`];
    case SpiceSubMessageList.name: {
      const { length } = decode(SpiceSubMessageList, body).subMessages;
      return length === 0 ? [] : [`lists/messages=${length > 1 ? "many" : "1"}`];
    }
    default:
      return [];
  }
}
