/**
 * LZ4 images of every format, for cases that judge decoders: blocks that share one dictionary. It is small, not good at
 * compressing.
 *
 * Source: spice-server server/lz4-encoder.c lz4_encode; spice-common canvas_base.c canvas_get_lz4; LZ4 block format
 * description.
 */
import { BitmapFmt } from "../../protocol/messages/enums.ts";
import { concat } from "../../protocol/schema/encode.ts";
import { to555 } from "./draws.ts";
import { rowsOf } from "./lz_stream.ts";
import type { Picture } from "./pictures.ts";

/** What a stream is like. */
export interface Lz4Options {
  /** 16BIT, 24BIT, 32BIT, RGBA or 8BIT_A of `BitmapFmt`. Default: 32BIT. */
  readonly format?: number;
  /** Whether the first row is the top one. Default: true. */
  readonly topDown?: boolean;
  /** Rows of a block. Default: all. */
  readonly rowsPerBlock?: number;
  /** Alpha of each pixel of RGBA, or bits 24 to 31 of 32BIT. Default: 255. */
  readonly alpha?: Picture;
}

/** Encodes a picture. @param picture Colours; alpha values for 8BIT_A. */
export function lz4Stream(picture: Picture, options: Lz4Options = {}): Uint8Array {
  const { format = BitmapFmt["32BIT"], topDown = true, rowsPerBlock = picture.height } = options;
  const alphas = options.alpha === undefined ? null : rowsOf(options.alpha, topDown);
  const rows = rowsOf(picture, topDown).map((row, y) => {
    return Uint8Array.from([...row].flatMap((pixel, x) => bytesOf(pixel, alphas?.[y]?.[x] ?? 255, format)));
  });
  const bytes = concat(rows), places = new Map<string, number>(), blocks: Uint8Array[] = [];
  for (let y = 0, at = 0; y < rows.length; y += rowsPerBlock) {
    const end = at + rows.slice(y, y + rowsPerBlock).reduce((sum, row) => sum + row.length, 0);
    const block = lz4Block(bytes, at, end, places);
    blocks.push(blockHead(block.length), block);
    at = end;
  }
  return concat([lz4Head(topDown, format), ...blocks]);
}

/** The two bytes before the blocks. */
export function lz4Head(topDown: boolean, format: number): Uint8Array {
  return Uint8Array.of(topDown ? 1 : 0, format);
}

/** The length before a block. */
export function blockHead(length: number): Uint8Array {
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, length);
  return head;
}

function bytesOf(pixel: number, alpha: number, format: number): number[] {
  if (format === BitmapFmt["8BIT_A"]) return [pixel & 255];
  if (format === BitmapFmt["16BIT"]) return [to555(pixel) & 255, to555(pixel) >> 8];
  const colour = [pixel & 255, pixel >> 8 & 255, pixel >> 16 & 255];
  return format === BitmapFmt["24BIT"] ? colour : [...colour, alpha];
}

/** The last bytes of a block are literals, and the last match begins no later than this before its end. */
const LAST_LITERALS = 5, LAST_MATCH = 12;

/** One block: bytes from `at` to `end`, with matches from anywhere before. */
function lz4Block(bytes: Uint8Array, at: number, end: number, places: Map<string, number>): Uint8Array {
  const out: number[] = [];
  let literals = at;
  for (; at < end;) {
    const key = bytes.subarray(at, at + 4).join(), place = places.get(key);
    places.set(key, at);
    let length = 0;
    if (place !== undefined && at - place <= 65535 && at <= end - LAST_MATCH) {
      while (at + length < end - LAST_LITERALS && bytes[place + length] === bytes[at + length]) length++;
    }
    if (length < 4) {
      at++;
      continue;
    }
    sequence(out, bytes.subarray(literals, at), { length, distance: at - place! });
    at += length;
    literals = at;
  }
  sequence(out, bytes.subarray(literals, end), null);
  return Uint8Array.from(out);
}

function sequence(out: number[], literals: Uint8Array, match: { length: number; distance: number } | null): void {
  const more = (count: number) => {
    if (count < 15) return;
    let rest = count - 15;
    for (; rest >= 255; rest -= 255) out.push(255);
    out.push(rest);
  };
  const coded = match === null ? 0 : match.length - 4;
  out.push(Math.min(literals.length, 15) << 4 | Math.min(coded, 15));
  more(literals.length);
  for (const byte of literals) out.push(byte);
  if (match === null) return;
  out.push(match.distance & 255, match.distance >> 8);
  more(coded);
}
