/**
 * GLZ streams, for cases that judge decoders: literals, and references to the image itself or to those before it. It is
 * small, not good at compressing.
 *
 * Source: spice-gtk src/decode-glz.c decode_header, src/decode-glz-tmpl.c; spice-server server/glz-encoder.c.
 */
import { concat } from "../../protocol/schema/encode.ts";
import { to555 } from "./draws.ts";
import { LzImageType, rowsOf } from "./lz_stream.ts";
import type { Picture } from "./pictures.ts";

/** Where matches are looked for: nowhere, in the image itself, or in the image so many ids before it. */
export type GlzReach = "none" | "inside" | number;

/** What a stream is like. */
export interface GlzOptions {
  /** RGB16, RGB24, RGB32 or RGBA of {@link LzImageType}. Default: RGB32. */
  readonly type?: number;
  /** Whether the first row is the top one. Default: true. */
  readonly topDown?: boolean;
  /** Default: none, all is spelt out. */
  readonly reach?: GlzReach;
  /** Alpha of each pixel of RGBA. Default: 255. */
  readonly alpha?: Picture;
  /** How many ids back the window begins. Default: all that were written are kept. */
  readonly winHeadDist?: number;
  /** Fields of the header that lie. */
  readonly header?: Partial<Record<"magic" | "version" | "type" | "width" | "height" | "stride", number>>;
}

/** A match, for streams that are written by hand. */
export interface GlzMatch {
  /** Units, 1 or more; as many as the pass codes, without its bias. */
  readonly length: number;
  /** Units back in the image itself less 1, or the unit of the other image. */
  readonly offset: number;
  /** How many ids before; 0 for the image itself. */
  readonly images: number;
}

/** What an image was made of, in the order of its stream. */
interface Written {
  readonly type: number;
  readonly colours: readonly number[];
  readonly alphas: readonly number[];
}

/** A server's side of the window: numbers images, and knows those before. */
export class GlzWriter {
  readonly #images: Written[] = [];

  /** The id of the next image. */
  get nextId(): number {
    return this.#images.length;
  }

  /** Encodes the next image. */
  write(picture: Picture, options: GlzOptions = {}): Uint8Array {
    const { type = LzImageType.RGB32, topDown = true, reach = "none" } = options, id = this.nextId;
    const units = rowsOf(picture, topDown).flatMap((row) => [...row]), wide = type !== LzImageType.RGB16;
    const colours = wide ? units : units.map(to555);
    const alphas = type !== LzImageType.RGBA
      ? []
      : options.alpha === undefined
      ? colours.map(() => 255)
      : rowsOf(options.alpha, topDown).flatMap((row) => [...row]);
    const other = typeof reach === "number" ? this.#images[id - reach] : undefined;
    if (typeof reach === "number" && other?.type !== type) {
      throw new TypeError(`Image ${id - reach} is of another type`);
    }
    const spell = wide
      ? (unit: number) => [unit & 255, unit >> 8 & 255, unit >> 16 & 255]
      : (unit: number) => [unit >> 8, unit & 255];
    const parts = [
      glzHead(picture, id, options),
      pass(colours, other?.colours ?? null, reach, spell, wide ? 0 : 1),
    ];
    if (type === LzImageType.RGBA) parts.push(pass(alphas, other?.alphas ?? null, reach, (unit) => [unit], 2));
    this.#images.push({ type, colours, alphas });
    return concat(parts);
  }

  /** Encodes the next image from tokens that a case wrote itself: literals as they are, and matches. */
  tokens(picture: Picture, options: GlzOptions, tokens: readonly (GlzMatch | Uint8Array)[]): Uint8Array {
    const bytes = tokens.map((token) => token instanceof Uint8Array ? token : glzMatch(token));
    const head = glzHead(picture, this.nextId, options);
    this.#images.push({ type: options.type ?? LzImageType.RGB32, colours: [], alphas: [] });
    return concat([head, ...bytes]);
  }
}

/** The 33 bytes before the tokens. */
function glzHead({ width, height }: Picture, id: number, options: GlzOptions): Uint8Array {
  const { type = LzImageType.RGB32, topDown = true, winHeadDist = id } = options;
  const bytesPerPixel = type === LzImageType.RGB16 ? 2 : type === LzImageType.RGB24 ? 3 : 4;
  const fields = {
    magic: 0x20205a4c,
    version: 0x00010001,
    type,
    width,
    height,
    stride: width * bytesPerPixel,
    ...options.header,
  };
  const head = new DataView(new ArrayBuffer(33));
  head.setUint32(0, fields.magic);
  head.setUint32(4, fields.version);
  head.setUint8(8, fields.type | (topDown ? 1 : 0) << 4);
  head.setUint32(9, fields.width);
  head.setUint32(13, fields.height);
  head.setUint32(17, fields.stride);
  head.setBigUint64(21, BigInt(id));
  head.setUint32(29, winHeadDist);
  return new Uint8Array(head.buffer);
}

/** Longest literal, and shortest match that is worth its bytes. */
const LITERALS = 32, LEAST = 5;

function pass(
  units: readonly number[],
  other: readonly number[] | null,
  reach: GlzReach,
  spell: (unit: number) => number[],
  bias: number,
): Uint8Array {
  const out: number[] = [], from = other ?? units, places = new Map<string, number>();
  const keyAt = (list: readonly number[], at: number) => list.slice(at, at + LEAST).join();
  if (other !== null) other.forEach((_, at) => places.set(keyAt(other, at), at));
  let literal: number[] = [];
  const flush = () => {
    if (literal.length > 0) out.push(literal.length - 1, ...literal.flatMap(spell));
    literal = [];
  };
  for (let at = 0; at < units.length;) {
    const key = keyAt(units, at), place = reach === "none" ? undefined : places.get(key);
    if (other === null) places.set(key, at);
    let length = 0;
    if (place !== undefined) {
      while (
        at + length < units.length && place + length < from.length && from[place + length] === units[at + length]
      ) {
        length++;
      }
    }
    if (length < LEAST) {
      literal.push(units[at++]!);
      if (literal.length === LITERALS) flush();
      continue;
    }
    flush();
    const images = typeof reach === "number" ? reach : 0, offset = images > 0 ? place! : at - place! - 1;
    for (const byte of glzMatch({ length: length - bias, offset, images })) out.push(byte);
    at += length;
  }
  flush();
  return Uint8Array.from(out);
}

/** The bytes of a match. Source: decode-glz-tmpl.c decode. */
export function glzMatch({ length, offset, images }: GlzMatch): Uint8Array {
  const far = offset >= 1 << 12, out = [Math.min(length, 7) << 5 | (far ? 16 : 0) | offset & 15];
  if (length >= 7) {
    let rest = length - 7;
    for (; rest >= 255; rest -= 255) out.push(255);
    out.push(rest);
  }
  out.push(offset >> 4 & 255);
  const more: number[] = [];
  for (let rest = far ? images : images >> 6; rest > 0; rest >>= 8) more.push(rest & 255);
  const veryFar = offset >= 1 << 17;
  out.push(more.length << 6 | (far ? (veryFar ? 32 : 0) | offset >> 12 & 31 : images & 63), ...more);
  if (veryFar) out.push(offset >> 17);
  return Uint8Array.from(out);
}
