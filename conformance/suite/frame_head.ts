/** Data headers that say what is not so. */

/** @returns A mini header of any type and size, without its body. */
export function frameHead(type: number, size: number): Uint8Array {
  const head = new Uint8Array(6), view = new DataView(head.buffer);
  view.setUint16(0, type, true);
  view.setUint32(2, size, true);
  return head;
}
