/** What the channels of devices carry: usbredir packets and smartcard messages. */
import { hasCap } from "../../protocol/capabilities.ts";
import {
  UsbredirCap,
  UsbredirHello,
  usbredirPacket,
  usbredirPackets,
} from "../../protocol/messages/usbredir_packets.ts";
import { vscMessageBody, vscMessages } from "../../protocol/messages/vscard.ts";
import { decode } from "../../protocol/schema/decode.ts";
import type { Sender } from "../../protocol/schema/message.ts";
import { UsbredirStream } from "../../protocol/usbredir_stream.ts";
import { capItems, markCaps } from "./capability_items.ts";
import { facetsOf } from "./facets.ts";
import { mark } from "./mark.ts";

/** Every capability: a stream of which only the peer's hello limits what both have. */
const ALL_CAPS = [0xffffffff];

const IDS = ["ids=32", "ids=64"];

/** The items of devices, as `usbredir-packet/usb_redir_hello` and `vscard/VSC_Error/code=SUCCESS`. */
export function deviceItems(): string[] {
  const facets = (
    at: string,
    wire: Parameters<typeof facetsOf>[0],
  ) => [at, ...facetsOf(wire).map((is) => `${at}/${is}`)];
  return [
    ...capItems("usbredir-packet/caps", UsbredirCap, ["client", "server"]),
    ...IDS.map((ids) => `usbredir-packet/${ids}`),
    ...usbredirPackets.flatMap(({ name, wire }) => facets(`usbredir-packet/${name}`, wire)),
    ...vscMessages.flatMap(({ name, wire }) => facets(`vscard/${name}`, wire)),
  ];
}

/** Reads the packets of one usbredir channel. */
export class UsbredirMarker {
  /** The hello of each side, once it came. */
  readonly #caps: Partial<Record<Sender, readonly number[]>> = {};
  readonly #streams: Partial<Record<Sender, UsbredirStream>> = {};
  readonly #early: [Sender, Uint8Array][] = [];

  /**
   * @param from Who sent the data.
   * @param data Part of the stream. Hellos come whole, in a message of their own.
   * @returns The items of the packets that are now whole. What comes before the other side's hello waits for it.
   * @throws {ProtocolError} The stream is none.
   */
  receive(from: Sender, data: Uint8Array): string[] {
    if (this.#caps[from] === undefined) return this.#hello(from, data);
    const stream = this.#streams[from];
    if (stream === undefined) {
      this.#early.push([from, data]);
      return [];
    }
    return stream.receive(data).flatMap(({ type, body }) => {
      const packet = usbredirPacket(type, stream.caps);
      if (packet === undefined) return [];
      const at = `usbredir-packet/${packet.name}`;
      return [
        at,
        `usbredir-packet/ids=${hasCap(stream.caps, UsbredirCap["64BITS_IDS"]) ? 64 : 32}`,
        ...[...mark(packet.wire, decode(packet.wire, body))].map((facet) => `${at}/${facet}`),
      ];
    });
  }

  #hello(from: Sender, data: Uint8Array): string[] {
    const stream = new UsbredirStream(ALL_CAPS), at = `usbredir-packet/${UsbredirHello.name}`;
    return stream.receive(data).flatMap(({ body }) => {
      const hello = decode(UsbredirHello.wire, body);
      this.#caps[from] = hello.capabilities;
      return [
        at,
        ...[...mark(UsbredirHello.wire, hello)].map((facet) => `${at}/${facet}`),
        ...markCaps("usbredir-packet/caps", UsbredirCap, hello.capabilities, from),
        ...this.#begin(from, data),
      ];
    });
  }

  /** With both hellos each direction can be read, its hello first. */
  #begin(from: Sender, hello: Uint8Array): string[] {
    this.#early.unshift([from, hello]);
    const { client, server } = this.#caps;
    if (client === undefined || server === undefined) return [];
    this.#streams.client = new UsbredirStream(server);
    this.#streams.server = new UsbredirStream(client);
    return this.#early.splice(0).flatMap(([side, data]) => this.receive(side, data));
  }
}

/**
 * The items of a smartcard message.
 *
 * @param message Value of SMARTCARD_DATA.
 * @throws {ProtocolError} Its body does not decode.
 */
export function markVscard({ type, data }: { readonly type: number; readonly data: Uint8Array }): string[] {
  const body = vscMessageBody(type);
  if (body === undefined) return [];
  const at = `vscard/${body.name}`;
  return [at, ...[...mark(body.wire, decode(body.wire, data))].map((facet) => `${at}/${facet}`)];
}
