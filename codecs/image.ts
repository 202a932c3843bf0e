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
}
