/** The truth of one head: its picture, and what each drawable really changes of it. */

import { copyBits } from "../../canvas/copy_bits.ts";
import { fillSolid } from "../../canvas/fill.ts";
import { intersectRects, isEmptyRect, type Point, type Rect, rectOfSize } from "../../canvas/rect.ts";
import { createSurface, type Surface } from "../../canvas/surface.ts";
import type { GlzDictionary } from "../../codecs/glz.ts";
import { comparePixels, type Patch } from "./compare_pixels.ts";
import { AreaWork, type EncodedArea, prepareArea, type PreparedArea } from "./encode_area.ts";
import { type EncodeJobs, type Encoding, LEAST_JOB_PIXELS } from "./encode_jobs.ts";
import { encodePicture } from "./encode_picture.ts";
import { DirtyRegion } from "./dirty_region.ts";
import { findMove } from "./find_move.ts";
import type { Coding } from "./image_compression.ts";
import type { Drawable } from "./vdi.ts";

/**
 * What a viewer has to do to have the new picture if it has the old one: move pixels as told, in order; then take the
 * damaged areas from the truth.
 */
export type Change =
  | { readonly kind: "damage"; readonly area: Rect }
  /** The pixels at `from` move to `area`; both are inside the head and may overlap. */
  | { readonly kind: "copy"; readonly area: Rect; readonly from: Point };

/** Moves that are looked for in one drawable: a picture can hold more than one thing that scrolls. */
const MOST_MOVES = 2;

/** The surface that viewers show. */
const PRIMARY = 0;

/** What is kept for other viewers that lack the same: so many times the picture. */
const MOST_ENCODED = 2;

/** A part of the picture as it is now: a message, or what will be one. */
interface Part {
  readonly area: Rect;
  readonly coding: string;
  readonly as: EncodedArea | Encoding;
}

/** Where {@link Screen.request} has large pictures encoded. */
export interface Elsewhere {
  readonly jobs: EncodeJobs;
  /** Number of the head, for errors. */
  readonly head: number;
}

/** One head's picture. */
export class Screen {
  /** The picture, 0x00RRGGBB. For reading only. */
  readonly surface: Surface;
  /** True while the machine is in the middle of a picture. */
  isPartial = false;
  /** What differs, while it is merged into rectangles. */
  readonly #merging: DirtyRegion;
  readonly #encoded = new Map<string, Part>();
  #encodedPixels = 0;
  readonly #work = new AreaWork();

  /**
   * A black picture.
   *
   * @param width Pixels a row.
   * @param height Rows.
   * @param maxPixels Most pixels that it may have.
   * @throws {CanvasError} `bad-size`.
   */
  constructor(width: number, height: number, maxPixels: number) {
    this.surface = createSurface(width, height, "32_xRGB", maxPixels);
    this.#merging = new DirtyRegion(width, height);
  }

  /**
   * Draw, and find out what that changes.
   *
   * @param drawable Anything; it is cut to the head.
   * @returns Copies first, then damage around what differs. Nothing when every pixel stays as it was.
   * @throws {RangeError} Edges that are not whole numbers, or fewer pixels than the area has.
   */
  draw(drawable: Drawable): Change[] {
    const { area } = drawable;
    const edges = [area.left, area.top, area.right, area.bottom];
    if (drawable.kind === "copy") edges.push(drawable.from.x, drawable.from.y);
    if (!edges.every(Number.isSafeInteger)) throw new RangeError(`Cannot draw ${drawable.kind}: bad edges ${edges}`);
    this.#forgetEncoded();
    switch (drawable.kind) {
      case "pixels":
        return this.#drawPixels(area, drawable.pixels);
      case "fill":
        return this.#fill(area, drawable.color & 0xffffff);
      case "copy":
        return this.#copy(area, drawable.from);
    }
  }

  /**
   * A part of the picture as a message for the primary surface; viewers that lack the same share the work and the bytes,
   * unless it is GLZ, which belongs to the dictionary of one.
   *
   * @param area Inside the head, at least one pixel.
   * @param coding How it is coded.
   * @param dictionary The viewer's; without one, GLZ becomes LZ. What comes out must then be sent.
   * @throws {RangeError} The area is not inside the head, empty, or too large.
   * @internal
   */
  encode(area: Rect, coding: Coding, dictionary: GlzDictionary | null = null): EncodedArea {
    const known = this.#encoded.get(keyOf(area, coding))?.as;
    return known !== undefined && "message" in known
      ? known
      : this.#encode(area, coding, this.#prepare(area, coding, dictionary));
  }

  /**
   * As {@link encode}, but a large picture is encoded elsewhere: what will be the message is then shared while it is under
   * way, and by those that wait for it when the picture has changed.
   *
   * @param elsewhere Where.
   * @returns The message, or what to wait for; `null` when there is no room for one more job.
   * @internal
   */
  request(
    area: Rect,
    coding: Coding,
    dictionary: GlzDictionary | null,
    { jobs, head }: Elsewhere,
  ): EncodedArea | Encoding | null {
    const known = this.#encoded.get(keyOf(area, coding))?.as;
    if (known !== undefined) return known;
    const prepared = this.#prepare(area, coding, dictionary);
    if ("message" in prepared || jobs.most === 0 || !isWorthAJob(prepared)) {
      return this.#encode(area, coding, prepared);
    }
    if (!jobs.hasRoom) return null;
    this.#work.giveAway();
    const encoding = jobs.begin({
      ...{ owner: this, head, area, picture: prepared.picture, coding: prepared.coding },
      giveBack: (pixels) => this.#work.giveBack(pixels),
      finish: (image) => {
        if (image === null) return this.encode(area, coding);
        const encoded = prepared.finish(image), part = this.#encoded.get(keyOf(area, coding));
        // The picture may have changed since.
        if (part?.as === encoding) this.#encoded.set(keyOf(area, coding), { ...part, as: encoded });
        return encoded;
      },
    });
    this.#keep(area, coding, encoding);
    return encoding;
  }

  /**
   * The parts of the picture as it is now that {@link encode} need not work for, or {@link request} has begun.
   * @internal
   */
  encodedAreas(coding: Coding): Rect[] {
    const name = nameOf(coding);
    return [...this.#encoded.values()].filter((one) => one.coding === name).map(({ area }) => area);
  }

  #prepare(area: Rect, coding: Coding, dictionary: GlzDictionary | null): EncodedArea | PreparedArea {
    return prepareArea(this.surface, area, PRIMARY, coding, { dictionary, work: this.#work });
  }

  /** The message of a prepared area, kept for others. */
  #encode(area: Rect, coding: Coding, prepared: EncodedArea | PreparedArea): EncodedArea {
    const encoded = "message" in prepared
      ? prepared
      : prepared.finish(encodePicture(prepared.picture, prepared.coding, this.#work.codecs));
    if (encoded.viewers === "all") this.#keep(area, coding, encoded);
    return encoded;
  }

  #keep(area: Rect, coding: Coding, as: EncodedArea | Encoding): void {
    const { width, height } = this.surface;
    this.#encodedPixels += (area.right - area.left) * (area.bottom - area.top);
    if (this.#encodedPixels > MOST_ENCODED * width * height) this.#forgetEncoded();
    this.#encoded.set(keyOf(area, coding), { area, coding: nameOf(coding), as });
  }

  #forgetEncoded(): void {
    this.#encoded.clear();
    this.#encodedPixels = 0;
  }

  #cut(area: Rect): Rect {
    return intersectRects(area, rectOfSize(this.surface.width, this.surface.height));
  }

  #drawPixels(whole: Rect, pixels: Uint32Array): Change[] {
    const area = this.#cut(whole);
    if (isEmptyRect(area)) return [];
    const stride = whole.right - whole.left, needed = stride * (whole.bottom - whole.top);
    if (!(pixels.length >= needed)) {
      throw new RangeError(`Cannot draw pixels: need ${needed}, got ${pixels.length}`);
    }
    const offset = (area.top - whole.top) * stride + area.left - whole.left;
    const patch: Patch = { area, pixels, offset, stride };
    const changes: Change[] = [];
    let difference = this.#compare(patch);
    while (changes.length < MOST_MOVES) {
      const move = findMove(this.surface, patch, difference);
      if (move === null) break;
      copyBits(this.surface, move.area, null, move.from);
      changes.push({ kind: "copy", ...move });
      // What the move did not put right, or put wrong, is found like everything else.
      difference = this.#compare(patch);
    }
    if (difference.bounds !== null) put(this.surface, patch, difference.bounds);
    for (let next = this.#merging.take(Infinity); next !== null; next = this.#merging.take(Infinity)) {
      changes.push({ kind: "damage", area: next });
    }
    return changes;
  }

  #compare(patch: Patch) {
    const merging = this.#merging;
    merging.clear();
    return comparePixels(this.surface, patch, (left, top, right, bottom) => {
      merging.add({ left, top, right, bottom }, false);
    });
  }

  #fill(whole: Rect, color: number): Change[] {
    const { pixels, width } = this.surface;
    const area = changedBounds(this.#cut(whole), (y, x) => pixels[y * width + x] !== color);
    if (isEmptyRect(area)) return [];
    fillSolid(this.surface, area, null, color);
    return [{ kind: "damage", area }];
  }

  #copy(whole: Rect, from: Point): Change[] {
    const { pixels, width, height } = this.surface, dx = whole.left - from.x, dy = whole.top - from.y;
    const readable = { left: dx, top: dy, right: width + dx, bottom: height + dy };
    const back = dy * width + dx;
    const area = changedBounds(intersectRects(this.#cut(whole), readable), (y, x) => {
      const at = y * width + x;
      return pixels[at] !== pixels[at - back];
    });
    if (isEmptyRect(area)) return [];
    const start = { x: area.left - dx, y: area.top - dy };
    copyBits(this.surface, area, null, start);
    return [{ kind: "copy", area, from: start }];
  }
}

/** What messages have in common that may stand for one another. */
function nameOf({ drawings, photos }: Coding): string {
  return `${drawings} ${photos}`;
}

function keyOf({ left, top, right, bottom }: Rect, coding: Coding): string {
  return `${left} ${top} ${right} ${bottom} ${nameOf(coding)}`;
}

/** Whether a picture is large enough; a bitmap is no more than a copy. */
function isWorthAJob({ picture, coding }: PreparedArea): boolean {
  return picture.pixels.length >= LEAST_JOB_PIXELS && coding !== "bitmap";
}

/** Lay the part of a patch that is inside `bounds` over the surface. */
function put(surface: Surface, patch: Patch, bounds: Rect): void {
  const { area, offset, stride } = patch, span = bounds.right - bounds.left;
  for (let y = bounds.top; y < bounds.bottom; y++) {
    const from = offset + (y - area.top) * stride + bounds.left - area.left;
    surface.pixels.set(patch.pixels.subarray(from, from + span), y * surface.width + bounds.left);
  }
}

/** The smallest rectangle of an area around the pixels that change; empty if none does. */
function changedBounds(area: Rect, changes: (y: number, x: number) => boolean): Rect {
  if (isEmptyRect(area)) return area;
  let left = area.right, top = area.bottom, right = area.left, bottom = area.top;
  for (let y = area.top; y < area.bottom; y++) {
    // Between edges already found, nothing more is to be learnt than that the row changes.
    let x = area.left;
    while (x < area.right && !changes(y, x)) x++;
    if (x === area.right) continue;
    left = Math.min(left, x);
    let last = area.right;
    while (last > right && !changes(y, last - 1)) last--;
    right = Math.max(right, last);
    top = Math.min(top, y);
    bottom = y + 1;
  }
  return { left, top, right, bottom };
}
