/** Tickets of the suite: RSA-OAEP with SHA-1 over a key of 1024 bits, both ways. */

const ALGORITHM = { name: "RSA-OAEP", hash: "SHA-1" } as const;

/**
 * Encrypts a password as clients do: its bytes and a NUL.
 * @param publicKey DER SubjectPublicKeyInfo.
 * @returns 128 bytes; `null` when the key is none.
 */
export async function encryptPassword(publicKey: Uint8Array, password: string): Promise<Uint8Array | null> {
  try {
    const key = await crypto.subtle.importKey("spki", Uint8Array.from(publicKey), ALGORITHM, false, ["encrypt"]);
    const plain = new TextEncoder().encode(`${password}\0`);
    return new Uint8Array(await crypto.subtle.encrypt(ALGORITHM.name, key, plain));
  } catch {
    return null;
  }
}

/** A key of a scripted server. */
export interface TicketKey {
  /** DER SubjectPublicKeyInfo, 162 bytes. */
  readonly publicKey: Uint8Array;
  /** @returns The password before its NUL; `null` when the bytes do not decrypt. */
  decrypt(encrypted: Uint8Array): Promise<string | null>;
}

/** Makes a key; one serves all connections of a case, and 20 ms of work are spared. */
export async function makeTicketKey(): Promise<TicketKey> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    { ...ALGORITHM, modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["encrypt", "decrypt"],
  );
  return {
    publicKey: new Uint8Array(await crypto.subtle.exportKey("spki", publicKey)),
    decrypt: async (encrypted) => {
      try {
        const plain = await crypto.subtle.decrypt(ALGORITHM.name, privateKey, Uint8Array.from(encrypted));
        return new TextDecoder().decode(plain).split("\0")[0]!;
      } catch {
        return null;
      }
    },
  };
}
