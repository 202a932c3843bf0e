/** What can happen to a cached image, palette or cursor, as steps that follow each other in a session. */
import { BitmapFlags, CursorFlags, ImageFlags } from "../../protocol/messages/enums.ts";
import type { Cursor } from "../../protocol/messages/cursor.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";

const STEPS = {
  image: [
    "kept",
    "replaced",
    "drawn",
    "drawn-by-another-channel",
    "drawn-lossless",
    "dropped-by-INVAL_LIST",
    "dropped-by-INVAL_ALL_PIXMAPS",
    "kept-after-drop",
  ],
  palette: ["kept", "used", "dropped-by-INVAL_PALETTE", "dropped-by-INVAL_ALL_PALETTES"],
  cursor: ["kept", "used", "dropped-by-INVAL_ONE", "dropped-by-INVAL_ALL", "dropped-by-RESET"],
} as const;

/** The items of caches, as `cache/image/drawn`. */
export function cacheSteps(): string[] {
  return Object.entries(STEPS).flatMap(([cache, steps]) => steps.map((step) => `cache/${cache}/${step}`));
}

/** The caches of one session: images are shared by its display channels, palettes and cursors are of one channel. */
export class CacheMarker {
  /** Image to the display channel that had it kept; `null` once dropped. */
  readonly #images = new Map<bigint, number | null>();
  readonly #palettes = new Set<string>();
  readonly #cursors = new Set<string>();

  /** An image was drawn on a display channel. */
  image({ id, flags, body }: SpiceImage, channelId: number): string[] {
    const steps: string[] = [];
    const by = this.#images.get(id), kept = by !== undefined && by !== null;
    if (kept && body.is === "FROM_CACHE") steps.push("drawn");
    if (kept && body.is === "FROM_CACHE_LOSSLESS") steps.push("drawn-lossless");
    if (kept && steps.length > 0 && by !== channelId) steps.push("drawn-by-another-channel");
    if ((flags & (ImageFlags.CACHE_ME | ImageFlags.CACHE_REPLACE_ME)) !== 0) {
      if ((flags & ImageFlags.CACHE_REPLACE_ME) !== 0 && kept) steps.push("replaced");
      else steps.push("kept", ...(by === null ? ["kept-after-drop"] : []));
      this.#images.set(id, channelId);
    }
    const palette = body.is === "BITMAP" || body.is === "LZ_PLT" ? this.#palette(body.value, channelId) : [];
    return [...steps.map((step) => `cache/image/${step}`), ...palette];
  }

  #palette(
    { flags, palette }: Extract<SpiceImage["body"], { is: "BITMAP" | "LZ_PLT" }>["value"],
    channelId: number,
  ): string[] {
    if (palette.is === "PAL_FROM_CACHE") {
      return this.#palettes.has(`${channelId} ${palette.value}`) ? ["cache/palette/used"] : [];
    }
    if (palette.value === null || (flags & BitmapFlags.PAL_CACHE_ME) === 0) return [];
    this.#palettes.add(`${channelId} ${palette.value.unique}`);
    return ["cache/palette/kept"];
  }

  /** A cursor was set on a cursor channel. */
  cursor({ header, flags }: Cursor, channelId: number): string[] {
    if (header === null) return [];
    const key = `${channelId} ${header.unique}`;
    if ((flags & CursorFlags.FROM_CACHE) !== 0) return this.#cursors.has(key) ? ["cache/cursor/used"] : [];
    if ((flags & CursorFlags.CACHE_ME) === 0) return [];
    this.#cursors.add(key);
    return ["cache/cursor/kept"];
  }

  /** INVAL_LIST named images. */
  dropImages(ids: readonly bigint[]): string[] {
    return this.#dropImages(ids, "dropped-by-INVAL_LIST");
  }

  /** INVAL_ALL_PIXMAPS came. */
  dropAllImages(): string[] {
    return this.#dropImages([...this.#images.keys()], "dropped-by-INVAL_ALL_PIXMAPS");
  }

  /** INVAL_PALETTE named a palette, or INVAL_ALL_PALETTES all: `null`. */
  dropPalettes(id: bigint | null, channelId: number): string[] {
    const step = id === null ? "dropped-by-INVAL_ALL_PALETTES" : "dropped-by-INVAL_PALETTE";
    return drop(this.#palettes, id, channelId) ? [`cache/palette/${step}`] : [];
  }

  /** INVAL_ONE named a cursor, or INVAL_ALL or RESET all: `null`. */
  dropCursors(id: bigint | null, channelId: number, by: "INVAL_ONE" | "INVAL_ALL" | "RESET"): string[] {
    return drop(this.#cursors, id, channelId) ? [`cache/cursor/dropped-by-${by}`] : [];
  }

  #dropImages(ids: readonly bigint[], step: string): string[] {
    const held = ids.filter((id) => (this.#images.get(id) ?? null) !== null);
    for (const id of held) this.#images.set(id, null);
    return held.length > 0 ? [`cache/image/${step}`] : [];
  }
}

/** @returns Whether something was dropped. */
function drop(from: Set<string>, id: bigint | null, channelId: number): boolean {
  const held = [...from].filter((key) => id === null ? key.startsWith(`${channelId} `) : key === `${channelId} ${id}`);
  for (const key of held) from.delete(key);
  return held.length > 0;
}
