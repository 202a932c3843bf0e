/** The pictures whose coding is measured: screens of the reference manifest, and its sequences for GLZ. */
import {
  referenceBytes,
  referenceImage,
  type ReferenceSequence,
  referenceSequences,
} from "../conformance/vectors/codecs/reference.ts";
import { flipRows } from "../codecs/flip_rows.ts";
import { decodeGlz, decodeGlzHeader, type GlzType, GlzWindow } from "../codecs/glz.ts";
import type { DecodedImage } from "../codecs/image.ts";
import { LzType } from "../codecs/lz.ts";

/** A picture to encode. */
export interface BenchFrame extends DecodedImage {
  /** What LZ and GLZ make of it. */
  readonly type: GlzType;
  /** Order in which the rows are coded. */
  readonly topDown: boolean;
  /** The pixels, rows in the order in which they are coded. */
  readonly rows: Uint32Array<ArrayBuffer>;
}

/** One picture, or a sequence of them that is measured as a whole. */
export interface BenchImage {
  readonly name: string;
  readonly frames: readonly BenchFrame[];
  /** Of the GLZ dictionary. */
  readonly windowPixels: number;
  /** The manifest's entry of a sequence. */
  readonly sequence?: ReferenceSequence;
}

/** What the reference gives a client of 64 MB. */
const WINDOW_PIXELS = 1 << 24;
const MAX_PIXELS = 1 << 24;

/** @returns The picture or sequence of that name. @throws {RangeError} There is none. */
export function benchImage(name: string): BenchImage {
  const sequence = referenceSequences.find((one) => one.name === name);
  if (sequence !== undefined) {
    return { name, frames: framesOf(sequence), windowPixels: sequence.dictionaryWindowPixels, sequence };
  }
  const image = referenceImage({ source: name });
  if (image === undefined) throw new RangeError(`The manifest has no image ${name}`);
  // As a screen has them: PNG says that what is opaque has alpha 255.
  if (!image.alpha) { for (let i = 0; i < image.pixels.length; i++) image.pixels[i]! &= 0xffffff; }
  const type = image.alpha ? LzType.RGBA : LzType.RGB32;
  return { name, frames: [{ ...image, type, topDown: true, rows: image.pixels }], windowPixels: WINDOW_PIXELS };
}

/** The pictures of a sequence, as its streams give them. */
function framesOf({ file, frames, dictionaryWindowPixels }: ReferenceSequence): BenchFrame[] {
  const window = new GlzWindow(2 * dictionaryWindowPixels);
  return frames.map(({ offset, glzBytes }) => {
    const stream = referenceBytes(file, offset, glzBytes), { type, topDown } = decodeGlzHeader(stream);
    const image = decodeGlz(stream, window, { maxPixels: MAX_PIXELS });
    if (!("pixels" in image)) throw new RangeError(`A frame of the sequence waits for ${image.waitsFor}`);
    const rows = image.pixels.slice();
    if (!topDown) flipRows(rows, image.width, image.height);
    return { ...image, type, topDown, rows };
  });
}
