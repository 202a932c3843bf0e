/**
 * Pictures as PNG files.
 *
 *   8 bytes of signature, then chunks: u32 size, 4 letters, body, u32 CRC-32 of letters and body
 *   IHDR  u32 width, u32 height, u8 depth, u8 colour type, u8 0, u8 0, u8 interlaced
 *   IDAT  parts of one zlib stream: rows of one filter byte and packed samples each; seven small pictures if interlaced
 *
 * Source: PNG specification, second edition (ISO/IEC 15948).
 */
import { Buffer } from "node:buffer";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { MAX_PICTURE_PIXELS, PictureError } from "./picture_error.ts";

/** What a file is made of. */
export interface PngPicture {
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** width × height pixels, 0xAARRGGBB, rows from the top down. */
  readonly pixels: Uint32Array;
  /** Whether bits 24 to 31 are an alpha value; else they are left out. Default: false. */
  readonly alpha?: boolean;
}

/** What is read of a file. */
export interface ReadPng extends Required<PngPicture> {
  readonly pixels: Uint32Array<ArrayBuffer>;
}

/**
 * @param picture Its alpha is left out unless it says that it has one.
 * @returns A PNG file, 8 bits a sample, RGB or RGBA.
 */
export function encodePng({ width, height, pixels, alpha = false }: PngPicture): Uint8Array<ArrayBuffer> {
  const stride = 1 + width * (alpha ? 4 : 3), rows = new Uint8Array(height * stride);
  for (let y = 0, from = 0, to = 0; y < height; y++) {
    to++;
    for (let x = 0; x < width; x++) {
      const pixel = pixels[from++]!;
      rows[to++] = pixel >> 16;
      rows[to++] = pixel >> 8;
      rows[to++] = pixel;
      if (alpha) rows[to++] = pixel >>> 24;
    }
  }
  filterUp(rows, stride);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, alpha ? RGBA : RGB], 8);
  const parts = [
    SIGNATURE,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 3 })),
    chunk("IEND", new Uint8Array()),
  ];
  return Uint8Array.from(Buffer.concat(parts));
}

/**
 * Reads a PNG of any kind: grey, RGB or palette, 1 to 16 bits, with alpha or without, interlaced or not. Of 16 bits the
 * upper 8 count; of a palette's alpha nothing is read.
 *
 * @param bytes The whole file.
 * @param maxPixels Most pixels to accept. Nothing is allocated for a picture that has more.
 * @returns Its pixels; bits 24 to 31 are 0 without alpha.
 * @throws {PictureError} `bad-format`, `too-large`.
 */
export function decodePng(bytes: Uint8Array, maxPixels: number = MAX_PICTURE_PIXELS): ReadPng {
  const { header, palette, data } = readChunks(bytes, maxPixels);
  const { width, height } = header;
  const passes = passesOf(header);
  const rows = inflate(
    data,
    passes.reduce((sum, { columns, rows }) => sum + rows * (1 + rowBytes(header, columns)), 0),
  );
  const pixels = new Uint32Array(width * height);
  let at = 0;
  for (const pass of passes) {
    const size = pass.rows * (1 + rowBytes(header, pass.columns));
    const part = rows.subarray(at, at + size);
    unfilter(part, rowBytes(header, pass.columns), Math.max(1, bitsOf(header) / 8));
    paint(part, pass, header, palette, pixels);
    at += size;
  }
  return { width, height, pixels, alpha: hasAlpha(header) };
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** What IHDR says. */
interface Header {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** Samples of a pixel. */
  readonly samples: number;
  readonly colourType: number;
  readonly interlaced: boolean;
}

const RGB = 2;
const INDEXED = 3;
const RGBA = 6;

/** Samples of a pixel by colour type, and the depths that it may have. Source: table 11.1. */
const COLOUR_TYPES: ReadonlyMap<number, { readonly samples: number; readonly depths: readonly number[] }> = new Map([
  [0, { samples: 1, depths: [1, 2, 4, 8, 16] }],
  [RGB, { samples: 3, depths: [8, 16] }],
  [INDEXED, { samples: 1, depths: [1, 2, 4, 8] }],
  [4, { samples: 2, depths: [8, 16] }],
  [RGBA, { samples: 4, depths: [8, 16] }],
]);

function bad(detail: string, cause?: unknown): never {
  throw new PictureError("bad-format", "PNG", detail, cause);
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(body, 8);
  view.setUint32(8 + body.length, crc32(bytes.subarray(4, 8 + body.length)));
  return bytes;
}

/** What a file holds, still compressed. */
interface Chunks {
  readonly header: Header;
  /** R, G, B each. */
  readonly palette: Uint8Array;
  readonly data: readonly Uint8Array[];
}

function readChunks(bytes: Uint8Array, maxPixels: number): Chunks {
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) bad("it does not begin as a PNG file does");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data: Uint8Array[] = [];
  let header: Header | undefined;
  let palette = new Uint8Array();
  for (let at = SIGNATURE.length; at + 12 <= bytes.length;) {
    const size = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8)).replace(/[^a-z]/gi, "?");
    if (size > bytes.length - at - 12) bad(`chunk ${type} of ${size} bytes is cut short`);
    if (crc32(bytes.subarray(at + 4, at + 8 + size)) !== view.getUint32(at + 8 + size)) {
      bad(`chunk ${type} has a wrong checksum`);
    }
    const body = bytes.subarray(at + 8, at + 8 + size);
    if (header === undefined) {
      if (type !== "IHDR") bad("it does not begin with a header chunk");
      header = readHeader(body, maxPixels);
    } else if (type === "IHDR") bad("it has two header chunks");
    else if (type === "PLTE") palette = Uint8Array.from(body);
    else if (type === "IDAT") data.push(body);
    else if (type === "IEND") return { header, palette, data };
    else if (type[0] === type[0]!.toUpperCase()) bad(`chunk ${type} is not known, but is needed to show the picture`);
    at += 12 + size;
  }
  return bad("its end is missing");
}

function readHeader(body: Uint8Array, maxPixels: number): Header {
  if (body.length !== 13) bad(`its header has ${body.length} bytes`);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const width = view.getUint32(0), height = view.getUint32(4);
  const [depth = 0, colourType = 0, compression = 0, filters = 0, interlace = 0] = body.subarray(8);
  const kind = COLOUR_TYPES.get(colourType);
  if (kind === undefined || !kind.depths.includes(depth)) return bad(`colour type ${colourType} with ${depth} bits`);
  if (compression !== 0 || filters !== 0 || interlace > 1) bad("compression, filter or interlace method is not known");
  if (width === 0 || height === 0) bad(`it has ${width} × ${height} pixels`);
  if (width * height > maxPixels) {
    throw new PictureError("too-large", "PNG", `it has ${width} × ${height} pixels, at most ${maxPixels} are read`);
  }
  return { width, height, depth, colourType, samples: kind.samples, interlaced: interlace === 1 };
}

function bitsOf({ depth, samples }: Header): number {
  return depth * samples;
}

function hasAlpha({ samples }: Header): boolean {
  return samples === 2 || samples === 4;
}

/** Bytes of a row without its filter byte. */
function rowBytes(header: Header, columns: number): number {
  return Math.ceil(columns * bitsOf(header) / 8);
}

/** Every `dx`-th pixel of every `dy`-th row. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly columns: number;
  readonly rows: number;
}

/** Start and step of the seven passes. Source: 8.2, Adam7. */
const ADAM7 = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [
  0,
  1,
  1,
  2,
]] as const;

/** @returns The passes that hold pixels. */
function passesOf({ width, height, interlaced }: Header): Pass[] {
  const steps = interlaced ? ADAM7 : [[0, 0, 1, 1]] as const;
  return steps.map(([x, y, dx, dy]) => ({
    ...{ x, y, dx, dy },
    columns: Math.ceil(Math.max(0, width - x) / dx),
    rows: Math.ceil(Math.max(0, height - y) / dy),
  })).filter(({ columns, rows }) => columns > 0 && rows > 0);
}

/** @returns Exactly `size` bytes; a stream that holds more is not read further. */
function inflate(data: readonly Uint8Array[], size: number): Uint8Array {
  let rows: Uint8Array;
  try {
    rows = inflateSync(Buffer.concat(data), { maxOutputLength: size });
  } catch (cause) {
    return bad("its pixels are damaged, or more than its size needs", cause);
  }
  if (rows.length !== size) bad(`its pixels take ${rows.length} bytes, its size needs ${size}`);
  return rows;
}

/**
 * Rows become what they differ from the row above, bottom first, in place; the first one stays. Of the fixed filters Up
 * does best on screens: with deflate's level 3 a photograph takes half the time and half the bytes that it takes without
 * a filter on level 6, and a screen of text about the same. Source: 9.2.
 */
function filterUp(rows: Uint8Array, stride: number): void {
  for (let row = rows.length - stride; row > 0; row -= stride) {
    rows[row] = 2;
    for (let i = row + 1; i < row + stride; i++) rows[i] = rows[i]! - rows[i - stride]!;
  }
}

/** Undoes the filters in place. @param step Bytes from a sample to the same one of the pixel to the left. Source: 9.2. */
function unfilter(rows: Uint8Array, length: number, step: number): void {
  const stride = length + 1;
  for (let row = 0; row < rows.length; row += stride) {
    const filter = rows[row]!;
    if (filter > 4) bad(`filter ${filter} is not known`);
    if (filter === 0) continue;
    for (let i = 1; i <= length; i++) {
      const left = i > step ? rows[row + i - step]! : 0;
      const up = row > 0 ? rows[row + i - stride]! : 0;
      const corner = row > 0 && i > step ? rows[row + i - stride - step]! : 0;
      const guess = filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner);
      rows[row + i] = rows[row + i]! + guess;
    }
  }
}

/** The neighbour nearest to `left + up - corner`. Source: 9.4. */
function paeth(left: number, up: number, corner: number): number {
  const byLeft = Math.abs(up - corner), byUp = Math.abs(left - corner), byCorner = Math.abs(left + up - 2 * corner);
  return byLeft <= byUp && byLeft <= byCorner ? left : byUp <= byCorner ? up : corner;
}

function paint(rows: Uint8Array, pass: Pass, header: Header, palette: Uint8Array, pixels: Uint32Array): void {
  const { depth, samples, colourType, width } = header, alpha = hasAlpha(header);
  const stride = 1 + rowBytes(header, pass.columns);
  const mask = (1 << Math.min(depth, 8)) - 1;
  const sampleAt = (row: number, i: number): number => {
    const bit = i * depth;
    // Of 16 bits, the upper 8.
    const byte = rows[row * stride + 1 + (bit >> 3)]!;
    return depth >= 8 ? byte : (byte >> (8 - depth - (bit & 7))) & mask;
  };
  for (let row = 0; row < pass.rows; row++) {
    for (let column = 0; column < pass.columns; column++) {
      const first = sampleAt(row, column * samples);
      let red: number, green: number, blue: number;
      if (colourType === INDEXED) {
        if (first * 3 + 2 >= palette.length) bad(`colour ${first} is not in its palette of ${palette.length / 3}`);
        [red, green, blue] = [palette[first * 3]!, palette[first * 3 + 1]!, palette[first * 3 + 2]!];
      } else if (samples >= 3) {
        [red, green, blue] = [first, sampleAt(row, column * samples + 1), sampleAt(row, column * samples + 2)];
      } else red = green = blue = first * 255 / mask;
      const upper = alpha ? sampleAt(row, (column + 1) * samples - 1) : 0;
      const to = (pass.y + row * pass.dy) * width + pass.x + column * pass.dx;
      pixels[to] = (upper << 24 | red << 16 | green << 8 | blue) >>> 0;
    }
  }
}
