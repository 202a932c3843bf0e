/**
 * JPEG (image type JPEG, the colours of JPEG_ALPHA, the frames of an MJPEG stream): decoder, and encoder for 4:2:0.
 *
 * ```text
 * FF D8                 start of image
 * FF xx u16 length …    segments, length with its own two bytes, big-endian:
 *   FF DB  quantization  u4 precision, u4 id, 64 × u8 or u16 in zigzag order; repeated
 *   FF C0  frame         u8 bits, u16 height, u16 width, u8 n, n × (u8 id, u4 h, u4 v, u8 quantization)
 *   FF C4  Huffman       u4 class (0 DC, 1 AC), u4 id, 16 × u8 codes of each length, symbols; repeated
 *   FF DD  restart       u16 MCUs from one restart marker to the next
 *   FF DA  scan          u8 n, n × (u8 id, u4 DC table, u4 AC table), 3 bytes; then bits, FF written as FF 00
 * FF D9                 end of image
 * ```
 *
 * A block of 8 × 8 samples is its DC less that of the block before, then AC values with the zeros before them, in
 * zigzag order. An MCU holds h × v blocks of each component.
 *
 * Built here is what peers of SPICE send: 8 bits, Huffman codes, sequential, one component or three, any sampling. A
 * frame without Huffman tables uses those of annex K: spice-server has libjpeg write them in the first frame of a stream
 * alone. Both ways give what libjpeg-turbo gives with its defaults (slow integer DCT, triangle filter for
 * the colours), bit for bit.
 * Source: ITU-T T.81 annexes B, F, K; JFIF 1.02; spice-server server/jpeg-encoder.c, server/mjpeg-encoder.c;
 * spice-gtk src/decode-jpeg.c. The integer DCT is that of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with the
 * constants and the rounding of libjpeg's jidctint.c and jfdctint.c.
 */

import { CodecError } from "./errors.ts";
import type { DecodedImage, DecodeOptions } from "./image.ts";

/** What a decoder needs to know before it decodes. */
export interface JpegHeader {
  /** Pixels a row, 1 to 65535. */
  readonly width: number;
  /** Rows, 1 to 65535. */
  readonly height: number;
  /** 1 (grey) or 3. */
  readonly components: number;
}

/** What the encoder may be told. */
export interface JpegOptions {
  /** 1 (worst) to 100, as libjpeg counts; by default 85, as the reference. */
  readonly quality?: number | undefined;
  /** Working memory; a caller that encodes much hands in the same again. */
  readonly work?: JpegWork | undefined;
}

/** What {@link encodeJpegWithin} found. */
export interface FittedJpeg {
  /** A whole JFIF stream. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The quality that it has, 1 to 100. */
  readonly quality: number;
}

const CODEC = "JPEG";
/** Place in a block, row by row, of the n-th value in zigzag order; the last sixteen catch runs that go too far. */
const ZIGZAG: Readonly<Uint8Array> = Uint8Array.from([
  ...numbers(
    "0 1 8 16 9 2 3 10 17 24 32 25 18 11 4 5 12 19 26 33 40 48 41 34 27 20 13 6 7 14 21 28 35 42 49 56 57 50 43 " +
      "36 29 22 15 23 30 37 44 51 58 59 52 45 38 31 39 46 53 60 61 54 47 55 62 63",
  ),
  ...new Array<number>(16).fill(63),
]);
/** Place in zigzag order of the n-th value of a block, row by row. */
const PLACES: Readonly<Uint8Array> = new Uint8Array(64).map((_, n) => ZIGZAG.indexOf(n));
/** Bits that the decoder's tables look up at once. */
const LOOKUP_BITS = 10;
/** Blocks of an MCU, at most. Source: T.81 B.2.3. */
const MOST_BLOCKS = 10;
/** Zeros after the bits: an MCU of the longest codes cannot read past them. */
const SLACK_BYTES = MOST_BLOCKS * 64 * 4 + 16;

/**
 * Read the size of a JPEG image.
 *
 * @param src The stream, from its start of image on; its bits need not be there.
 * @returns Width, height and number of components, as the frame says.
 * @throws {CodecError} `bad-header`, `bad-size`, `truncated`, `unsupported`.
 */
export function decodeJpegHeader(src: Uint8Array): JpegHeader {
  const { width, height, components } = new Reader(src).frame();
  return { width, height, components: components.length };
}

/**
 * Decode a JPEG image to 32-bit pixels.
 *
 * What follows the last MCU is not looked at, so the end of image may be missing.
 *
 * @param src The stream, from its start of image on.
 * @param options Pixel limit.
 * @param work Working memory; a caller that decodes much hands in the same again.
 * @returns The picture, 0x00RRGGBB, rows from the top down.
 * @throws {CodecError} `bad-header`, `bad-size`, `truncated`, `bad-code`, `overrun`; `unsupported`: progressive,
 * lossless, arithmetic, 12 bits, four components, a height that comes later.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeJpeg, encodeJpeg } from "../mod.ts";
 *
 * const stream = encodeJpeg(new Uint32Array(64 * 64).fill(0x336699), 64, 64, { quality: 80 });
 * assert.ok(stream.length < 800); // of 16384 bytes
 * const { width, height, pixels } = decodeJpeg(stream, { maxPixels: 1e6 });
 * assert.deepEqual([width, height, pixels[0]! >> 16], [64, 64, 0x33]);
 * ```
 */
export function decodeJpeg(src: Uint8Array, options: DecodeOptions, work: JpegWork = new JpegWork()): DecodedImage {
  const reader = new Reader(src), frame = reader.frame();
  const { width, height, components } = frame;
  if (!(width * height <= options.maxPixels)) {
    throw new CodecError(CODEC, "bad-size", frame.at, `${width} × ${height} pixels, the limit is ${options.maxPixels}`);
  }
  let planes: Uint8ClampedArray[] | null = null;
  for (let missing = components.length; missing > 0;) {
    const scan = reader.scan(frame);
    // A block takes two bits at least, so a short stream that promises much is refused before anything is allocated.
    planes ??= allocatePlanes(frame, src.length - scan.at, scan.at, work);
    reader.at = decodeScan(src, scan, frame, planes, reader.restartInterval, work);
    missing -= scan.components.length;
  }
  const pixels = new Uint32Array(width * height);
  if (planes !== null) paint(frame, planes, reader.isRgb(frame), pixels);
  return { width, height, pixels, alpha: false };
}

/**
 * Encode an image as baseline JPEG, 4:2:0, with the Huffman tables of annex K: the bytes that libjpeg-turbo writes when
 * the reference asks it to.
 *
 * @param pixels 0x??RRGGBB, rows from the top down; the top byte is not coded.
 * @param width Pixels a row, 1 to 65500.
 * @param height Rows, 1 to 65500; width × height is the length of `pixels`, 2²⁶ at most.
 * @param options Quality, working memory.
 * @returns A whole JFIF stream.
 * @throws {CodecError} `bad-size`; `bad-header` for a quality that is none.
 */
export function encodeJpeg(
  pixels: Uint32Array,
  width: number,
  height: number,
  options: JpegOptions = {},
): Uint8Array<ArrayBuffer> {
  const { quality = 85, work = new JpegWork() } = options;
  checkPicture(pixels, width, height);
  const tables = quantizers(checkQuality(quality));
  const mcuRows = Math.ceil(height / 16), rowBlocks = Math.ceil(width / 16) * 6;
  const writer = new BitWriter(work, rowBlocks);
  const coefficients = work.coefficients(rowBlocks), kinds = work.kinds(rowBlocks);
  for (let row = 0; row < mcuRows; row++) {
    transformRow(pixels, width, height, row, coefficients, kinds, 0, work);
    writer.blocks(coefficients, kinds, 0, rowBlocks, tables);
  }
  return writer.finish(header(width, height, tables));
}

/**
 * Encode an image to no more than so many bytes, as a stream of video needs it: the pixels are transformed once, and
 * what is coded again at lower qualities is guessed from the sizes before.
 *
 * @param pixels As for {@link encodeJpeg}.
 * @param width As there.
 * @param height As there.
 * @param maxBytes Most bytes to write. The lowest quality tried is 5: a picture that does not fit then comes larger.
 * @param options `quality` is the best that is tried, and the lowest, too, below 5.
 * @returns The stream and its quality.
 * @throws {CodecError} As {@link encodeJpeg}.
 */
export function encodeJpegWithin(
  pixels: Uint32Array,
  width: number,
  height: number,
  maxBytes: number,
  options: JpegOptions = {},
): FittedJpeg {
  const { quality: wanted = 85, work = new JpegWork() } = options;
  checkPicture(pixels, width, height);
  if (!(maxBytes > 0)) throw new CodecError(CODEC, "bad-size", 0, `${maxBytes} bytes at most`);
  const best = checkQuality(wanted), lowest = Math.min(LOWEST_QUALITY, best);
  const mcuRows = Math.ceil(height / 16), rowBlocks = Math.ceil(width / 16) * 6;
  const coefficients = work.coefficients(rowBlocks * mcuRows), kinds = work.kinds(rowBlocks * mcuRows);
  for (let row = 0; row < mcuRows; row++) {
    transformRow(pixels, width, height, row, coefficients, kinds, row * rowBlocks, work);
  }
  /** Bytes at a quality, or how many it would be when that is seen to be half as much again as allowed. */
  const attempt = (quality: number, limit: number): { size: number; bytes: Uint8Array<ArrayBuffer> | null } => {
    const tables = quantizers(quality), writer = new BitWriter(work, rowBlocks), head = header(width, height, tables);
    for (let row = 0; row < mcuRows; row++) {
      if (row > 0 && writer.bytesSoFar > limit * 1.5) return { size: writer.bytesSoFar * mcuRows / row, bytes: null };
      writer.blocks(coefficients, kinds, row * rowBlocks, rowBlocks, tables);
    }
    const bytes = writer.finish(head);
    return { size: bytes.length, bytes };
  };
  let quality = best, tooGood = best + 1, fitting: FittedJpeg | null = null;
  // INVARIANT: what fits < quality < what is too good, so each round comes nearer.
  for (let tries = 0; tries < 5; tries++) {
    const { size, bytes } = attempt(quality, maxBytes);
    if (bytes !== null && size <= maxBytes) {
      fitting = { bytes, quality };
      if (size >= maxBytes * 0.9) return fitting;
    } else {
      tooGood = quality;
    }
    const least = fitting === null ? lowest : fitting.quality + 1;
    if (least >= tooGood) break;
    const factor = (maxBytes * 0.95 - HEADER_BYTES) / Math.max(size - HEADER_BYTES, 1);
    quality = Math.max(Math.min(qualityFor(quality, factor), tooGood - 1), least);
  }
  return fitting ?? { bytes: attempt(lowest, Infinity).bytes!, quality: lowest };
}

/** Working memory of both ways. It holds nothing between two images. */
export class JpegWork {
  #planes: Uint8ClampedArray[] = [];
  #bytes = new Uint8Array(0);
  #coefficients = new Int16Array(0);
  #kinds = new Uint8Array(0);
  #samples = new Uint8Array(0);

  /** Samples of the n-th component, any content. @internal */
  plane(n: number, size: number): Uint8ClampedArray {
    const had = this.#planes[n];
    if (had !== undefined && had.length >= size) return had;
    return this.#planes[n] = new Uint8ClampedArray(size);
  }

  /** At least so many bytes, any content; what was there stays when more are asked for. @internal */
  bytes(size: number): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length < size) {
      const more = new Uint8Array(Math.max(size, this.#bytes.length * 2));
      more.set(this.#bytes);
      this.#bytes = more;
    }
    return this.#bytes;
  }

  /** 64 values for each of so many blocks, any content. @internal */
  coefficients(blocks: number): Int16Array {
    if (this.#coefficients.length < blocks * 64) this.#coefficients = new Int16Array(blocks * 64);
    return this.#coefficients;
  }

  /** A byte for each of so many blocks, any content. @internal */
  kinds(blocks: number): Uint8Array {
    if (this.#kinds.length < blocks) this.#kinds = new Uint8Array(blocks);
    return this.#kinds;
  }

  /** Samples of a row of MCUs, any content. @internal */
  samples(size: number): Uint8Array {
    if (this.#samples.length < size) this.#samples = new Uint8Array(size);
    return this.#samples;
  }
}

// Headers.

interface Component {
  readonly id: number;
  /** Samples across and down in an MCU, in blocks. */
  readonly h: number;
  readonly v: number;
  readonly quantizer: number;
  /** Samples that mean something. */
  readonly width: number;
  readonly height: number;
  /** Samples from one row of the plane to the next, and rows of it: whole MCUs. */
  readonly stride: number;
  readonly rows: number;
}

interface Frame {
  /** Where its segment starts. */
  readonly at: number;
  readonly width: number;
  readonly height: number;
  readonly components: readonly Component[];
  readonly mostH: number;
  readonly mostV: number;
  readonly mcusAcross: number;
  readonly mcusDown: number;
}

/** A Huffman table as it came. */
interface Codes {
  readonly counts: Uint8Array;
  readonly symbols: Uint8Array;
  readonly at: number;
}

interface ScanComponent {
  /** Index in the frame. */
  readonly index: number;
  readonly dc: HuffmanTable;
  readonly ac: HuffmanTable;
  /** Multipliers in zigzag order, and as many more as {@link ZIGZAG} has. */
  readonly quantizer: Int32Array;
}

interface Scan {
  /** Where its bits start. */
  readonly at: number;
  readonly components: readonly ScanComponent[];
}

/** Reads segments up to a frame, then up to each scan. */
class Reader {
  /** Where the next marker is. */
  at = 2;
  restartInterval = 0;
  readonly #src: Uint8Array;
  readonly #quantizers: (Int32Array | undefined)[] = [];
  /** DC codes 0 to 3, AC codes 4 to 7. Tables are made of those alone that a scan names. */
  readonly #codes: (Codes | undefined)[] = [];
  readonly #scanned = new Set<number>();
  #jfif = false;
  /** Colour transform of an Adobe segment, if there is one. */
  #adobe: number | null = null;

  constructor(src: Uint8Array) {
    this.#src = src;
    if (src.length < 2) throw new CodecError(CODEC, "truncated", src.length, "the start of image is cut");
    if (src[0] !== 0xff || src[1] !== 0xd8) throw new CodecError(CODEC, "bad-header", 0, "no start of image");
    // A bit position must be a small integer.
    if (src.length >= 2 ** 27) throw new CodecError(CODEC, "bad-size", 0, `${src.length} bytes`);
  }

  frame(): Frame {
    for (;;) {
      const { marker, at, end } = this.#segment();
      if (marker === 0xc0 || marker === 0xc1) return readFrame(this.#src, at, end);
      if (marker >= 0xc2 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xcc) {
        throw new CodecError(CODEC, "unsupported", at - 4, `frame of kind ${marker - 0xc0}`);
      }
      if (marker === 0xda) throw new CodecError(CODEC, "bad-header", at - 4, "a scan before the frame");
      this.#read(marker, at, end);
    }
  }

  scan(frame: Frame): Scan {
    for (;;) {
      const { marker, at, end } = this.#segment();
      if (marker === 0xda) return this.#scan(frame, at, end);
      if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xcc) {
        throw new CodecError(CODEC, "bad-header", at - 4, "a second frame");
      }
      this.#read(marker, at, end);
    }
  }

  /** Whether three components are R, G, B. Source: libjpeg jdapimin.c default_decompress_parms. */
  isRgb({ components }: Frame): boolean {
    if (components.length !== 3 || this.#jfif) return false;
    if (this.#adobe !== null) return this.#adobe === 0;
    return components[0]!.id === 0x52 && components[1]!.id === 0x47 && components[2]!.id === 0x42;
  }

  /** The next segment; its content is [at, end). */
  #segment(): { marker: number; at: number; end: number } {
    const src = this.#src;
    let at = this.at;
    if (at < src.length && src[at] !== 0xff) throw new CodecError(CODEC, "bad-header", at, "no marker");
    while (at < src.length && src[at] === 0xff) at++;
    if (!(at + 3 <= src.length)) throw new CodecError(CODEC, "truncated", src.length, "a segment is cut");
    const marker = src[at]!, length = src[at + 1]! << 8 | src[at + 2]!, end = at + 1 + length;
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd9)) {
      throw new CodecError(CODEC, "bad-header", at, `marker ${marker.toString(16)} among the segments`);
    }
    if (length < 2) throw new CodecError(CODEC, "bad-header", at + 1, `a segment of ${length} bytes`);
    if (!(end <= src.length)) {
      throw new CodecError(CODEC, "truncated", at + 1, `a segment of ${length} bytes, ${src.length - at - 1} left`);
    }
    this.at = end;
    return { marker, at: at + 3, end };
  }

  #read(marker: number, at: number, end: number): void {
    const src = this.#src;
    switch (marker) {
      case 0xc4:
        while (at < end) at = this.#huffman(at, end);
        break;
      case 0xcc:
        throw new CodecError(CODEC, "unsupported", at - 4, "arithmetic codes");
      case 0xdb:
        while (at < end) at = this.#quantizer(at, end);
        break;
      case 0xdc:
        throw new CodecError(CODEC, "unsupported", at - 4, "a number of lines after the frame");
      case 0xdd:
        if (end - at !== 2) throw new CodecError(CODEC, "bad-header", at - 2, "a restart segment of another length");
        this.restartInterval = src[at]! << 8 | src[at + 1]!;
        break;
      case 0xe0:
        if (end - at >= 5 && startsWith(src, at, "JFIF\0")) this.#jfif = true;
        break;
      case 0xee:
        if (end - at >= 12 && startsWith(src, at, "Adobe")) this.#adobe = src[at + 11]!;
    }
  }

  #quantizer(at: number, end: number): number {
    const src = this.#src, wide = src[at]! >> 4, id = src[at]! & 15, after = at + 1 + (wide === 0 ? 64 : 128);
    if (wide > 1 || id > 3) throw new CodecError(CODEC, "bad-header", at, "no such quantization table");
    if (!(after <= end)) throw new CodecError(CODEC, "bad-header", at, "a quantization table is cut");
    const table = new Int32Array(80);
    for (let k = 0; k < 64; k++) {
      table[k] = wide === 0 ? src[at + 1 + k]! : src[at + 1 + k * 2]! << 8 | src[at + 2 + k * 2]!;
    }
    this.#quantizers[id] = table;
    return after;
  }

  #huffman(at: number, end: number): number {
    const src = this.#src, kind = src[at]! >> 4, id = src[at]! & 15;
    if (kind > 1 || id > 3) throw new CodecError(CODEC, "bad-header", at, "no such Huffman table");
    if (!(at + 17 <= end)) throw new CodecError(CODEC, "bad-header", at, "a Huffman table is cut");
    const counts = src.subarray(at + 1, at + 17), total = counts.reduce((sum, count) => sum + count, 0);
    if (total > 256 || !(at + 17 + total <= end)) {
      throw new CodecError(CODEC, "bad-header", at, `a Huffman table of ${total} symbols`);
    }
    this.#codes[kind << 2 | id] = { counts, symbols: src.subarray(at + 17, at + 17 + total), at };
    return at + 17 + total;
  }

  /** Source of the tables that frames may leave out: T.81 tables K.3 to K.6; libjpeg-turbo jstdhuff.c. */
  #table(id: number, ac: boolean, place: number): HuffmanTable {
    const own = this.#codes[(ac ? 4 : 0) + id];
    if (own !== undefined) return huffmanTable(own.counts, own.symbols, ac, own.at);
    if (id > 1) throw new CodecError(CODEC, "bad-header", place, `no Huffman table ${id}`);
    const { counts, symbols } = STANDARD_CODES[(ac ? 2 : 0) + id]!;
    return huffmanTable(counts, symbols, ac, place);
  }

  #scan(frame: Frame, at: number, end: number): Scan {
    const src = this.#src, count = src[at]!;
    if (!(end - at === 4 + count * 2 && count >= 1 && count <= frame.components.length)) {
      throw new CodecError(CODEC, "bad-header", at - 2, `a scan of ${count} components in ${end - at} bytes`);
    }
    const components = Array.from({ length: count }, (_, i): ScanComponent => {
      const place = at + 1 + i * 2, id = src[place]!, tables = src[place + 1]!;
      const index = frame.components.findIndex((component) => component.id === id);
      if (index < 0) throw new CodecError(CODEC, "bad-header", place, `no component ${id}`);
      if (this.#scanned.has(index)) throw new CodecError(CODEC, "bad-header", place, `component ${id} again`);
      this.#scanned.add(index);
      const quantizer = this.#quantizers[frame.components[index]!.quantizer];
      if (quantizer === undefined) throw new CodecError(CODEC, "bad-header", place, "no quantization table");
      const dc = tables >> 4, ac = tables & 15;
      if (dc > 3 || ac > 3) throw new CodecError(CODEC, "bad-header", place + 1, "no such Huffman table");
      return { index, dc: this.#table(dc, false, place), ac: this.#table(ac, true, place), quantizer };
    });
    const blocks = components.reduce((sum, { index }) => sum + blocksOf(frame.components[index]!), 0);
    if (count > 1 && blocks > MOST_BLOCKS) throw new CodecError(CODEC, "bad-header", at, `${blocks} blocks in an MCU`);
    if (src[end - 3] !== 0 || src[end - 2] !== 63 || src[end - 1] !== 0) {
      throw new CodecError(CODEC, "bad-header", end - 3, "not a scan of the sequential kind");
    }
    return { at: end, components };
  }
}

function readFrame(src: Uint8Array, at: number, end: number): Frame {
  const count = src[at + 5] ?? 0;
  if (!(end - at >= 6 && end - at === 6 + count * 3)) {
    throw new CodecError(CODEC, "bad-header", at - 2, `a frame of ${end - at} bytes`);
  }
  const height = src[at + 1]! << 8 | src[at + 2]!, width = src[at + 3]! << 8 | src[at + 4]!;
  if (src[at] !== 8) throw new CodecError(CODEC, "unsupported", at, `${src[at]} bits a sample`);
  if (height === 0) throw new CodecError(CODEC, "unsupported", at + 1, "the height comes after the frame");
  if (width === 0) throw new CodecError(CODEC, "bad-size", at + 3, "width is 0");
  if (count !== 1 && count !== 3) throw new CodecError(CODEC, "unsupported", at + 5, `${count} components`);
  const raw = Array.from({ length: count }, (_, i) => {
    const place = at + 6 + i * 3, h = src[place + 1]! >> 4, v = src[place + 1]! & 15;
    if (!(h >= 1 && h <= 4 && v >= 1 && v <= 4)) {
      throw new CodecError(CODEC, "bad-header", place + 1, `sampling ${h} × ${v}`);
    }
    // One component alone has blocks, not MCUs. Source: T.81 A.2.2.
    return { id: src[place]!, h: count === 1 ? 1 : h, v: count === 1 ? 1 : v, quantizer: src[place + 2]! };
  });
  const mostH = Math.max(...raw.map(({ h }) => h)), mostV = Math.max(...raw.map(({ v }) => v));
  const mcusAcross = Math.ceil(width / (8 * mostH)), mcusDown = Math.ceil(height / (8 * mostV));
  const components = raw.map((one, i): Component => {
    if (raw.findIndex(({ id }) => id === one.id) !== i) {
      throw new CodecError(CODEC, "bad-header", at + 6 + i * 3, `component ${one.id} again`);
    }
    if (mostH % one.h !== 0 || mostV % one.v !== 0) {
      throw new CodecError(CODEC, "unsupported", at + 7 + i * 3, `sampling ${one.h} × ${one.v} of ${mostH} × ${mostV}`);
    }
    return {
      ...one,
      width: Math.ceil(width * one.h / mostH),
      height: Math.ceil(height * one.v / mostV),
      stride: mcusAcross * one.h * 8,
      rows: mcusDown * one.v * 8,
    };
  });
  return { at: at - 4, width, height, components, mostH, mostV, mcusAcross, mcusDown };
}

function allocatePlanes(frame: Frame, left: number, at: number, work: JpegWork): Uint8ClampedArray[] {
  const samples = frame.components.reduce((sum, { stride, rows }) => sum + stride * rows, 0);
  if (left * 4 < samples / 64) {
    throw new CodecError(CODEC, "truncated", at, `${left} bytes cannot hold ${samples / 64} blocks`);
  }
  return frame.components.map(({ stride, rows }, i) => work.plane(i, stride * rows));
}

function blocksOf({ h, v }: Component): number {
  return h * v;
}

function startsWith(src: Uint8Array, at: number, text: string): boolean {
  return [...text].every((char, i) => src[at + i] === char.charCodeAt(0));
}

// Huffman codes.

interface HuffmanTable {
  /**
   * By the next {@link LOOKUP_BITS} bits; 0: a longer code, or none.
   *
   * - AC code and its value fit: value << 16 | zeros before it << 8 | bits of both.
   * - else: symbol << 8 | bits of the code, and bit 7 set.
   */
  readonly lookup: Int32Array;
  /** First bits of a code, as if it had 16: codes of a length are below its entry. */
  readonly below: Int32Array;
  /** What to add to a code of a length to find its symbol. */
  readonly offset: Int32Array;
  readonly symbols: Uint8Array;
}

/** Bit of a lookup entry that holds a symbol, not a value. */
const IS_SYMBOL = 0x80;

function huffmanTable(counts: Uint8Array, symbols: Uint8Array, ac: boolean, at: number): HuffmanTable {
  const lookup = new Int32Array(1 << LOOKUP_BITS), below = new Int32Array(18), offset = new Int32Array(17);
  for (let length = 1, code = 0, next = 0; length <= 16; length++, code <<= 1) {
    const count = counts[length - 1]!;
    offset[length] = next - code;
    for (let i = 0; i < count; i++, code++, next++) {
      const symbol = symbols[next]!;
      if (!ac && symbol > 15) throw new CodecError(CODEC, "bad-header", at, `DC of ${symbol} bits`);
      if (length <= LOOKUP_BITS) fillLookup(lookup, code, length, symbol, ac);
    }
    if (code > 1 << length) throw new CodecError(CODEC, "bad-header", at, `too many codes of ${length} bits`);
    below[length] = code << 16 - length;
  }
  below[17] = 0x7fffffff;
  return { lookup, below, offset, symbols };
}

/** Enter all bit strings that start with a code. */
function fillLookup(lookup: Int32Array, code: number, length: number, symbol: number, ac: boolean): void {
  const spare = LOOKUP_BITS - length, size = symbol & 15, zeros = symbol >> 4;
  for (let rest = 0, first = code << spare; rest < 1 << spare && first + rest < lookup.length; rest++) {
    let entry = symbol << 8 | IS_SYMBOL | length;
    if (ac && size > 0 && size <= spare) {
      const bits = rest >> spare - size, value = bits >= 1 << size - 1 ? bits : bits - (1 << size) + 1;
      entry = value << 16 | zeros << 8 | length + size;
    }
    lookup[first + rest] = entry;
  }
}

/** Codes of luminance DC, chrominance DC, luminance AC, chrominance AC. Source: T.81 tables K.3 to K.6. */
const STANDARD_CODES = [
  codes("00010501010101010100000000000000", "000102030405060708090a0b"),
  codes("00030101010101010101010000000000", "000102030405060708090a0b"),
  codes(
    "0002010303020403050504040000017d",
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a343536373839" +
      "3a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6" +
      "a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa",
  ),
  codes(
    "00020102040403040705040400010277",
    "0001020311040521310612415107617113223281081442" +
      "91a1b1c109233352f0156272d10a162434e125f11718191a262728292a353637" +
      "38393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3" +
      "a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa",
  ),
] as const;

function codes(counts: string, symbols: string): { readonly counts: Uint8Array; readonly symbols: Uint8Array } {
  return { counts: bytesOf(counts), symbols: bytesOf(symbols) };
}

/** Numbers written with spaces between them. */
function numbers(text: string): readonly number[] {
  return text.split(" ").map(Number);
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(i * 2, i * 2 + 2), 16));
}

// The decoder's scan: bits to samples.

/**
 * Decode the bits of a scan into the planes of its components.
 *
 * @returns Where in `src` the marker after the bits is.
 */
function decodeScan(
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
      for (const { index, dc, ac, quantizer, h, v, stride, plane, words } of parts) {
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
                block[ZIGZAG[k]!] = Math.imul(entry >> 16, quantizer[k]!);
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
              block[ZIGZAG[k]!] = Math.imul(extend(word, valueBits), quantizer[k]!);
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

/** Where in `src` the bit is that is at a position of the scan that starts at `at`, as {@link unstuff} counts. */
function placeOf(src: Uint8Array, at: number, position: number): number {
  for (let left = position >>> 3; left > 0 && at < src.length; at++) {
    if (src[at] !== 0xff) {
      left--;
    } else if (src[at + 1] !== 0xff) {
      // Stuffing is a byte, a restart marker is none.
      if (src[at + 1] === 0) left--;
      at++;
    }
  }
  return Math.min(at, src.length);
}

/**
 * Take the bits out of their stuffing.
 *
 * @param most How many parts there are to be between restart markers; what comes after them is left.
 * @returns The bytes with zeros after them; where what is between two restart markers starts, and where the last of it
 * ends; where in `src` the next other marker is.
 */
function unstuff(
  src: Uint8Array,
  at: number,
  most: number,
  work: JpegWork,
): { data: Uint8Array; starts: number[]; next: number } {
  const limit = src.length, data = work.bytes(limit - at + SLACK_BYTES), starts = [0];
  let out = 0;
  for (;;) {
    let stop = src.indexOf(0xff, at);
    if (stop < 0) stop = limit;
    if (stop - at > 32) data.set(src.subarray(at, stop), out);
    else for (let i = 0; i < stop - at; i++) data[out + i] = src[at + i]!;
    out += stop - at;
    at = stop;
    while (at < limit && src[at + 1] === 0xff) at++;
    if (at + 1 >= limit) break;
    const marker = src[at + 1]!;
    if (marker === 0) {
      data[out++] = 0xff;
    } else if (marker >= 0xd0 && marker <= 0xd7 && starts.length < most) {
      if (marker !== 0xd0 + (starts.length - 1 & 7)) {
        throw new CodecError(CODEC, "bad-code", at, "a restart marker out of turn");
      }
      starts.push(out);
    } else break;
    at += 2;
  }
  starts.push(out);
  data.fill(0, out, out + SLACK_BYTES);
  return { data, starts, next: Math.min(at, limit) };
}

/** A block of DC alone: 64 equal samples, sixteen words. Clears the block. */
function fillBlock(block: Int32Array, words: Uint32Array, at: number, stride: number): void {
  const value = (block[0]! + 4 >> 3) + 128, sample = value < 0 ? 0 : value > 255 ? 255 : value;
  block[0] = 0;
  const word = Math.imul(sample, 0x01010101);
  for (let y = 0; y < 8; y++, at += stride) words[at] = words[at + 1] = word;
}

/** Inverse DCT of a block with values in its first four rows and columns. Clears the block. */
function inverse4(block: Int32Array, rows: Int32Array, plane: Uint8ClampedArray, at: number, stride: number): void {
  for (let x = 0; x < 4; x++) {
    const c0 = (block[x]! << 13) + 1024, c1 = block[x + 8]!, c2 = block[x + 16]!, c3 = block[x + 24]!;
    block[x] =
      block[x + 8] =
      block[x + 16] =
      block[x + 24] =
        0;
    const e2 = Math.imul(c2, 4433), e3 = Math.imul(c2, 10703);
    const o0 = Math.imul(c1, 2260) - Math.imul(c3, 6436), o1 = Math.imul(c1, 6437) - Math.imul(c3, 11362);
    const o2 = Math.imul(c1, 9633) - Math.imul(c3, 2259), o3 = Math.imul(c1, 11363) + Math.imul(c3, 9633);
    rows[x] = c0 + e3 + o3 >> 11;
    rows[x + 56] = c0 + e3 - o3 >> 11;
    rows[x + 8] = c0 + e2 + o2 >> 11;
    rows[x + 48] = c0 + e2 - o2 >> 11;
    rows[x + 16] = c0 - e2 + o1 >> 11;
    rows[x + 40] = c0 - e2 - o1 >> 11;
    rows[x + 24] = c0 - e3 + o0 >> 11;
    rows[x + 32] = c0 - e3 - o0 >> 11;
  }
  for (let y = 0; y < 64; y += 8, at += stride) {
    const c0 = (rows[y]! << 13) + 33685504, c1 = rows[y + 1]!, c2 = rows[y + 2]!, c3 = rows[y + 3]!;
    const e2 = Math.imul(c2, 4433), e3 = Math.imul(c2, 10703);
    const o0 = Math.imul(c1, 2260) - Math.imul(c3, 6436), o1 = Math.imul(c1, 6437) - Math.imul(c3, 11362);
    const o2 = Math.imul(c1, 9633) - Math.imul(c3, 2259), o3 = Math.imul(c1, 11363) + Math.imul(c3, 9633);
    plane[at] = c0 + e3 + o3 >> 18;
    plane[at + 7] = c0 + e3 - o3 >> 18;
    plane[at + 1] = c0 + e2 + o2 >> 18;
    plane[at + 6] = c0 + e2 - o2 >> 18;
    plane[at + 2] = c0 - e2 + o1 >> 18;
    plane[at + 5] = c0 - e2 - o1 >> 18;
    plane[at + 3] = c0 - e3 + o0 >> 18;
    plane[at + 4] = c0 - e3 - o0 >> 18;
  }
}

/** Inverse DCT of any block. Clears the block. */
function inverse8(block: Int32Array, rows: Int32Array, plane: Uint8ClampedArray, at: number, stride: number): void {
  for (let x = 0; x < 8; x++) {
    const c0 = (block[x]! << 13) + 1024, c1 = block[x + 8]!, c2 = block[x + 16]!, c3 = block[x + 24]!;
    const c4 = block[x + 32]! << 13, c5 = block[x + 40]!, c6 = block[x + 48]!, c7 = block[x + 56]!;
    if ((c1 | c2 | c3 | c4 | c5 | c6 | c7) === 0) {
      const value = c0 >> 11;
      rows[x] =
        rows[x + 8] =
        rows[x + 16] =
        rows[x + 24] =
          value;
      rows[x + 32] =
        rows[x + 40] =
        rows[x + 48] =
        rows[x + 56] =
          value;
      continue;
    }
    const z1 = Math.imul(c2 + c6, 4433), e2 = z1 - Math.imul(c6, 15137), e3 = z1 + Math.imul(c2, 6270);
    const s0 = c0 + c4 + e3, s3 = c0 + c4 - e3, s1 = c0 - c4 + e2, s2 = c0 - c4 - e2;
    const z5 = Math.imul(c7 + c3 + c5 + c1, 9633);
    const z3 = z5 - Math.imul(c7 + c3, 16069), z4 = z5 - Math.imul(c5 + c1, 3196);
    const z6 = Math.imul(c7 + c1, 7373), z7 = Math.imul(c5 + c3, 20995);
    const o0 = Math.imul(c7, 2446) - z6 + z3, o1 = Math.imul(c5, 16819) - z7 + z4;
    const o2 = Math.imul(c3, 25172) - z7 + z3, o3 = Math.imul(c1, 12299) - z6 + z4;
    rows[x] = s0 + o3 >> 11;
    rows[x + 56] = s0 - o3 >> 11;
    rows[x + 8] = s1 + o2 >> 11;
    rows[x + 48] = s1 - o2 >> 11;
    rows[x + 16] = s2 + o1 >> 11;
    rows[x + 40] = s2 - o1 >> 11;
    rows[x + 24] = s3 + o0 >> 11;
    rows[x + 32] = s3 - o0 >> 11;
  }
  block.fill(0);
  for (let y = 0; y < 64; y += 8, at += stride) {
    const c0 = (rows[y]! << 13) + 33685504, c1 = rows[y + 1]!, c2 = rows[y + 2]!, c3 = rows[y + 3]!;
    const c4 = rows[y + 4]! << 13, c5 = rows[y + 5]!, c6 = rows[y + 6]!, c7 = rows[y + 7]!;
    const z1 = Math.imul(c2 + c6, 4433), e2 = z1 - Math.imul(c6, 15137), e3 = z1 + Math.imul(c2, 6270);
    const s0 = c0 + c4 + e3, s3 = c0 + c4 - e3, s1 = c0 - c4 + e2, s2 = c0 - c4 - e2;
    const z5 = Math.imul(c7 + c3 + c5 + c1, 9633);
    const z3 = z5 - Math.imul(c7 + c3, 16069), z4 = z5 - Math.imul(c5 + c1, 3196);
    const z6 = Math.imul(c7 + c1, 7373), z7 = Math.imul(c5 + c3, 20995);
    const o0 = Math.imul(c7, 2446) - z6 + z3, o1 = Math.imul(c5, 16819) - z7 + z4;
    const o2 = Math.imul(c3, 25172) - z7 + z3, o3 = Math.imul(c1, 12299) - z6 + z4;
    plane[at] = s0 + o3 >> 18;
    plane[at + 7] = s0 - o3 >> 18;
    plane[at + 1] = s1 + o2 >> 18;
    plane[at + 6] = s1 - o2 >> 18;
    plane[at + 2] = s2 + o1 >> 18;
    plane[at + 5] = s2 - o1 >> 18;
    plane[at + 3] = s3 + o0 >> 18;
    plane[at + 4] = s3 - o0 >> 18;
  }
}

// The decoder's colours: samples to pixels.

function paint(frame: Frame, planes: readonly Uint8ClampedArray[], rgb: boolean, pixels: Uint32Array): void {
  const { width, height, components, mostH, mostV } = frame;
  if (components.length === 1) {
    const { stride } = components[0]!, plane = planes[0]!;
    for (let y = 0, out = 0; y < height; y++) {
      for (let x = 0, at = y * stride; x < width; x++) pixels[out++] = Math.imul(plane[at++]!, 0x010101);
    }
    return;
  }
  const [first, second, third] = components as readonly [Component, Component, Component];
  const halved = [second, third].every(({ h, v }) => h * 2 === mostH && v * 2 === mostV);
  if (!rgb && halved && first.h === mostH && first.v === mostV && second.width > 2) {
    paint420(frame, planes, pixels);
    return;
  }
  const lines = components.map(() => new Uint8Array(width + 8));
  const [a, b, c] = lines as [Uint8Array, Uint8Array, Uint8Array];
  for (let y = 0; y < height; y++) {
    components.forEach((component, i) => upsampleRow(component, planes[i]!, mostH, mostV, y, lines[i]!));
    if (rgb) {
      for (let x = 0, out = y * width; x < width; x++) pixels[out++] = a[x]! << 16 | b[x]! << 8 | c[x]!;
    } else {
      for (let x = 0, out = y * width; x < width; x++) pixels[out++] = toRgb(a[x]!, b[x]!, c[x]!);
    }
  }
}

/** One row of a component at full size. Source: libjpeg-turbo jdsample.c jinit_upsampler and what it chooses. */
function upsampleRow(
  { h, v, width, height, stride }: Component,
  plane: Uint8ClampedArray,
  mostH: number,
  mostV: number,
  y: number,
  line: Uint8Array,
): void {
  const across = mostH / h, down = mostV / v, row = Math.floor(y / down), near = row * stride;
  if (across === 1 && down === 1) {
    line.set(plane.subarray(near, near + width));
    return;
  }
  const other = Math.min(Math.max(y & 1 ? row + 1 : row - 1, 0), height - 1), far = other * stride;
  if (across === 1 && down === 2) {
    const bias = y & 1 ? 2 : 1;
    for (let x = 0; x < width; x++) line[x] = plane[near + x]! * 3 + plane[far + x]! + bias >> 2;
  } else if (across === 2 && down === 1 && width > 2) {
    for (let x = 0, at = near; x < width; x++, at++) {
      const here = plane[at]! * 3;
      const left = plane[x > 0 ? at - 1 : at]!, right = plane[x < width - 1 ? at + 1 : at]!;
      putSample(line, x * 2, here + left + 1 >> 2);
      putSample(line, x * 2 + 1, here + right + 2 >> 2);
    }
  } else if (across === 2 && down === 2 && width > 2) {
    for (let x = 0; x < width; x++) {
      const l = x > 0 ? x - 1 : x, r = x < width - 1 ? x + 1 : x;
      const here = (plane[near + x]! * 3 + plane[far + x]!) * 3;
      putSample(line, x * 2, here + plane[near + l]! * 3 + plane[far + l]! + 8 >> 4);
      putSample(line, x * 2 + 1, here + plane[near + r]! * 3 + plane[far + r]! + 7 >> 4);
    }
  } else {
    for (let x = 0; x < line.length; x++) line[x] = plane[near + Math.min(Math.floor(x / across), width - 1)]!;
  }
}

/** Store a sample, unless it is one too many for the row. */
function putSample(line: Uint8Array, x: number, value: number): void {
  if (x < line.length) line[x] = value;
}

/**
 * 4:2:0 with the colours between their samples: 9/16 of the nearest, 3/16 of two, 1/16 of the one across.
 *
 * Both colours go through the filter as the halves of one number.
 */
function paint420(
  { width, height, components }: Frame,
  planes: readonly Uint8ClampedArray[],
  pixels: Uint32Array,
): void {
  const [luma, blue, red] = planes as readonly [Uint8ClampedArray, Uint8ClampedArray, Uint8ClampedArray];
  const [{ stride }, { width: half, height: halfRows, stride: halfStride }] = components as readonly [
    Component,
    Component,
  ];
  const pair = (row: number, into: Int32Array): Int32Array => {
    const from = Math.min(Math.max(row, 0), halfRows - 1) * halfStride;
    for (let x = 0; x < half; x++) into[x] = blue[from + x]! | red[from + x]! << 16;
    into[half] = into[half - 1]!;
    return into;
  };
  let above: Int32Array = pair(-1, new Int32Array(half + 1)), here: Int32Array = pair(0, new Int32Array(half + 1));
  let below: Int32Array = new Int32Array(half + 1);
  for (let y = 0; y < height; y += 2) {
    pair(y / 2 + 1, below);
    paintRow(luma, y * stride, here, above, pixels, y * width, width);
    if (y + 1 < height) paintRow(luma, (y + 1) * stride, here, below, pixels, (y + 1) * width, width);
    [above, here, below] = [here, below, above];
  }
}

function paintRow(
  luma: Uint8ClampedArray,
  at: number,
  near: Int32Array,
  far: Int32Array,
  pixels: Uint32Array,
  out: number,
  width: number,
): void {
  let here = near[0]! * 3 + far[0]! | 0, left = here;
  const end = out + (width & ~1);
  for (let x = 1; out < end; x++, out += 2, at += 2) {
    const right = near[x]! * 3 + far[x]! | 0, three = here * 3 | 0;
    pixels[out] = toRgb2(luma[at]!, three + left + 0x80008 >> 4);
    pixels[out + 1] = toRgb2(luma[at + 1]!, three + right + 0x70007 >> 4);
    left = here;
    here = right;
  }
  if (width & 1) pixels[out] = toRgb2(luma[at]!, here * 3 + left + 0x80008 >> 4);
}

/** A pixel of luminance and both colours, blue in bits 0 to 7, red in bits 16 to 23. */
function toRgb2(y: number, colours: number): number {
  return toRgb(y, colours & 255, colours >> 16 & 255);
}

/** Source: libjpeg jdcolor.c build_ycc_rgb_table, whose rounding this has. */
function toRgb(y: number, cb: number, cr: number): number {
  let r = y + (Math.imul(cr, 91881) - 11728000 >> 16);
  let g = y + (8910336 - Math.imul(cb, 22554) - Math.imul(cr, 46802) >> 16);
  let b = y + (Math.imul(cb, 116130) - 14831872 >> 16);
  if ((r | g | b) >>> 8 !== 0) {
    r = r < 0 ? 0 : r > 255 ? 255 : r;
    g = g < 0 ? 0 : g > 255 ? 255 : g;
    b = b < 0 ? 0 : b > 255 ? 255 : b;
  }
  return r << 16 | g << 8 | b;
}

// The encoder: pixels to coefficients.

/** What is known of a block before it is coded. */
const ANY_BLOCK = 0, FLAT_BLOCK = 1, DUMMY_BLOCK = 2;
const LOWEST_QUALITY = 5;
/** Pixels whose bits can be counted: each takes 39 at most. */
const MOST_PIXELS = 2 ** 26;
/** What {@link header} takes. */
const HEADER_BYTES = 623;

/**
 * Transform a row of MCUs.
 *
 * @param first Number of its first block; each MCU has four blocks of luminance, then blue, then red.
 * @param coefficients 64 values a block, row by row, eight times what the DCT defines.
 * @param kinds What is known of each block: all samples equal; or outside the picture, so that it costs least to write.
 */
function transformRow(
  pixels: Uint32Array,
  width: number,
  height: number,
  row: number,
  coefficients: Int16Array,
  kinds: Uint8Array,
  first: number,
  work: JpegWork,
): void {
  const mcus = Math.ceil(width / 16), across = mcus * 16, half = mcus * 8;
  const samples = work.samples(across * 24), blueAt = across * 16, redAt = blueAt + half * 8;
  const top = row * 16, known = Math.min(16, height - top);
  const sums = new Int32Array(half);
  for (let y = 0; y < known; y += 2) {
    // The last row of an odd number stands for two.
    const upper = (top + y) * width, lower = y + 1 < known ? upper + width : upper;
    splitRow(pixels, upper, width, samples, y * across, sums, half);
    splitRow(pixels, lower, width, samples, (y + 1) * across, sums, half);
    halveRow(sums, samples, blueAt + (y >> 1) * half, redAt + (y >> 1) * half, half);
  }
  // Below the picture its last samples go on, colours as they are after halving.
  for (let y = known + 1 & ~1; y < 16; y++) samples.copyWithin(y * across, (y - 1) * across, y * across);
  for (let y = known + 1 >> 1; y < 8; y++) {
    for (const at of [blueAt, redAt]) samples.copyWithin(at + y * half, at + (y - 1) * half, at + y * half);
  }
  const words = new Uint32Array(samples.buffer), work64 = new Int32Array(64);
  const lastX = Math.ceil(width / 8), lastY = Math.ceil(known / 8);
  for (let mcu = 0, block = first; mcu < mcus; mcu++, block += 6) {
    for (let i = 0; i < 4; i++) {
      const x = mcu * 2 + (i & 1), y = i >> 1;
      kinds[block + i] = x >= lastX || y >= lastY
        ? DUMMY_BLOCK
        : transform(samples, words, y * 8 * across + x * 8, across, coefficients, (block + i) * 64, work64);
    }
    kinds[block + 4] = transform(samples, words, blueAt + mcu * 8, half, coefficients, (block + 4) * 64, work64);
    kinds[block + 5] = transform(samples, words, redAt + mcu * 8, half, coefficients, (block + 5) * 64, work64);
  }
}

/**
 * A row of pixels to a row of luminance and the sums of each pair's colours, to whole MCUs.
 *
 * @param sums Added to: blue in bits 0 to 15, red above. So two rows give sums of four.
 * Source: libjpeg jccolor.c rgb_ycc_start, whose rounding this has.
 */
function splitRow(
  pixels: Uint32Array,
  from: number,
  width: number,
  samples: Uint8Array,
  to: number,
  sums: Int32Array,
  half: number,
): void {
  const pairs = width >> 1;
  for (let x = 0; x < pairs; x++, from += 2, to += 2) {
    const a = pixels[from]! | 0, b = pixels[from + 1]! | 0;
    samples[to] = lumaOf(a);
    samples[to + 1] = lumaOf(b);
    sums[x] = sums[x]! + coloursOf(a) + coloursOf(b) | 0;
  }
  // Beyond the picture its last column goes on.
  const last = pixels[from - 1 + (width & 1)]! | 0, luma = lumaOf(last), colours = coloursOf(last) * 2;
  for (let x = pairs; x < half; x++, to += 2) {
    samples[to] = samples[to + 1] = luma;
    sums[x] = sums[x]! + colours | 0;
  }
}

/** Sums of four to samples. Source: libjpeg jcsample.c h2v2_downsample, whose rounding this has. */
function halveRow(sums: Int32Array, samples: Uint8Array, blue: number, red: number, half: number): void {
  for (let x = 0; x < half; x++) {
    const sum = sums[x]!, bias = 1 + (x & 1);
    samples[blue + x] = (sum & 0xffff) + bias >> 2;
    samples[red + x] = (sum >> 16) + bias >> 2;
    sums[x] = 0;
  }
}

function lumaOf(pixel: number): number {
  return Math.imul(pixel >> 16 & 255, 19595) + Math.imul(pixel >> 8 & 255, 38470) + Math.imul(pixel & 255, 7471) +
      32768 >> 16;
}

/** Blue in bits 0 to 15, red above. */
function coloursOf(pixel: number): number {
  const r = pixel >> 16 & 255, g = pixel >> 8 & 255, b = pixel & 255;
  const blue = (b << 15) + 8421375 - Math.imul(r, 11059) - Math.imul(g, 21709) >> 16;
  return blue | (r << 15) + 8421375 - Math.imul(g, 27439) - Math.imul(b, 5329) & 0xffff0000;
}

/** Forward DCT of the block at `at`. Answers whether all its samples are equal; then only its DC is written. */
function transform(
  samples: Uint8Array,
  words: Uint32Array,
  at: number,
  stride: number,
  coefficients: Int16Array,
  out: number,
  rows: Int32Array,
): number {
  const word = words[at >> 2]!;
  if (Math.imul(word & 255, 0x01010101) >>> 0 === word) {
    let equal = 0;
    for (let y = 0, i = at >> 2; y < 8 && equal === 0; y++, i += stride >> 2) {
      equal = (words[i]! ^ word) | (words[i + 1]! ^ word);
    }
    if (equal === 0) {
      coefficients[out] = (word & 255) - 128 << 6;
      return FLAT_BLOCK;
    }
  }
  for (let y = 0; y < 64; y += 8, at += stride) {
    const d0 = samples[at]!, d1 = samples[at + 1]!, d2 = samples[at + 2]!, d3 = samples[at + 3]!;
    const d4 = samples[at + 4]!, d5 = samples[at + 5]!, d6 = samples[at + 6]!, d7 = samples[at + 7]!;
    const s0 = d0 + d7, s1 = d1 + d6, s2 = d2 + d5, s3 = d3 + d4;
    const t4 = d3 - d4, t5 = d2 - d5, t6 = d1 - d6, t7 = d0 - d7;
    const e0 = s0 + s3, e1 = s1 + s2, e2 = s1 - s2, e3 = s0 - s3;
    rows[y] = e0 + e1 - 1024 << 2;
    rows[y + 4] = e0 - e1 << 2;
    const z1 = Math.imul(e2 + e3, 4433) + 1024;
    rows[y + 2] = z1 + Math.imul(e3, 6270) >> 11;
    rows[y + 6] = z1 - Math.imul(e2, 15137) >> 11;
    const z5 = Math.imul(t4 + t5 + t6 + t7, 9633) + 1024;
    const z3 = z5 - Math.imul(t4 + t6, 16069), z4 = z5 - Math.imul(t5 + t7, 3196);
    const z6 = Math.imul(t4 + t7, 7373), z7 = Math.imul(t5 + t6, 20995);
    rows[y + 7] = Math.imul(t4, 2446) - z6 + z3 >> 11;
    rows[y + 5] = Math.imul(t5, 16819) - z7 + z4 >> 11;
    rows[y + 3] = Math.imul(t6, 25172) - z7 + z3 >> 11;
    rows[y + 1] = Math.imul(t7, 12299) - z6 + z4 >> 11;
  }
  for (let x = 0; x < 8; x++) {
    const d0 = rows[x]!, d1 = rows[x + 8]!, d2 = rows[x + 16]!, d3 = rows[x + 24]!;
    const d4 = rows[x + 32]!, d5 = rows[x + 40]!, d6 = rows[x + 48]!, d7 = rows[x + 56]!;
    const s0 = d0 + d7, s1 = d1 + d6, s2 = d2 + d5, s3 = d3 + d4;
    const t4 = d3 - d4, t5 = d2 - d5, t6 = d1 - d6, t7 = d0 - d7;
    const e0 = s0 + s3, e1 = s1 + s2, e2 = s1 - s2, e3 = s0 - s3;
    coefficients[out + PLACES[x]!] = e0 + e1 + 2 >> 2;
    coefficients[out + PLACES[x + 32]!] = e0 - e1 + 2 >> 2;
    const z1 = Math.imul(e2 + e3, 4433) + 16384;
    coefficients[out + PLACES[x + 16]!] = z1 + Math.imul(e3, 6270) >> 15;
    coefficients[out + PLACES[x + 48]!] = z1 - Math.imul(e2, 15137) >> 15;
    const z5 = Math.imul(t4 + t5 + t6 + t7, 9633) + 16384;
    const z3 = z5 - Math.imul(t4 + t6, 16069), z4 = z5 - Math.imul(t5 + t7, 3196);
    const z6 = Math.imul(t4 + t7, 7373), z7 = Math.imul(t5 + t6, 20995);
    coefficients[out + PLACES[x + 56]!] = Math.imul(t4, 2446) - z6 + z3 >> 15;
    coefficients[out + PLACES[x + 40]!] = Math.imul(t5, 16819) - z7 + z4 >> 15;
    coefficients[out + PLACES[x + 24]!] = Math.imul(t6, 25172) - z7 + z3 >> 15;
    coefficients[out + PLACES[x + 8]!] = Math.imul(t7, 12299) - z6 + z4 >> 15;
  }
  return ANY_BLOCK;
}

// The encoder: coefficients to bits.

/** How to quantize, luminance then colours; indexes are places in zigzag order. */
interface Quantizer {
  /** As the stream has them, 1 to 255. */
  readonly steps: Uint8Array;
  /** Values from -dead to dead become 0. */
  readonly dead: Int32Array;
  /** By even places: what to add to a pair of values, and which bits are then 0 if both surely become 0. */
  readonly near: Int32Array;
  readonly beyond: Int32Array;
  /** Half a step, and one by a step, of eight times the values. */
  readonly half: Int32Array;
  readonly inverse: Float64Array;
}

/** Row by row, for quality 50. Source: T.81 tables K.1 and K.2. */
const STEPS: readonly (readonly number[])[] = [
  numbers(
    "16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62 18 22 37 56 " +
      "68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99",
  ),
  numbers(
    "17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 24 26 56 99 99 99 99 99 47 66 99 99 99 99 99 99 99 99 99 99 " +
      "99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99",
  ),
];

/** Source: libjpeg jcparam.c jpeg_quality_scaling, jpeg_add_quant_table. */
function quantizers(quality: number): readonly [Quantizer, Quantizer] {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - quality * 2;
  const of = (table: readonly number[]): Quantizer => {
    const steps = Uint8Array.from({ length: 64 }, (_, k) => {
      return Math.min(Math.max(Math.floor((table[ZIGZAG[k]!]! * percent + 50) / 100), 1), 255);
    });
    const power = (k: number) => 2 ** Math.floor(Math.log2(Math.min(steps[k]!, steps[k + 1] ?? 255) * 4 - 2));
    return {
      steps,
      near: Int32Array.from(steps, (_, k) => power(k) * 0x10001),
      beyond: Int32Array.from(steps, (_, k) => ~((power(k) * 2 - 1) * 0x10001)),
      dead: Int32Array.from(steps, (step) => step * 4 - 1),
      half: Int32Array.from(steps, (step) => step * 4),
      // A little more than the inverse, so that whole numbers stay: values have 15 bits.
      inverse: Float64Array.from(steps, (step) => (1 + 2 ** -30) / (step * 8)),
    };
  };
  return [of(STEPS[0]!), of(STEPS[1]!)];
}

/** A quality that makes a size so many times as large. Sizes were found to go about as the steps to the power -0.7. */
function qualityFor(quality: number, factor: number): number {
  const percentOf = (q: number) => q < 50 ? 5000 / q : Math.max(200 - q * 2, 1);
  const percent = percentOf(quality) * Math.max(factor, 0.01) ** (-1 / 0.7);
  return Math.floor(percent > 100 ? 5000 / percent : 100 - percent / 2);
}

/** Code << 5 | its bits, by symbol, of each of the standard codes. */
const CODE_OF: readonly Int32Array[] = STANDARD_CODES.map(({ counts, symbols }) => {
  const out = new Int32Array(256);
  for (let length = 1, code = 0, next = 0; length <= 16; length++, code <<= 1) {
    for (let i = 0; i < counts[length - 1]!; i++) out[symbols[next++]!] = code++ << 5 | length;
  }
  return out;
});

/** Writes blocks as bits, and at the end a whole stream. */
class BitWriter {
  readonly #work: JpegWork;
  /** Bytes that a row of MCUs can take, unstuffed: 64 values of 26 bits and more a block. */
  readonly #mostBytes: number;
  /** Bits written. */
  #position = 0;
  /** Those of them that are in no whole byte yet, from bit 31 down. */
  #rest = 0;
  readonly #last = new Int32Array(3);

  constructor(work: JpegWork, rowBlocks: number) {
    this.#work = work;
    this.#mostBytes = rowBlocks * 212 + 16;
  }

  /** Bytes written, stuffing not counted. */
  get bytesSoFar(): number {
    return this.#position >>> 3;
  }

  /** Write `count` blocks from block `first` on, whole MCUs. */
  blocks(
    coefficients: Int16Array,
    kinds: Uint8Array,
    first: number,
    count: number,
    tables: readonly [Quantizer, Quantizer],
  ): void {
    const bytes = this.#work.bytes(this.bytesSoFar + this.#mostBytes), words = new DataView(bytes.buffer);
    const pairs = new Int32Array(coefficients.buffer as ArrayBuffer), last = this.#last;
    let position = this.#position, rest = this.#rest;
    // INVARIANT: what is written at once has no more than 24 bits, so with what is in no whole byte it is under 32.
    for (let block = first, end = first + count, i = 0; block < end; block++, i = i === 5 ? 0 : i + 1) {
      const colour = i < 4 ? 0 : 1, channel = i < 4 ? 0 : i - 3, { dead, half, inverse, near, beyond } = tables[colour];
      const dcCodes = CODE_OF[colour]!, acCodes = CODE_OF[colour + 2]!, kind = kinds[block]!, at = block * 64;
      let difference = 0;
      if (kind !== DUMMY_BLOCK) {
        const value = coefficients[at]!, size = (Math.abs(value) + half[0]!) * inverse[0]! | 0;
        const dc = value < 0 ? -size : size;
        difference = dc - last[channel]!;
        last[channel] = dc;
      }
      let bits = 32 - Math.clz32(difference < 0 ? -difference : difference), code = dcCodes[bits]!;
      let value = code >> 5 << bits | (difference < 0 ? difference - 1 : difference) & (1 << bits) - 1;
      let length = (code & 31) + bits, filled = (position & 7) + length;
      rest |= value << 32 - filled;
      words.setInt32(position >>> 3, rest);
      rest <<= filled & 24;
      position += length;
      let zeros = 0;
      if (kind === ANY_BLOCK) {
        for (let k = 1; k < 64; k++) {
          if ((k & 1) === 0 && (pairs[at + k >> 1]! + near[k]! & beyond[k]!) === 0) {
            zeros += 2;
            k++;
            continue;
          }
          const coefficient = coefficients[at + k]!, limit = dead[k]!;
          if (coefficient <= limit && coefficient >= -limit) {
            zeros++;
            continue;
          }
          for (; zeros > 15; zeros -= 16) {
            code = acCodes[0xf0]!;
            filled = (position & 7) + (code & 31);
            rest |= code >> 5 << 32 - filled;
            words.setInt32(position >>> 3, rest);
            rest <<= filled & 24;
            position += code & 31;
          }
          const size = (Math.abs(coefficient) + half[k]!) * inverse[k]! | 0;
          bits = 32 - Math.clz32(size);
          code = acCodes[zeros << 4 | bits]!;
          value = coefficient < 0 ? (1 << bits) - 1 - size : size;
          length = code & 31;
          if (length + bits <= 24) {
            value |= code >> 5 << bits;
            length += bits;
          } else {
            filled = (position & 7) + length;
            rest |= code >> 5 << 32 - filled;
            words.setInt32(position >>> 3, rest);
            rest <<= filled & 24;
            position += length;
            length = bits;
          }
          filled = (position & 7) + length;
          rest |= value << 32 - filled;
          words.setInt32(position >>> 3, rest);
          rest <<= filled & 24;
          position += length;
          zeros = 0;
        }
      }
      if (kind !== ANY_BLOCK || zeros > 0) {
        code = acCodes[0]!;
        filled = (position & 7) + (code & 31);
        rest |= code >> 5 << 32 - filled;
        words.setInt32(position >>> 3, rest);
        rest <<= filled & 24;
        position += code & 31;
      }
    }
    this.#position = position;
    this.#rest = rest;
  }

  /** The stream: the header, the bits with their stuffing, the end of image. */
  finish(head: Uint8Array): Uint8Array<ArrayBuffer> {
    const size = this.#position + 7 >>> 3, bytes = this.#work.bytes(size).subarray(0, size);
    // What is left of the last byte is ones.
    if ((this.#position & 7) > 0) bytes[size - 1] = this.#rest >>> 24 | 0xff >> (this.#position & 7);
    let stuffing = 0;
    for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) stuffing++;
    const dst = new Uint8Array(head.length + size + stuffing + 2);
    dst.set(head);
    let out = head.length;
    for (let at = 0; at < size; at++) {
      const byte = dst[out++] = bytes[at]!;
      if (byte === 0xff) out++;
    }
    dst[out] = 0xff;
    dst[out + 1] = 0xd9;
    return dst;
  }
}

/** Everything before the bits, as libjpeg writes it. */
function header(width: number, height: number, tables: readonly [Quantizer, Quantizer]): Uint8Array {
  const u16 = (value: number) => [value >> 8, value & 255];
  const segment = (marker: number, ...content: number[]) => [0xff, marker, ...u16(content.length + 2), ...content];
  const huffman = [0, 2, 1, 3].flatMap((n) => {
    const { counts, symbols } = STANDARD_CODES[n]!;
    return segment(0xc4, (n >> 1) << 4 | n & 1, ...counts, ...symbols);
  });
  return Uint8Array.of(
    ...[0xff, 0xd8],
    ...segment(0xe0, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0),
    ...segment(0xdb, 0, ...tables[0].steps),
    ...segment(0xdb, 1, ...tables[1].steps),
    ...segment(0xc0, 8, ...u16(height), ...u16(width), 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1),
    ...huffman,
    ...segment(0xda, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0),
  );
}

function checkPicture(pixels: Uint32Array, width: number, height: number): void {
  // Source: libjpeg jmorecfg.h JPEG_MAX_DIMENSION.
  const fits = width >= 1 && height >= 1 && width <= 65500 && height <= 65500 && pixels.length <= MOST_PIXELS;
  if (!(fits && width * height === pixels.length)) {
    throw new CodecError(CODEC, "bad-size", 0, `${width} × ${height} is not ${pixels.length} pixels, or too many`);
  }
}

function checkQuality(quality: number): number {
  if (!(quality >= 1 && quality <= 100)) throw new CodecError(CODEC, "bad-header", 0, `no quality ${quality}`);
  return Math.floor(quality);
}
