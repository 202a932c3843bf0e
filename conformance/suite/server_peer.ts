/** A server that is judged: what a case can do with it. The suite plays the client. */
import type { HeaderKind } from "../../protocol/channel/framing.ts";
import { CommonCap, hasCap, MainCap, wordsOfCaps } from "../../protocol/capabilities.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import type { ChannelName } from "../../protocol/messages/channels.ts";
import { channels } from "../../protocol/messages/channels.ts";
import type { DisplayInit } from "../../protocol/messages/display.ts";
import { LinkErr } from "../../protocol/messages/enums.ts";
import {
  AuthMechanism,
  LINK_HEADER_BYTES,
  SPICE_MAGIC,
  SPICE_VERSION_MAJOR,
  SPICE_VERSION_MINOR,
  SpiceLinkAuthMechanism,
  SpiceLinkHeader,
  SpiceLinkMess,
  SpiceLinkReply,
  SpiceLinkResult,
} from "../../protocol/messages/link.ts";
import { MainAttachChannels, MainChannelsList, MainInit } from "../../protocol/messages/main.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { concat, encodeBytes } from "../../protocol/schema/encode.ts";
import { nameOf } from "../../protocol/schema/enumeration.ts";
import type { ValueOf } from "../../protocol/schema/message.ts";
import type { Infer } from "../../protocol/schema/wire.ts";
import { type Control, NO_CONTROL } from "./control.ts";
import { Evidence } from "./evidence.ts";
import { Talk } from "./talk.ts";
import { encryptPassword } from "./ticket_cipher.ts";
import { fail, lacks } from "./verdict.ts";
import { type Address, Wire } from "./wire.ts";

/** What is known of a server before it is judged. */
export interface ServerTarget {
  readonly address: Address;
  /** The ticket that lets viewers in; `null` when none is asked for. */
  readonly password: string | null;
  /** A ticket that was right and is no more; cases about it are unimplemented without one. */
  readonly expiredPassword?: string;
  /** A channel that it gives over TLS alone; cases about it are unimplemented without one. */
  readonly securedChannel?: ChannelName;
  /** A program that makes the server do things, as a person at the machine would. */
  readonly control?: Control;
  /** Called before each case: brings the server back if the one before ended it. @throws {Finding} It cannot. */
  readonly ready?: () => Promise<void>;
  /** Milliseconds that it may take to be there again after a failed case. Default: 15,000. */
  readonly backMs?: number;
}

/** A link as a case wants it; every part that is left out is as a good client has it. */
export interface LinkRequest {
  readonly channel?: ChannelName;
  /** Another type than that of `channel`. */
  readonly channelType?: number;
  readonly channelId?: number;
  /** 0 for main. */
  readonly connectionId?: number;
  /** By bit number. Default: PROTOCOL_AUTH_SELECTION, AUTH_SPICE, MINI_HEADER. */
  readonly commonCaps?: readonly number[];
  readonly channelCaps?: readonly number[];
  /** Default: that of the target. */
  readonly password?: string;
  /** Bytes in place of the encrypted ticket. */
  readonly ticket?: Uint8Array;
  /** In place of the choice of the SPICE mechanism. */
  readonly authMechanism?: number;
  /** Sends a part of the handshake in place of `wire.send`. */
  readonly send?: (wire: Wire, bytes: Uint8Array, what: string) => Promise<unknown>;
}

/** How a link went. */
export interface LinkOutcome {
  readonly wire: Wire;
  /** The server's reply; `null` when none came. */
  readonly reply: Infer<typeof SpiceLinkReply> | null;
  /** The header before it. */
  readonly header: Infer<typeof SpiceLinkHeader> | null;
  /** The bytes of the reply. */
  readonly body: Uint8Array | null;
  /** The last word, after the ticket; `null` when none came. */
  readonly result: number | null;
  /** The channel, when the server let us in. */
  readonly talk: Talk | null;
}

/** A session: its main channel, and what it takes to open others. */
export interface SessionTalk {
  readonly main: Talk;
  readonly init: ValueOf<typeof MainInit>;
  readonly channels: ValueOf<typeof MainChannelsList>["channels"];
  /** Opens another channel. @throws {Finding} `unimplemented`: the server does not offer it; `failed`: it refuses it. */
  open(name: ChannelName, options?: LinkRequest): Promise<Talk>;
}

const DEFAULT_CAPS: readonly number[] = [
  CommonCap.PROTOCOL_AUTH_SELECTION,
  CommonCap.AUTH_SPICE,
  CommonCap.MINI_HEADER,
];

/** What a client of the main channel can do unless a case says otherwise. */
const MAIN_CAPS: readonly number[] = [
  MainCap.SEMI_SEAMLESS_MIGRATE,
  MainCap.NAME_AND_UUID,
  MainCap.AGENT_CONNECTED_TOKENS,
];

/** What a client of a display channel begins with; the reference lets everything wait for it. */
export const DISPLAY_INIT: ValueOf<typeof DisplayInit> = {
  pixmapCacheId: 1,
  pixmapCacheSize: 1n << 20n,
  glzDictionaryId: 1,
  glzDictionaryWindowSize: 1 << 20,
};

/** A server and the connections that a case made to it. Disposing closes them. */
export class ServerPeer implements Disposable {
  readonly #wires: Wire[] = [];

  constructor(readonly target: ServerTarget, readonly evidence: Evidence = new Evidence()) {}

  /** Makes the server do things. */
  get control(): Control {
    return this.target.control ?? NO_CONTROL;
  }

  /** Opens a connection and says nothing. */
  async connect(patienceMs?: number): Promise<Wire> {
    const wire = await Wire.connect(this.target.address, this.evidence, patienceMs);
    this.#wires.push(wire);
    return wire;
  }

  /** Links a channel as far as the server lets us. It does not fail when the server refuses. */
  async link(request: LinkRequest = {}): Promise<LinkOutcome> {
    const wire = await this.connect(), commonCaps = request.commonCaps ?? DEFAULT_CAPS;
    const send = request.send ?? ((wire, bytes, what) => wire.send(bytes, what));
    await send(wire, linkBytes(request), "SpiceLinkMess");
    const { header, body, reply } = await readReply(wire);
    const outcome = { wire, header, body, reply, result: null, talk: null };
    if (reply === null || reply.error !== LinkErr.OK) return outcome;
    const both = (cap: number) => commonCaps.includes(cap) && hasCap(reply.caps?.common ?? [], cap);
    if (both(CommonCap.PROTOCOL_AUTH_SELECTION)) {
      const authMechanism = request.authMechanism ?? AuthMechanism.SPICE;
      await send(wire, encodeBytes(SpiceLinkAuthMechanism, { authMechanism }), "SpiceLinkAuthMechanism");
    }
    const password = request.password ?? this.target.password ?? "";
    const ticket = request.ticket ?? await encryptPassword(reply.pubKey, password);
    if (ticket === null) fail("the public key of its SpiceLinkReply is no RSA key");
    await send(wire, ticket, "SpiceLinkEncryptedTicket");
    const last = await wire.take(SpiceLinkResult.min, "SpiceLinkResult");
    if (last === null) return outcome;
    const result = decode(SpiceLinkResult, last).error;
    if (result !== LinkErr.OK) return { ...outcome, result };
    const kind: HeaderKind = both(CommonCap.MINI_HEADER) ? "mini" : "full";
    const declaration = channels[request.channel ?? "main"];
    const talk = new Talk(wire, {
      declaration,
      id: request.channelId ?? 0,
      header: kind,
      as: "client",
      commonCaps: reply.caps?.common ?? [],
      channelCaps: reply.caps?.channel ?? [],
    });
    return { ...outcome, result, talk };
  }

  /** Links a channel. @throws {Finding} `failed`: the server refuses. */
  async open(request: LinkRequest = {}): Promise<Talk> {
    const { reply, result, talk } = await this.link(request);
    if (talk !== null) return talk;
    const said = result ?? reply?.error;
    return fail(
      `the ${request.channel ?? "main"} channel does not link: ${
        said === undefined ? "no answer" : nameOf(LinkErr, said)
      }`,
    );
  }

  /** Opens a session: main, MAIN_INIT, and the list of channels. */
  async session(request: LinkRequest = {}): Promise<SessionTalk> {
    const main = await this.open({ channelCaps: MAIN_CAPS, ...request, channel: "main" });
    const init = await main.expect(MainInit);
    await main.send(MainAttachChannels, {});
    const { channels: list } = await main.expect(MainChannelsList);
    return {
      main,
      init,
      channels: list,
      open: (name, options = {}) => {
        const type = channels[name].type, id = options.channelId ?? 0;
        if (!list.some((one) => one.type === type && one.id === id)) lacks(`it offers no ${name} channel ${id}`);
        return this.open({
          commonCaps: request.commonCaps ?? DEFAULT_CAPS,
          ...options,
          channel: name,
          connectionId: init.sessionId,
        });
      },
    };
  }

  /** Hangs up every connection. */
  [Symbol.dispose](): void {
    for (const wire of this.#wires) wire.close();
  }
}

/** Header and link message of a request. */
export function linkBytes(request: LinkRequest): Uint8Array {
  const { channel = "main", channelId = 0, connectionId = 0, commonCaps = DEFAULT_CAPS, channelCaps = [] } = request;
  const body = encodeBytes(SpiceLinkMess, {
    connectionId,
    channelType: request.channelType ?? channels[channel].type,
    channelId,
    caps: { common: wordsOfCaps(commonCaps), channel: wordsOfCaps(channelCaps) },
  });
  return withHeader(body);
}

/** A link header of the right version and size before a body; parts can be wrong on purpose. */
export function withHeader(body: Uint8Array, wrong: Partial<Infer<typeof SpiceLinkHeader>> = {}): Uint8Array {
  const header = {
    magic: SPICE_MAGIC,
    majorVersion: SPICE_VERSION_MAJOR,
    minorVersion: SPICE_VERSION_MINOR,
    size: body.length,
    ...wrong,
  };
  return concat([encodeBytes(SpiceLinkHeader, header), body]);
}

/**
 * Reads a server's header and reply.
 * @throws {Finding} `failed`: what comes is no link.
 */
export async function readReply(wire: Wire): Promise<Pick<LinkOutcome, "header" | "body" | "reply">> {
  const head = await wire.take(LINK_HEADER_BYTES, "SpiceLinkHeader");
  if (head === null) return { header: null, body: null, reply: null };
  const header = decode(SpiceLinkHeader, head);
  if (header.magic !== SPICE_MAGIC) fail(`its link begins with ${head.subarray(0, 4).toHex()}, not REDQ`);
  if (header.size > 64 * 1024) fail(`its SpiceLinkReply has ${header.size} bytes`);
  const body = await wire.take(header.size, "SpiceLinkReply");
  if (body === null) return { header, body, reply: null };
  try {
    return { header, body, reply: decode(SpiceLinkReply, body) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return fail(`its SpiceLinkReply is broken: ${error.message}`);
  }
}
