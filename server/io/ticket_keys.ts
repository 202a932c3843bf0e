/** Ticket keys: one RSA key pair for each connection, which decrypts one password and is gone. */
import { ProtocolError } from "../../protocol/errors.ts";

/** RSA of 1024 bits with OAEP and SHA-1, as every client knows it. Source: protocol.h SPICE_TICKET_KEY_PAIR_LENGTH. */
const ALGORITHM = { name: "RSA-OAEP", modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-1" };

/** Makes keys and decrypts with them. */
export class TicketKeys {
  readonly #keys = new Map<number, CryptoKey>();

  /** @returns The public half, DER SubjectPublicKeyInfo of 162 bytes. */
  async make(id: number): Promise<Uint8Array> {
    const { publicKey, privateKey } = await crypto.subtle.generateKey(ALGORITHM, true, ["encrypt", "decrypt"]);
    this.#keys.set(id, privateKey);
    return new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
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
    this.#keys.delete(id);
  }
}
