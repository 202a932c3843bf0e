/** Raw rectangles, given on in bands, so that what is held does not grow with the picture. */
import type { Rect } from "../../../canvas/rect.ts";
import type { TellRfb } from "./rfb_output.ts";
import type { Reading } from "./rfb_reader.ts";

/** Pixels given on at once: enough to cost little a call, few enough to stay in the processor's cache. */
const BAND_PIXELS = 65_536;

/** Reads pixels into one piece of memory, again and again. */
export class RfbRaw {
  #words = new Uint32Array(0);
  #bytes = new Uint8Array(0);

  /**
   * Reads the pixels of a rectangle, each a little-endian word 0x??RRGGBB.
   *
   * @param area Within the picture.
   * @param tell Is told `pixels` for each band, from top to bottom.
   */
  *read(area: Rect, tell: TellRfb): Reading<void> {
    const { left, top, right, bottom } = area, width = right - left;
    if (width === 0) return;
    const bandRows = Math.max(1, Math.floor(BAND_PIXELS / width));
    this.#hold(width * Math.min(bandRows, bottom - top));
    for (let y = top; y < bottom; y += bandRows) {
      const end = Math.min(bottom, y + bandRows), count = width * (end - y);
      yield { fill: this.#bytes.subarray(0, 4 * count) };
      tell({ do: "pixels", area: { left, top: y, right, bottom: end }, pixels: this.#words.subarray(0, count) });
    }
  }

  #hold(pixels: number): void {
    if (this.#words.length >= pixels) return;
    this.#words = new Uint32Array(Math.max(BAND_PIXELS, pixels));
    this.#bytes = new Uint8Array(this.#words.buffer);
  }
}
