/** The messages of the channels: one item for each message of each direction, and one for each facet of it. */
import { baseClient, BaseLast, baseServer } from "../../protocol/messages/base.ts";
import { channels } from "../../protocol/messages/channels.ts";
import { SpiceImage } from "../../protocol/messages/image.ts";
import type { Channel, Message, Sender } from "../../protocol/schema/message.ts";
import { facetsOf, type Shallow } from "./facets.ts";

/** What is inside an image is counted once, by `image_forms.ts`, and not in each place that an image can be in. */
export const SHALLOW: Shallow = new Set([SpiceImage]);

/** Names that are in the protocol and never on the wire. */
const NEVER_SENT: ReadonlySet<Message> = new Set([BaseLast]);

const BASE: ReadonlySet<Message> = new Set<Message>([...baseServer, ...baseClient]);

const SENDERS: readonly Sender[] = ["server", "client"];

/**
 * The items of messages, as `main/server/MAIN_MOUSE_MODE` and `main/server/MAIN_MOUSE_MODE/currentMode=CLIENT`.
 *
 * What every channel has is at each channel without facets, as `cursor/server/SET_ACK`, and once with them below
 * `base`, as `base/server/NOTIFY/severity=WARN`.
 *
 * @param list Channels. Default: all.
 */
export function messageItems(list: readonly Channel[] = Object.values(channels)): string[] {
  const addresses = list.flatMap((channel) =>
    SENDERS.flatMap((sender) =>
      channel[sender].flatMap((message) => {
        return messageAddresses(channel, sender, message, facetsOf(message.wire, SHALLOW));
      })
    )
  );
  return [...new Set(addresses)];
}

/**
 * The items of a message with some facets.
 *
 * @param facets What `mark` found in its value.
 */
export function messageAddresses(
  channel: Channel,
  sender: Sender,
  message: Message,
  facets: Iterable<string>,
): string[] {
  const below = [...facets].map((facet) => `/${facet}`);
  return placesOf(channel, sender, message).flatMap(({ at, deep }) => {
    return [at, ...(deep ? below.map((facet) => at + facet) : [])];
  });
}

function placesOf(channel: Channel, sender: Sender, message: Message): { at: string; deep: boolean }[] {
  if (NEVER_SENT.has(message)) return [];
  const at = `${channel.name}/${sender}/${message.name}`;
  if (!BASE.has(message)) return [{ at, deep: true }];
  return [{ at, deep: false }, { at: `base/${sender}/${message.name}`, deep: true }];
}
