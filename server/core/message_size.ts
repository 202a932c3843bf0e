/**
 * How many pixels one message may have: as many as reach the viewer in 20 to 100 ms beyond the shortest round trip, so that
 * on a slow link newer and smaller changes get their turn, and on a fast one a picture goes out whole, which takes fewer
 * bytes and less work.
 */
export class MessageSize {
  #pixels = 128 * 1024;
  /** Pixels of messages whose arrival is not known, by their mark. */
  readonly #underWay = new Map<number, number>();

  /** Pixels of the next message, at most. */
  get pixels(): number {
    return this.#pixels;
  }

  /** A message of so many pixels was sent, with a mark behind it. */
  sent(mark: number, pixels: number): void {
    this.#underWay.set(mark, pixels);
  }

  /**
   * The viewer has a message.
   * @param mark Its mark. Earlier ones have arrived, too.
   * @param roundMs Milliseconds until its mark was answered.
   * @param shortestMs The shortest round trip lately.
   */
  arrived(mark: number, roundMs: number, shortestMs: number): void {
    const pixels = this.#underWay.get(mark) ?? 0;
    for (const one of this.#underWay.keys()) {
      this.#underWay.delete(one);
      if (one === mark) break;
    }
    // A small one tells nothing of large ones.
    if (pixels * 2 < this.#pixels) return;
    const ms = roundMs - shortestMs;
    if (ms < WANTED_MS) this.#pixels = Math.min(MOST_PIXELS, this.#pixels * 2);
    else if (ms > MOST_MS) this.#pixels = Math.max(LEAST_PIXELS, this.#pixels / 2);
  }
}

const WANTED_MS = 20;
/** A message that takes longer is too large. Small messages cost both sides more, so a slow viewer's are not cut at once. */
const MOST_MS = 100;
const LEAST_PIXELS = 16 * 1024;
const MOST_PIXELS = 4 * 1024 * 1024;
