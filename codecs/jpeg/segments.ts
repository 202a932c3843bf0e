/** JPEG: from segments to what a frame and its scans say. */

import { CodecError } from "../errors.ts";
import { type HuffmanTable, huffmanTable } from "./huffman.ts";
import { type Codes, STANDARD_CODES } from "./tables.ts";

const CODEC = "JPEG";
/** Blocks of an MCU, at most. Source: T.81 B.2.3. */
export const MOST_BLOCKS = 10;

/** A component of a frame, its plane in samples. */
export interface Component {
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

/** What a frame says. */
export interface Frame {
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

/** A Huffman table that came with the stream. */
interface OwnCodes extends Codes {
  /** Where in the stream. */
  readonly at: number;
}

/** What a scan says of a component, with the tables that it names. */
export interface ScanComponent {
  /** Index in the frame. */
  readonly index: number;
  readonly dc: HuffmanTable;
  readonly ac: HuffmanTable;
  /** Multipliers in zigzag order, and sixteen more for runs that go too far. */
  readonly quantizer: Int32Array;
}

/** What a scan says. */
export interface Scan {
  /** Where its bits start. */
  readonly at: number;
  readonly components: readonly ScanComponent[];
}

/** Reads segments up to a frame, then up to each scan. */
export class Reader {
  /** Where the next marker is. */
  at = 2;
  restartInterval = 0;
  readonly #src: Uint8Array;
  readonly #quantizers: (Int32Array | undefined)[] = [];
  /** DC codes 0 to 3, AC codes 4 to 7. Tables are made of those alone that a scan names. */
  readonly #codes: (OwnCodes | undefined)[] = [];
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

  /**
   * Reads up to the frame, and it.
   *
   * @throws {CodecError} `bad-header`, `bad-size`, `truncated`, `unsupported`.
   */
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

  /**
   * Reads up to the next scan, and what stands before its bits.
   *
   * @throws {CodecError} `bad-header`, `truncated`, `unsupported`.
   */
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

function blocksOf({ h, v }: Component): number {
  return h * v;
}

function startsWith(src: Uint8Array, at: number, text: string): boolean {
  return [...text].every((char, i) => src[at + i] === char.charCodeAt(0));
}
