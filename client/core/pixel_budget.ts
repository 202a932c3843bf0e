/** Pixels that all surfaces of a session may have together. */
export class PixelBudget {
  #taken = 0;

  constructor(
    /** Pixels in all. */
    readonly limit: number,
  ) {}

  /** Pixels taken. */
  get taken(): number {
    return this.#taken;
  }

  /** @returns False when so many are not left; nothing is taken then. */
  take(pixels: number): boolean {
    if (this.#taken + pixels > this.limit) return false;
    this.#taken += pixels;
    return true;
  }

  /** Gives back what was taken. */
  give(pixels: number): void {
    this.#taken -= pixels;
  }
}
