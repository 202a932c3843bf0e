/** Surfaces of a client: made, shown, and gone. */
import {
  DisplayMark,
  DisplayReset,
  DisplaySurfaceCreate,
  DisplaySurfaceDestroy,
} from "../../../protocol/messages/display.ts";
import { SurfaceFlags, SurfaceFmt } from "../../../protocol/messages/enums.ts";
import { group } from "../../suite/case.ts";
import { ClientScreen, SCREEN } from "../../suite/client_screen.ts";
import { bitmapOf, surfaceImage } from "../../suite/draws.ts";
import { blank, boxAt, noise, pixelAt } from "../../suite/pictures.ts";

const ALL = boxAt(0, 0, SCREEN.width, SCREEN.height);

export const surfaces = group("display/surfaces", "Display: surfaces")
  .client("primary", {
    title: "shows a primary surface of the size that the server says",
    requirement: "The client MUST show the pixels of a surface with flag PRIMARY",
    source: "spice-gtk channel-display.c display_handle_surface_create",
    level: "must",
    covers: [
      "display/server/DISPLAY_SURFACE_CREATE/flags=PRIMARY",
      "display/server/DISPLAY_SURFACE_CREATE/format=32_xRGB",
    ],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer, { size: { width: 321, height: 203 } });
      const picture = noise(321, 203, 1);
      await screen.copy(boxAt(0, 0, 321, 203), bitmapOf(picture), (x, y) => pixelAt(picture, x, y));
      await screen.mustShow();
    },
  })
  .client("before_mark", {
    title: "draws what comes before MARK",
    requirement: "The client MUST draw before MARK, which only says that the picture can be shown",
    source: "spice-server dcc.cpp dcc_start (the surface's image is pushed before DISPLAY_MARK)",
    level: "must",
    run: async (peer) => {
      const screen = await unmade(peer);
      await create(screen, 0, SCREEN.width, SCREEN.height, SurfaceFlags.PRIMARY);
      await screen.fill(ALL, 0x204060);
      await screen.fill(boxAt(3, 5, 40, 20), 0xff8000);
      await screen.send(DisplayMark, {});
      await screen.mustShow();
    },
  })
  .client("other_id", {
    title: "takes the primary surface from its flag, not from its number",
    requirement: "The client SHOULD show the surface that was created with PRIMARY, whatever its number",
    source: "spice-gtk channel-display.c find_surface; spice.proto surface_flags",
    level: "should",
    run: async (peer) => {
      const screen = await unmade(peer), picture = noise(SCREEN.width, SCREEN.height, 2);
      await create(screen, 5, SCREEN.width, SCREEN.height, SurfaceFlags.PRIMARY);
      await screen.copy(ALL, bitmapOf(picture), (x, y) => pixelAt(picture, x, y), { surfaceId: 5 });
      await screen.send(DisplayMark, {});
      await screen.mustShow();
    },
  })
  .client("resized", {
    title: "follows the server to another size",
    requirement: "The client MUST show the new primary after SURFACE_DESTROY and SURFACE_CREATE of another size",
    source: "spice-gtk channel-display.c display_handle_surface_destroy, create_canvas",
    level: "must",
    covers: ["display/server/DISPLAY_SURFACE_DESTROY"],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      for (const { width, height } of [{ width: 64, height: 200 }, { width: 200, height: 48 }]) {
        await screen.send(DisplaySurfaceDestroy, { surfaceId: 0 });
        await create(screen, 0, width, height, SurfaceFlags.PRIMARY);
        const picture = noise(width, height, width);
        screen.expected = blank(width, height);
        await screen.copy(boxAt(0, 0, width, height), bitmapOf(picture), (x, y) => pixelAt(picture, x, y));
        await screen.send(DisplayMark, {});
        await screen.mustShow();
      }
    },
  })
  .client("fresh", {
    title: "begins a surface in black",
    requirement: "The client SHOULD begin every surface with all pixels 0",
    source: "spice-gtk channel-display.c create_canvas (g_malloc0)",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await screen.fill(ALL, 0xffffff);
      await screen.send(DisplaySurfaceDestroy, { surfaceId: 0 });
      await create(screen, 0, 100, 60, SurfaceFlags.PRIMARY);
      await screen.send(DisplayMark, {});
      screen.expected = blank(100, 60);
      await screen.mustShow();
    },
  })
  .client("offscreen_hidden", {
    title: "keeps surfaces apart",
    requirement: "The client MUST NOT show what is drawn on a surface without PRIMARY",
    source: "spice-gtk channel-display.c DRAW (only a primary surface is invalidated)",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await screen.fill(boxAt(10, 10, 20, 20), 0x00ff00);
      await create(screen, 7, SCREEN.width, SCREEN.height);
      await screen.fill(ALL, 0xff0000, { surfaceId: 7 });
      await screen.mustShow();
    },
  })
  .client("offscreen_source", {
    title: "copies from an off-screen surface",
    requirement: "The client MUST draw an image of type SURFACE from the pixels of that surface",
    source: "spice-common canvas_base.c canvas_draw_copy, canvas_get_surface_internal",
    level: "must",
    covers: ["image/SURFACE", "display/server/DISPLAY_DRAW_COPY/data.srcBitmap.body=SURFACE"],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(50, 30, 3);
      await create(screen, 2, 50, 30);
      await screen.copy(boxAt(0, 0, 50, 30), bitmapOf(picture), null, { surfaceId: 2 });
      const image = surfaceImage(2, 50, 30), srcArea = boxAt(10, 5, 40, 25);
      await screen.copy(boxAt(100, 60, 40, 25), image, (x, y) => pixelAt(picture, x + 10, y + 5), { srcArea });
      await screen.mustShow();
    },
  })
  .client("offscreen_later", {
    title: "copies what a surface holds at that time",
    requirement:
      "The client MUST draw a SURFACE image as it is then: what is drawn on it later does not change the copy",
    source: "spice-common canvas_base.c canvas_draw_copy (blit_image_from_surface)",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), image = surfaceImage(2, 20, 20), whole = boxAt(0, 0, 20, 20);
      await create(screen, 2, 20, 20);
      for (const [i, color] of [0x110000, 0x002200, 0x000033].entries()) {
        await screen.fill(whole, color, { surfaceId: 2 });
        await screen.copy(boxAt(30 * i, 10, 20, 20), image, () => color);
      }
      await screen.mustShow();
    },
  })
  .client("offscreen_chain", {
    title: "copies from surface to surface",
    requirement: "The client MUST draw from one off-screen surface onto another",
    source: "spice-common canvas_base.c canvas_draw_copy; spice-server dcc.cpp add_drawable_surface_images",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(32, 32, 4), whole = boxAt(0, 0, 32, 32);
      for (const id of [2, 3, 4]) await create(screen, id, 32, 32);
      await screen.copy(whole, bitmapOf(picture), null, { surfaceId: 2 });
      await screen.copy(whole, surfaceImage(2, 32, 32), null, { surfaceId: 3 });
      await screen.fill(whole, 0xffffff, { surfaceId: 2 });
      await screen.copy(boxAt(8, 0, 24, 32), surfaceImage(3, 32, 32), null, { surfaceId: 4 });
      await screen.copy(
        boxAt(40, 40, 32, 32),
        surfaceImage(4, 32, 32),
        (x, y) => x < 8 ? 0 : pixelAt(picture, x - 8, y),
      );
      await screen.mustShow();
    },
  })
  .client("to_offscreen", {
    title: "copies from the primary surface",
    requirement: "The client MUST be able to draw the primary surface onto another",
    source: "spice-common canvas_base.c canvas_get_surface_internal",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(40, 40, 5);
      await create(screen, 9, 40, 40);
      await screen.copy(boxAt(20, 10, 40, 40), bitmapOf(picture), (x, y) => pixelAt(picture, x, y));
      const srcArea = boxAt(20, 10, 40, 40), primary = surfaceImage(0, SCREEN.width, SCREEN.height);
      await screen.copy(boxAt(0, 0, 40, 40), primary, null, { surfaceId: 9, srcArea });
      await screen.fill(ALL, 0x334455);
      await screen.copy(boxAt(90, 50, 40, 40), surfaceImage(9, 40, 40), (x, y) => pixelAt(picture, x, y));
      await screen.mustShow();
    },
  })
  .client("number_reused", {
    title: "makes a surface anew under a number that was in use",
    requirement: "The client MUST take a number again after SURFACE_DESTROY, with another size",
    source: "spice-server display-channel.cpp display_channel_destroy_surface (ids are the guest's and come again)",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await create(screen, 3, 10, 10);
      await screen.fill(boxAt(0, 0, 10, 10), 0xff0000, { surfaceId: 3 });
      await screen.send(DisplaySurfaceDestroy, { surfaceId: 3 });
      await create(screen, 3, 30, 20);
      await screen.fill(boxAt(12, 12, 18, 8), 0x0000ff, { surfaceId: 3 });
      const inside = (x: number, y: number) => x >= 12 && y >= 12 ? 0x0000ff : 0;
      await screen.copy(boxAt(5, 5, 30, 20), surfaceImage(3, 30, 20), inside);
      await screen.mustShow();
    },
  })
  .client("from_16_bits", {
    title: "copies from a surface of 16 bits onto one of 32",
    requirement: "The client SHOULD widen x1r5g5b5 when it draws a surface 16_555 onto one of 32 bits, and not crash",
    source: "spice-common canvas_base.c canvas_draw_copy (blit_image_from_surface), canvas_16bpp_to_32bpp",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await create(screen, 6, 20, 10, 0, SurfaceFmt["16_555"]);
      await screen.fill(boxAt(0, 0, 20, 10), 0x7c1f, { surfaceId: 6 });
      await screen.copy(boxAt(40, 40, 20, 10), surfaceImage(6, 20, 10), () => 0xff00ff);
      await screen.mustShow();
    },
  })
  .client("reset", {
    title: "blanks the screen at RESET",
    requirement: "The client SHOULD clear the primary surface at DISPLAY_RESET and go on",
    source: "spice-gtk channel-display.c display_handle_reset",
    level: "should",
    covers: ["display/server/DISPLAY_RESET"],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await screen.fill(ALL, 0x123456);
      await screen.send(DisplayReset, {});
      screen.expected = blank(SCREEN.width, SCREEN.height);
      await screen.fill(boxAt(1, 2, 3, 4), 0xffffff);
      await screen.mustShow();
    },
  });

export const surfaceFaults = group("display/surface_faults", "Display: surfaces that are not there, or cannot be")
  .client("destroy_unknown", {
    title: "passes over the end of a surface that it does not have",
    requirement: "The client SHOULD pass over SURFACE_DESTROY of an unknown surface and go on",
    source: "spice-gtk channel-display.c display_handle_surface_destroy",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await screen.send(DisplaySurfaceDestroy, { surfaceId: 77 });
      await screen.fill(boxAt(4, 4, 8, 8), 0xabcdef);
      await screen.mustShow();
    },
  })
  .client("draw_unknown", {
    title: "is not harmed by drawing on a surface that it does not have",
    requirement: "The client SHOULD pass over the message or hang up",
    source: "spice-gtk channel-display.c DRAW (g_return_if_fail)",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await screen.fill(ALL, 0xff0000, { surfaceId: 77 });
      await screen.mustNotBeHarmed();
    },
  })
  .client("source_unknown", {
    title: "is not harmed by an image that is a surface which it does not have",
    requirement: "The client SHOULD pass over the message or hang up",
    source: "spice-gtk channel-display.c surfaces_get; spice-common canvas_base.c canvas_get_surface_internal",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await screen.copy(boxAt(0, 0, 20, 20), surfaceImage(77, 20, 20), null);
      await screen.mustNotBeHarmed();
    },
  })
  .client("create_twice", {
    title: "is not harmed by a surface that is created twice",
    requirement: "The client SHOULD take the second SURFACE_CREATE of an off-screen surface for a new one, or hang up",
    source: "spice-gtk channel-display.c create_canvas (g_hash_table_insert)",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await create(screen, 3, 10, 10);
      await create(screen, 3, 40, 40);
      await screen.fill(boxAt(0, 0, 40, 40), 0xff, { surfaceId: 3 });
      if (!await screen.copes()) return;
      await screen.copy(boxAt(0, 0, 40, 40), surfaceImage(3, 40, 40), () => 0xff);
      await screen.mustShow();
    },
  })
  .client("mark_without", {
    title: "is not harmed by MARK without a primary surface",
    requirement: "The client SHOULD pass over a MARK that comes before the primary surface, or hang up",
    source: "spice-gtk channel-display.c display_handle_mark (g_return_if_fail)",
    level: "should",
    run: async (peer) => {
      const screen = await unmade(peer);
      await screen.send(DisplayMark, {});
      if (!await screen.copes()) return;
      await create(screen, 0, SCREEN.width, SCREEN.height, SurfaceFlags.PRIMARY);
      await screen.fill(ALL, 0x808080);
      await screen.send(DisplayMark, {});
      await screen.mustShow();
    },
  })
  .client("size_overflow", {
    title: "is not harmed by a surface whose bytes do not fit 32 bits",
    requirement:
      "The client SHOULD refuse a surface of 65536 × 65537 pixels, whose size in bytes is 0x40000 modulo 2^32",
    source: "spice-gtk channel-display.c display_handle_surface_create (surface->size is an int)",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await create(screen, 3, 0x10000, 0x10001);
      await screen.fill(boxAt(0, 0, 0x10000, 0x8000), 0xffffff, { surfaceId: 3 });
      await screen.mustNotBeHarmed();
    },
  })
  .client("size_zero", {
    title: "is not harmed by a surface without pixels",
    requirement: "The client SHOULD refuse a surface of 0 × 0 pixels or make it, and not crash",
    source:
      "spice-gtk channel-display.c display_handle_surface_create; spice-common sw_canvas.c canvas_create_for_data",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await create(screen, 3, 0, 0);
      await screen.fill(boxAt(0, 0, 10, 10), 0xffffff, { surfaceId: 3 });
      await screen.mustNotBeHarmed();
    },
  })
  .client("format_unknown", {
    title: "is not harmed by a surface of a format that does not exist",
    requirement: "The client SHOULD refuse a surface of format 33, and not crash",
    source: "spice.proto surface_fmt; spice-common canvas_base.c canvas_base_init",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await create(screen, 3, 16, 16, 0, 33);
      await screen.fill(boxAt(0, 0, 16, 16), 0xffffff, { surfaceId: 3 });
      await screen.mustNotBeHarmed();
    },
  });

/** A client whose display channel has said DISPLAY_INIT and has been told nothing. */
async function unmade(peer: Parameters<typeof ClientScreen.open>[0]): Promise<ClientScreen> {
  return await ClientScreen.open(peer, { greet: (name) => name !== "display" });
}

function create(
  screen: ClientScreen,
  surfaceId: number,
  width: number,
  height: number,
  flags = 0,
  format: number = SurfaceFmt["32_xRGB"],
): Promise<void> {
  return screen.send(DisplaySurfaceCreate, { surfaceId, width, height, format, flags });
}
