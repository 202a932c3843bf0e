/** Bytes of the handshake, which come in any split and leave in known sizes. The caller bounds what it asks for. */
export class ByteQueue {
  #bytes = new Uint8Array(0);

  /** Bytes that wait. */
  get length(): number {
    return this.#bytes.length;
  }

  /** Takes a copy of `bytes`. */
  push(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    this.#bytes = joined;
  }

  /** @returns The next `n` bytes, or `null` when fewer wait. */
  take(n: number): Uint8Array | null {
    if (this.#bytes.length < n) return null;
    const taken = this.#bytes.subarray(0, n);
    this.#bytes = this.#bytes.subarray(n);
    return taken;
  }

  /** @returns The first bytes, at most `n`, without taking them. */
  peek(n: number): Uint8Array {
    return this.#bytes.subarray(0, n);
  }

  /** @returns All that waits. */
  rest(): Uint8Array {
    return this.take(this.#bytes.length)!;
  }
}
