/** Order of the bytes in the words of a stream. */

/** Whether a word of an `Int32Array` is little-endian here, as it is in the stream. */
export const HOST_IS_LITTLE_ENDIAN: boolean = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Turn the bytes of each word round, for hosts where they have to be. */
export function swapWords(words: Int32Array): void {
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
  for (let i = 0; i < words.length; i++) words[i] = view.getInt32(i * 4, true);
}
