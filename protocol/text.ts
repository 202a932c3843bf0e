/** Text of the protocol: UTF-8 bytes, which most peers end with a NUL byte and some do not. */

/**
 * Reads text.
 *
 * @param bytes UTF-8, with or without a NUL byte at the end.
 * @returns The bytes up to the first NUL as text; what is no UTF-8 becomes U+FFFD.
 */
export function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/**
 * Writes text as most peers expect it.
 *
 * @param value Text without NUL.
 * @returns The text as UTF-8 with a NUL byte behind it.
 */
export function terminated(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  const ended = new Uint8Array(bytes.length + 1);
  ended.set(bytes);
  return ended;
}
