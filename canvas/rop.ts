/**
 * Raster operations: how a source pixel and the pixel below make the new one, bit by bit.
 *
 * A {@link Rop} is its own truth table: bit 0 is the result for source 1 and destination 1, bit 1 for source 1 and
 * destination 0, bit 2 for 0 and 1, bit 3 for 0 and 0. So the table of "source" is 0b0011, that of "destination"
 * 0b0101, and any operation on tables is the same operation on pixels.
 *
 * Source: spice-common common/canvas_base.c ropd_descriptor_to_rop, common/pixman_utils.c RASTER_OP.
 */

/** The sixteen operations, numbered as in the reference and in X. */
export const Rop = {
  CLEAR: 0,
  AND: 1,
  AND_REVERSE: 2,
  COPY: 3,
  AND_INVERTED: 4,
  NOOP: 5,
  XOR: 6,
  OR: 7,
  NOR: 8,
  EQUIV: 9,
  INVERT: 10,
  OR_REVERSE: 11,
  COPY_INVERTED: 12,
  OR_INVERTED: 13,
  NAND: 14,
  SET: 15,
} as const;

/** One of {@link Rop}. */
export type Rop = typeof Rop[keyof typeof Rop];

/** Bits of a ROP descriptor on the wire. Source: spice.proto ropd. */
export const Ropd = {
  INVERS_SRC: 1 << 0,
  INVERS_BRUSH: 1 << 1,
  INVERS_DEST: 1 << 2,
  OP_PUT: 1 << 3,
  OP_OR: 1 << 4,
  OP_AND: 1 << 5,
  OP_XOR: 1 << 6,
  OP_BLACKNESS: 1 << 7,
  OP_WHITENESS: 1 << 8,
  OP_INVERS: 1 << 9,
  INVERS_RES: 1 << 10,
} as const;

/** What plays a part in an operation: the image, the brush, or what the surface holds. */
export type RopInput = "src" | "brush" | "dest";

const INVERS = { src: Ropd.INVERS_SRC, brush: Ropd.INVERS_BRUSH, dest: Ropd.INVERS_DEST };
const SOURCE = 0b0011, DESTINATION = 0b0101, ALL = 0b1111;
const ROPS: readonly Rop[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/**
 * The operation that a ROP descriptor stands for.
 *
 * Of several OP bits the first counts, in the order of {@link Ropd}; with none the source is copied, whatever is
 * inverted; BLACKNESS, WHITENESS and INVERS heed no inversion.
 *
 * @param ropd Descriptor from the message; unknown bits are ignored.
 * @param source What is drawn: `brush` for DRAW_FILL and the brush of DRAW_OPAQUE, `src` for DRAW_COPY.
 * @param destination What is drawn upon: `dest`, but `src` for the brush of DRAW_OPAQUE.
 */
export function ropFromDescriptor(ropd: number, source: RopInput, destination: RopInput): Rop {
  const s = ropd & INVERS[source] ? SOURCE ^ ALL : SOURCE;
  const d = ropd & INVERS[destination] ? DESTINATION ^ ALL : DESTINATION;
  const result = ropd & Ropd.INVERS_RES ? ALL : 0;
  if (ropd & Ropd.OP_PUT) return ROPS[s ^ result]!;
  if (ropd & Ropd.OP_OR) return ROPS[(s | d) ^ result]!;
  if (ropd & Ropd.OP_AND) return ROPS[s & d ^ result]!;
  if (ropd & Ropd.OP_XOR) return ROPS[s ^ d ^ result]!;
  if (ropd & Ropd.OP_BLACKNESS) return Rop.CLEAR;
  if (ropd & Ropd.OP_WHITENESS) return Rop.SET;
  if (ropd & Ropd.OP_INVERS) return Rop.INVERT;
  return Rop.COPY;
}

/**
 * An operation as a polynomial over bits: `none ^ (source & s) ^ (dest & d) ^ (both & s & d)`.
 * One loop without branches serves all sixteen.
 */
export interface RopMasks {
  /** Each 0 or −1 (all bits set). */
  readonly none: number;
  readonly source: number;
  readonly dest: number;
  readonly both: number;
}

/**
 * The polynomial of an operation.
 *
 * @param rop One of the sixteen.
 */
export function ropMasks(rop: Rop): RopMasks {
  const f11 = -(rop & 1), f10 = -(rop >> 1 & 1), f01 = -(rop >> 2 & 1), f00 = -(rop >> 3 & 1);
  return { none: f00, source: f00 ^ f10, dest: f00 ^ f01, both: f00 ^ f10 ^ f01 ^ f11 };
}
