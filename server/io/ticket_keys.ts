/** Ticket keys: one RSA key pair for each connection, which decrypts one password and is gone. */
import { ProtocolError } from "../../protocol/errors.ts";

/** RSA of 1024 bits with OAEP and SHA-1, as every client knows it. Source: protocol.h SPICE_TICKET_KEY_PAIR_LENGTH. */
const ALGORITHM = { name: "RSA-OAEP", modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-1" };

/** Makes keys and decrypts with them; one key at a time, so that strangers cannot take all processors. */
export class TicketKeys {
  readonly #keys = new Map<number, CryptoKey>();
  /** Keys that are still wanted, made or not. */
  readonly #wanted = new Set<number>();
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @returns The public half, DER SubjectPublicKeyInfo of 162 bytes.
   * @throws {ProtocolError} `closed`: it was forgotten before its turn came.
   */
  make(id: number): Promise<Uint8Array> {
    this.#wanted.add(id);
    const made = this.#last.then(() => this.#make(id));
    this.#last = made.catch(() => {});
    return made;
  }

  async #make(id: number): Promise<Uint8Array> {
    if (this.#wanted.has(id)) {
      const { publicKey, privateKey } = await crypto.subtle.generateKey(ALGORITHM, true, ["encrypt", "decrypt"]);
      const spki = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
      if (this.#wanted.delete(id)) this.#keys.set(id, privateKey);
      return spki;
    }
    const detail = "nobody wants it any more";
    throw new ProtocolError({ by: "local", code: "closed", action: "make", message: "ticket key", detail });
  }

  /** Decrypts with a key, once. @returns The password up to its NUL byte; `null` when the bytes do not decrypt. */
  async decrypt(id: number, encrypted: Uint8Array): Promise<Uint8Array | null> {
    const key = this.#keys.get(id);
    this.#keys.delete(id);
    if (key === undefined) {
      const detail = `no ticket key ${id}`;
      throw new ProtocolError({ by: "local", code: "unexpected", action: "decrypt", message: "ticket", detail });
    }
    try {
      const plain = new Uint8Array(await crypto.subtle.decrypt(ALGORITHM.name, key, Uint8Array.from(encrypted)));
      const end = plain.indexOf(0);
      return end < 0 ? plain : plain.subarray(0, end);
    } catch {
      return null;
    }
  }

  /** Forgets a key that was not used. */
  forget(id: number): void {
    this.#wanted.delete(id);
    this.#keys.delete(id);
  }
}
