/** Reads the handshake of a captured connection, one that does not end in messages included. */
import { CommonCap, hasCap } from "../protocol/capabilities.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { LinkErr } from "../protocol/messages/enums.ts";
import {
  AuthMechanism,
  LINK_HEADER_BYTES,
  SaslClientStep,
  SaslMechanism,
  SaslMechanisms,
  SaslReject,
  SaslServerStep,
  SPICE_MAGIC,
  SPICE_TICKET_BYTES,
  SpiceLinkAuthMechanism,
  SpiceLinkEncryptedTicket,
  SpiceLinkHeader,
  SpiceLinkMess,
  SpiceLinkReply,
  SpiceLinkResult,
} from "../protocol/messages/link.ts";
import { decode } from "../protocol/schema/decode.ts";
import { nameOf } from "../protocol/schema/enumeration.ts";
import type { Sender } from "../protocol/schema/message.ts";
import type { StructNode, Wire } from "../protocol/schema/wire.ts";

/** The handshake. */
export interface CapturedLink {
  /**
   * How it ended.
   *
   * - `linked`: messages follow.
   * - `sealed`: the server let the client in, and SASL encrypts what follows.
   * - `refused`: with `error`.
   * - `unfinished`: one side closed the connection before the last word.
   */
  readonly end: "linked" | "sealed" | "refused" | "unfinished";
  /** The link_err that the server ended it with, `null` when it had no last word. */
  readonly error: number | null;
  /** `null` when the client sent none that can be read; the server refused it, or said nothing. */
  readonly mess: SpiceLinkMess | null;
  /** `null` when the server said nothing. */
  readonly reply: SpiceLinkReply | null;
  /** `null` when the client did not choose. */
  readonly authMechanism: number | null;
  /** `null` when it sent none. */
  readonly ticket: Uint8Array | null;
  /** Its structures: the client's in order, then the server's. */
  readonly parts: readonly LinkPart[];
  /** Bytes of the handshake from each side. */
  readonly bytes: Readonly<Record<Sender, number>>;
}

/** A handshake after which messages follow. */
export interface FinishedLink extends CapturedLink {
  readonly end: "linked";
  readonly mess: SpiceLinkMess;
  readonly reply: SpiceLinkReply;
}

/** A structure of the handshake. */
export interface LinkPart {
  readonly from: Sender;
  /** Offset in the sender's stream. */
  readonly offset: number;
  readonly wire: StructNode & Wire<unknown>;
  readonly bytes: Uint8Array;
}

/** @returns Whether messages follow. */
export function isFinished(link: CapturedLink): link is FinishedLink {
  return link.end === "linked";
}

/** @returns Whether both sides announced a common capability. */
export function bothHave({ mess, reply }: Pick<CapturedLink, "mess" | "reply">, cap: number): boolean {
  return hasCap(mess?.caps?.common ?? [], cap) && hasCap(reply?.caps?.common ?? [], cap);
}

/** @returns One clause, for people: how a handshake ended that no messages follow. */
export function linkEndText({ end, error, reply, authMechanism }: CapturedLink): string {
  if (end === "refused") return `the link was refused with ${nameOf(LinkErr, error ?? 0)}`;
  if (end === "sealed") return "what follows the link is encrypted by SASL";
  if (reply === null) return "the link has no reply";
  return `the link was not finished${authMechanism === AuthMechanism.SASL ? ", in the middle of SASL" : ""}`;
}

/**
 * Reads the handshake.
 *
 * @param streams What each side said, from the first byte on; bytes after the handshake are left alone.
 * @throws {ProtocolError} It is damaged, or cut off inside a structure.
 */
export function readLink(streams: Readonly<Record<Sender, Uint8Array>>): CapturedLink {
  return new LinkReader(streams).read();
}

class LinkReader {
  readonly #at = { client: 0, server: 0 };
  readonly #parts: LinkPart[] = [];
  #mess: SpiceLinkMess | null = null;
  #reply: SpiceLinkReply | null = null;
  #authMechanism: number | null = null;
  #ticket: Uint8Array | null = null;
  #sealed = false;

  constructor(readonly streams: Readonly<Record<Sender, Uint8Array>>) {}

  read(): CapturedLink {
    this.#reply = this.#answer();
    this.#mess = this.#linkMess(this.#reply === null || this.#reply.error !== LinkErr.OK);
    if (this.#reply === null) return this.#end("unfinished", null);
    if (this.#reply.error !== LinkErr.OK) return this.#end("refused", this.#reply.error);

    if (bothHave({ mess: this.#mess, reply: this.#reply }, CommonCap.PROTOCOL_AUTH_SELECTION)) {
      this.#authMechanism = this.#take("client", SpiceLinkAuthMechanism, 4)?.authMechanism ?? null;
    }
    const sasl = this.#authMechanism === AuthMechanism.SASL;
    if (sasl && !this.#sasl()) return this.#end("unfinished", null);
    if (!sasl) {
      this.#ticket = this.#take("client", SpiceLinkEncryptedTicket, SPICE_TICKET_BYTES)?.encryptedData ?? null;
    }
    // A server that does not like the choice says so in a second reply. Source: reds.cpp reds_handle_auth_mechanism.
    if (this.#peek("server") === SPICE_MAGIC) return this.#end("refused", this.#answer()!.error);
    const result = this.#take("server", SpiceLinkResult, SpiceLinkResult.min);
    if (result === null) return this.#end("unfinished", null);
    if (result.error === LinkErr.OK) return this.#end(this.#sealed ? "sealed" : "linked", result.error);
    if (sasl) this.#takeLong("server", SaslReject);
    return this.#end("refused", result.error);
  }

  #end(end: CapturedLink["end"], error: number | null): CapturedLink {
    const parts = [...this.#parts].sort((a, b) => a.from === b.from ? a.offset - b.offset : a.from < b.from ? -1 : 1);
    const link = { mess: this.#mess, reply: this.#reply, authMechanism: this.#authMechanism, ticket: this.#ticket };
    return { end, error, ...link, parts, bytes: { ...this.#at } };
  }

  /** A reply, the first or one that takes it back. */
  #answer(): SpiceLinkReply | null {
    const size = this.#header("server");
    return size === null ? null : this.#must("server", SpiceLinkReply, size);
  }

  /** @param refused Whether it need not be one that can be read. */
  #linkMess(refused: boolean): SpiceLinkMess | null {
    try {
      const size = this.#header("client");
      if (size === null && refused) return null;
      return this.#must("client", SpiceLinkMess, size ?? 0);
    } catch (error) {
      if (refused && error instanceof ProtocolError) return null;
      throw error;
    }
  }

  /** @returns The size of what follows; `null` at the end. */
  #header(from: Sender): number | null {
    const magic = this.#peek(from);
    if (magic !== null && magic !== SPICE_MAGIC) {
      const detail = `0x${magic.toString(16)}, need 0x${SPICE_MAGIC.toString(16)}: is this TLS?`;
      throw new ProtocolError({ code: "bad-magic", message: "SpiceLinkHeader", path: "magic", offset: 0, detail });
    }
    return this.#take(from, SpiceLinkHeader, LINK_HEADER_BYTES)?.size ?? null;
  }

  /** @returns Whether it came to its end. */
  #sasl(): boolean {
    if (this.#takeLong("server", SaslMechanisms) === null) return false;
    const mechanism = this.#takeLong("client", SaslMechanism);
    for (let step = this.#takeLong("client", SaslClientStep); step !== null;) {
      this.#sealed ||= mechanism !== null && asksForSeal(textOf(mechanism.mechname), step.data);
      const answer = this.#takeLong("server", SaslServerStep, 1);
      if (answer === null) return false;
      if (answer.complete !== 0) return true;
      step = this.#takeLong("client", SaslClientStep);
    }
    return false;
  }

  /** @returns The next structure, or `null` when its sender said no more. */
  #take<T>(from: Sender, wire: StructNode & Wire<T>, length: number): T | null {
    return this.#at[from] >= this.streams[from].length ? null : this.#must(from, wire, length);
  }

  #must<T>(from: Sender, wire: StructNode & Wire<T>, length: number): T {
    const offset = this.#at[from], bytes = this.streams[from].subarray(offset, offset + length);
    const value = decode(wire, bytes, { exact: true });
    this.#at[from] += bytes.length;
    this.#parts.push({ from, offset, wire, bytes });
    return value;
  }

  /** As {@link #take}, for a u32 of bytes, the bytes, and `more`. */
  #takeLong<T>(from: Sender, wire: StructNode & Wire<T>, more = 0): T | null {
    return this.#take(from, wire, 4 + (this.#peek(from) ?? 0) + more);
  }

  /** The next four bytes; `null` when there are none. */
  #peek(from: Sender): number | null {
    const rest = this.streams[from].subarray(this.#at[from], this.#at[from] + 4);
    return rest.length < 4 ? null : new DataView(rest.buffer, rest.byteOffset).getUint32(0, true);
  }
}

/** Mechanisms whose protection of what follows cannot be told from outside; peers here want it on plain connections. */
const SEALING: readonly string[] = ["GSSAPI", "GSS-SPNEGO", "KERBEROS_V4"];

/**
 * @returns Whether a step of the client chooses that what follows is signed or encrypted.
 * Source: RFC 2831 section 2.1.2.1, `qop`.
 */
export function asksForSeal(mechanism: string, data: Uint8Array): boolean {
  return SEALING.includes(mechanism) ||
    mechanism === "DIGEST-MD5" && /\bqop="?auth-(?:int|conf)\b/.test(textOf(data));
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
