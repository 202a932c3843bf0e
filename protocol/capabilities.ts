/** Capabilities of the link: what each side may rely on. The constants are bit numbers into 32-bit words. */
import { enumeration } from "./schema/enumeration.ts";

/** Common to all channels. Source: protocol.h SPICE_COMMON_CAP_. */
export const CommonCap = enumeration("common_cap", 32, {
  PROTOCOL_AUTH_SELECTION: 0,
  AUTH_SPICE: 1,
  AUTH_SASL: 2,
  MINI_HEADER: 3,
});

/** Of the main channel. Source: protocol.h SPICE_MAIN_CAP_. */
export const MainCap = enumeration("main_cap", 32, {
  SEMI_SEAMLESS_MIGRATE: 0,
  NAME_AND_UUID: 1,
  AGENT_CONNECTED_TOKENS: 2,
  SEAMLESS_MIGRATE: 3,
});

/** Of display channels. Source: protocol.h SPICE_DISPLAY_CAP_. */
export const DisplayCap = enumeration("display_cap", 32, {
  SIZED_STREAM: 0,
  MONITORS_CONFIG: 1,
  COMPOSITE: 2,
  A8_SURFACE: 3,
  STREAM_REPORT: 4,
  LZ4_COMPRESSION: 5,
  PREF_COMPRESSION: 6,
  GL_SCANOUT: 7,
  MULTI_CODEC: 8,
  CODEC_MJPEG: 9,
  CODEC_VP8: 10,
  CODEC_H264: 11,
  PREF_VIDEO_CODEC_TYPE: 12,
  CODEC_VP9: 13,
  CODEC_H265: 14,
});

/** Of inputs channels. Source: protocol.h SPICE_INPUTS_CAP_. */
export const InputsCap = enumeration("inputs_cap", 32, { KEY_SCANCODE: 0 });

/** Of playback channels. Source: protocol.h SPICE_PLAYBACK_CAP_. */
export const PlaybackCap = enumeration("playback_cap", 32, { CELT_0_5_1: 0, VOLUME: 1, LATENCY: 2, OPUS: 3 });

/** Of record channels. Source: protocol.h SPICE_RECORD_CAP_. */
export const RecordCap = enumeration("record_cap", 32, { CELT_0_5_1: 0, VOLUME: 1, OPUS: 2 });

/** Of spicevmc channels: usbredir, port, webdav. Source: protocol.h SPICE_SPICEVMC_CAP_. */
export const SpicevmcCap = enumeration("spicevmc_cap", 32, { DATA_COMPRESS_LZ4: 0 });

/**
 * Is capability number `cap` among `words`?
 *
 * @param words Bit `n & 31` of word `n >> 5` is capability `n`; words that are not there are 0.
 * @param cap Capability number, from 0.
 */
export function hasCap(words: readonly number[], cap: number): boolean {
  return ((words[cap >>> 5] ?? 0) >>> (cap & 31) & 1) === 1;
}

/**
 * Packs capability numbers into words.
 *
 * @param caps Capability numbers, from 0.
 * @returns As few words as hold them; none for none.
 */
export function wordsOfCaps(caps: Iterable<number>): number[] {
  const words: number[] = [];
  for (const cap of caps) {
    while (words.length <= cap >>> 5) words.push(0);
    words[cap >>> 5] = (words[cap >>> 5]! | 1 << (cap & 31)) >>> 0;
  }
  return words;
}

/** Unpacks words into capability numbers, in order. */
export function capsOfWords(words: readonly number[]): number[] {
  return words.flatMap((_, word) => {
    return Array.from({ length: 32 }, (_, bit) => 32 * word + bit).filter((cap) => hasCap(words, cap));
  });
}
