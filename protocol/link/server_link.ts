/** The server's side of the link handshake, from the first byte received to the first byte of messages. */
import { CommonCap, hasCap, wordsOfCaps } from "../capabilities.ts";
import { ProtocolError } from "../errors.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import { LinkErr } from "../messages/enums.ts";
import {
  AuthMechanism,
  SPICE_TICKET_BYTES,
  SPICE_TICKET_PUBKEY_BYTES,
  SpiceLinkAuthMechanism,
  SpiceLinkMess,
  SpiceLinkReply,
  SpiceLinkResult,
} from "../messages/link.ts";
import { decode } from "../schema/decode.ts";
import { encodeBytes } from "../schema/encode.ts";
import { nameOf } from "../schema/enumeration.ts";
import type { Infer } from "../schema/wire.ts";
import { ByteQueue } from "./byte_queue.ts";
import type { LinkedPeer } from "./client_link.ts";
import { takeLinkHeader, withLinkHeader } from "./link_header.ts";
import { SERVER_LINK, type StateOf, step } from "./transitions.ts";

/** What the server offers on the channel that a client asked for, or why not. */
export type Offer =
  | { readonly commonCaps: readonly number[]; readonly channelCaps: readonly number[] }
  /** A `link_err` to answer with: CHANNEL_NOT_AVAILABLE, BAD_CONNECTION_ID, NEED_SECURED, … */
  | { readonly refuse: number };

/** What the link asks of its owner. */
export type ServerLinkOutput =
  | { readonly do: "send"; readonly chunks: readonly Uint8Array[] }
  /** A client asks for a channel: call {@link ServerLink.offer}. */
  | { readonly do: "offer"; readonly request: Infer<typeof SpiceLinkMess> }
  /** Make a ticket key and call {@link ServerLink.key} with its public half. */
  | { readonly do: "make-key" }
  /** Decrypt and compare, then call {@link ServerLink.verdict}. */
  | { readonly do: "check"; readonly encrypted: Uint8Array }
  /** Done. `rest` are bytes that already belong to the messages. */
  | { readonly do: "linked"; readonly peer: LinkedPeer; readonly rest: Uint8Array };

/** Most capability words of one kind. Source: spice-server reds.cpp reds_handle_read_link_done. */
const MOST_CAP_WORDS = 1024;

/** Where the counts and the offset of the capability words stand in a SpiceLinkMess. */
const NUM_COMMON_CAPS = 6, NUM_CHANNEL_CAPS = 10, CAPS_OFFSET = 14;

/**
 * The handshake as a state machine over {@link SERVER_LINK}. Every error is thrown after the answer that the client
 * must still get, which {@link answerTo} makes: send it, then close.
 * Source: spice-server reds.cpp reds_handle_read_magic_done … reds_handle_ticket.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ClientLink, LinkErr, ProtocolError, ServerLink } from "../../mod.ts";
 *
 * const server = new ServerLink(); // for a whole handshake see ClientLink
 * const client = new ClientLink({ connectionId: 0, channelType: 5, channelId: 0, commonCaps: [], channelCaps: [] });
 * const [asked] = client.start().flatMap((bytes) => server.receive(bytes));
 * assert.equal(asked?.do, "offer");
 * try {
 *   server.offer({ refuse: LinkErr.CHANNEL_NOT_AVAILABLE });
 * } catch (error) {
 *   if (!(error instanceof ProtocolError)) throw error;
 *   const answer = server.answerTo(error); // send it, then close
 *   assert.throws(() => answer.flatMap((bytes) => client.receive(bytes)), { code: "link-refused" });
 * }
 * ```
 */
export class ServerLink {
  #state: StateOf<typeof SERVER_LINK> = "awaitHeader";
  readonly #queue = new ByteQueue();
  #messBytes = 0;
  #offer: { readonly commonCaps: readonly number[]; readonly channelCaps: readonly number[] } | null = null;
  #peer: LinkedPeer | null = null;
  #authSelection = false;
  /** True once the client has a SpiceLinkReply, after which errors are told as a SpiceLinkResult. */
  #replied = false;

  /** For one connection of a client. */
  constructor(
    /** `linkBytes` counts here. */
    readonly limits: Limits = DEFAULT_LIMITS,
  ) {}

  /** Name of the state, for logs. */
  get state(): string {
    return this.#state;
  }

  /**
   * Takes bytes, in any split.
   * @throws {ProtocolError} `bad-magic`, `bad-version`, `too-large`, `truncated`, `bad-pointer`, `bad-count`,
   * `unsupported` (SASL), `bad-value`; `linkError` holds what to answer.
   */
  receive(bytes: Uint8Array): ServerLinkOutput[] {
    this.#queue.push(bytes);
    if (this.#queue.length > 2 * this.limits.linkBytes + bytes.length) {
      this.#state = "closed";
      throw this.#error("unexpected", "SpiceLinkMess", "more bytes than the handshake has", LinkErr.INVALID_DATA);
    }
    return this.#advanceOrClose();
  }

  /** The answer to `offer`. */
  offer(offer: Offer): ServerLinkOutput[] {
    if ("refuse" in offer) {
      this.#state = step(SERVER_LINK, this.#state, "refused");
      const detail = `refused with ${nameOf(LinkErr, offer.refuse)}`;
      throw new ProtocolError({
        by: "remote",
        code: "link-refused",
        action: "link",
        message: "SpiceLinkMess",
        detail,
        linkError: offer.refuse,
      });
    }
    this.#offer = offer;
    this.#authSelection &&= offer.commonCaps.includes(CommonCap.PROTOCOL_AUTH_SELECTION);
    const mini = this.#peer!.header === "mini" && offer.commonCaps.includes(CommonCap.MINI_HEADER);
    this.#peer = { ...this.#peer!, header: mini ? "mini" : "full" };
    return [{ do: "make-key" }];
  }

  /** The public half of a new ticket key, DER SubjectPublicKeyInfo of 162 bytes. */
  key(publicKey: Uint8Array): ServerLinkOutput[] {
    const { commonCaps, channelCaps } = this.#offer!;
    const caps = { common: wordsOfCaps(commonCaps), channel: wordsOfCaps(channelCaps) };
    const reply = encodeBytes(SpiceLinkReply, { error: LinkErr.OK, pubKey: publicKey, caps });
    this.#state = step(SERVER_LINK, this.#state, this.#authSelection ? "replied" : "repliedNoAuthSelection");
    // A client that did not wait for the reply and whose next words are wrong gets the error in place of the reply.
    const more = this.#advanceOrClose();
    this.#replied = true;
    return [{ do: "send", chunks: withLinkHeader(reply) }, ...more];
  }

  /**
   * Whether the client may have its channel.
   * @param refusal `link_err` to answer when not. Default: PERMISSION_DENIED, for a wrong ticket.
   * @throws {ProtocolError} `link-refused` when not.
   */
  verdict(accepted: boolean, refusal: number = LinkErr.PERMISSION_DENIED): ServerLinkOutput[] {
    if (!accepted) {
      this.#state = step(SERVER_LINK, this.#state, "refused");
      const why = refusal === LinkErr.PERMISSION_DENIED ? "wrong ticket" : `refused with ${nameOf(LinkErr, refusal)}`;
      throw this.#error("link-refused", "SpiceLinkEncryptedTicket", why, refusal);
    }
    this.#state = step(SERVER_LINK, this.#state, "accepted");
    const result = encodeBytes(SpiceLinkResult, { error: LinkErr.OK });
    return [
      { do: "send", chunks: [result] },
      { do: "linked", peer: this.#peer!, rest: this.#queue.rest() },
    ];
  }

  /**
   * Words an error for the client.
   *
   * @param error What `receive`, `offer`, `key` or `verdict` threw; its `linkError` is told, ERROR where it has none.
   * @returns A link reply, or a link result for who had a reply already; send it, then close.
   */
  answerTo(error: ProtocolError): readonly Uint8Array[] {
    const code = error.linkError ?? LinkErr.ERROR;
    if (this.#replied) return [encodeBytes(SpiceLinkResult, { error: code })];
    const pubKey = new Uint8Array(SPICE_TICKET_PUBKEY_BYTES);
    return withLinkHeader(encodeBytes(SpiceLinkReply, { error: code, pubKey, caps: { common: [], channel: [] } }));
  }

  #advanceOrClose(): ServerLinkOutput[] {
    try {
      return this.#advance();
    } catch (error) {
      this.#state = "closed";
      throw error;
    }
  }

  #advance(): ServerLinkOutput[] {
    if (this.#state === "awaitHeader") {
      const size = takeLinkHeader(this.#queue, SpiceLinkMess.min, this.limits);
      if (size === null) return [];
      this.#messBytes = size;
      this.#state = step(SERVER_LINK, this.#state, "linkHeader");
    }
    if (this.#state === "awaitLinkMess") {
      const bytes = this.#queue.take(this.#messBytes);
      if (bytes === null) return [];
      const request = this.#decodeMess(bytes);
      const commonCaps = request.caps?.common ?? [], channelCaps = request.caps?.channel ?? [];
      this.#authSelection = hasCap(commonCaps, CommonCap.PROTOCOL_AUTH_SELECTION);
      this.#peer = { commonCaps, channelCaps, header: hasCap(commonCaps, CommonCap.MINI_HEADER) ? "mini" : "full" };
      this.#state = step(SERVER_LINK, this.#state, "linkMess");
      return [{ do: "offer", request }];
    }
    if (this.#state === "awaitAuthMechanism") {
      const bytes = this.#queue.take(SpiceLinkAuthMechanism.min);
      if (bytes === null) return [];
      const { authMechanism } = decode(SpiceLinkAuthMechanism, bytes);
      if (authMechanism !== AuthMechanism.SPICE) {
        const detail = `the client chose ${nameOf(AuthMechanism, authMechanism)}`;
        throw this.#error("unsupported", "SpiceLinkAuthMechanism", detail, LinkErr.INVALID_DATA);
      }
      this.#state = step(SERVER_LINK, this.#state, "authSpice");
    }
    if (this.#state === "awaitTicket") {
      const encrypted = this.#queue.take(SPICE_TICKET_BYTES);
      if (encrypted === null) return [];
      this.#state = step(SERVER_LINK, this.#state, "ticket");
      return [{ do: "check", encrypted }];
    }
    return [];
  }

  #decodeMess(bytes: Uint8Array): Infer<typeof SpiceLinkMess> {
    let request;
    try {
      request = decode(SpiceLinkMess, bytes, { limits: this.limits });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const { code, wireName: message, path, offset, detail } = error;
      const at = offset === null ? {} : { offset };
      throw new ProtocolError({ code, action: "link", message, path, ...at, detail, linkError: LinkErr.INVALID_DATA });
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const words = view.getUint32(NUM_COMMON_CAPS, true) + view.getUint32(NUM_CHANNEL_CAPS, true);
    const offset = view.getUint32(CAPS_OFFSET, true);
    if (words > 0 && offset < SpiceLinkMess.min) {
      const where = { message: "SpiceLinkMess", path: "caps", offset: CAPS_OFFSET } as const;
      const detail = `${words} capability words at ${offset}, in the fields`;
      throw new ProtocolError({
        code: "bad-pointer",
        action: "link",
        ...where,
        detail,
        linkError: LinkErr.INVALID_DATA,
      });
    }
    for (const words of [request.caps?.common ?? [], request.caps?.channel ?? []]) {
      if (words.length > MOST_CAP_WORDS) {
        throw this.#error("too-large", "SpiceLinkMess", `${words.length} capability words`, LinkErr.INVALID_DATA);
      }
    }
    return request;
  }

  #error(
    code: "unexpected" | "unsupported" | "too-large" | "link-refused",
    message: string,
    detail: string,
    linkError: number,
  ): ProtocolError {
    return new ProtocolError({ code, action: "link", message, detail, linkError });
  }
}
