/** The images that GLZ streams may refer to, on the side that encodes. */

import { CodecError } from "../errors.ts";
import type { GlzType } from "./header.ts";

/** Bits of the hash of three units. Source: glz-encoder-priv.h HASH_SIZE_LOG. */
export const GLZ_HASH_BITS = 20;

/** What goes on when a client moves to another server: the window is empty there, but ids go on. */
export interface GlzDictionaryState {
  /** Pixels that the window may hold. */
  readonly windowPixels: number;
  /** Id of the next image. */
  readonly nextId: bigint;
}

/** Where an image stands in the dictionary. @internal */
export interface GlzPlace {
  readonly id: bigint;
  readonly winHeadDist: number;
  /** Index of the dictionary's lists. */
  readonly slot: number;
}

const CODEC = "GLZ";
const NO_PIXELS = new Uint32Array(0);
const NO_VALUES = new Uint16Array(0);
/** The format has no farther offsets. Source: lz_common.h LZ_MAX_WINDOW_SIZE. */
const MOST_WINDOW_PIXELS = 1 << 25;

/**
 * The GLZ dictionary: one for all display channels of a client. It holds the newest images that fit in its window, and
 * says with each new one where the window begins now, so that the client can let go of what lies before it.
 *
 * Source: spice-server server/glz-encoder-dict.c.
 */
export class GlzDictionary {
  /** Pixels that the window may hold. */
  readonly windowPixels: number;
  /** Where the hash of three units was seen last: slot and index in turn; zeros at first. @internal */
  readonly seen: Int32Array = new Int32Array(2 << GLZ_HASH_BITS);
  /** Pixels by slot; none for RGB16 and free slots. @internal */
  readonly pixels: Uint32Array[] = [];
  /** RGB16 values by slot. @internal */
  readonly values: Uint16Array[] = [];
  /** Type by slot, 0 for a free one. @internal */
  readonly types: number[] = [];
  /** How many images came before it, by slot. @internal */
  readonly counts: number[] = [];
  /** The window, from its head on. */
  readonly #used: number[] = [];
  /** The last one freed is the first one used, as in the reference, whose stale references find the same images so. */
  readonly #free: number[] = [];
  readonly #firstId: bigint;
  #count = 0;
  #held = 0;
  #bytes = new Uint8Array(0);

  /**
   * Makes an empty dictionary.
   *
   * @param windowPixels What the client offered (DISPLAY_INIT glz_dictionary_window_size), or less; at most 2²⁵.
   * @param nextId Id of the first image: that of a dictionary which goes on here.
   * @throws {CodecError} `bad-size`.
   */
  constructor(windowPixels: number, nextId: bigint = 0n) {
    if (!(windowPixels >= 1 && windowPixels <= MOST_WINDOW_PIXELS)) {
      throw new CodecError(CODEC, "bad-size", 0, `a window of ${windowPixels} pixels, need 1 to ${MOST_WINDOW_PIXELS}`);
    }
    this.windowPixels = windowPixels;
    this.#firstId = nextId;
  }

  /** Pixels in the window. */
  get heldPixels(): number {
    return this.#held;
  }

  /** What another dictionary needs to go on in place of this one. */
  get state(): GlzDictionaryState {
    return { windowPixels: this.windowPixels, nextId: this.#firstId + BigInt(this.#count) };
  }

  /** Lets go of all images: the next one refers to none before it. Ids go on. */
  reset(): void {
    for (const slot of this.#used.splice(0)) this.#release(slot);
    this.seen.fill(0);
  }

  /**
   * Take an image in; the oldest ones that have no room beside it go.
   *
   * @throws {CodecError} `bad-size`: larger than the window.
   * @internal
   */
  add(type: GlzType, units: Uint32Array | Uint16Array): GlzPlace {
    if (units.length > this.windowPixels) {
      const detail = `${units.length} pixels in a window of ${this.windowPixels}`;
      throw new CodecError(CODEC, "bad-size", 0, detail);
    }
    let gone = 0;
    for (; this.#held + units.length > this.windowPixels; gone++) this.#release(this.#used[gone]!);
    this.#used.splice(0, gone);
    const count = this.#count++, slot = this.#free.pop() ?? this.types.length;
    this.types[slot] = type;
    this.counts[slot] = count;
    this.pixels[slot] = units instanceof Uint32Array ? units : NO_PIXELS;
    this.values[slot] = units instanceof Uint16Array ? units : NO_VALUES;
    this.#used.push(slot);
    this.#held += units.length;
    const id = this.#firstId + BigInt(count);
    return { id, winHeadDist: count - this.counts[this.#used[0]!]!, slot };
  }

  /** At least so many bytes, any content. @internal */
  bytes(size: number): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length < size) this.#bytes = new Uint8Array(size);
    return this.#bytes;
  }

  #release(slot: number): void {
    this.#held -= this.pixels[slot]!.length + this.values[slot]!.length;
    this.pixels[slot] = NO_PIXELS;
    this.values[slot] = NO_VALUES;
    this.types[slot] = 0;
    this.#free.push(slot);
  }
}
