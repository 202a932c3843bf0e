/** The ticket: the password, encrypted for the key that the server made for this one connection. */
import { ProtocolError } from "../../protocol/errors.ts";
import { SPICE_MAX_PASSWORD_LENGTH } from "../../protocol/messages/link.ts";
import { terminated } from "../../protocol/text.ts";

/**
 * @param publicKey DER SubjectPublicKeyInfo of a 1024-bit RSA key.
 * @param password At most 60 bytes of UTF-8.
 * @returns 128 bytes: RSA-OAEP with SHA-1 over the password and a NUL byte.
 * @throws {ProtocolError} `bad-value`: the password is too long, or the key is none.
 * Source: spice-gtk src/spice-channel.c spice_channel_send_spice_ticket.
 */
export async function encryptTicket(publicKey: Uint8Array, password: string): Promise<Uint8Array> {
  const plain = Uint8Array.from(terminated(password));
  if (plain.length - 1 > SPICE_MAX_PASSWORD_LENGTH) {
    const detail = `the password has ${plain.length - 1} bytes, at most ${SPICE_MAX_PASSWORD_LENGTH} are allowed`;
    throw new ProtocolError({ by: "local", code: "bad-value", action: "encrypt", message: "ticket", detail });
  }
  try {
    const algorithm = { name: "RSA-OAEP", hash: "SHA-1" };
    const key = await crypto.subtle.importKey("spki", Uint8Array.from(publicKey), algorithm, false, ["encrypt"]);
    return new Uint8Array(await crypto.subtle.encrypt(algorithm, key, plain));
  } catch (cause) {
    const detail = "the server's key is no RSA key";
    throw new ProtocolError({
      code: "bad-value",
      action: "link",
      message: "SpiceLinkReply",
      path: "pubKey",
      detail,
      cause,
    });
  }
}
