/** The client's side of the link handshake, from the first byte sent to the first byte of messages. */
import type { HeaderKind } from "../channel/framing.ts";
import { ProtocolError } from "../errors.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import { CommonCap, hasCap, wordsOfCaps } from "../capabilities.ts";
import { LinkErr } from "../messages/enums.ts";
import {
  AuthMechanism,
  SPICE_MAGIC,
  SpiceLinkAuthMechanism,
  SpiceLinkMess,
  SpiceLinkReply,
  SpiceLinkResult,
} from "../messages/link.ts";
import { decode } from "../schema/decode.ts";
import { encodeBytes } from "../schema/encode.ts";
import { nameOf } from "../schema/enumeration.ts";
import { ByteQueue } from "./byte_queue.ts";
import { takeLinkHeader, withLinkHeader } from "./link_header.ts";
import { CLIENT_LINK, type StateOf, step } from "./transitions.ts";

/** Which channel of which session to link, and with which capabilities. */
export interface ClientLinkOptions {
  /** 0 opens a session with its main channel; others give the `session_id` of MAIN_INIT. */
  readonly connectionId: number;
  /** As 1 for main, 2 for display. */
  readonly channelType: number;
  /** 0 for the first of its type. */
  readonly channelId: number;
  /** Common capabilities by bit number. */
  readonly commonCaps: readonly number[];
  /** The channel's own capabilities by bit number. */
  readonly channelCaps: readonly number[];
  /** `linkBytes` counts here. Default: `DEFAULT_LIMITS`. */
  readonly limits?: Limits;
}

/** What the server said of itself. */
export interface LinkedPeer {
  /** Capability words, see {@link hasCap}. */
  readonly commonCaps: readonly number[];
  /** Capability words of the channel's own. */
  readonly channelCaps: readonly number[];
  /** The data header that both sides use from now on. */
  readonly header: HeaderKind;
}

/** What the link asks of its owner. */
export type ClientLinkOutput =
  | { readonly do: "send"; readonly chunks: readonly Uint8Array[] }
  /** Encrypt the password for this key and call {@link ClientLink.ticket}. */
  | { readonly do: "encrypt"; readonly publicKey: Uint8Array }
  /** Done. `rest` are bytes that already belong to the messages. */
  | { readonly do: "linked"; readonly peer: LinkedPeer; readonly rest: Uint8Array };

/** Bytes of a SpiceLinkReply without capabilities. */
const REPLY_BYTES = SpiceLinkReply.min;

/**
 * The handshake as a state machine over {@link CLIENT_LINK}.
 * Source: spice-gtk src/spice-channel.c spice_channel_recv_link_hdr, _recv_link_msg, _send_spice_ticket, _recv_auth.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ClientLink, CommonCap, type LinkedPeer, ServerLink } from "../../mod.ts";
 *
 * const caps = { commonCaps: [CommonCap.MINI_HEADER], channelCaps: [] };
 * const client = new ClientLink({ connectionId: 0, channelType: 1, channelId: 0, ...caps });
 * const server = new ServerLink();
 * let linked: LinkedPeer | null = null;
 *
 * const toServer = [...client.start()], toClient: Uint8Array[] = [];
 * while (toServer.length > 0) {
 *   const asked = toServer.splice(0).flatMap((bytes) => server.receive(bytes));
 *   for (const output of asked) {
 *     if (output.do === "offer") asked.push(...server.offer(caps));
 *     if (output.do === "make-key") asked.push(...server.key(new Uint8Array(162))); // the public half of an RSA key
 *     if (output.do === "check") asked.push(...server.verdict(true)); // decrypt it and compare it with the password
 *     if (output.do === "send") toClient.push(...output.chunks);
 *   }
 *   const wanted = toClient.splice(0).flatMap((bytes) => client.receive(bytes));
 *   for (const output of wanted) {
 *     if (output.do === "encrypt") toServer.push(...client.ticket(new Uint8Array(128))); // the password, encrypted
 *     if (output.do === "send") toServer.push(...output.chunks);
 *     if (output.do === "linked") linked = output.peer;
 *   }
 * }
 * assert.equal(linked?.header, "mini");
 * ```
 */
export class ClientLink {
  #state: StateOf<typeof CLIENT_LINK> = "awaitHeader";
  readonly #queue = new ByteQueue();
  readonly #limits: Limits;
  #replyBytes = 0;
  #peer: LinkedPeer | null = null;

  /** For one connection to a server. */
  constructor(
    /** Which channel to ask for. */
    readonly options: ClientLinkOptions,
  ) {
    this.#limits = options.limits ?? DEFAULT_LIMITS;
  }

  /** Name of the state, for messages to people. */
  get state(): string {
    return this.#state;
  }

  /**
   * Begins.
   *
   * @returns The link header and link message, to be sent first.
   */
  start(): readonly Uint8Array[] {
    const { connectionId, channelType, channelId, commonCaps, channelCaps } = this.options;
    const caps = { common: wordsOfCaps(commonCaps), channel: wordsOfCaps(channelCaps) };
    return withLinkHeader(encodeBytes(SpiceLinkMess, { connectionId, channelType, channelId, caps }));
  }

  /**
   * Takes bytes, in any split.
   * @throws {ProtocolError} `bad-magic`, `bad-version`, `too-large`, `truncated`, `link-refused`, `unsupported` (the
   * server wants SASL), `unexpected`, and the decoder's errors.
   */
  receive(bytes: Uint8Array): ClientLinkOutput[] {
    this.#queue.push(bytes);
    if (this.#queue.length > 2 * this.#limits.linkBytes + bytes.length) {
      this.#state = "closed";
      throw this.#error("unexpected", "more bytes than the handshake has");
    }
    try {
      return this.#advance();
    } catch (error) {
      if (this.#state !== "linked") this.#state = "closed";
      throw error;
    }
  }

  /**
   * The password, encrypted. Send it, then call {@link receive}, with no bytes: a server that does not wait for the ticket
   * may have answered.
   * @returns What to send.
   */
  ticket(encrypted: Uint8Array): readonly Uint8Array[] {
    this.#state = step(CLIENT_LINK, this.#state, "ticketSent");
    return [encrypted];
  }

  /** The connection ended. @returns The error that says in which state. */
  end(): ProtocolError {
    const said = this.#state === "awaitHeader" && this.#queue.length === 0 ? " before it said anything" : "";
    return this.#error("closed", `the server closed the connection${said} (state ${this.#state})`);
  }

  #advance(): ClientLinkOutput[] {
    if (this.#state === "awaitHeader") {
      const size = takeLinkHeader(this.#queue, REPLY_BYTES, this.#limits);
      if (size === null) return [];
      this.#replyBytes = size;
      this.#state = step(CLIENT_LINK, this.#state, "linkHeader");
    }
    if (this.#state === "awaitReply") {
      const bytes = this.#queue.take(this.#replyBytes);
      return bytes === null ? [] : this.#reply(decode(SpiceLinkReply, bytes, { limits: this.#limits }));
    }
    if (this.#state === "awaitResult") {
      const bytes = this.#queue.peek(SpiceLinkResult.min);
      if (bytes.length < SpiceLinkResult.min) return [];
      const { error } = decode(SpiceLinkResult, bytes);
      if (error === SPICE_MAGIC) return this.#replyAgain();
      this.#queue.take(SpiceLinkResult.min);
      if (error !== LinkErr.OK) throw this.#refused("SpiceLinkResult", error);
      this.#state = step(CLIENT_LINK, this.#state, "accepted");
      return [{ do: "linked", peer: this.#peer!, rest: this.#queue.rest() }];
    }
    if (this.#state === "awaitReplyAgain") return this.#replyAgain();
    return [];
  }

  /**
   * Takes a second reply in place of the result: so the reference refuses a mechanism, and the reply says why.
   * Source: spice-server reds.cpp reds_handle_auth_mechanism, reds_send_link_error.
   */
  #replyAgain(): [] {
    if (this.#state === "awaitResult") {
      const size = takeLinkHeader(this.#queue, REPLY_BYTES, this.#limits);
      if (size === null) return [];
      this.#replyBytes = size;
      this.#state = step(CLIENT_LINK, this.#state, "repliedAgain");
    }
    const bytes = this.#queue.take(this.#replyBytes);
    if (bytes === null) return [];
    const { error } = decode(SpiceLinkReply, bytes, { limits: this.#limits });
    if (error !== LinkErr.OK) throw this.#refused("SpiceLinkReply", error);
    throw this.#error("unexpected", "the server replied again in place of its result");
  }

  #reply({ error, pubKey, caps }: ReturnType<typeof decode<SpiceLinkReply>>): ClientLinkOutput[] {
    if (error !== LinkErr.OK) throw this.#refused("SpiceLinkReply", error);
    const commonCaps = caps?.common ?? [], channelCaps = caps?.channel ?? [];
    const mini = this.options.commonCaps.includes(CommonCap.MINI_HEADER) && hasCap(commonCaps, CommonCap.MINI_HEADER);
    this.#peer = { commonCaps, channelCaps, header: mini ? "mini" : "full" };
    const outputs: ClientLinkOutput[] = [];
    const selects = this.options.commonCaps.includes(CommonCap.PROTOCOL_AUTH_SELECTION);
    if (selects && hasCap(commonCaps, CommonCap.PROTOCOL_AUTH_SELECTION)) {
      if (!hasCap(commonCaps, CommonCap.AUTH_SPICE)) {
        throw this.#error("unsupported", "the server takes no ticket, only SASL");
      }
      const choice = encodeBytes(SpiceLinkAuthMechanism, { authMechanism: AuthMechanism.SPICE });
      outputs.push({ do: "send", chunks: [choice] });
    }
    this.#state = step(CLIENT_LINK, this.#state, "reply");
    outputs.push({ do: "encrypt", publicKey: pubKey });
    return outputs;
  }

  #refused(message: string, linkError: number): ProtocolError {
    const detail = `the server answered ${nameOf(LinkErr, linkError)}`;
    return new ProtocolError({
      code: "link-refused",
      action: "link",
      message,
      path: "error",
      offset: 0,
      detail,
      linkError,
    });
  }

  #error(code: "closed" | "unexpected" | "unsupported", detail: string): ProtocolError {
    return new ProtocolError({ code, action: "link", message: "SpiceLinkReply", detail });
  }
}
