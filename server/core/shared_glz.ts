/** The GLZ dictionary of a viewer's session, which all its display channels share. */

import { GlzDictionary } from "../../codecs/glz.ts";

/** Pixels of a window, at most: 16 MiB here and as much at the viewer, a little more than two screens of 1920 × 1080. */
const MOST_WINDOW_PIXELS = 4.5 * 1024 * 1024;
/** A smaller window is none: it costs more memory than it could ever save bytes. */
const LEAST_WINDOW_PIXELS = 4096;

/**
 * Makes the dictionary when it is first needed: it takes 8 MiB before it holds anything.
 *
 * A viewer that connects anew is another viewer, with another window. When one of its display channels ends alone, what
 * was under way there is lost, so the window begins anew; ids go on, since the other channels' images have them.
 */
export class SharedGlz {
  #windowPixels = 0;
  #dictionary: GlzDictionary | null = null;

  /**
   * A display channel begins. The first one's offer holds, as in the reference.
   * @param offeredPixels Of DISPLAY_INIT; none or less than none for a viewer that wants no GLZ.
   */
  offer(offeredPixels: number): void {
    if (this.#windowPixels === 0) this.#windowPixels = Math.min(MOST_WINDOW_PIXELS, offeredPixels);
  }

  /** Whether there is a window. */
  get offered(): boolean {
    return this.#windowPixels >= LEAST_WINDOW_PIXELS;
  }

  /** The dictionary; `null` without a window. */
  get dictionary(): GlzDictionary | null {
    if (!this.offered) return null;
    return this.#dictionary ??= new GlzDictionary(this.#windowPixels);
  }

  /** A display channel ended. */
  channelEnded(): void {
    this.#dictionary?.reset();
  }
}
