/**
 * The usbredir stream: packets behind headers whose layout follows from the hellos of both sides.
 * Source: usbredir usbredirparser.c usbredirparser_do_read, usbredirparser_queue.
 */
import { ProtocolError } from "./errors.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { hasCap } from "./capabilities.ts";
import {
  USBREDIR_HEADER32_BYTES,
  USBREDIR_HEADER64_BYTES,
  type UsbredirBody,
  UsbredirCap,
  UsbredirHeader32,
  UsbredirHeader64,
  UsbredirHello,
  usbredirPacket,
  UsbredirType,
} from "./messages/usbredir_packets.ts";
import { PacketAssembler } from "./packet_assembler.ts";
import { decode } from "./schema/decode.ts";
import { concat, encode, encodeBytes } from "./schema/encode.ts";
import type { Message } from "./schema/message.ts";

/** One packet, its body not decoded. */
export interface UsbredirPacket {
  /** A value of `UsbredirType`. */
  readonly type: number;
  /** The guest's number for a request; an answer repeats it. */
  readonly id: bigint;
  /** Everything behind the header. */
  readonly body: Uint8Array;
}

/** Puts the packets of one peer together, and learns from its hello what both sides can do. */
export class UsbredirStream {
  readonly #own: readonly number[];
  readonly #assembler: PacketAssembler<UsbredirPacket>;
  #caps: readonly number[] = [];

  /**
   * For the packets of one direction.
   *
   * @param own Capability words of our own hello, see `UsbredirCap`.
   * @param limits `messageBytes` counts here.
   */
  constructor(own: readonly number[], limits: Limits = DEFAULT_LIMITS) {
    this.#own = own;
    this.#assembler = new PacketAssembler({
      headerBytes: () => usesLongIds(this.#caps) ? USBREDIR_HEADER64_BYTES : USBREDIR_HEADER32_BYTES,
      bodyBytes: (header) => {
        const length = new DataView(header.buffer).getUint32(4, true), most = limits.messageBytes;
        if (length > most) throw refuse("too-large", `${length} bytes, at most ${most} allowed`, "length");
        return length;
      },
      finish: (header, body) => this.#finish(header, body),
    });
  }

  /** Capability words that both sides announced; none before the peer's hello. */
  get caps(): readonly number[] {
    return this.#caps;
  }

  /** True between packets: nothing of a next one has come. */
  get idle(): boolean {
    return this.#assembler.idle;
  }

  /**
   * Takes the next bytes of the channel, in any split.
   *
   * @returns Packets that are now whole; their bodies are copies.
   * @throws {ProtocolError} `too-large`, and for a hello what {@link decode} throws. The stream is then of no more use.
   */
  receive(bytes: Uint8Array): UsbredirPacket[] {
    return this.#assembler.receive(bytes);
  }

  #finish(header: Uint8Array, body: Uint8Array): UsbredirPacket {
    const { type, id } = header.length === USBREDIR_HEADER64_BYTES
      ? decode(UsbredirHeader64, header)
      : decode(UsbredirHeader32, header);
    if (type === UsbredirType.HELLO) {
      const peer = decode(UsbredirHello.wire, body).capabilities;
      this.#caps = peer.map((word, i) => (word & (this.#own[i] ?? 0)) >>> 0);
    }
    return { type, id: BigInt(id), body };
  }
}

/**
 * Decodes the body of a packet.
 *
 * @param caps Capability words that both sides announced.
 * @throws {ProtocolError} `unknown-message`, and what {@link decode} throws.
 */
export function decodeUsbredirBody(packet: UsbredirPacket, caps: readonly number[], limits?: Limits): UsbredirBody {
  const declaration = usbredirPacket(packet.type, caps);
  if (declaration === undefined) throw refuse("unknown-message", `type ${packet.type}`, "type");
  const value = decode(declaration.wire, packet.body, limits === undefined ? {} : { limits });
  // The name and the value come from one declaration of the list that UsbredirBody is made of.
  return { name: declaration.name, value } as UsbredirBody;
}

/**
 * Encodes a packet with its header.
 *
 * @param packet The layout that the capabilities of both sides call for, see `usbredirPacket`.
 * @param id 0 for packets that are neither request nor answer.
 * @param caps Capability words that both sides announced.
 * @returns Chunks to be sent in order.
 * @throws {ProtocolError} by `local`: what {@link encode} throws.
 */
export function encodeUsbredirPacket<T>(
  packet: Message<string, T>,
  value: T,
  id: bigint,
  caps: readonly number[],
): Uint8Array[] {
  const body = encode(packet.wire, value);
  const length = body.reduce((sum, chunk) => sum + chunk.length, 0), type = packet.id;
  const header = usesLongIds(caps) && type !== UsbredirType.HELLO
    ? encodeBytes(UsbredirHeader64, { type, length, id })
    : encodeBytes(UsbredirHeader32, { type, length, id: Number(id) });
  return length < 1024 ? [concat([header, ...body])] : [header, ...body];
}

function usesLongIds(caps: readonly number[]): boolean {
  return hasCap(caps, UsbredirCap["64BITS_IDS"]);
}

function refuse(code: "too-large" | "unknown-message", detail: string, path: string): ProtocolError {
  return new ProtocolError({ code, message: "usb_redir_header", path, detail });
}
