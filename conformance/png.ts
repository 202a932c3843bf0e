/** Reads and writes PNG files like those beside the captures: 8-bit RGB, not interlaced. */
import { crc32, deflateSync, inflateSync } from "node:zlib";

/** Pixels of a file. */
export interface PngPicture {
  readonly width: number;
  readonly height: number;
  /** width × height pixels 0x00RRGGBB, rows from the top. */
  readonly pixels: Uint32Array;
}

/**
 * Reads a PNG file.
 *
 * @param bytes The whole file.
 * @throws {RangeError} It is no PNG, or of another kind than 8-bit RGB without interlacing.
 * Source: PNG specification, second edition, clauses 5, 9 and 11.
 */
export function readPng(bytes: Uint8Array): PngPicture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let width = 0, height = 0;
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + view.getUint32(at)));
    if (type !== "IHDR") continue;
    width = view.getUint32(at + 8);
    height = view.getUint32(at + 12);
    const kind = [...bytes.subarray(at + 16, at + 21)].join(" ");
    if (kind !== "8 2 0 0 0") throw new RangeError(`Cannot read PNG: kind is ${kind}, need 8-bit RGB`);
  }
  if (width === 0) throw new RangeError("Cannot read PNG: no header");
  const rows = inflateSync(parts.length === 1 ? parts[0]! : join(parts)), stride = 1 + 3 * width;
  if (rows.length !== stride * height) throw new RangeError(`Cannot read PNG: ${rows.length} bytes of rows`);
  const pixels = new Uint32Array(width * height);
  let above = new Uint8Array(3 * width);
  for (let y = 0; y < height; y++) {
    const row = Uint8Array.from(rows.subarray(y * stride + 1, (y + 1) * stride));
    unfilter(rows[y * stride]!, row, above);
    for (let x = 0; x < width; x++) {
      pixels[y * width + x] = row[3 * x]! << 16 | row[3 * x + 1]! << 8 | row[3 * x + 2]!;
    }
    above = row;
  }
  return { width, height, pixels };
}

/**
 * Writes a PNG file.
 *
 * @param picture Its pixels; the upper 8 bits of each are left out.
 * @returns The whole file.
 * Source: as {@link readPng}.
 */
export function writePng({ width, height, pixels }: PngPicture): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13), view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 2], 8);
  const rows = new Uint8Array(height * (1 + 3 * width));
  for (let y = 0, from = 0, to = 0; y < height; y++) {
    to++;
    for (let x = 0; x < width; x++) {
      const pixel = pixels[from++]!;
      rows[to++] = pixel >> 16;
      rows[to++] = pixel >> 8;
      rows[to++] = pixel;
    }
  }
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return join([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", new Uint8Array())]);
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length), view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(body, 8);
  view.setUint32(8 + body.length, crc32(bytes.subarray(4, 8 + body.length)));
  return bytes;
}

/** Undoes a row's filter in place. */
function unfilter(filter: number, row: Uint8Array, above: Uint8Array): void {
  for (let i = 0; i < row.length; i++) {
    const a = i < 3 ? 0 : row[i - 3]!, b = above[i]!, c = i < 3 ? 0 : above[i - 3]!;
    row[i] = row[i]! + [0, a, b, a + b >> 1, paeth(a, b, c)][filter]!;
  }
}

function paeth(a: number, b: number, c: number): number {
  const toA = Math.abs(b - c), toB = Math.abs(a - c), toC = Math.abs(a + b - 2 * c);
  return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
