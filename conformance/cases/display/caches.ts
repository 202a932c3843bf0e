/** The pixmap cache and the palette cache of a client. */
import {
  DisplayInvalAllPalettes,
  DisplayInvalAllPixmaps,
  DisplayInvalList,
  DisplayInvalPalette,
  DisplaySurfaceCreate,
  DisplaySurfaceDestroy,
} from "../../../protocol/messages/display.ts";
import { BitmapFmt, ImageFlags, ResourceType, SurfaceFlags, SurfaceFmt } from "../../../protocol/messages/enums.ts";
import type { Palette } from "../../../protocol/messages/image.ts";
import { group } from "../../suite/case.ts";
import { ClientScreen } from "../../suite/client_screen.ts";
import { bitmapOf, cachedImage } from "../../suite/draws.ts";
import { blank, boxAt, noise, noiseAt, type Picture, pictureOf, pixelAt } from "../../suite/pictures.ts";

const IMAGES = "spice-common canvas_base.c canvas_get_image_internal; spice-gtk channel-display.c image_put, image_get";
const PALETTES = "spice-common canvas_base.c canvas_get_palette; spice-gtk channel-display.c palette_put, palette_get";

export const imageCache = group("display/image_cache", "Display: the pixmap cache")
  .client("again", {
    title: "draws an image again that it was told to keep",
    requirement: "The client MUST keep an image with CACHE_ME and draw it for FROM_CACHE of its id",
    source: IMAGES,
    level: "must",
    covers: ["image/FROM_CACHE", "cache/image/kept", "cache/image/drawn"],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(40, 30, 1);
      await keep(screen, 11n, picture, 0, 0);
      await again(screen, 11n, picture, 60, 10);
      await again(screen, 11n, picture, 110, 60);
      await screen.mustShow();
    },
  })
  .client("part", {
    title: "keeps all of an image of which a part is drawn",
    requirement: "The client MUST keep the whole image, whatever src_area and clip let through",
    source: "spice-common canvas_base.c canvas_get_image_internal, canvas_touch_image",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(50, 50, 2), flags = ImageFlags.CACHE_ME;
      const part = (x: number, y: number) => pixelAt(picture, x + 20, y + 20), srcArea = boxAt(20, 20, 10, 10);
      await screen.copy(boxAt(0, 0, 10, 10), bitmapOf(picture, { id: 5n, flags }), part, { srcArea });
      await again(screen, 5n, picture, 30, 20);
      const hidden = noise(30, 30, 3);
      await screen.copy(boxAt(90, 60, 30, 30), bitmapOf(hidden, { id: 6n, flags }), null, { clip: [] });
      await again(screen, 6n, hidden, 120, 10);
      await screen.mustShow();
    },
  })
  .client("ids_of_64_bits", {
    title: "tells images apart by all 64 bits of their ids",
    requirement: "The client MUST compare ids as numbers of 64 bits",
    source: "spice.proto ImageDescriptor.id; spice-gtk spice-channel-cache.h cache_find (g_int64_hash)",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      const ids = [1n, 1n << 32n | 1n, 1n << 53n | 1n, 1n << 63n | 1n];
      const pictures = ids.map((_, i) => noise(20, 20, 10 + i));
      for (const [i, id] of ids.entries()) await keep(screen, id, pictures[i]!, 40 * i, 0);
      for (const [i, id] of ids.entries()) await again(screen, id, pictures[i]!, 40 * i, 50);
      await screen.mustShow();
    },
  })
  .client("outlives_surface", {
    title: "keeps images when the primary surface changes",
    requirement: "The client MUST keep its images until the server drops them, whatever becomes of surfaces",
    source: "spice-gtk channel-display.c display_handle_surface_destroy (c->images stays)",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(30, 30, 4);
      await keep(screen, 3n, picture, 0, 0);
      await screen.send(DisplaySurfaceDestroy, { surfaceId: 0 });
      const size = { width: 90, height: 70 }, format = SurfaceFmt["32_xRGB"];
      await screen.send(DisplaySurfaceCreate, { surfaceId: 0, ...size, format, flags: SurfaceFlags.PRIMARY });
      screen.expected = blank(size.width, size.height);
      await screen.fill(boxAt(0, 0, 90, 70), 0x445566);
      await again(screen, 3n, picture, 50, 30);
      await screen.mustShow();
    },
  })
  .client("dropped", {
    title: "takes another image under an id that was dropped",
    requirement: "The client MUST forget images of INVAL_LIST and keep what comes under their ids afterwards",
    source: "spice-gtk channel-display.c display_handle_inv_list",
    level: "must",
    covers: [
      "display/server/DISPLAY_INVAL_LIST/resources=filled",
      "cache/image/dropped-by-INVAL_LIST",
      "cache/image/kept-after-drop",
    ],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), first = noise(20, 20, 5), second = noise(20, 20, 6);
      await keep(screen, 8n, first, 0, 0);
      await keep(screen, 9n, first, 30, 0);
      await screen.send(DisplayInvalList, { resources: [{ type: ResourceType.PIXMAP, id: 8n }] });
      await keep(screen, 8n, second, 60, 0);
      await again(screen, 8n, second, 60, 50);
      await again(screen, 9n, first, 30, 50);
      await screen.mustShow();
    },
  })
  .client("dropped_unknown", {
    title: "passes over ids in INVAL_LIST that it does not have",
    requirement: "The client MUST go on: a server drops images whose message a client has not drawn",
    source: "spice-gtk channel-display.c display_handle_inv_list (cache_remove fails with a word for the log)",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(20, 20, 7);
      await keep(screen, 8n, picture, 0, 0);
      const ids = [100n, 1n << 40n, 0xffffffffffffffffn];
      await screen.send(DisplayInvalList, { resources: ids.map((id) => ({ type: ResourceType.PIXMAP, id })) });
      await again(screen, 8n, picture, 60, 50);
      await screen.mustShow();
    },
  })
  .client("dropped_all", {
    title: "takes all images anew after INVAL_ALL_PIXMAPS",
    requirement: "The client MUST forget all images at INVAL_ALL_PIXMAPS and keep new ones under the same ids",
    source: "spice-gtk channel-display.c display_handle_inv_pixmap_all",
    level: "must",
    covers: ["display/server/DISPLAY_INVAL_ALL_PIXMAPS/waitList=empty", "cache/image/dropped-by-INVAL_ALL_PIXMAPS"],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), first = noise(20, 20, 8), second = noise(20, 20, 9);
      for (const id of [1n, 2n, 3n]) await keep(screen, id, first, 0, 0);
      await screen.send(DisplayInvalAllPixmaps, { waitList: [] });
      for (const id of [1n, 2n, 3n]) await keep(screen, id, second, 30, 0);
      for (const id of [1n, 2n, 3n]) await again(screen, id, second, 30 * Number(id), 50);
      await screen.mustShow();
    },
  })
  .client("replaced", {
    title: "draws the better image that took the place of another",
    requirement:
      "The client MUST let an image with CACHE_REPLACE_ME take the place of its id, for FROM_CACHE_LOSSLESS, too",
    source: "spice-common canvas_base.c canvas_get_image_internal; spice-gtk channel-display.c image_replace_lossy",
    level: "must",
    covers: ["cache/image/replaced", "cache/image/drawn-lossless", "image/FROM_CACHE_LOSSLESS"],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), better = noise(30, 30, 11), flags = ImageFlags.CACHE_REPLACE_ME;
      const shown = (x: number, y: number) => pixelAt(better, x, y);
      await keep(screen, 7n, noise(30, 30, 10), 0, 0);
      await screen.copy(boxAt(40, 0, 30, 30), bitmapOf(better, { id: 7n, flags }), shown);
      await again(screen, 7n, better, 80, 0);
      const lossless = { ...cachedImage(7n, 30, 30), body: { is: "FROM_CACHE_LOSSLESS", value: null } as const };
      await screen.copy(boxAt(80, 50, 30, 30), lossless, shown);
      await screen.mustShow();
    },
  })
  .client("unknown", {
    title: "does not draw an image that it was never given",
    requirement: "The client MAY wait for another display channel to bring the image, hang up, or draw nothing",
    source: "spice-gtk channel-display.c image_get (g_coroutine_condition_wait)",
    level: "info",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await screen.copy(boxAt(0, 0, 20, 20), cachedImage(404n, 20, 20), null);
      await screen.mustNotBeHarmed();
    },
  });

export const paletteCache = group("display/palette_cache", "Display: the palette cache")
  .client("again", {
    title: "uses a palette again that it was told to keep",
    requirement: "The client MUST keep a palette with PAL_CACHE_ME and use it for PAL_FROM_CACHE of its id",
    source: PALETTES,
    level: "must",
    covers: ["cache/palette/kept", "cache/palette/used"],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), palette = paletteOf(21n, 1);
      await indexed(screen, palette, "keep", 0);
      await indexed(screen, palette, "again", 50);
      await indexed(screen, palette, "again", 100);
      await screen.mustShow();
    },
  })
  .client("ids_of_64_bits", {
    title: "tells palettes apart by all 64 bits of their ids",
    requirement: "The client MUST compare ids as numbers of 64 bits",
    source: PALETTES,
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      const palettes = [1n, 1n << 32n | 1n, 1n << 62n | 1n].map(paletteOf);
      for (const [i, palette] of palettes.entries()) await indexed(screen, palette, "keep", 50 * i);
      for (const [i, palette] of palettes.entries()) await indexed(screen, palette, "again", 100 - 50 * i);
      await screen.mustShow();
    },
  })
  .client("unkept", {
    title: "does not mix up a palette that is not to be kept with one of the same id",
    requirement: "The client MUST use the inline palette of an image, and keep the cached one of that id",
    source: "spice-common canvas_base.c canvas_get_palette (only PAL_CACHE_ME puts)",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), kept = paletteOf(5n, 1), other = paletteOf(5n, 2);
      await indexed(screen, kept, "keep", 0);
      await indexed(screen, other, "inline", 50);
      await indexed(screen, kept, "again", 100);
      await screen.mustShow();
    },
  })
  .client("dropped", {
    title: "takes another palette under an id that was dropped",
    requirement: "The client MUST forget the palette of INVAL_PALETTE and no other",
    source: "spice-gtk channel-display.c display_handle_inv_palette",
    level: "must",
    covers: ["display/server/DISPLAY_INVAL_PALETTE", "cache/palette/dropped-by-INVAL_PALETTE"],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), other = paletteOf(6n, 3);
      await indexed(screen, paletteOf(5n, 1), "keep", 0);
      await indexed(screen, other, "keep", 0);
      await screen.send(DisplayInvalPalette, { id: 5n });
      await indexed(screen, paletteOf(5n, 2), "keep", 0);
      await indexed(screen, paletteOf(5n, 2), "again", 50);
      await indexed(screen, other, "again", 100);
      await screen.mustShow();
    },
  })
  .client("dropped_all", {
    title: "takes all palettes anew after INVAL_ALL_PALETTES",
    requirement: "The client MUST forget all palettes and keep new ones under the same ids",
    source: "spice-gtk channel-display.c display_handle_inv_palette_all",
    level: "must",
    covers: ["display/server/DISPLAY_INVAL_ALL_PALETTES", "cache/palette/dropped-by-INVAL_ALL_PALETTES"],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      for (const id of [1n, 2n]) await indexed(screen, paletteOf(id, 1), "keep", 0);
      await screen.send(DisplayInvalAllPalettes, {});
      for (const id of [1n, 2n]) await indexed(screen, paletteOf(id, 2), "keep", 0);
      for (const id of [1n, 2n]) await indexed(screen, paletteOf(id, 2), "again", 50 * Number(id));
      await screen.mustShow();
    },
  })
  .client("unknown", {
    title: "is not harmed by a palette that it was never given",
    requirement: "The client SHOULD pass over the image or hang up, and not crash",
    source: "spice-gtk channel-display.c palette_get (NULL); spice-common pixman_utils.c bitmap_8_32_to_32",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = pictureOf(30, 30, (x) => x);
      const image = bitmapOf(picture, { format: BitmapFmt["8BIT"], paletteId: 404n });
      await screen.copy(boxAt(0, 0, 30, 30), image, null);
      await screen.copes();
    },
  });

/** Draws an image that is to be kept. */
async function keep(screen: ClientScreen, id: bigint, picture: Picture, left: number, top: number): Promise<void> {
  const image = bitmapOf(picture, { id, flags: ImageFlags.CACHE_ME });
  await screen.copy(boxAt(left, top, picture.width, picture.height), image, (x, y) => pixelAt(picture, x, y));
}

/** Draws an image that was kept. */
async function again(screen: ClientScreen, id: bigint, picture: Picture, left: number, top: number): Promise<void> {
  const { width, height } = picture;
  await screen.copy(boxAt(left, top, width, height), cachedImage(id, width, height), (x, y) => pixelAt(picture, x, y));
}

function paletteOf(unique: bigint, seed: number): Palette {
  return { unique, ents: Array.from({ length: 256 }, (_, i) => noiseAt(i, Number(unique % 1000n), seed)) };
}

/** Draws an image of 8-bit indexes. */
async function indexed(screen: ClientScreen, palette: Palette, how: "keep" | "inline" | "again", left: number) {
  const picture = pictureOf(30, 40, (x, y) => (7 * x + 11 * y) & 255), format = BitmapFmt["8BIT"];
  const image = how === "again"
    ? bitmapOf(picture, { format, paletteId: palette.unique })
    : bitmapOf(picture, { format, palette, keepPalette: how === "keep" });
  await screen.copy(boxAt(left, 20, 30, 40), image, (x, y) => palette.ents[pixelAt(picture, x, y)]!);
}
