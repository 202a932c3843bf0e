/** The images that GLZ streams may refer to, on the side that decodes. */

import { CodecError } from "../errors.ts";
import type { GlzHeader } from "./header.ts";

/** An image in the window. */
export interface GlzImage {
  readonly header: GlzHeader;
  /** width × height pixels, 0xAARRGGBB, rows in stream order. */
  readonly pixels: Uint32Array<ArrayBuffer>;
}

const CODEC = "GLZ";
/** What an image counts at least: what keeping one of a single pixel takes, in pixels of four bytes. */
const LEAST_PIXELS = 64;

/**
 * The GLZ window: one for all display channels of a client, whose images share one count of ids but come on connections
 * of their own, in any order between them.
 *
 * An image says how far back its window begins (`id − winHeadDist`), and that of a later image does not begin before it.
 * So once every id up to an image has come, what lies before its window is let go; while ids are missing, one of them
 * may still refer to it. Where the limit would be passed, the newest image alone decides.
 *
 * Source: spice-gtk src/decode-glz.c glz_decoder_window_add, glz_decoder_window_release.
 */
export class GlzWindow {
  readonly #images = new Map<bigint, GlzImage>();
  #pixels = 0;
  /** The lowest id that has not come; `null` when the next image decides where ids begin. */
  #next: bigint | null = 0n;
  /** Where the window of the last image begins before which no id is missing. */
  #head = 0n;
  /** The highest id that has come, and where its window begins. */
  #newest = { id: -1n, head: 0n };

  /** An empty window, whose first image has id 0. */
  constructor(
    /**
     * Pixels kept, at most; an image counts as 64 at least. The server counts on as many as it was offered, and images
     * that overtake others come on top.
     */
    readonly maxPixels: number,
  ) {}

  /** Pixels kept, an image of fewer counted as 64. */
  get pixels(): number {
    return this.#pixels;
  }

  /** Images kept. */
  get size(): number {
    return this.#images.size;
  }

  /** Whether an image is here. */
  has(id: bigint): boolean {
    return this.#images.has(id);
  }

  /**
   * An image, or `undefined`.
   *
   * @internal
   */
  find(id: bigint): GlzImage | undefined {
    return this.#images.get(id);
  }

  /** Whether an id that is not here may still come. */
  awaits(id: bigint): boolean {
    return !this.#images.has(id) && id >= (this.#next ?? 0n);
  }

  /**
   * Keep an image, and let go of what no image to come can refer to.
   *
   * @throws {CodecError} `bad-size`: no room for it; it is not kept.
   * @internal
   */
  add(image: GlzImage): void {
    const { id, winHeadDist } = image.header, head = id - BigInt(winHeadDist);
    if (id < this.#head) return; // Overtaken when the limit was reached: it can be shown, but not referred to.
    this.#images.set(id, image);
    this.#pixels += charge(image);
    if (id > this.#newest.id) this.#newest = { id, head };
    if (this.#next === null) this.#next = this.#head = head;
    this.#next = this.#come(this.#next);
    if (this.#pixels > this.maxPixels) {
      this.#begin(this.#newest.head);
      this.#next = this.#come(this.#next < this.#head ? this.#head : this.#next);
    }
    if (this.#pixels > this.maxPixels) {
      this.#release(id);
      throw new CodecError(CODEC, "bad-size", 9, `no room for image ${id} in a window of ${this.maxPixels} pixels`);
    }
  }

  /** Forgets all, as after a migration: the next image decides where ids begin. */
  clear(): void {
    this.#images.clear();
    this.#pixels = 0;
    this.#next = null;
    this.#head = 0n;
    this.#newest = { id: -1n, head: 0n };
  }

  /** From the lowest id that had not come to the one that has not now: all between have their say on the window. */
  #come(next: bigint): bigint {
    for (let image = this.#images.get(next); image !== undefined; image = this.#images.get(next)) {
      this.#begin(next - BigInt(image.header.winHeadDist));
      next++;
    }
    return next;
  }

  /** The window begins here, or further on. */
  #begin(head: bigint): void {
    const old = this.#head;
    if (head <= old) return;
    this.#head = head;
    if (head - old <= BigInt(this.#images.size)) {
      for (let id = old; id < head; id++) this.#release(id);
    } else {
      for (const id of this.#images.keys()) if (id < head) this.#release(id);
    }
  }

  #release(id: bigint): void {
    const image = this.#images.get(id);
    if (image === undefined) return;
    this.#images.delete(id);
    this.#pixels -= charge(image);
  }
}

function charge({ pixels }: GlzImage): number {
  return Math.max(pixels.length, LEAST_PIXELS);
}
