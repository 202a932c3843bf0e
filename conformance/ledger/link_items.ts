/** What goes before the messages, and around them: the handshake, data headers, lists of sub-messages. */
import { ChannelType } from "../../protocol/messages/enums.ts";
import {
  SaslClientStep,
  SaslMechanism,
  SaslMechanisms,
  SaslReject,
  SaslServerStep,
  SpiceLinkAuthMechanism,
  SpiceLinkEncryptedTicket,
  SpiceLinkMess,
  SpiceLinkReply,
  SpiceLinkResult,
} from "../../protocol/messages/link.ts";
import type { Sender } from "../../protocol/schema/message.ts";
import type { Infer, StructNode, Typed } from "../../protocol/schema/wire.ts";
import { facetsOf, sendable } from "./facets.ts";
import { mark } from "./mark.ts";

/** What each side says in a handshake, link headers left out. */
export const LINK_STRUCTS: Readonly<Record<Sender, readonly StructNode[]>> = {
  client: [SpiceLinkMess, SpiceLinkAuthMechanism, SpiceLinkEncryptedTicket, SaslMechanism, SaslClientStep],
  server: [SpiceLinkReply, SpiceLinkResult, SaslMechanisms, SaslServerStep, SaslReject],
};

/** The items of the link, of headers and of lists, as `link/server/SpiceLinkReply/error=NEED_SECURED`. */
export function linkItems(): string[] {
  const structs = (["client", "server"] as const).flatMap((side) =>
    LINK_STRUCTS[side].flatMap((struct) => {
      const at = `link/${side}/${struct.name}`;
      return [at, ...facetsOf(struct).map((facet) => `${at}/${facet}`)];
    })
  );
  return [
    ...structs,
    ...["new", "joined"].map((session) => `link/session=${session}`),
    ...sendable(ChannelType).map(([name]) => `link/channel=${name}`),
    ...["present", "absent"].map((choice) => `link/auth-selection=${choice}`),
    ...["full", "mini"].flatMap((kind) => ["client", "server"].map((side) => `headers/${kind}/${side}`)),
    ...["client", "server"].map((side) => `headers/full/${side}/serials=counted`),
    ...["LIST/mini", "LIST/full", "sub_list/full", "messages=1", "messages=many"].map((what) => `lists/${what}`),
  ];
}

/** @returns The items of a struct of the handshake. */
export function markLink<T>(side: Sender, struct: StructNode & Typed<T>, value: T): string[] {
  const at = `link/${side}/${struct.name}`;
  return [at, ...[...mark(struct, value)].map((facet) => `${at}/${facet}`)];
}

/** @returns The items of a link message beside its own: which session, which channel. */
export function markLinkMess(mess: Infer<typeof SpiceLinkMess>): string[] {
  const channel = sendable(ChannelType).filter(([, type]) => type === mess.channelType);
  return [
    ...markLink("client", SpiceLinkMess, mess),
    `link/session=${mess.connectionId === 0 ? "new" : "joined"}`,
    ...channel.map(([name]) => `link/channel=${name}`),
  ];
}
