/** Puts packets together from a byte stream in any split: the part that the agent's and usbredir's streams share. */

/** How packets of a stream look. */
export interface PacketFormat<T> {
  /** Bytes of the next packet's header; asked for when the packet before has been finished. */
  headerBytes(): number;
  /**
   * Bytes of the body that a header announces.
   * @throws {ProtocolError} The header is refused, or the body is too large.
   */
  bodyBytes(header: Uint8Array): number;
  /** Called once for each packet, in order. Both arrays are copies and no longer used by the assembler. */
  finish(header: Uint8Array, body: Uint8Array): T;
}

/** First allocation for a body: more is taken only as bytes arrive, whatever the header promises. */
const FIRST_BYTES = 4096;

/** Collects bytes until packets are whole. One for each direction of a stream. */
export class PacketAssembler<T> {
  readonly #format: PacketFormat<T>;
  #header: Uint8Array;
  #headerUsed = 0;
  /** `null` while the header is not whole. */
  #body: Uint8Array | null = null;
  #bodyUsed = 0;
  #size = 0;

  /** For one direction, from its first byte on. */
  constructor(format: PacketFormat<T>) {
    this.#format = format;
    this.#header = new Uint8Array(format.headerBytes());
  }

  /** True between packets: nothing of a next one has come. */
  get idle(): boolean {
    return this.#headerUsed === 0;
  }

  /**
   * Takes the next bytes, in any split.
   *
   * @returns Packets that are now whole, in order.
   * @throws {ProtocolError} What the format throws; the stream is then of no more use.
   */
  receive(bytes: Uint8Array): T[] {
    const packets: T[] = [];
    let at = 0;
    while (at < bytes.length) {
      at += this.#body === null ? this.#takeHeader(bytes.subarray(at)) : this.#takeBody(this.#body, bytes.subarray(at));
      if (this.#body !== null && this.#bodyUsed === this.#size) packets.push(this.#finish(this.#body));
    }
    return packets;
  }

  #takeHeader(bytes: Uint8Array): number {
    const part = bytes.subarray(0, this.#header.length - this.#headerUsed);
    this.#header.set(part, this.#headerUsed);
    this.#headerUsed += part.length;
    if (this.#headerUsed === this.#header.length) {
      this.#size = this.#format.bodyBytes(this.#header);
      this.#body = new Uint8Array(Math.min(this.#size, FIRST_BYTES));
    }
    return part.length;
  }

  #takeBody(body: Uint8Array, bytes: Uint8Array): number {
    const part = bytes.subarray(0, this.#size - this.#bodyUsed);
    const need = this.#bodyUsed + part.length;
    if (need > body.length) {
      const grown = new Uint8Array(Math.min(this.#size, Math.max(need, 2 * body.length)));
      grown.set(body.subarray(0, this.#bodyUsed));
      body = this.#body = grown;
    }
    body.set(part, this.#bodyUsed);
    this.#bodyUsed = need;
    return part.length;
  }

  #finish(body: Uint8Array): T {
    // The body is full: it grows to the announced size and no further.
    const packet = this.#format.finish(this.#header, body);
    this.#header = new Uint8Array(this.#format.headerBytes());
    this.#headerUsed = 0;
    this.#body = null;
    this.#bodyUsed = 0;
    this.#size = 0;
    return packet;
  }
}
