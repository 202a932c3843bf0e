/** Questions that a pure core cannot answer alone, and their answers: cryptography is asynchronous and lives at the edge. */
import type { ProtocolError } from "./errors.ts";

/** A question that a core cannot answer alone; the driver answers it by its `id`. */
export type Question = {
  /** Encrypt the ticket for this key: RSA-OAEP with SHA-1 over the password and a NUL byte. */
  readonly kind: "encrypt-ticket";
  /** DER SubjectPublicKeyInfo of a 1024-bit RSA key, 162 bytes. */
  readonly publicKey: Uint8Array;
} | {
  /** Make a 1024-bit RSA key pair for one ticket and keep its private half under this question's id. */
  readonly kind: "ticket-key";
} | {
  /** Decrypt this ticket with the private key made for question `keyId`; the key serves once. */
  readonly kind: "decrypt-ticket";
  readonly keyId: number;
  readonly encrypted: Uint8Array;
};

/** What the driver found; a failure is told by `error`. */
export type Answer =
  | { readonly kind: "encrypt-ticket"; readonly encrypted: Uint8Array }
  /** `random` is an unpredictable u32, for ids that nobody must guess. */
  | { readonly kind: "ticket-key"; readonly publicKey: Uint8Array; readonly random: number }
  /** The password up to its NUL byte; `null` when the bytes do not decrypt. */
  | { readonly kind: "decrypt-ticket"; readonly password: Uint8Array | null }
  | { readonly kind: "failed"; readonly error: ProtocolError };
