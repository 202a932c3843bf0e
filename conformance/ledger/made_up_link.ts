/** Handshakes for tests: what both sides say until messages follow. */
import { wordsOfCaps } from "../../protocol/capabilities.ts";
import {
  SPICE_MAGIC,
  SPICE_TICKET_BYTES,
  SPICE_TICKET_PUBKEY_BYTES,
  SpiceLinkHeader,
  SpiceLinkMess,
  SpiceLinkReply,
} from "../../protocol/messages/link.ts";
import { concat, encodeBytes } from "../../protocol/schema/encode.ts";

/** What {@link madeUpLink} may be told. */
export interface LinkOptions {
  readonly channelType?: number;
  readonly connectionId?: number;
  /** Common capabilities of both sides. */
  readonly common?: readonly number[];
  /** A link_err in the reply; nothing follows it then. */
  readonly error?: number;
  /** A link_err at the end. */
  readonly result?: number;
  /** In place of choice and ticket, and of the result. */
  readonly instead?: { readonly client: Uint8Array; readonly server: Uint8Array };
}

/** @returns The bytes of both sides. */
export function madeUpLink(options: LinkOptions = {}): { client: Uint8Array; server: Uint8Array } {
  const { channelType = 1, connectionId = 0, common = [], error = 0, result = 0, instead } = options;
  const caps = { common: wordsOfCaps(common), channel: [] };
  const mess = encodeBytes(SpiceLinkMess, { connectionId, channelType, channelId: 0, caps });
  const pubKey = new Uint8Array(SPICE_TICKET_PUBKEY_BYTES);
  const reply = encodeBytes(SpiceLinkReply, { error, pubKey, caps: error === 0 ? caps : null });
  const answer = instead ?? { client: new Uint8Array(SPICE_TICKET_BYTES), server: u32(result) };
  return {
    client: concat([withHeader(mess), ...(error === 0 ? [answer.client] : [])]),
    server: concat([withHeader(reply), ...(error === 0 ? [answer.server] : [])]),
  };
}

/** @returns A little-endian u32. */
export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function withHeader(body: Uint8Array): Uint8Array {
  const header = { magic: SPICE_MAGIC, majorVersion: 2, minorVersion: 2, size: body.length };
  return concat([encodeBytes(SpiceLinkHeader, header), body]);
}
