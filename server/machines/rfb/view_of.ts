/**
 * Numbers of several bytes in a piece of a stream.
 *
 * @param bytes The piece.
 * @returns A view of the same memory.
 */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
