/**
 * What QUIC's decoder and encoder share: the codes, and the model that picks one for every channel of a pixel.
 *
 * A channel is coded as its *residual*, value less prediction modulo 2^bits, folded to a *symbol*: 0, −1, 1, −2 … become
 * 0, 1, 2, 3 … There are as many codes as a channel has bits. Code k writes symbol s as s >> k zeros, a one, and the low
 * k bits of s, if that takes fewer zeros than its *prefix*; else as all zeros of the prefix, and then s less the symbols
 * that have the short form, in a fixed number of bits, the *suffix*.
 *
 * Which code it is depends on the *bucket* of the symbol before it in the row: 0, 1–2, 3–6, 7–14 … Each bucket counts what
 * its symbols would have cost in every code, and takes the cheapest. It learns from one pixel only now and then: after a
 * pseudo-random wait below a mask that widens from 0 to 63 with the pixels coded.
 *
 * Source: spice-common common/quic.c (family_init, find_model_params, tabrand), common/quic_family_tmpl.c.
 */

/** Bits that are looked up at once; a longer code is decoded by arithmetic. */
export const PEEK_BITS = 9;
/** Entry of {@link Family.peeks} for a code longer than {@link PEEK_BITS}. */
export const LONG = 1 << 31;
/** Length of the longest code word in bits. Source: quic.c DEFmaxclen. */
export const LONGEST_CODE = 26;

/** The codes of channels with 8 or 5 bits, as tables. */
export interface Family {
  /** Bits a channel, which is also the number of codes. */
  readonly bits: number;
  /** Largest residual, in each of three byte lanes. */
  readonly lanes: number;
  /** By `code << 8 | residual`: bits 0–6 length, bits 7–11 bucket × 3, bits 16–23 value, which zeros lead to its length. */
  readonly words: Int32Array;
  /** By `code << 9 | next 9 bits`: bits 0–6 length, bits 7–11 bucket × 3, bits 16–23 residual; or {@link LONG}. */
  readonly peeks: Int32Array;
  /** By residual: bits 7–11 bucket × 3, as in the other tables. */
  readonly buckets: Int32Array;
  /** By `residual << 3 | code`, eight codes in each family: length × 8. */
  readonly costs: Uint8Array;
  /** By code: zeros that begin the long form. */
  readonly prefixes: Uint8Array;
  /** By code: bits that follow them. */
  readonly suffixes: Uint8Array;
}

/** The codes of GRAY, RGB24, RGB32 and RGBA. */
export const FAMILY_8: Family = makeFamily(8);
/** The codes of RGB16. */
export const FAMILY_5: Family = makeFamily(5);

/**
 * By state of the run code: log2 of the pixels that a one stands for. A one steps the state up, the end of a run steps it
 * down. Source: quic.c J.
 */
export const RUN_BITS: Uint8Array = Uint8Array.of(
  ...[0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3],
  ...[4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15],
);

/** By state of the run code, and 32 more: the pixels of a run of as many ones, from the first state on. */
export const RUN_SUMS: Uint32Array = new Uint32Array(64).map((_, ones) => {
  let sum = 0;
  for (let i = 0; i < ones; i++) sum += 1 << RUN_BITS[Math.min(i, 31)]!;
  return sum;
});

/** Pseudo-random waits as Base64 digits: of the reference's numbers only six bits are used. Source: tabrand_chaos. */
const WAITS = Uint8Array.from(
  "CXTVHSoOMgvskGSLETqdQ/5zQDFOPeUJktD59AIFpOrbr7fjn8qmN2+BaDL90iHw" +
    "E7WMWIyEKGsILufz1RBru8k2KbnsWpXCsAo1owQrgchMUC4+36SUN3md5Txhv/7A" +
    "j9TZum8EjBaocKFOZSwxU7+iuHh0i6JdI3+8lklyGDKcwYa95eL2CGyvHRj1gMXR" +
    "FVx3zt0bnZn/WYq04mpp4gNYazb46lYqPcRefPQXZ2hiBdfy1VxPvJA6lteNJt/V",
  base64Value,
);

/** By bits of the wait mask: cost of its best code beyond which a bucket halves its counts. Source: besttrigtab. */
const HALVE_BEYOND = Uint16Array.of(110, 550, 900, 800, 550, 400, 350);
/** Pixels coded before the wait mask widens by a bit. Source: quic.c DEFwminext. */
const WIDEN_AFTER = 2048;

/** What has been learnt about a sequence of pixels: about the colours together, or about one channel. */
export class Model {
  /** Codes of the channels. */
  readonly family: Family;
  /** By channel, lowest lane first: the code of bucket b in bits 3b to 3b + 2. */
  readonly best: Int32Array;
  /**
   * At x + 1 the residuals of pixel x, a byte a channel; at 0 those that its first pixel takes its buckets from. A
   * run leaves what stood there, and the pixel after it takes its buckets from that: this outlives the row.
   */
  readonly residuals: Int32Array;
  /** Pixels to go before the model learns; counts on across rows. */
  wait = 0;
  /** Index into {@link RUN_BITS}. */
  runState = 0;
  /**
   * By `bucket × 3 + channel << 3 | code`: what the symbols after this bucket would have cost in bits, × 8, + 7 − code.
   * So the least of eight numbers tells the cheapest code, and of equals the highest.
   */
  readonly #counts: Int32Array;
  #drawn = 255;
  #maskBits = 0;
  #untilWider = WIDEN_AFTER;

  /** Knows nothing: `channels` is 1 or 3, `width` the pixels a row. */
  constructor(family: Family, channels: number, width: number) {
    this.family = family;
    this.best = new Int32Array(channels).fill((family.bits - 1) * 0o11111111);
    this.residuals = new Int32Array(width + 1);
    this.#counts = Int32Array.from({ length: 24 << 3 }, (_, i) => 7 - (i & 7));
  }

  /** @returns The wait after the pixel that was learnt from: 0 to 63. */
  nextWait(): number {
    this.#drawn = this.#drawn + 1 & 255;
    return WAITS[this.#drawn]! & (1 << this.#maskBits) - 1;
  }

  /** @returns Where a stretch that begins at `x` ends: where the wait mask widens, at most at `width`. */
  stretchEnd(x: number, width: number): number {
    return Math.min(width, x + this.#untilWider);
  }

  /** Counts the pixels of a stretch that is done. */
  passStretch(pixels: number): void {
    this.#untilWider -= pixels;
    if (this.#untilWider > 0) return;
    this.#maskBits++;
    this.#untilWider = this.#maskBits === HALVE_BEYOND.length - 1 ? Infinity : WIDEN_AFTER;
  }

  /** Learns from pixel `x`, once its residuals and those before it are in their places. */
  learn(x: number): void {
    const { family: { buckets, costs }, best, residuals } = this, counts = this.#counts;
    const halveBeyond = HALVE_BEYOND[this.#maskBits]! * 8 + 7;
    for (let channel = 0; channel < best.length; channel++) {
      const residual = residuals[x + 1]! >>> channel * 8 & 255;
      const slot = buckets[residuals[x]! >>> channel * 8 & 255]! >>> 7;
      const at = slot + channel << 3, costsAt = residual << 3;
      let least = 0x7fffffff;
      for (let code = 0; code < 8; code++) {
        const count = counts[at + code]! + costs[costsAt + code]!;
        counts[at + code] = count;
        // The lesser of two, without a branch: nobody can foretell it.
        least += count - least & count - least >> 31;
      }
      best[channel] = best[channel]! & ~(7 << slot) | (7 - (least & 7)) << slot;
      if (least <= halveBeyond) continue;
      for (let i = at; i < at + 8; i++) counts[i] = counts[i]! >> 1 & ~7 | counts[i]! & 7;
    }
  }
}

/** @returns The symbol of a residual. */
function fold(residual: number, bits: number): number {
  return residual >>> bits - 1 === 0 ? residual << 1 : ((1 << bits) - residual << 1) - 1;
}

/** Computes the tables of a family. */
function makeFamily(bits: number): Family {
  const size = 1 << bits, lastBucket = bits === 8 ? 7 : 4;
  const words = new Int32Array(bits << 8), buckets = new Int32Array(256);
  // The codes that 5 bits do not have cost as much as the longest, so they are never the cheapest.
  const costs = new Uint8Array(256 << 3).fill(LONGEST_CODE * 8);
  const peeks = new Int32Array(bits << PEEK_BITS).fill(LONG);
  const prefixes = new Uint8Array(bits), suffixes = new Uint8Array(bits);
  for (let residual = 0; residual < size; residual++) {
    buckets[residual] = Math.min(lastBucket, 31 - Math.clz32(fold(residual, bits) + 1)) * 3 << 7;
  }
  for (let code = 0; code < bits; code++) {
    const prefix = Math.min(LONGEST_CODE - bits, (1 << bits - code) - 1), short = prefix << code;
    const suffix = 32 - Math.clz32(size - short - 1);
    prefixes[code] = prefix;
    suffixes[code] = suffix;
    for (let residual = 0; residual < size; residual++) {
      const symbol = fold(residual, bits), isShort = symbol < short;
      const length = isShort ? (symbol >> code) + 1 + code : prefix + suffix;
      const value = isShort ? 1 << code | symbol & (1 << code) - 1 : symbol - short;
      words[code << 8 | residual] = value << 16 | buckets[residual]! | length;
      costs[residual << 3 | code] = length * 8;
      if (length > PEEK_BITS) continue;
      const entry = residual << 16 | buckets[residual]! | length;
      const first = code << PEEK_BITS | value << PEEK_BITS - length;
      peeks.fill(entry, first, first + (1 << PEEK_BITS - length));
    }
  }
  return { bits, lanes: (size - 1) * 0x010101, words, peeks, buckets, costs, prefixes, suffixes };
}

/** @returns What a Base64 digit stands for. */
function base64Value(digit: string): number {
  return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".indexOf(digit);
}
