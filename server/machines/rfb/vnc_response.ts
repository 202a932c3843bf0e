/** The answer of VNC authentication. */
import { createCipheriv } from "node:crypto";

/** Bytes of a challenge and of its answer. */
const CHALLENGE_BYTES = 16;

/**
 * Encrypts a challenge with a password: DES on each half, the password's first eight bytes as key, each with its bits
 * in reverse order.
 *
 * Deno's node:crypto has no single DES, and needs none of ours: triple DES with three equal keys is single DES, and CBC
 * over one block with a zero vector is ECB.
 *
 * @param challenge 16 bytes.
 * @param password UTF-8; servers expect ASCII.
 * @returns 16 bytes.
 * Source: rfbproto, "VNC Authentication".
 */
export function vncResponse(challenge: Uint8Array, password: string): Uint8Array {
  const key = new Uint8Array(8);
  key.set(new TextEncoder().encode(password).subarray(0, 8).map(reverseBits));
  const keys = new Uint8Array(24);
  for (let at = 0; at < 24; at += 8) keys.set(key, at);
  const response = new Uint8Array(CHALLENGE_BYTES);
  for (let at = 0; at < CHALLENGE_BYTES; at += 8) {
    const cipher = createCipheriv("des-ede3-cbc", keys, new Uint8Array(8));
    cipher.setAutoPadding(false);
    response.set(cipher.update(challenge.subarray(at, at + 8)), at);
    cipher.final();
  }
  return response;
}

function reverseBits(byte: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) reversed |= (byte >> bit & 1) << 7 - bit;
  return reversed;
}
