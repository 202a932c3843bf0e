/** What one connection covers, as its bytes come: the handshake, then data headers and lists, then messages. */
import { Deframer, type Frame } from "../../protocol/channel/framing.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { ByteQueue } from "../../protocol/link/byte_queue.ts";
import { List } from "../../protocol/messages/base.ts";
import type { Sender } from "../../protocol/schema/message.ts";
import { ChannelMarker } from "./channel_marker.ts";
import type { CacheMarker } from "./cache_steps.ts";
import { type Handshake, handshake, type Linked, type Want } from "./handshake.ts";

/** An item, and who showed it. */
export interface Mark {
  readonly address: string;
  readonly from: Sender;
}

/** Follows one connection from its first byte on. */
export class ConnectionMarker {
  readonly #queues = { client: new ByteQueue(), server: new ByteQueue() };
  readonly #serials: Record<Sender, bigint | null> = { client: null, server: null };
  readonly #cachesFor: (linked: Linked) => CacheMarker;
  readonly #handshake: Handshake;
  #want: Want | null = null;
  #linked: Linked | null = null;
  #marker: ChannelMarker | null = null;
  #deframers: Readonly<Record<Sender, Deframer>> | null = null;
  #marks: Mark[] = [];
  #broken: ProtocolError | null = null;

  /**
   * @param cachesFor The caches of the session that a channel belongs to.
   * @param changed Sides whose link message the recorder changed.
   */
  constructor(cachesFor: (linked: Linked) => CacheMarker, changed: ReadonlySet<Sender> = new Set()) {
    this.#cachesFor = cachesFor;
    this.#handshake = handshake((from, addresses) => this.#tell(from, addresses), changed);
    this.#advance(this.#handshake.next());
  }

  /** What ended the reading before the bytes did; they cover nothing from there on. */
  get broken(): ProtocolError | null {
    return this.#broken;
  }

  /** Takes the next bytes of a side, in any split. @returns The items that they cover. */
  receive(from: Sender, bytes: Uint8Array): Mark[] {
    if (this.#broken !== null) return [];
    try {
      if (this.#deframers === null) this.#link(from, bytes);
      else this.#frames(from, this.#deframers, bytes);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#broken = error;
    }
    const marks = this.#marks;
    this.#marks = [];
    return marks;
  }

  #link(from: Sender, bytes: Uint8Array): void {
    this.#queues[from].push(bytes);
    while (this.#want !== null) {
      const taken = this.#queues[this.#want.from].take(this.#want.bytes);
      if (taken === null) return;
      this.#advance(this.#handshake.next(taken));
    }
    if (this.#linked === null) return;
    const { channel, channelId, headers } = this.#linked;
    this.#marker = new ChannelMarker(channel, channelId, this.#cachesFor(this.#linked));
    this.#deframers = { client: new Deframer(headers), server: new Deframer(headers) };
    for (const side of ["client", "server"] as const) this.#frames(side, this.#deframers, this.#queues[side].rest());
  }

  #advance({ done, value }: IteratorResult<Want, Linked | null>): void {
    if (done) {
      this.#want = null;
      this.#linked = value;
    } else this.#want = value;
  }

  #frames(from: Sender, deframers: Readonly<Record<Sender, Deframer>>, bytes: Uint8Array): void {
    const deframer = deframers[from];
    deframer.push(bytes);
    for (let frame = deframer.next(); frame !== undefined; frame = deframer.next()) {
      this.#header(from, deframer.kind, frame);
      for (const { type, body } of [...frame.subMessages, frame]) {
        this.#tell(from, this.#marker?.receive(from, type, body) ?? []);
      }
    }
  }

  #header(from: Sender, kind: "full" | "mini", { type, serial, subMessages }: Frame): void {
    const before = this.#serials[from];
    this.#serials[from] = serial;
    this.#tell(from, [`headers/${kind}/${from}`]);
    if (kind === "full" && before !== null && serial === before + 1n) {
      this.#tell(from, [`headers/full/${from}/serials=counted`]);
    }
    if (subMessages.length === 0) return;
    this.#tell(from, [
      type === List.id ? `lists/LIST/${kind}` : "lists/sub_list/full",
      `lists/messages=${subMessages.length > 1 ? "many" : "1"}`,
    ]);
  }

  #tell(from: Sender, addresses: readonly string[]): void {
    for (const address of addresses) this.#marks.push({ address, from });
  }
}
