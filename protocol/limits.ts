/** How much a peer may make us hold, and how long it may keep us waiting. */

/** Every bound that stands between a hostile peer and our memory or patience. One value, passed as an argument. */
export interface Limits {
  /** Bytes of one message body. The reference server takes 1 MiB from clients by default; images need more. */
  readonly messageBytes: number;
  /** Bytes of the link message or reply after the 16-byte link header. The reference allows 4096. */
  readonly linkBytes: number;
  /** Bytes of one reassembled agent message. */
  readonly agentMessageBytes: number;
  /** Pointers followed in one message. */
  readonly pointers: number;
  /** Pixels along one side of a surface. */
  readonly pixelsPerSide: number;
  /** Pixels along one side of an image, of which a part is drawn: it may be wider than any surface. */
  readonly imagePixelsPerSide: number;
  /** Pixels of one surface or image. */
  readonly pixels: number;
  /** Pixels of all surfaces of a session together. */
  readonly totalPixels: number;
  /** Surfaces alive at once in one display channel. */
  readonly surfaces: number;
  /** Pixels of the image cache that we offer to the server (`pixmap_cache_size`). */
  readonly imageCachePixels: number;
  /** Pixels of the GLZ window that we offer to the server (`glz_dictionary_window_size`). The format ends at 2²⁵. */
  readonly glzWindowPixels: number;
  /** Palettes in the cache of one display channel. The reference keeps 128. */
  readonly palettes: number;
  /** Cursors in the cache of one cursor channel. The reference keeps 256. */
  readonly cursors: number;
  /** Channels of one session. */
  readonly channels: number;
  /** Bytes that a channel may hold back while it waits for another channel. */
  readonly waitingBytes: number;
  /** Milliseconds from opening a connection to the end of its link handshake. */
  readonly handshakeMs: number;
}

/** Bounds that fit a 4K desktop with several heads and stop everything that is clearly wrong. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  messageBytes: 256 * 1024 * 1024,
  linkBytes: 4096,
  agentMessageBytes: 64 * 1024 * 1024,
  pointers: 65536,
  pixelsPerSide: 32768,
  imagePixelsPerSide: 131072,
  pixels: 64 * 1024 * 1024,
  totalPixels: 256 * 1024 * 1024,
  surfaces: 10000,
  imageCachePixels: 20 * 1024 * 1024,
  glzWindowPixels: 16 * 1024 * 1024,
  palettes: 128,
  cursors: 256,
  channels: 256,
  waitingBytes: 32 * 1024 * 1024,
  handshakeMs: 10_000,
});
