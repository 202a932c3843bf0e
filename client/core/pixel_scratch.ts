/** Memory for pictures that are drawn and forgotten, so that each of them need not have its own. */

/** More is not kept: a screen of 2560 × 1600. */
const MOST_PIXELS = 4 * 1024 * 1024;

/** One picture's worth, lent once a message. It is that of the largest such picture so far. */
export class PixelScratch {
  #pixels = new Uint32Array(0);
  #lent = false;

  /** A message begins: what was lent before is not used any more. */
  begin(): void {
    this.#lent = false;
  }

  /** Lends what there is, of any content; `undefined` when it is lent already. */
  lend(): Uint32Array<ArrayBuffer> | undefined {
    if (this.#lent) return undefined;
    this.#lent = true;
    return this.#pixels;
  }

  /** Takes over the pixels of a picture that nobody keeps. It may still be drawn in this message. */
  adopt(pixels: Uint32Array<ArrayBuffer>): void {
    const larger = pixels.length > this.#pixels.length && pixels.length <= MOST_PIXELS;
    if (larger && pixels.buffer !== this.#pixels.buffer) this.#pixels = pixels;
  }
}
