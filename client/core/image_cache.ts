/** Decoded images that the server may name again, shared by all display channels of a session. */
import type { DecodedImage } from "../../codecs/image.ts";

interface Kept {
  readonly image: DecodedImage;
  readonly lossy: boolean;
}

/**
 * The pixmap cache. The server decides what leaves it (INVAL_LIST): it counts the pixels that DISPLAY_INIT offered.
 * Source: spice-server server/pixmap-cache.h, dcc-send.cpp; spice-gtk src/channel-display.c image_put,
 * image_get_lossless.
 */
export class ImageCache {
  /**
   * True once something was not drawn because it is not supported: it may have held images (or made surfaces) that the
   * server believes to be here, so that their absence is no fault of the server.
   */
  incomplete = false;
  readonly #images = new Map<bigint, Kept>();
  #pixels = 0;

  constructor(
    /** Pixels offered to the server. A server that keeps more than twice as many is broken or hostile. */
    readonly offeredPixels: number,
  ) {}

  /** Pixels of all images kept. */
  get pixels(): number {
    return this.#pixels;
  }

  /** Images kept. */
  get size(): number {
    return this.#images.size;
  }

  /** @returns The image, or `undefined`. */
  get(id: bigint): DecodedImage | undefined {
    return this.#images.get(id)?.image;
  }

  /**
   * An image for FROM_CACHE_LOSSLESS: the one that came with a loss may be kept until another replaces it.
   * @returns The image; `undefined`, too, when what is kept has a loss.
   */
  getLossless(id: bigint): DecodedImage | undefined {
    const kept = this.#images.get(id);
    return kept === undefined || kept.lossy ? undefined : kept.image;
  }

  /**
   * Keeps an image, in place of any of the same id.
   * @param lossy Whether its pixels are not what the server has: JPEG and JPEG_ALPHA.
   * @returns False when there is no room for it; nothing is kept then.
   */
  put(id: bigint, image: DecodedImage, lossy = false): boolean {
    this.delete(id);
    if (this.#pixels + image.pixels.length > 2 * this.offeredPixels) return false;
    this.#images.set(id, { image, lossy });
    this.#pixels += image.pixels.length;
    return true;
  }

  /** Forgets an image; an unknown id is no error, as in the reference. */
  delete(id: bigint): void {
    const kept = this.#images.get(id);
    if (kept === undefined) return;
    this.#images.delete(id);
    this.#pixels -= kept.image.pixels.length;
  }

  /** Forgets all. */
  clear(): void {
    this.#images.clear();
    this.#pixels = 0;
  }
}
