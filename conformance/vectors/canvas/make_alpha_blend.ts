/**
 * Writes `alpha_blend.json`: what libpixman makes of blends, called as spice-common calls it.
 *
 * deno run --allow-ffi --allow-write=conformance/vectors/canvas conformance/vectors/canvas/make_alpha_blend.ts
 *
 * Source: spice-common common/sw_canvas.c __blend_image, __blend_scale_image, canvas_get_as_surface.
 */
import { createHash } from "node:crypto";

/** Left, top, width, height. */
export type Area = readonly [number, number, number, number];

/** A format of surfaces. */
export type BlendFormat = "32_xRGB" | "32_ARGB" | "16_555" | "8_A";

/** One blend: fields as the README says. */
export interface BlendCase {
  readonly source: BlendFormat;
  readonly sourceSize: readonly [number, number];
  readonly sourceHasAlpha: boolean;
  readonly surface: BlendFormat;
  readonly surfaceSize: readonly [number, number];
  readonly destHasAlpha: boolean;
  readonly multiplied: boolean;
  readonly seed: number;
  readonly alpha: number;
  readonly srcArea: Area;
  readonly box: Area;
  /** Areas that do not overlap. */
  readonly clip: readonly Area[] | null;
}

/** Values of pixman.h: an operator, a filter, a repeat, and formats. */
const OP_OVER = 3, FILTER_NEAREST = 3, REPEAT_NONE = 0, A8R8G8B8 = 0x20028888;
const FORMATS = { "32_xRGB": 0x20020888, "32_ARGB": A8R8G8B8, "16_555": 0x10020555, "8_A": 0x08018000 } as const;
const BYTES = { "32_xRGB": 4, "32_ARGB": 4, "16_555": 2, "8_A": 1 } as const;
const MASKS = { "32_xRGB": -1, "32_ARGB": -1, "16_555": 0x7fff, "8_A": 0xff } as const;
const VERSION = "0.42.2";

function openPixman() {
  return Deno.dlopen("libpixman-1.so.0", {
    pixman_version_string: { parameters: [], result: "pointer" },
    pixman_image_create_bits: { parameters: ["u32", "i32", "i32", "buffer", "i32"], result: "pointer" },
    pixman_image_create_solid_fill: { parameters: ["buffer"], result: "pointer" },
    pixman_image_set_clip_region32: { parameters: ["pointer", "buffer"], result: "i32" },
    pixman_image_set_transform: { parameters: ["pointer", "buffer"], result: "i32" },
    pixman_image_set_repeat: { parameters: ["pointer", "u32"], result: "void" },
    pixman_image_set_filter: { parameters: ["pointer", "u32", "pointer", "i32"], result: "i32" },
    pixman_image_unref: { parameters: ["pointer"], result: "i32" },
    pixman_region32_init_rects: { parameters: ["buffer", "buffer", "i32"], result: "i32" },
    pixman_region32_fini: { parameters: ["buffer"], result: "void" },
    pixman_image_composite32: {
      parameters: ["u32", "pointer", "pointer", "pointer", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
      result: "void",
    },
  }).symbols;
}

/** Noise of a case's source or surface. */
export function noise(format: BlendFormat, count: number, seed: number, multiplied: boolean): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(count);
  for (let i = 0, s = seed; i < count; i++) {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    out[i] = i % 3 === 0 ? s | 0xff000000 : i % 7 === 0 ? s & 0xffffff : s;
    if (multiplied) out[i] = multiply(out[i]!);
    out[i] = out[i]! & MASKS[format];
  }
  return out;
}

function multiply(pixel: number): number {
  const alpha = pixel >>> 24, by = (shift: number) => Math.floor((pixel >>> shift & 255) * alpha / 255) << shift;
  return alpha << 24 | by(16) | by(8) | by(0);
}

/** The bytes of an image: rows begin at multiples of four. */
class Bits {
  readonly stride: number;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;

  constructor(
    readonly format: BlendFormat,
    readonly size: readonly [number, number],
    readonly pixels: Uint32Array<ArrayBuffer>,
  ) {
    this.stride = size[0] * BYTES[format] + 3 & ~3;
    this.data = new Uint8Array(this.stride * size[1]);
    this.#view = new DataView(this.data.buffer);
    pixels.forEach((pixel, i) => {
      if (BYTES[format] === 4) this.#view.setUint32(this.#at(i), pixel, true);
      else if (BYTES[format] === 2) this.#view.setUint16(this.#at(i), pixel, true);
      else this.#view.setUint8(this.#at(i), pixel);
    });
  }

  /** The pixels as they are now. */
  read(): Uint32Array<ArrayBuffer> {
    return this.pixels.map((_, i) => {
      if (BYTES[this.format] === 4) return this.#view.getUint32(this.#at(i), true);
      return BYTES[this.format] === 2 ? this.#view.getUint16(this.#at(i), true) : this.#view.getUint8(this.#at(i));
    });
  }

  #at(i: number): number {
    return Math.floor(i / this.size[0]) * this.stride + i % this.size[0] * BYTES[this.format];
  }
}

/** What pixman makes of a case: the pixels of the surface. */
export function blendByPixman(pixman: ReturnType<typeof openPixman>, one: BlendCase): Uint32Array<ArrayBuffer> {
  const bitsOf = (format: BlendFormat, size: readonly [number, number], seed: number) => {
    return new Bits(format, size, noise(format, size[0] * size[1], seed, one.multiplied));
  };
  const imageOf = ({ format, size, data, stride }: Bits, hasAlpha: boolean) => {
    const code = format === "32_xRGB" && hasAlpha ? A8R8G8B8 : FORMATS[format];
    return pixman.pixman_image_create_bits(code, ...size, data, stride);
  };
  const { alpha, srcArea, box } = one;
  const from = bitsOf(one.source, one.sourceSize, one.seed), to = bitsOf(one.surface, one.surfaceSize, one.seed + 1);
  const source = imageOf(from, one.sourceHasAlpha), dest = imageOf(to, one.destHasAlpha);
  const mask = alpha === 255 ? null : pixman.pixman_image_create_solid_fill(Uint16Array.of(0, 0, 0, alpha * 0x101));
  const boxes = (one.clip ?? [box]).flatMap(([left, top, width, height]) => {
    const x1 = Math.max(left, box[0]), y1 = Math.max(top, box[1]);
    const x2 = Math.min(left + width, box[0] + box[2]), y2 = Math.min(top + height, box[1] + box[3]);
    return x1 < x2 && y1 < y2 ? [x1, y1, x2, y2] : [];
  });
  const region = new Uint8Array(64);
  pixman.pixman_region32_init_rects(region, Int32Array.from(boxes), boxes.length / 4);
  pixman.pixman_image_set_clip_region32(dest, region);
  pixman.pixman_image_set_repeat(source, REPEAT_NONE);
  const scales = srcArea[2] !== box[2] || srcArea[3] !== box[3];
  if (scales) {
    const stepX = Math.floor(srcArea[2] * 65536 / box[2]), stepY = Math.floor(srcArea[3] * 65536 / box[3]);
    const matrix = Int32Array.of(stepX, 0, srcArea[0] << 16, 0, stepY, srcArea[1] << 16, 0, 0, 65536);
    pixman.pixman_image_set_transform(source, matrix);
    pixman.pixman_image_set_filter(source, FILTER_NEAREST, null, 0);
  }
  const [x, y] = scales ? [0, 0] : srcArea;
  pixman.pixman_image_composite32(OP_OVER, source, mask, dest, x, y, 0, 0, ...box);
  pixman.pixman_region32_fini(region);
  for (const image of [source, dest, mask]) if (image !== null) pixman.pixman_image_unref(image);
  // Pixman only points to the bytes: both images must live until here.
  from.read();
  return to.read();
}

function digest(one: BlendCase, pixels: Uint32Array): string {
  // What is in the top byte of an opaque surface depends on the processor.
  const mask = one.surface === "32_xRGB" && !one.destHasAlpha ? 0xffffff : -1;
  const view = new DataView(new ArrayBuffer(4 * pixels.length));
  pixels.forEach((pixel, i) => view.setUint32(4 * i, pixel & mask, true));
  return createHash("sha256").update(new Uint8Array(view.buffer)).digest("hex");
}

/** Every pair of formats, scaled and not, with and without an alpha of the message. */
function* cases(): Generator<BlendCase> {
  let state = 0x5eed;
  const upTo = (most: number) => {
    state = Math.imul(state, 1103515245) + 12345 >>> 0;
    return (state >>> 16) % (most + 1);
  };
  const kinds = [["32_xRGB", false], ["32_xRGB", true], ["32_ARGB", false], ["16_555", false], ["8_A", false]] as const;
  for (const [source, sourceHasAlpha] of kinds) {
    for (const [surface, destHasAlpha] of kinds) {
      for (let variant = 0; variant < 8; variant++) {
        const size = () => [5 + upTo(20), 4 + upTo(12)] as const;
        const place = () => [upTo(8) - 3, upTo(8) - 3] as const;
        const [sourceSize, surfaceSize, boxSize] = [size(), size(), size()];
        yield {
          source,
          sourceSize,
          sourceHasAlpha,
          surface,
          surfaceSize,
          destHasAlpha,
          multiplied: (variant & 4) !== 0,
          seed: 1 + upTo(0x7ffe),
          alpha: variant & 2 ? 1 + upTo(253) : 255,
          srcArea: [...place(), ...(variant & 1 ? size() : boxSize)],
          box: [...place(), ...boxSize],
          clip: upTo(2) > 0 ? null : [[...place(), 6, 3], [upTo(8), 8, 9, 4]],
        };
      }
    }
  }
}

if (import.meta.main) {
  const pixman = openPixman(), version = new Deno.UnsafePointerView(pixman.pixman_version_string()!).getCString();
  if (version !== VERSION) throw new Error(`Cannot make vectors: libpixman is ${version}, need ${VERSION}`);
  const lines = [...cases()].map((one) => {
    return `    ${JSON.stringify({ ...one, sha256: digest(one, blendByPixman(pixman, one)) })}`;
  });
  const text = `{\n  "format": 1,\n  "cases": [\n${lines.join(",\n")}\n  ]\n}\n`;
  await Deno.writeTextFile(new URL("alpha_blend.json", import.meta.url), text);
}
