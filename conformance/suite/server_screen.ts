/**
 * What a server that is judged shows on a display channel: its messages drawn by a small decoder of the suite's own, which
 * knows DRAW_FILL, COPY_BITS, and DRAW_COPY of plain bitmaps, LZ_RGB of 32 bits, and cached images.
 */
import { DisplayCap, hasCap } from "../../protocol/capabilities.ts";
import {
  DisplayInit,
  DisplayInvalAllPixmaps,
  DisplayInvalList,
  DisplayMark,
  DisplayPreferredCompression,
  DisplaySurfaceCreate,
  DisplaySurfaceDestroy,
} from "../../protocol/messages/display.ts";
import { type DisplayBase, DisplayCopyBits, DisplayDrawCopy, DisplayDrawFill } from "../../protocol/messages/draw.ts";
import { BitmapFlags, BitmapFmt, ImageFlags, Ropd, SurfaceFlags, SurfaceFmt } from "../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import { nameOf } from "../../protocol/schema/enumeration.ts";
import type { ValueOf } from "../../protocol/schema/message.ts";
import { readLzRgb } from "./lz_reader.ts";
import { blank, type Box, boxAt, contains, copyPicture, paint, type Picture, pixelAt } from "./pictures.ts";
import type { LinkRequest, SessionTalk } from "./server_peer.ts";
import type { Heard, Talk } from "./talk.ts";
import { fail, lacks, must } from "./verdict.ts";

/** A surface of the server. */
export interface ServerSurface {
  readonly create: ValueOf<typeof DisplaySurfaceCreate>;
  readonly picture: Picture;
  /** A byte for each pixel, 1 once a message has drawn it. */
  readonly drawn: Uint8Array;
}

/** An image that came. */
export interface SeenImage {
  readonly message: string;
  readonly image: SpiceImage;
}

/** What a display channel has shown since it was opened. */
export class ServerScreen {
  readonly surfaces = new Map<number, ServerSurface>();
  /** Every image that came, in order. */
  readonly images: SeenImage[] = [];
  /** Why the pictures are not to be trusted: something came that this decoder does not know. */
  unknown: string | null = null;
  marks = 0;
  readonly #cache = new Map<bigint, Picture>();

  constructor(readonly talk: Talk) {}

  /**
   * Opens a display channel and says DISPLAY_INIT, then which compression is preferred, if the server takes that.
   * @param compression A member of `ImageCompression`; `null` to say nothing.
   */
  static async open(
    session: SessionTalk,
    compression: number | null = null,
    request: LinkRequest = {},
  ): Promise<ServerScreen> {
    const screen = new ServerScreen(await session.open("display", request)), { talk } = screen;
    await talk.send(DisplayInit, DISPLAY_INIT);
    if (compression !== null && hasCap(talk.options.channelCaps, DisplayCap.PREF_COMPRESSION)) {
      await talk.send(DisplayPreferredCompression, { imageCompression: compression });
    }
    return screen;
  }

  /** The primary surface. @throws {Finding} `failed`: there is none, or more than one. */
  get primary(): ServerSurface {
    const all = [...this.surfaces.values()].filter(({ create }) => (create.flags & SurfaceFlags.PRIMARY) !== 0);
    must(all.length === 1, `it has ${all.length} primary surfaces`);
    return all[0]!;
  }

  /** Draws messages until a condition holds. @throws {Finding} `failed`: it does not within the time. */
  async until(what: string, holds: (screen: this) => boolean, patienceMs = 5000): Promise<void> {
    const end = performance.now() + patienceMs;
    while (!holds(this)) {
      const heard = await this.talk.next(end - performance.now());
      if (heard === null) {
        fail(`${what} does not come within ${patienceMs} ms${this.talk.wire.ended ? ", it hangs up" : ""}`);
      }
      this.draw(heard);
    }
  }

  /** Draws messages until the first MARK. */
  async marked(): Promise<void> {
    await this.until("DISPLAY_MARK", ({ marks }) => marks > 0);
  }

  /** Draws messages until none has come for a while, or the time is over. */
  async settle(quietMs = 300, mostMs = 1200): Promise<void> {
    for (const end = performance.now() + mostMs; performance.now() < end;) {
      const heard = await this.talk.next(quietMs);
      if (heard === null) return;
      this.draw(heard);
    }
  }

  /** Draws a message. @throws {Finding} `failed`: it breaks a rule that holds for every server. */
  draw(heard: Heard): void {
    switch (heard.type) {
      case DisplaySurfaceCreate.id: {
        const create = this.talk.decode(DisplaySurfaceCreate, heard), { surfaceId, width, height, format } = create;
        must(!this.surfaces.has(surfaceId), `it creates surface ${surfaceId}, which is there already`);
        must(
          width > 0 && height > 0 && width * height < 1 << 26,
          `it creates a surface of ${width} × ${height} pixels`,
        );
        if (format !== SurfaceFmt["32_xRGB"]) this.#unknown(`surface format ${nameOf(SurfaceFmt, format)}`);
        const drawn = new Uint8Array(width * height);
        this.surfaces.set(surfaceId, { create, picture: blank(width, height), drawn });
        return;
      }
      case DisplaySurfaceDestroy.id: {
        const { surfaceId } = this.talk.decode(DisplaySurfaceDestroy, heard);
        must(this.surfaces.delete(surfaceId), `it destroys surface ${surfaceId}, which is not there`);
        return;
      }
      case DisplayMark.id:
        this.marks++;
        return;
      case DisplayDrawFill.id:
        return this.#fill(this.talk.decode(DisplayDrawFill, heard));
      case DisplayDrawCopy.id:
        return this.#copy(this.talk.decode(DisplayDrawCopy, heard));
      case DisplayCopyBits.id:
        return this.#move(this.talk.decode(DisplayCopyBits, heard));
      case DisplayInvalList.id:
        for (const { id } of this.talk.decode(DisplayInvalList, heard).resources) this.#cache.delete(id);
        return;
      case DisplayInvalAllPixmaps.id:
        return this.#cache.clear();
    }
    if (heard.name.startsWith("DISPLAY_DRAW") || heard.name.startsWith("DISPLAY_STREAM")) this.#unknown(heard.name);
  }

  /** The picture of the primary surface. @throws {Finding} `unimplemented`: this decoder cannot draw all of it. */
  picture(): Picture {
    if (this.unknown !== null) lacks(`the suite cannot draw all that it sends: ${this.unknown}`);
    return this.primary.picture;
  }

  #fill({ base, data: { brush, ropDescriptor, mask } }: ValueOf<typeof DisplayDrawFill>): void {
    const surface = this.#surface(base, "DISPLAY_DRAW_FILL"), { paint: { is, value } } = brush;
    if (is !== "SOLID") return this.#unknown(`a brush of type ${is}`);
    if (ropDescriptor !== Ropd.OP_PUT) return this.#unknown(`DRAW_FILL with operation 0x${ropDescriptor.toString(16)}`);
    if (mask.bitmap !== null) return this.#unknown("a mask");
    draw(surface, base, () => value);
  }

  #move({ base, srcPos }: ValueOf<typeof DisplayCopyBits>): void {
    const surface = this.#surface(base, "DISPLAY_COPY_BITS"), was = copyPicture(surface.picture), { box } = base;
    draw(surface, base, (x, y) => {
      const fromX = x - box.left + srcPos.x, fromY = y - box.top + srcPos.y;
      return contains(boxAt(0, 0, was.width, was.height), fromX, fromY)
        ? pixelAt(was, fromX, fromY)
        : pixelAt(was, x, y);
    });
  }

  #copy({ base, data }: ValueOf<typeof DisplayDrawCopy>): void {
    const surface = this.#surface(base, "DISPLAY_DRAW_COPY"), { box } = base, { srcBitmap, srcArea } = data;
    if (srcBitmap === null) return fail("its DISPLAY_DRAW_COPY has no image");
    this.images.push({ message: "DISPLAY_DRAW_COPY", image: srcBitmap });
    const same = srcArea.right - srcArea.left === box.right - box.left &&
      srcArea.bottom - srcArea.top === box.bottom - box.top;
    const picture = this.#image(srcBitmap);
    // What cannot be decoded is drawn all the same: then that pixel has been sent.
    if (picture === null) return draw(surface, base, () => 0);
    if (data.ropDescriptor !== Ropd.OP_PUT) {
      this.#unknown(`DRAW_COPY with operation 0x${data.ropDescriptor.toString(16)}`);
    } else if (!same) this.#unknown("a scaled image");
    else if (data.mask.bitmap !== null) this.#unknown("a mask");
    const inside = srcArea.left >= 0 && srcArea.top >= 0 && srcArea.right <= picture.width &&
      srcArea.bottom <= picture.height;
    must(inside, `its src_area is not inside its image of ${picture.width} × ${picture.height} pixels`);
    draw(surface, base, (x, y) => pixelAt(picture, x - box.left + srcArea.left, y - box.top + srcArea.top));
  }

  /** @returns `null` for an image that this decoder does not know. */
  #image(image: SpiceImage): Picture | null {
    const { body, id, flags } = image;
    if (body.is === "FROM_CACHE" || body.is === "FROM_CACHE_LOSSLESS") {
      const kept = this.#cache.get(id);
      if (kept === undefined && this.unknown === null) {
        fail(`it draws image ${id} from the cache, which was never kept`);
      }
      return kept ?? null;
    }
    if (body.is === "SURFACE") {
      const { surfaceId } = body.value, surface = this.surfaces.get(surfaceId);
      return surface?.picture ?? fail(`it draws surface ${surfaceId}, which is not there`);
    }
    const picture = body.is === "BITMAP"
      ? readBitmap(body.value)
      : body.is === "LZ_RGB"
      ? readLzRgb(body.value.data)
      : null;
    if (picture === null) {
      this.#unknown(body.is === "BITMAP" ? `a bitmap of format ${nameOf(BitmapFmt, body.value.format)}` : body.is);
      return null;
    }
    if ((flags & (ImageFlags.CACHE_ME | ImageFlags.CACHE_REPLACE_ME)) !== 0) this.#cache.set(id, picture);
    return picture;
  }

  /** The surface of a draw message, whose box and clip must be inside it. */
  #surface({ surfaceId, box, clip }: DisplayBase, message: string): ServerSurface {
    const surface = this.surfaces.get(surfaceId) ??
      fail(`its ${message} draws on surface ${surfaceId}, which is not there`);
    const { width, height } = surface.picture;
    if (!isInside(box, width, height)) {
      fail(`its ${message} draws ${boxText(box)}, outside ${width} × ${height} pixels`);
    }
    for (const rect of clip.shape.is === "RECTS" ? clip.shape.value.rects : []) {
      if (rect.left > rect.right || rect.top > rect.bottom) fail(`its ${message} is clipped to ${boxText(rect)}`);
    }
    return surface;
  }

  #unknown(what: string): void {
    this.unknown ??= what;
  }
}

/** What the suite's client says of its caches. */
export const DISPLAY_INIT: ValueOf<typeof DisplayInit> = {
  pixmapCacheId: 1,
  pixmapCacheSize: 20n * 1024n * 1024n,
  glzDictionaryId: 1,
  glzDictionaryWindowSize: 1024 * 1024,
};

function draw(
  { picture, drawn }: ServerSurface,
  { box, clip }: DisplayBase,
  at: (x: number, y: number) => number,
): void {
  paint(picture, box, (x, y) => {
    drawn[y * picture.width + x] = 1;
    return at(x, y);
  }, clip.shape.is === "RECTS" ? clip.shape.value.rects : null);
}

function isInside(box: Box, width: number, height: number): boolean {
  return box.left >= 0 && box.top >= 0 && box.right <= width && box.bottom <= height && box.left <= box.right &&
    box.top <= box.bottom;
}

function boxText({ left, top, right, bottom }: Box): string {
  return `${left},${top} to ${right},${bottom}`;
}

function readBitmap({ format, flags, x, y, stride, data }: Extract<SpiceImage["body"], { is: "BITMAP" }>["value"]) {
  const bytes = format === BitmapFmt["24BIT"] ? 3 : 4;
  if (bytes === 4 && format !== BitmapFmt["32BIT"] && format !== BitmapFmt.RGBA) return null;
  must(stride >= bytes * x, `its bitmap of ${x} pixels a row has a stride of ${stride}`);
  const picture = blank(x, y), topDown = (flags & BitmapFlags.TOP_DOWN) !== 0;
  paint(picture, { left: 0, top: 0, right: x, bottom: y }, (column, row) => {
    const at = (topDown ? row : y - 1 - row) * stride + bytes * column;
    return data[at]! | data[at + 1]! << 8 | data[at + 2]! << 16;
  });
  return picture;
}
