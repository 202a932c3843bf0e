/** A display channel: its surfaces, and the drawing that the server asks for. */
import { blendAlpha } from "../../canvas/alpha_blend.ts";
import { copyImage } from "../../canvas/copy.ts";
import { copyBits } from "../../canvas/copy_bits.ts";
import { CanvasError } from "../../canvas/errors.ts";
import { fillSolid } from "../../canvas/fill.ts";
import type { Rect } from "../../canvas/rect.ts";
import type { Region } from "../../canvas/region.ts";
import { ropFromDescriptor } from "../../canvas/rop.ts";
import { createSurface, type Surface, surfaceFormatOf, surfaceSource } from "../../canvas/surface.ts";
import type { GlzWindow } from "../../codecs/glz.ts";
import { CodecWork } from "../../codecs/registry.ts";
import { DisplayCap, hasCap } from "../../protocol/capabilities.ts";
import { ProtocolError, type ProtocolErrorCode } from "../../protocol/errors.ts";
import type { Limits } from "../../protocol/limits.ts";
import { type display, DisplayInit, DisplayPreferredCompression } from "../../protocol/messages/display.ts";
import type { DisplayBase, QMask } from "../../protocol/messages/draw.ts";
import { AlphaFlags, ResourceType, SurfaceFlags, SurfaceFmt } from "../../protocol/messages/enums.ts";
import type { MessageOf } from "../../protocol/schema/message.ts";
import { unsupported } from "./channel_core.ts";
import type { DecodeAhead, DecodeResult } from "./decode_ahead.ts";
import { drawImages } from "./draw_images.ts";
import type { Head } from "./events.ts";
import type { ImageCache } from "./image_cache.ts";
import { AbsentImageError, type ImageSources, PendingImageError, prepareImage, readImage } from "./image_reader.ts";
import { PaletteCache } from "./palette_cache.ts";
import type { PixelBudget } from "./pixel_budget.ts";
import { PixelScratch } from "./pixel_scratch.ts";
import type { Handler, Port, Received } from "./port.ts";

/** What a display channel shares with its session. */
export interface DisplayContext {
  readonly images: ImageCache;
  readonly glz: GlzWindow;
  /** Whether another display channel is there, which can bring images, too. */
  readonly hasOthers: () => boolean;
  /** Of the surfaces of all display channels. */
  readonly budget: PixelBudget;
  readonly limits: Limits;
  /** A member of `ImageCompression`; `null` leaves the choice to the server. */
  readonly preferredCompression: number | null;
  /** Decodes large images elsewhere; `null`: all are decoded here. */
  readonly ahead: DecodeAhead | null;
}

type DisplayMessage = MessageOf<typeof display.server>;
type Named<Name extends DisplayMessage["name"]> = Extract<DisplayMessage, { name: Name }>;

/** Handles display channel messages. Source: spice-gtk src/channel-display.c. */
export class DisplayChannel implements Handler {
  readonly #port: Port;
  readonly #context: DisplayContext;
  readonly #surfaces = new Map<number, Surface>();
  readonly #palettes: PaletteCache;
  readonly #scratch = new PixelScratch();
  readonly #sources: ImageSources;
  #primaryId: number | null = null;
  #marked = false;
  #heads: readonly Head[] = [];
  /** What the message at hand waits for in the GLZ window, so that it is not decoded in vain. */
  #awaited: bigint | null = null;

  /** Made by the session core when the channel is linked; says what we want of the server. */
  constructor(port: Port, context: DisplayContext) {
    this.#port = port;
    this.#context = context;
    const { images, glz, limits, preferredCompression, ahead } = context;
    this.#palettes = new PaletteCache(limits.palettes);
    this.#sources = {
      images,
      glz,
      limits,
      palettes: this.#palettes,
      scratch: this.#scratch,
      work: new CodecWork(),
      ahead,
      surface: (id) => {
        const surface = this.#surfaces.get(id);
        return surface === undefined ? undefined : surfaceSource(surface);
      },
    };
    port.send(DisplayInit, {
      pixmapCacheId: 1,
      pixmapCacheSize: BigInt(limits.imageCachePixels),
      // The same number on all display channels: they share one dictionary.
      glzDictionaryId: 1,
      glzDictionaryWindowSize: limits.glzWindowPixels,
    });
    if (preferredCompression !== null && hasCap(port.peer.channelCaps, DisplayCap.PREF_COMPRESSION)) {
      port.send(DisplayPreferredCompression, { imageCompression: preferredCompression });
    }
  }

  /** The surface that is shown, or `null`. */
  get primary(): Surface | null {
    return this.#primaryId === null ? null : this.#surfaces.get(this.#primaryId) ?? null;
  }

  /** True once the server has vouched for the picture of the present primary. */
  get marked(): boolean {
    return this.#marked;
  }

  /** Monitors on the primary: as configured, or one that shows it all; empty without a primary. */
  get heads(): readonly Head[] {
    const primary = this.primary;
    if (primary === null) return [];
    if (this.#heads.length > 0) return this.#heads;
    const { width, height } = primary;
    return [{ monitorId: 0, surfaceId: this.#primaryId!, x: 0, y: 0, width, height, flags: 0 }];
  }

  /**
   * A surface, shown or not.
   *
   * @param id As the server numbers it.
   * @returns It, with its pixels as they are now; `undefined` for an id that is not in use.
   */
  surface(id: number): Surface | undefined {
    return this.#surfaces.get(id);
  }

  /** Whether images are decoded elsewhere. */
  get busy(): boolean {
    return this.#sources.ahead?.busy ?? false;
  }

  /** Input: what came of an image that was asked for. For the session core alone. */
  decoded(id: number, result: DecodeResult): void {
    this.#sources.ahead?.answer(id, result);
  }

  /** Input from the channel: a message whose turn comes later. For the session core alone. */
  prepare(received: Received): boolean {
    return drawImages(received as DisplayMessage).every((image) => prepareImage(image, this.#sources));
  }

  /** Gives its pixels back to the session: another channel takes its place. */
  release(): void {
    for (const { pixels } of this.#surfaces.values()) this.#context.budget.give(pixels.length);
    this.#surfaces.clear();
    this.#primaryId = null;
  }

  /**
   * Input from the channel: a message. For the session core alone.
   *
   * The server names an image on one channel, or refers to it in GLZ, as soon as it has put it on another, whose
   * connection may be slower; it does not send WAIT_FOR_CHANNELS then. Source: spice-gtk src/channel-display.c image_get
   * and src/decode-glz.c glz_decoder_window_bits, which wait, too.
   */
  handle(received: Received): void | "later" {
    // The channel's declaration pairs each name with the type of its value.
    const message = received as DisplayMessage;
    const awaited = this.#awaited;
    if (awaited !== null && this.#context.hasOthers() && this.#context.glz.awaits(awaited)) return "later";
    this.#awaited = null;
    this.#scratch.begin();
    try {
      this.#handle(message);
    } catch (thrown) {
      const error = thrown instanceof CanvasError
        ? fault(message, thrown.code === "unsupported" ? "unsupported" : "bad-value", "", thrown.message)
        : thrown;
      if (error instanceof PendingImageError || this.#waitsFor(error)) return "later";
      if (error instanceof ProtocolError && error.code === "unsupported") {
        if (this.#keepImages(message) === "later") return "later";
        this.#context.images.incomplete = true;
      }
      throw error;
    }
  }

  /** Whether another display channel may bring what is absent. */
  #waitsFor(error: unknown): boolean {
    if (!(error instanceof AbsentImageError && error.code === "bad-value" && this.#context.hasOthers())) return false;
    this.#awaited = error.glzId;
    return true;
  }

  /** Reads the images of a message that is not drawn: others name them from the cache, or refer to them in GLZ. */
  #keepImages(message: DisplayMessage): void | "later" {
    for (const image of drawImages(message)) {
      try {
        readImage(image, this.#sources, { message: message.name, path: "data", wide555: false });
      } catch (error) {
        if (error instanceof PendingImageError || this.#waitsFor(error)) return "later";
        // The message is told as unsupported as it is, whatever else is wrong with it.
        if (!(error instanceof ProtocolError)) throw error;
      }
    }
  }

  #handle(message: DisplayMessage): void {
    switch (message.name) {
      case "DISPLAY_MODE":
        return this.#mode(message);
      case "DISPLAY_MARK":
        this.#marked = true;
        return this.#port.emit({ type: "mark", display: this.#port.id });
      case "DISPLAY_RESET":
        return this.#reset();
      case "DISPLAY_SURFACE_CREATE":
        return this.#createSurface(message);
      case "DISPLAY_SURFACE_DESTROY":
        // One that is not there is no fault: spice-gtk src/channel-display.c display_handle_surface_destroy.
        if (this.#surfaces.has(message.value.surfaceId)) this.#destroySurface(message.value.surfaceId);
        return;
      case "DISPLAY_DRAW_FILL":
        return this.#fill(message);
      case "DISPLAY_DRAW_COPY":
        return this.#copy(message);
      case "DISPLAY_DRAW_ALPHA_BLEND":
        return this.#alphaBlend(message);
      case "DISPLAY_COPY_BITS": {
        const { base, srcPos } = message.value;
        const surface = this.#find(message, "base.surfaceId", base.surfaceId);
        return this.#drawn(base.surfaceId, copyBits(surface, base.box, clipOf(base), srcPos));
      }
      case "DISPLAY_INVAL_LIST":
        for (const { type, id } of message.value.resources) {
          if (type === ResourceType.PIXMAP) this.#context.images.delete(id);
        }
        return;
      case "DISPLAY_INVAL_ALL_PIXMAPS":
        return this.#port.wait(message.value.waitList, () => this.#context.images.clear());
      case "DISPLAY_INVAL_PALETTE":
        return this.#palettes.delete(message.value.id);
      case "DISPLAY_INVAL_ALL_PALETTES":
        return this.#palettes.clear();
      case "DISPLAY_MONITORS_CONFIG":
        this.#heads = message.value.heads;
        return this.#port.emit({ type: "heads", display: this.#port.id, heads: this.heads });
      default:
        throw unsupported(message, message.name);
    }
  }

  #fill(message: Named<"DISPLAY_DRAW_FILL">): void {
    const { base, data: { brush, ropDescriptor, mask } } = message.value;
    const surface = this.#find(message, "base.surfaceId", base.surfaceId);
    noMask(message, mask);
    if (brush.paint.is === "PATTERN") throw unsupported(message, "a pattern brush");
    const rop = ropFromDescriptor(ropDescriptor, "brush", "dest");
    this.#drawn(base.surfaceId, fillSolid(surface, base.box, clipOf(base), brush.paint.value ?? 0, rop));
  }

  #copy(message: Named<"DISPLAY_DRAW_COPY">): void {
    const { base, data } = message.value;
    const surface = this.#find(message, "base.surfaceId", base.surfaceId);
    // libspice leaves the image out when its machine names a surface that the command did not say it reads.
    if (data.srcBitmap === null) throw fault(message, "unsupported", "data.srcBitmap", "there is no image");
    const wide555 = surface.format === "16_555";
    const source = readImage(data.srcBitmap, this.#sources, { message: message.name, path: "data.srcBitmap", wide555 });
    noMask(message, data.mask);
    const region = copyImage(surface, {
      box: base.box,
      clip: clipOf(base),
      source,
      srcArea: data.srcArea,
      rop: ropFromDescriptor(data.ropDescriptor, "src", "dest"),
      scaleMode: data.scaleMode,
    });
    this.#drawn(base.surfaceId, region);
  }

  #alphaBlend(message: Named<"DISPLAY_DRAW_ALPHA_BLEND">): void {
    const { base, data: { alphaFlags, alpha, srcBitmap, srcArea } } = message.value;
    const surface = this.#find(message, "base.surfaceId", base.surfaceId);
    if (srcBitmap === null) throw fault(message, "unsupported", "data.srcBitmap", "there is no image");
    const wide555 = surface.format === "16_555";
    let source = readImage(srcBitmap, this.#sources, { message: message.name, path: "data.srcBitmap", wide555 });
    // The flag is about surfaces alone: images say themselves whether they have alpha.
    if (srcBitmap.body.is === "SURFACE" && (alphaFlags & AlphaFlags.SRC_SURFACE_HAS_ALPHA) !== 0) {
      source = surfaceSource(this.#surfaces.get(srcBitmap.body.value.surfaceId)!, true);
    }
    const destHasAlpha = (alphaFlags & AlphaFlags.DEST_HAS_ALPHA) !== 0;
    const region = blendAlpha(surface, { box: base.box, clip: clipOf(base), source, srcArea, alpha, destHasAlpha });
    this.#drawn(base.surfaceId, region);
  }

  #mode(message: Named<"DISPLAY_MODE">): void {
    const { xRes, yRes, bits } = message.value;
    if (bits !== 16 && bits !== 32) throw fault(message, "bad-value", "bits", `${bits}, need 16 or 32`);
    if (this.#primaryId !== null) this.#destroySurface(this.#primaryId);
    const format = bits === 32 ? SurfaceFmt["32_xRGB"] : SurfaceFmt["16_555"];
    this.#create(message, 0, xRes, yRes, format, true);
  }

  #reset(): void {
    this.#palettes.clear();
    const primary = this.primary;
    if (primary === null) return;
    primary.pixels.fill(0);
    this.#drawn(this.#primaryId!, Int32Array.of(0, 0, primary.width, primary.height));
  }

  #createSurface(message: Named<"DISPLAY_SURFACE_CREATE">): void {
    const { surfaceId, width, height, format, flags } = message.value;
    this.#create(message, surfaceId, width, height, format, (flags & SurfaceFlags.PRIMARY) !== 0);
  }

  #create(message: Received, id: number, width: number, height: number, format: number, primary: boolean): void {
    const { budget, limits: { surfaces, pixels, totalPixels, pixelsPerSide } } = this.#context;
    const tooLarge = (path: string, detail: string) => fault(message, "too-large", path, detail);
    if (this.#surfaces.has(id)) throw fault(message, "unexpected", "surfaceId", `surface ${id} is there already`);
    if (this.#surfaces.size >= surfaces) throw tooLarge("surfaceId", `more than ${surfaces} surfaces`);
    if (width > pixelsPerSide || height > pixelsPerSide) {
      throw tooLarge("width", `${width} × ${height} pixels, at most ${pixelsPerSide} a side`);
    }
    const known = surfaceFormatOf(format);
    if (width * height > pixels || !budget.take(width * height)) {
      throw tooLarge("width", `${width} × ${height} pixels, at most ${pixels} and ${totalPixels} in all`);
    }
    this.#surfaces.set(id, createSurface(width, height, known, pixels));
    if (!primary) return;
    this.#primaryId = id;
    this.#marked = false;
    this.#heads = [];
    this.#port.emit({ type: "primary", display: this.#port.id, width, height });
  }

  #destroySurface(id: number): void {
    const surface = this.#surfaces.get(id)!;
    this.#surfaces.delete(id);
    this.#context.budget.give(surface.pixels.length);
    if (id !== this.#primaryId) return;
    this.#primaryId = null;
    this.#marked = false;
    this.#port.emit({ type: "primary-destroyed", display: this.#port.id });
  }

  #find(message: Received, path: string, id: number): Surface {
    const surface = this.#surfaces.get(id);
    if (surface === undefined) {
      const code = this.#context.images.incomplete ? "unsupported" : "bad-value";
      throw fault(message, code, path, `there is no surface ${id}`);
    }
    return surface;
  }

  #drawn(surfaceId: number, region: Region): void {
    if (region.length > 0) this.#port.emit({ type: "draw", display: this.#port.id, surfaceId, area: boundsOf(region) });
  }
}

function clipOf({ clip }: DisplayBase): readonly Rect[] | null {
  return clip.shape.is === "RECTS" ? clip.shape.value.rects : null;
}

function noMask(message: Received, mask: QMask): void {
  if (mask.bitmap !== null) throw unsupported(message, "a mask");
}

function fault(message: Received, code: ProtocolErrorCode, path: string, detail: string): ProtocolError {
  return new ProtocolError({
    code,
    action: code === "unsupported" ? "draw" : "handle",
    message: message.name,
    path,
    detail,
  });
}

/** The smallest rectangle around a region's boxes, which are in bands from the top down. */
function boundsOf(region: Region): Rect {
  let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
  for (let i = 0; i < region.length; i += 4) {
    left = Math.min(left, region[i]!);
    top = Math.min(top, region[i + 1]!);
    right = Math.max(right, region[i + 2]!);
    bottom = Math.max(bottom, region[i + 3]!);
  }
  return { left, top, right, bottom };
}
