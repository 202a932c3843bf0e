/** JPEG: from the bits of a scan to samples. */

import { CodecError } from "../errors.ts";
import { type HuffmanTable, IS_SYMBOL, LOOKUP_BITS } from "./huffman.ts";
import { fillBlock, inverse4, inverse8 } from "./inverse_dct.ts";
import type { Frame, Scan } from "./segments.ts";
import { ZIGZAG } from "./tables.ts";
import { placeOf, unstuff } from "./unstuff.ts";
import type { JpegWork } from "./work.ts";

const CODEC = "JPEG";
/** Place in a block, row by row, of the n-th value in zigzag order; the last sixteen catch runs that go too far. */
const PLACES: Readonly<Uint8Array> = Uint8Array.from([...ZIGZAG, ...new Array<number>(16).fill(63)]);

/**
 * Decode the bits of a scan into the planes of its components.
 *
 * @param src The stream, less than 2²⁷ bytes.
 * @param scan What stands before its bits.
 * @param frame The frame.
 * @param planes Of all components of the frame; those of the scan are written, stride × rows samples each.
 * @param restartInterval MCUs from one restart marker to the next; 0 without them.
 * @param work Its bytes are used.
 * @returns Where in `src` the marker after the bits is.
 * @throws {CodecError} `truncated`, `bad-code`, `overrun`; the planes are then partly written.
 */
export function decodeScan(
  src: Uint8Array,
  scan: Scan,
  frame: Frame,
  planes: readonly Uint8ClampedArray[],
  restartInterval: number,
  work: JpegWork,
): number {
  const block = new Int32Array(64), rows = new Int32Array(64), last = new Int32Array(frame.components.length);
  const alone = scan.components.length === 1 ? frame.components[scan.components[0]!.index]! : null;
  const across = alone === null ? frame.mcusAcross : Math.ceil(alone.width / 8);
  const down = alone === null ? frame.mcusDown : Math.ceil(alone.height / 8);
  const parts = scan.components.map(({ index, dc, ac, quantizer }) => {
    const { h, v, stride } = frame.components[index]!, plane = planes[index]!;
    const words = new Uint32Array(plane.buffer as ArrayBuffer);
    return { index, dc, ac, quantizer, h: alone ? 1 : h, v: alone ? 1 : v, stride, plane, words };
  });
  const interval = restartInterval === 0 ? across * down : restartInterval;
  const { data, starts, next } = unstuff(src, scan.at, Math.ceil(across * down / interval), work);
  const bits = new DataView(data.buffer as ArrayBuffer);
  let segment = 0, position = 0, end = starts[1]! * 8, untilRestart = interval;
  for (let mcuY = 0; mcuY < down; mcuY++) {
    for (let mcuX = 0; mcuX < across; mcuX++) {
      if (untilRestart === 0) {
        if (!(++segment < starts.length - 1)) throw new CodecError(CODEC, "truncated", next, "a restart is missing");
        position = starts[segment]! * 8;
        end = starts[segment + 1]! * 8;
        untilRestart = interval;
        last.fill(0);
      }
      untilRestart--;
      // By number: an iterator would be made for each MCU.
      for (let part = 0; part < parts.length; part++) {
        const { index, dc, ac, quantizer, h, v, stride, plane, words } = parts[part]!;
        for (let y = 0; y < v; y++) {
          let at = (mcuY * v + y) * 8 * stride + mcuX * h * 8;
          for (let x = 0; x < h; x++, at += 8) {
            // DC.
            let word = bits.getInt32(position >>> 3) << (position & 7);
            let entry = dc.lookup[word >>> 32 - LOOKUP_BITS]!;
            if (entry === 0 && (entry = longCode(dc, word)) === 0) throw noCode(src, scan.at, position, end);
            position += entry & 31;
            const size = entry >> 8;
            if (size > 0) {
              word = bits.getInt32(position >>> 3) << (position & 7);
              last[index]! += extend(word, size);
              position += size;
            }
            block[0] = Math.imul(last[index]!, quantizer[0]!);
            // AC. INVARIANT: k <= 63 when a code is read, so k <= 78 when its value is stored.
            let k = 1, furthest = 0;
            const { lookup } = ac;
            while (k < 64) {
              word = bits.getInt32(position >>> 3) << (position & 7);
              entry = lookup[word >>> 32 - LOOKUP_BITS]!;
              if ((entry & IS_SYMBOL) === 0 && entry !== 0) {
                k += entry >> 8 & 15;
                position += entry & 31;
                block[PLACES[k]!] = Math.imul(entry >> 16, quantizer[k]!);
                furthest = k++;
                continue;
              }
              if (entry === 0 && (entry = longCode(ac, word)) === 0) throw noCode(src, scan.at, position, end);
              position += entry & 31;
              const valueBits = entry >> 8 & 15, zeros = entry >> 12;
              if (valueBits === 0) {
                if (zeros < 15) break;
                k += 16;
                continue;
              }
              k += zeros;
              word = bits.getInt32(position >>> 3) << (position & 7);
              position += valueBits;
              block[PLACES[k]!] = Math.imul(extend(word, valueBits), quantizer[k]!);
              furthest = k++;
            }
            if (k > 64 && position <= end) {
              throw new CodecError(CODEC, "overrun", placeOf(src, scan.at, position), "a block of more than 64 values");
            }
            if (furthest === 0) fillBlock(block, words, at >> 2, stride >> 2);
            else if (furthest < 10) inverse4(block, rows, plane, at, stride);
            else inverse8(block, rows, plane, at, stride);
          }
        }
      }
      // INVARIANT: position is at most an MCU beyond the end, so within the slack, when it is checked.
      if (!(position <= end)) throw new CodecError(CODEC, "truncated", next, "the bits of an MCU are cut");
    }
  }
  return next;
}

/** The value of `size` bits (1 to 16) at the top of `word`: those that start with 0 are negative. */
function extend(word: number, size: number): number {
  return (word >>> 32 - size) + (word < 0 ? 0 : 1 - (1 << size));
}

/** A lookup entry for the code at the top of `word`, which is longer than the table; 0 if there is none. */
function longCode(table: HuffmanTable, word: number): number {
  const code = word >>> 16;
  let length = LOOKUP_BITS + 1;
  while (code >= table.below[length]!) length++;
  if (length > 16) return 0;
  return table.symbols[(code >> 16 - length) + table.offset[length]!]! << 8 | IS_SYMBOL | length;
}

/** No code is like the bits at a position, of which some may be zeros behind the end. */
function noCode(src: Uint8Array, at: number, position: number, end: number): CodecError {
  const place = placeOf(src, at, position);
  if (position + 16 > end) return new CodecError(CODEC, "truncated", place, "a code is cut");
  return new CodecError(CODEC, "bad-code", place, "no such Huffman code");
}
