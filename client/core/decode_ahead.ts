/**
 * Large images that are decoded elsewhere, in workers, while the session goes on.
 *
 * The channel asks for the images of the messages that wait behind the one at hand, too, so that several are under way;
 * it still handles messages in order, and one whose image has not come waits ("later").
 */
import { CodecError, type CodecErrorCode } from "../../codecs/errors.ts";
import type { DecodedImage } from "../../codecs/image.ts";
import { type CodecWork, type CodedImage, decodeImage, type ImageTypeName } from "../../codecs/registry.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";

/** What came of decoding an image: a picture, or what {@link CodecError} is made of. */
export type DecodeResult = DecodedImage | {
  readonly codec: string;
  readonly code: CodecErrorCode;
  readonly offset: number;
  readonly detail: string | undefined;
};

/** An image that needs no other, and how large it may be. */
export interface DecodeJob {
  /** The image. */
  readonly image: CodedImage;
  /** Pixels that it may have. */
  readonly maxPixels: number;
}

/**
 * What whoever is asked for an image does.
 *
 * @param work What the codecs keep from one to the next.
 * @throws {TypeError} It is of GLZ.
 */
export function decodeJob({ image, maxPixels }: DecodeJob, work?: CodecWork): DecodeResult {
  try {
    const decoded = decodeImage(image, { maxPixels, work });
    if ("pixels" in decoded) return decoded;
    throw new TypeError(`An image of ${image.type} needs those before it`);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    const { codec, code, offset, detail } = error;
    return { codec, code, offset, detail };
  }
}

/** Asks for an image; the answer goes to {@link DecodeAhead.answer} with this number. */
export type AskDecode = (image: CodedImage) => number;

/** Pixels of an image from which on it is worth the way to a worker: QUIC and JPEG take 0.3 to 1.6 ms for so many. */
export const LARGE_PIXELS = 128 * 1024;

/**
 * Types that are decoded elsewhere. The others take less time than new memory for their pixels, which a worker needs for
 * each (`deno task bench workers`); or they need what only the session has: palettes, the window.
 */
const SLOW_TYPES: ReadonlySet<ImageTypeName> = new Set(["QUIC", "JPEG", "JPEG_ALPHA"]);

/** Images under way, at most: more than that many workers are rare, and each can take 256 MB. */
const MOST_UNDER_WAY = 4;

/** An image was asked for and has not come. */
export const PENDING = Symbol("pending");

/** The images of one channel. */
export class DecodeAhead {
  readonly #results = new WeakMap<SpiceImage, DecodeResult | typeof PENDING>();
  readonly #underWay = new Map<number, SpiceImage>();

  /** Of one channel. */
  constructor(
    /** Asks. */
    readonly ask: AskDecode,
    /** Pixels from which on an image is asked for. */
    readonly leastPixels: number,
  ) {}

  /** Whether any image is under way. */
  get busy(): boolean {
    return this.#underWay.size > 0;
  }

  /** Whether one more may be asked for. */
  get hasRoom(): boolean {
    return this.#underWay.size < MOST_UNDER_WAY;
  }

  /**
   * Asks for an image, unless it was asked for, or is decoded as fast here.
   *
   * @param image As the message has it; the same object later.
   * @param coded The same.
   */
  begin(image: SpiceImage, coded: CodedImage): void {
    if (!this.hasRoom || this.#results.has(image)) return;
    if (!SLOW_TYPES.has(coded.type) || image.width * image.height < this.leastPixels) return;
    this.#results.set(image, PENDING);
    this.#underWay.set(this.ask(coded), image);
  }

  /**
   * An image that was asked for.
   *
   * @returns `undefined` if it was not.
   * @throws {CodecError} It does not decode.
   */
  take(image: SpiceImage): DecodedImage | typeof PENDING | undefined {
    const result = this.#results.get(image);
    if (result === undefined || result === PENDING || "pixels" in result) return result;
    throw new CodecError(result.codec, result.code, result.offset, result.detail);
  }

  /** What came of an image that was asked for. */
  answer(id: number, result: DecodeResult): void {
    const image = this.#underWay.get(id);
    if (image === undefined) return;
    this.#underWay.delete(id);
    this.#results.set(image, result);
  }
}
