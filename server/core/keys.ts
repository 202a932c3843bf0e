/** Keys as they come on the wire: bytes of set 1, with their prefixes, to scancodes that go down or up. */

/** A key that goes down or comes up. */
export interface Key {
  /** 0x01 to 0x7f, or 0xe0xx for extended keys. */
  readonly scancode: number;
  readonly down: boolean;
}

/** Pause sends E1 1D 45; this is the number by which it is known. */
const PAUSE = 0xe046;

/**
 * Reads a stream of scancode bytes. KEY_DOWN and KEY_UP carry up to four of them each, KEY_SCANCODE any number.
 * Source: spice-server server/inputs-channel.cpp InputsChannelClient::handle_message.
 */
export class KeyReader {
  #prefix: number[] = [];

  /** @returns Keys that the bytes complete. */
  read(bytes: Iterable<number>): Key[] {
    const keys: Key[] = [];
    for (const byte of bytes) {
      const [first] = this.#prefix;
      if (first === undefined && (byte === 0xe0 || byte === 0xe1)) {
        this.#prefix = [byte];
      } else if (first === 0xe1 && this.#prefix.length < 2) {
        this.#prefix.push(byte);
      } else {
        const scancode = first === 0xe1 ? PAUSE : (first === 0xe0 ? 0xe000 : 0) | (byte & 0x7f);
        this.#prefix = [];
        if ((byte & 0x7f) !== 0) keys.push({ scancode, down: (byte & 0x80) === 0 });
      }
    }
    return keys;
  }
}

/** @returns The bytes of the code of KEY_DOWN and KEY_UP: lowest first, up to the first that is 0. */
export function bytesOfCode(code: number): number[] {
  const bytes = [code & 0xff, code >>> 8 & 0xff, code >>> 16 & 0xff, code >>> 24];
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.slice(0, end);
}
