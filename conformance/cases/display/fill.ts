/** DRAW_FILL with a solid brush. */
import { Ropd } from "../../../protocol/messages/enums.ts";
import { group } from "../../suite/case.ts";
import { ClientScreen, SCREEN } from "../../suite/client_screen.ts";
import { bitmapOf } from "../../suite/draws.ts";
import { type Box, boxAt, noise, paint, pixelAt } from "../../suite/pictures.ts";

const ALL = boxAt(0, 0, SCREEN.width, SCREEN.height);
const FILL = "spice-common canvas_base.c canvas_draw_fill";

export const fill = group("display/fill", "Display: DRAW_FILL")
  .client("boxes", {
    title: "fills boxes in every corner",
    requirement:
      "The client MUST read a Rect as top, left, bottom, right and fill the pixels from the first to before the last",
    source: "spice.proto Rect; spice-common canvas_base.c canvas_draw_fill",
    level: "must",
    covers: [
      "display/server/DISPLAY_DRAW_FILL/base.clip.shape=NONE",
      "display/server/DISPLAY_DRAW_FILL/data.brush.paint=SOLID",
    ],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), { width, height } = SCREEN;
      await screen.fill(boxAt(0, 0, 31, 7), 0xff0000);
      await screen.fill(boxAt(width - 5, 0, 5, 41), 0x00ff00);
      await screen.fill(boxAt(0, height - 3, 90, 3), 0x0000ff);
      await screen.fill(boxAt(width - 13, height - 29, 13, 29), 0xffff00);
      await screen.fill(boxAt(60, 20, 40, 9), 0x00ffff);
      await screen.fill(boxAt(50, 50, 1, 1), 0xffffff);
      await screen.mustShow();
    },
  })
  .client("order", {
    title: "draws in the order of the messages",
    requirement: "The client MUST draw a later box over an earlier one",
    source: FILL,
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      for (let i = 0; i < 40; i++) await screen.fill(boxAt(2 * i, i, 60, 40), 0x010203 * (i + 1));
      await screen.mustShow();
    },
  })
  .client("color", {
    title: "takes a colour as 0x00RRGGBB",
    requirement: "The client MUST take red from bits 16 to 23 of a solid brush, and SHOULD not heed bits 24 to 31",
    source: "spice-common canvas_base.c draw_brush (SPICE_BRUSH_TYPE_SOLID)",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await screen.fill(boxAt(0, 0, 30, 30), 0x102030);
      await screen.fill(boxAt(40, 0, 30, 30), 0xff405060);
      await screen.fill(boxAt(80, 0, 30, 30), 0x80708090);
      await screen.mustShow();
    },
  })
  .client("clip_one", {
    title: "draws inside a clip alone",
    requirement: "The client MUST draw nothing outside the rectangle of a clip of type RECTS",
    source: "spice-common canvas_base.c canvas_clip_pixman",
    level: "must",
    covers: [
      "display/server/DISPLAY_DRAW_FILL/base.clip.shape=RECTS",
      "display/server/DISPLAY_DRAW_FILL/base.clip.shape<RECTS>.rects=filled",
    ],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await screen.fill(boxAt(10, 10, 100, 60), 0x00ff00, { clip: [boxAt(50, 5, 30, 40)] });
      await screen.mustShow();
    },
  })
  .client("clip_none_of_all", {
    title: "draws nothing under a clip without rectangles",
    requirement: "The client MUST take a clip of type RECTS with no rectangle for empty, not for no clip",
    source: "spice-common canvas_base.c canvas_clip_pixman",
    level: "must",
    covers: ["display/server/DISPLAY_DRAW_FILL/base.clip.shape<RECTS>.rects=empty"],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await screen.fill(ALL, 0x336699);
      await screen.fill(boxAt(10, 10, 100, 60), 0xff0000, { clip: [] });
      await screen.mustShow();
    },
  })
  .client("clip_many", {
    title: "draws through a clip of 300 rectangles",
    requirement: "The client MUST draw inside all rectangles of a clip, also where they overlap",
    source: "spice-common canvas_base.c canvas_clip_pixman, spice_pixman_region32_init_rects",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      const clip = Array.from({ length: 300 }, (_, i): Box => boxAt(i * 7 % 150, i * 13 % 90, 1 + i % 9, 1 + i % 5));
      await screen.fill(boxAt(5, 5, 140, 90), 0xffcc00, { clip });
      await screen.mustShow();
    },
  })
  .client("clip_inverts_once", {
    title: "inverts a pixel once where two rectangles of the clip overlap",
    requirement: "The client MUST take a clip for the union of its rectangles",
    source: "spice-common canvas_base.c canvas_clip_pixman (a region)",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), clip = [boxAt(20, 20, 40, 40), boxAt(40, 30, 40, 40)];
      await screen.fill(ALL, 0x0f0f0f);
      await screen.fill(ALL, 0, { clip, ropd: Ropd.OP_INVERS });
      paint(screen.expected, ALL, (_x, _y, before) => ~before, clip);
      await screen.mustShow();
    },
  })
  .client("outside", {
    title: "cuts a box at the edges of the surface",
    requirement: "The client SHOULD draw the part of a box that is inside the surface, and no other",
    source: "spice-common canvas_base.c canvas_clip_pixman (canvas_region)",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), { width, height } = SCREEN;
      await screen.fill(boxAt(-20, -10, 50, 30), 0xff0000);
      await screen.fill(boxAt(width - 10, height - 10, 50, 50), 0x00ff00);
      await screen.fill(boxAt(width, 0, 50, 50), 0x0000ff);
      await screen.fill(boxAt(0, -50, 50, 50), 0x0000ff);
      await screen.mustShow();
    },
  })
  .client("extreme", {
    title: "is not harmed by a box as large as numbers go",
    requirement: "The client SHOULD draw inside the surface, pass over the message, or hang up, and not crash",
    source: "spice-common canvas_base.c canvas_draw_fill (bbox->right - bbox->left overflows)",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await screen.fill({ top: -0x80000000, left: -0x80000000, bottom: 0x7fffffff, right: 0x7fffffff }, 0);
      await screen.mustNotBeHarmed();
    },
  })
  .client("inside_out", {
    title: "is not harmed by a box whose right is left of its left",
    requirement: "The client SHOULD draw nothing for such a box, or hang up",
    source: "spice-common canvas_base.c canvas_draw_fill (pixman_region32_init_rect of negative sizes)",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await screen.fill({ left: 90, right: 40, top: 20, bottom: 60 }, 0xff0000);
      await screen.fill({ left: 40, right: 90, top: 60, bottom: 20 }, 0xff0000);
      await screen.mustNotBeHarmed();
    },
  });

/** Operations of a brush (b) with what is there (d). Source: spice-common canvas_base.c ropd_descriptor_to_rop. */
const OPERATIONS: readonly (readonly [string, number, string, (b: number, d: number) => number])[] = [
  ["put", Ropd.OP_PUT, "put the brush", (b) => b],
  ["put_inverted_brush", Ropd.OP_PUT | Ropd.INVERS_BRUSH, "put the inverted brush", (b) => ~b],
  ["put_inverted_result", Ropd.OP_PUT | Ropd.INVERS_RES, "put the brush, inverted at the end", (b) => ~b],
  ["or", Ropd.OP_OR, "combine both by OR", (b, d) => b | d],
  ["or_inverted_brush", Ropd.OP_OR | Ropd.INVERS_BRUSH, "combine by OR, the brush inverted", (b, d) => ~b | d],
  ["and", Ropd.OP_AND, "combine both by AND", (b, d) => b & d],
  ["and_inverted_dest", Ropd.OP_AND | Ropd.INVERS_DEST, "combine by AND, the surface inverted", (b, d) => b & ~d],
  ["and_inverted_result", Ropd.OP_AND | Ropd.INVERS_RES, "combine by AND and invert", (b, d) => ~(b & d)],
  ["xor", Ropd.OP_XOR, "combine both by XOR", (b, d) => b ^ d],
  ["xor_all_inverted", 0x447, "let three inversions of a XOR be one", (b, d) => ~(~b ^ ~d)],
  ["blackness", Ropd.OP_BLACKNESS, "paint black", () => 0],
  ["whiteness", Ropd.OP_WHITENESS, "paint white", () => 0xffffff],
  ["invers", Ropd.OP_INVERS, "invert the surface", (_, d) => ~d],
];

export const rops = group("display/rop", "Display: raster operations of DRAW_FILL");
for (const [name, ropd, does, formula] of OPERATIONS) {
  rops.client(name, {
    title: `can ${does}`,
    requirement: `The client MUST ${does} for a descriptor of 0x${ropd.toString(16)}`,
    source: "spice-common canvas_base.c ropd_descriptor_to_rop; spice.proto ropd",
    level: "must",
    covers: bitsOf(ropd).map((bit) => `display/server/DISPLAY_DRAW_FILL/data.ropDescriptor=${bit}`),
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(SCREEN.width, SCREEN.height, ropd);
      const box = boxAt(20, 10, 100, 70), brush = 0x3355cc;
      await screen.copy(ALL, bitmapOf(picture), (x, y) => pixelAt(picture, x, y));
      await screen.fill(box, brush, { ropd });
      paint(screen.expected, box, (_x, _y, before) => formula(brush, before));
      await screen.mustShow();
    },
  });
}

/** Names of the bits of a descriptor. */
function bitsOf(ropd: number): string[] {
  return Object.entries(Ropd).filter(([, bit]) => typeof bit === "number" && (ropd & bit) !== 0).map(([name]) => name);
}
