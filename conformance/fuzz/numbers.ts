/** Numbers before, or in place of, the bytes of an input: what a message says beside them. */

/** Reads little-endian numbers of 32 bits; after the end there are only zeros. */
export class Numbers {
  #at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Numbers that are left. */
  get left(): number {
    return Math.max(0, (this.#view.byteLength - this.#at) >> 2);
  }

  i32(): number {
    const value = this.left > 0 ? this.#view.getInt32(this.#at, true) : 0;
    this.#at += 4;
    return value;
  }

  u32(): number {
    return this.i32() >>> 0;
  }

  /** So many bytes from here on, or all that are left. */
  bytes(length: number): Uint8Array {
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += bytes.length;
    return bytes;
  }

  rect(): { left: number; top: number; right: number; bottom: number } {
    return { left: this.i32(), top: this.i32(), right: this.i32(), bottom: this.i32() };
  }
}

/** @returns The bytes that {@link Numbers} reads as these. */
export function numbers(...values: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * 4), view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint32(i * 4, value, true));
  return bytes;
}
