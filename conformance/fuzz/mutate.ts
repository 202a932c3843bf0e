/** Damage: small changes to bytes, as a hostile or broken peer makes them. */
import { concat } from "../../protocol/schema/encode.ts";
import { below, nextU32, type Prng } from "../../protocol/schema/prng.ts";

/** Longest result, unless another is given. */
const MOST_BYTES = 64 * 1024;
/** Numbers at which arithmetic and checks go wrong. */
const EDGES: readonly number[] = [
  ...[0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256],
  ...[0x7fff, 0x8000, 0xffff, 0x10000, 0xffffff, 0x1000000],
  ...[0x3fffffff, 0x40000000, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffff0, 0xfffffffe, 0xffffffff],
];

/**
 * Changes bytes in one or a few places.
 *
 * @param bytes Stay as they are.
 * @param random Draws what happens.
 * @param donor Bytes to splice in. Default: `bytes` itself.
 * @param mostBytes Longest result. Default: 64 KiB.
 * @returns A copy.
 */
export function mutate(
  bytes: Uint8Array,
  random: Prng,
  donor: Uint8Array = bytes,
  mostBytes: number = MOST_BYTES,
): Uint8Array {
  let out = bytes.slice(0, mostBytes);
  // Mostly one change: two often hide each other.
  do out = change(out, random, donor).slice(0, mostBytes); while (below(random, 3) === 0);
  return out;
}

/** @returns Random bytes: all values, few values, or text. */
export function randomBytes(random: Prng, length: number): Uint8Array {
  const mask = [0xff, 0x03, 0x7f, 0x1f][below(random, 4)]!;
  return Uint8Array.from({ length }, () => nextU32(random) >>> 24 & mask);
}

/** @returns A number at which arithmetic goes wrong, or any. */
export function edge(random: Prng, near = 0): number {
  const pick = below(random, EDGES.length + 8);
  if (pick < EDGES.length) return EDGES[pick]!;
  return pick < EDGES.length + 4 ? (near + below(random, 9) - 4) >>> 0 : nextU32(random);
}

function change(bytes: Uint8Array, random: Prng, donor: Uint8Array): Uint8Array {
  const { length } = bytes, at = below(random, length + 1), size = 1 + below(random, Math.min(64, length + 1));
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  switch (below(random, 10)) {
    case 0:
      if (at < length) bytes[at]! ^= 1 << below(random, 8);
      return bytes;
    case 1:
      if (at < length) bytes[at] = edge(random);
      return bytes;
    case 2:
      if (at + 2 <= length) view.setUint16(at, edge(random, length), below(random, 8) > 0);
      return bytes;
    case 3:
    case 4:
      if (at + 4 <= length) view.setUint32(at, edge(random, length), below(random, 8) > 0);
      return bytes;
    case 5:
      return bytes.slice(0, at);
    case 6:
      return concat([bytes.subarray(0, at), bytes.subarray(Math.min(length, at + size))]);
    case 7:
      return concat([bytes.subarray(0, at), randomBytes(random, size), bytes.subarray(at)]);
    case 8: {
      const from = below(random, donor.length + 1);
      return concat([bytes.subarray(0, at), donor.subarray(from, from + size), bytes.subarray(at)]);
    }
    default: {
      const from = below(random, donor.length + 1);
      bytes.set(donor.subarray(from, Math.min(donor.length, from + Math.min(size, length - at))), at);
      return bytes;
    }
  }
}
