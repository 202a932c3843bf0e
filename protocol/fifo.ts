/** First in, first out. */

/** Items taken before the list is cut. */
const CUT_AT = 1024;

/**
 * A queue whose every step takes constant time on average. `Array.shift` moves all that is left of a long array: 65536
 * items take seconds, and a peer decides how many there are.
 */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #taken = 0;

  /** Items that wait. */
  get length(): number {
    return this.#items.length - this.#taken;
  }

  /** Puts an item at the end. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** Looks at an item, which stays. @param index How many are before it. @returns `undefined` when there is none. */
  at(index: number): T | undefined {
    return this.#items[this.#taken + index];
  }

  /** @returns The oldest item, taken out; `undefined` when there is none. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#taken];
    this.#items[this.#taken++] = undefined;
    if (this.length === 0) {
      this.#items = [];
      this.#taken = 0;
    } else if (this.#taken >= CUT_AT && 2 * this.#taken >= this.#items.length) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    return item;
  }
}
