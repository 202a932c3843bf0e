/** From an image of a message to pixels: cache, palette, codec. */
import { type PixelSource, rgb555To32 } from "../../canvas/surface.ts";
import { CodecError } from "../../codecs/errors.ts";
import type { GlzWait, GlzWindow } from "../../codecs/glz.ts";
import type { DecodedImage } from "../../codecs/image.ts";
import { type CodecWork, type CodedImage, decodeImage, IMAGE_CODECS } from "../../codecs/registry.ts";
import { ProtocolError, type ProtocolErrorCode } from "../../protocol/errors.ts";
import type { Limits } from "../../protocol/limits.ts";
import { BitmapFlags, ImageFlags, JpegAlphaFlags } from "../../protocol/messages/enums.ts";
import type { BitmapData, LZPLTData, SpiceImage } from "../../protocol/messages/image.ts";
import { type DecodeAhead, PENDING } from "./decode_ahead.ts";
import type { ImageCache } from "./image_cache.ts";
import type { PaletteCache } from "./palette_cache.ts";
import type { PixelScratch } from "./pixel_scratch.ts";

/** What an image may refer to. */
export interface ImageSources {
  readonly images: ImageCache;
  readonly palettes: PaletteCache;
  /** Of the session: GLZ images refer to those of all its display channels. */
  readonly glz: GlzWindow;
  readonly limits: Limits;
  /** Large images are decoded elsewhere; `null`: none are. */
  readonly ahead: DecodeAhead | null;
  /** For pictures that are not kept. Without one, each has memory of its own. */
  readonly scratch: PixelScratch | null;
  /** What the codecs keep from one image to the next. */
  readonly work: CodecWork;
  /** @returns A surface of the same display channel as something to draw, or `undefined`. */
  surface(id: number): PixelSource | undefined;
}

/** Where an image stands, for errors. */
export interface ImageContext {
  /** Name of the message. */
  readonly message: string;
  /** Path of the image in it. */
  readonly path: string;
  /** True when the image is drawn on a 16-bit surface, so that palette entries are 15-bit colours. */
  readonly wide555: boolean;
}

/** `bad-value`: an image that the server believes to be here is not, or not yet. */
export class AbsentImageError extends ProtocolError {
  /** The image that has to be in the GLZ window first; `null` for one that has to be in the cache. */
  glzId: bigint | null = null;
}

/** An image is decoded elsewhere, and not there yet: the message is to be handled again once it is. */
export class PendingImageError extends Error {
  /** Always `PendingImageError`. */
  override readonly name = "PendingImageError";
}

/**
 * Asks for an image before its message's turn comes, if it can be decoded elsewhere.
 *
 * @returns False when no more can be asked for.
 */
export function prepareImage(image: SpiceImage, { ahead, limits }: ImageSources): boolean {
  if (ahead === null || !ahead.hasRoom) return false;
  const coded = Math.max(image.width, image.height) <= limits.imagePixelsPerSide ? ownImage(image) : null;
  if (coded !== null) ahead.begin(image, coded);
  return ahead.hasRoom;
}

/**
 * Decodes an image and keeps it if it says so.
 * @throws {PendingImageError} Workers are at it.
 * @throws {AbsentImageError} An id that is not cached, though nothing was unsupported before.
 * @throws {ProtocolError} `bad-value` for bytes that do not decode, `too-large`, `unsupported` for image types that are
 * not built yet.
 */
export function readImage(image: SpiceImage, sources: ImageSources, context: ImageContext): PixelSource {
  const { body, id, flags } = image;
  const absent = sources.images.incomplete ? "unsupported" : "bad-value";
  const fail = (code: ProtocolErrorCode, path: string, detail: string, cause?: unknown): never => {
    throw new (code === "bad-value" && path === "id" ? AbsentImageError : ProtocolError)({
      code,
      action: code === "unsupported" ? "draw" : "decode",
      message: context.message,
      path: `${context.path}.${path}`,
      detail,
      ...(cause === undefined ? {} : { cause }),
    });
  };
  switch (body.is) {
    case "FROM_CACHE":
      return sources.images.get(id) ?? fail(absent, "id", `image ${id} is not cached`);
    case "FROM_CACHE_LOSSLESS":
      return sources.images.getLossless(id) ?? fail(absent, "id", `image ${id} is not cached without a loss`);
    case "SURFACE":
      return sources.surface(body.value.surfaceId) ??
        fail(absent, "body.surfaceId", `there is no surface ${body.value.surfaceId}`);
  }
  const coded = codedImage(image, sources, context, fail), { ahead, glz: window, limits, work } = sources;
  const keeps = (flags & (ImageFlags.CACHE_ME | ImageFlags.CACHE_REPLACE_ME)) !== 0;
  let decoded: DecodedImage;
  try {
    ahead?.begin(image, coded);
    const begun = ahead?.take(image);
    if (begun === PENDING) throw new PendingImageError();
    if (begun !== undefined) decoded = begun;
    else {
      // What the cache or the window holds must stay as it is.
      const scratch = keeps || IMAGE_CODECS[coded.type].refersBack ? null : sources.scratch;
      const options = { maxPixels: limits.pixels, window, into: scratch?.lend(), work };
      decoded = arrived(decodeImage(coded, options), context);
      scratch?.adopt(decoded.pixels);
    }
    ofSize(decoded, image, fail);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return fail(error.code === "unsupported" ? "unsupported" : "bad-value", "body", error.message, error);
  }
  // Source: spice-common common/canvas_base.c canvas_get_image_internal.
  if ((flags & ImageFlags.HIGH_BITS_SET) !== 0 && !decoded.alpha) {
    // The GLZ window's own pixels must stay as they are: others are made of them.
    if (IMAGE_CODECS[coded.type].refersBack) decoded = { ...decoded, pixels: decoded.pixels.slice() };
    const { pixels } = decoded;
    for (let i = 0; i < pixels.length; i++) pixels[i] = pixels[i]! | 0xff000000;
  }
  if (keeps && !sources.images.put(id, decoded, !IMAGE_CODECS[coded.type].lossless)) {
    return fail("too-large", "id", `no room in a cache of ${sources.images.offeredPixels} pixels`);
  }
  return decoded;
}

type Fail = (code: ProtocolErrorCode, path: string, detail: string) => never;

/** What a message's image is to its codec. */
function codedImage(image: SpiceImage, sources: ImageSources, context: ImageContext, fail: Fail): CodedImage {
  const { body, width, height } = image, { imagePixelsPerSide } = sources.limits;
  if (width > imagePixelsPerSide || height > imagePixelsPerSide) {
    fail("too-large", "width", `${width} × ${height} pixels, at most ${imagePixelsPerSide} a side`);
  }
  switch (body.is) {
    case "BITMAP": {
      const { format, flags, x, y, stride, data } = body.value, topDown = (flags & BitmapFlags.TOP_DOWN) !== 0;
      const palette = paletteOf(body.value, sources, context, fail);
      return { type: body.is, data, layout: { format, width: x, height: y, strideBytes: stride, topDown }, palette };
    }
    case "LZ_PLT":
      return { type: body.is, data: body.value.data, palette: paletteOf(body.value, sources, context, fail) };
    default:
      return ownImage(image) ?? fail("unsupported", "type", `image type ${body.is} is not supported`);
  }
}

/** An image whose message says all about it; `null` for one that refers to palettes or caches. */
function ownImage({ body, width, height }: SpiceImage): CodedImage | null {
  switch (body.is) {
    case "QUIC":
    case "LZ_RGB":
    case "GLZ_RGB":
    case "JPEG":
      return { type: body.is, data: body.value.data };
    case "ZLIB_GLZ_RGB":
      return { type: body.is, data: body.value.data, glzBytes: body.value.glzDataSize };
    case "LZ4":
      return { type: body.is, data: body.value.data, width, height };
    case "JPEG_ALPHA": {
      const { data, jpegSize: jpegBytes, flags } = body.value, topDown = (flags & JpegAlphaFlags.TOP_DOWN) !== 0;
      return { type: body.is, data, layout: { jpegBytes, topDown } };
    }
    default:
      return null;
  }
}

/** A GLZ image, unless it refers to one that is not here. */
function arrived(result: DecodedImage | GlzWait, context: ImageContext): DecodedImage {
  if ("pixels" in result) return result;
  const error = new AbsentImageError({
    code: "bad-value",
    action: "decode",
    message: context.message,
    path: `${context.path}.body`,
    detail: `image ${result.waitsFor} is not in the GLZ window`,
  });
  error.glzId = result.waitsFor;
  throw error;
}

/**
 * A stream's own size must be the descriptor's, or a hostile one could draw from beyond it. Of a bitmap the message says
 * the size twice, and its own counts. Source: spice-common common/canvas_base.c canvas_get_bits.
 */
function ofSize(decoded: DecodedImage, { body, width, height }: SpiceImage, fail: Fail): void {
  if (body.is === "BITMAP" || (decoded.width === width && decoded.height === height)) return;
  fail("bad-value", "width", `${width} × ${height}, but the stream is ${decoded.width} × ${decoded.height}`);
}

function paletteOf(
  { palette, flags }: Pick<BitmapData | LZPLTData, "palette" | "flags">,
  sources: ImageSources,
  context: ImageContext,
  fail: Fail,
): Uint32Array | undefined {
  if (palette.is === "PAL_FROM_CACHE") {
    const cached = sources.palettes.get(palette.value);
    return cached ??
      fail(
        sources.images.incomplete ? "unsupported" : "bad-value",
        "body.palette",
        `palette ${palette.value} is not cached`,
      );
  }
  if (palette.value === null) return undefined;
  const { unique, ents } = palette.value;
  const colours = Uint32Array.from(ents, context.wide555 ? rgb555To32 : (colour) => colour);
  if ((flags & BitmapFlags.PAL_CACHE_ME) !== 0) sources.palettes.put(unique, colours);
  return colours;
}
