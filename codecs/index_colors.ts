/** A picture of few colours as a palette and indexes into it, as LZ_PLT codes it. */

/** What {@link indexColors} gives. */
export interface IndexedPicture {
  /** An index for each pixel. */
  readonly indexes: Uint8Array<ArrayBuffer>;
  /** Its colours in the order in which they come, 0x00RRGGBB each. */
  readonly palette: Uint32Array<ArrayBuffer>;
}

/** Colours that an index of one byte can name. */
const MOST_COLORS = 256;
/** Places of the hash table: so many that most colours are found at the first look. */
const SLOTS = 4096;

/**
 * Number the colours of a picture.
 *
 * @param pixels 0x??RRGGBB; the top byte is not heeded.
 * @returns Indexes and palette, in memory of their own; `null` when there are more than 256 colours.
 */
export function indexColors(pixels: Uint32Array): IndexedPicture | null {
  const indexes = new Uint8Array(pixels.length), palette = new Uint32Array(MOST_COLORS);
  const colors = new Int32Array(SLOTS).fill(-1), numbers = new Uint8Array(SLOTS);
  let count = 0, last = -1, number = 0;
  for (let i = 0; i < pixels.length; i++) {
    const pixel = pixels[i]! & 0xffffff;
    if (pixel !== last) {
      let slot = Math.imul(pixel, 0x9e3779b1) >>> 20;
      while (colors[slot] !== pixel && colors[slot] !== -1) slot = slot + 1 & SLOTS - 1;
      if (colors[slot] === -1) {
        if (count === MOST_COLORS) return null;
        colors[slot] = pixel;
        numbers[slot] = count;
        palette[count++] = pixel;
      }
      number = numbers[slot]!;
      last = pixel;
    }
    indexes[i] = number;
  }
  return { indexes, palette: palette.slice(0, count) };
}
