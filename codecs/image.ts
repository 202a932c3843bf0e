/** What every image decoder returns. */

/** A decoded picture: rows from the top down, tightly packed. */
export interface DecodedImage {
  /** Pixels a row, at least 1. */
  readonly width: number;
  /** Rows, at least 1. */
  readonly height: number;
  /**
   * width × height pixels, 0xAARRGGBB. Without `alpha`, bits 24 to 31 mean nothing: most codecs leave 0 there, a 32BIT
   * bitmap leaves the byte that came, since a copy to an ARGB surface carries it.
   */
  readonly pixels: Uint32Array<ArrayBuffer>;
  /** Whether bits 24 to 31 are an alpha value. */
  readonly alpha: boolean;
}

/** What a decoder is allowed and told. */
export interface DecodeOptions {
  /** Most pixels that a picture may have; checked before anything is allocated. */
  readonly maxPixels: number;
  /** Colours of a palette image, 0x00RRGGBB each. */
  readonly palette?: Uint32Array | undefined;
  /**
   * Where the pixels go, if it has room for them; else they get memory of their own, as they do by default, and always
   * in GLZ, whose window keeps them. A caller that draws a picture and forgets it spares itself fresh memory for each.
   * What is in it after an error means nothing.
   */
  readonly into?: Uint32Array<ArrayBuffer> | undefined;
}

/**
 * Memory for a picture's pixels.
 *
 * @param count Pixels, within `maxPixels`.
 * @param options Of the decoder.
 * @returns So many pixels, of any content.
 * @internal
 */
export function roomForPixels(count: number, { into }: DecodeOptions): Uint32Array<ArrayBuffer> {
  return into !== undefined && into.length >= count ? into.subarray(0, count) : new Uint32Array(count);
}
