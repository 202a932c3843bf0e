/** DRAW_COPY of BITMAP images: every format, row order, parts and scaling, and bitmaps that lie. */
import { DisplayDrawCopy } from "../../../protocol/messages/draw.ts";
import { BitmapFmt, Ropd } from "../../../protocol/messages/enums.ts";
import type { BitmapData, Palette, SpiceImage } from "../../../protocol/messages/image.ts";
import { encodeBytes } from "../../../protocol/schema/encode.ts";
import { group } from "../../suite/case.ts";
import { ClientScreen, SCREEN } from "../../suite/client_screen.ts";
import { bitmapOf, copyOf, through555 } from "../../suite/draws.ts";
import { boxAt, noise, noiseAt, paint, type Picture, pictureOf, pixelAt } from "../../suite/pictures.ts";

const CONVERT = "spice-common pixman_utils.c spice_bitmap_to_pixman";

/** Each format: how many palette entries it has, or what it leaves of a colour. */
const FORMATS: readonly (readonly [Exclude<keyof typeof BitmapFmt, symbol>, number, "must" | "should"])[] = [
  ["1BIT_LE", 2, "should"],
  ["1BIT_BE", 2, "must"],
  ["4BIT_LE", 16, "should"],
  ["4BIT_BE", 16, "must"],
  ["8BIT", 256, "must"],
  ["16BIT", 0, "must"],
  ["24BIT", 0, "must"],
  ["32BIT", 0, "must"],
  ["RGBA", 0, "must"],
];

/** How a bitmap comes by its palette; the last way needs the one before it. */
const PALETTES = ["inline", "inline-kept", "from-cache"] as const;

export const bitmap = group("display/bitmap", "Display: BITMAP images");
for (const [name, colors, level] of FORMATS) {
  const format: number = BitmapFmt[name];
  bitmap.client(name.toLowerCase(), {
    title: `draws a bitmap of format ${name}`,
    requirement: `The client ${level.toUpperCase()} read ${name} pixels${
      colors === 0 ? "" : " through the palette of the image"
    }, rows from the top down or from the bottom up`,
    source: `${CONVERT}; spice.proto bitmap_fmt`,
    level,
    covers: colors === 0
      ? [`image/BITMAP/${name}`]
      : PALETTES.map((palette) => `image/BITMAP/${name}/*/palette=${palette}`),
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), palette = paletteOf(1n, colors);
      // A width that is no multiple of what a byte holds.
      const picture = colors === 0 ? noise(45, 37, format) : indexes(45, 37, colors);
      const shown = (x: number, y: number) => {
        const pixel = pixelAt(picture, x, y);
        if (colors > 0) return palette.ents[pixel]!;
        return name === "16BIT" ? through555(pixel) : pixel;
      };
      for (const [row, topDown] of [true, false].entries()) {
        for (const [column, how] of (colors > 0 ? PALETTES : ["none"]).entries()) {
          const colored = how === "from-cache" ? { paletteId: 1n } : { palette, keepPalette: how === "inline-kept" };
          const image = bitmapOf(picture, { format, topDown, highByte: 255, ...(colors > 0 && colored) });
          await screen.copy(boxAt(4 + 50 * column, 7 + 50 * row, 45, 37), image, shown);
        }
      }
      await screen.mustShow();
    },
  });
}
bitmap
  .client("8bit_a", {
    title: "is not harmed by a bitmap that is nothing but alpha",
    requirement: "The client MAY draw 8BIT_A as black or not at all",
    source: "spice-common pixman_utils.c bitmap_8_to_8",
    level: "info",
    covers: ["image/BITMAP/8BIT_A"],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), format = BitmapFmt["8BIT_A"];
      for (const topDown of [true, false]) {
        await screen.copy(boxAt(10, 10, 40, 40), bitmapOf(indexes(40, 40, 256), { format, topDown }), () => 0);
      }
      await screen.mustNotBeHarmed();
    },
  })
  .client("high_byte", {
    title: "does not heed the fourth byte of a 32BIT pixel",
    requirement: "The client MUST draw 32BIT opaque, whatever bits 24 to 31 are",
    source: "spice.proto bitmap_fmt; spice-common canvas_base.c canvas_get_target_format (x8r8g8b8)",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(30, 30, 1);
      for (const [i, highByte] of [0, 0x80, 0xff].entries()) {
        const image = bitmapOf(picture, { highByte });
        await screen.copy(boxAt(40 * i, 20, 30, 30), image, (x, y) => pixelAt(picture, x, y));
      }
      await screen.mustShow();
    },
  })
  .client("padding", {
    title: "heeds the stride of a bitmap",
    requirement: "The client MUST begin each row `stride` bytes after the one before, whatever fills the gap",
    source: "spice.proto BitmapData.stride; spice-common pixman_utils.c bitmap_24_to_32",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(31, 23, 2);
      const images = [
        bitmapOf(picture, { format: BitmapFmt["24BIT"], padding: 3 }),
        bitmapOf(picture, { padding: 20, topDown: false }),
        bitmapOf(picture, { format: BitmapFmt["24BIT"], padding: 7, topDown: false }),
      ];
      for (const [i, image] of images.entries()) {
        await screen.copy(boxAt(4 + 50 * i, 10, 31, 23), image, (x, y) => pixelAt(picture, x, y));
      }
      await screen.mustShow();
    },
  })
  .client("part", {
    title: "draws a part of an image",
    requirement: "The client MUST draw the pixels of src_area, from its corner",
    source: "spice-common canvas_base.c canvas_draw_copy (bbox->left - src_area.left)",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(90, 60, 3);
      const parts = [boxAt(0, 0, 20, 9), boxAt(70, 51, 20, 9), boxAt(33, 17, 20, 9)];
      for (const topDown of [true, false]) {
        for (const [i, srcArea] of parts.entries()) {
          const to = boxAt(10 + 50 * i, topDown ? 5 : 50, 20, 9);
          const shown = (x: number, y: number) => pixelAt(picture, x + srcArea.left, y + srcArea.top);
          await screen.copy(to, bitmapOf(picture, { topDown }), shown, { srcArea });
        }
      }
      await screen.mustShow();
    },
  })
  .client("clip", {
    title: "draws an image inside the clip alone",
    requirement: "The client MUST cut an image by the clip and not move it",
    source: "spice-common canvas_base.c canvas_clip_pixman",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(80, 60, 4);
      const clip = [boxAt(30, 20, 10, 70), boxAt(50, 50, 60, 5), boxAt(0, 0, 25, 25)];
      await screen.copy(boxAt(20, 15, 80, 60), bitmapOf(picture), (x, y) => pixelAt(picture, x, y), { clip });
      await screen.mustShow();
    },
  })
  .client("scaled", {
    title: "scales an image by whole numbers, nearest pixel",
    requirement: "The client MUST fill the box with src_area when their sizes differ, mode NEAREST",
    source: "spice-common canvas_base.c canvas_draw_copy, sw_canvas.c __scale_image",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(20, 12, 5);
      const larger = (x: number, y: number) => pixelAt(picture, Math.floor(x / 3), Math.floor(y / 2));
      await screen.copy(boxAt(10, 10, 60, 24), bitmapOf(picture), larger, { srcArea: boxAt(0, 0, 20, 12) });
      const part = (x: number, y: number) => pixelAt(picture, 4 + Math.floor(x / 5), 3 + Math.floor(y / 5));
      await screen.copy(boxAt(90, 40, 50, 40), bitmapOf(picture), part, { srcArea: boxAt(4, 3, 10, 8) });
      await screen.mustShow();
    },
  })
  .client("rop", {
    title: "combines an image with the surface",
    requirement: "The client MUST heed the ROP descriptor of DRAW_COPY: XOR, AND with the image inverted, OR",
    source: "spice-common canvas_base.c canvas_draw_copy, ropd_descriptor_to_rop (ROP_INPUT_SRC, ROP_INPUT_DEST)",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), below = noise(SCREEN.width, SCREEN.height, 6);
      const picture = noise(40, 40, 7), all = boxAt(0, 0, SCREEN.width, SCREEN.height);
      await screen.copy(all, bitmapOf(below), (x, y) => pixelAt(below, x, y));
      const operations: readonly (readonly [number, (s: number, d: number) => number])[] = [
        [Ropd.OP_XOR, (s, d) => s ^ d],
        [Ropd.OP_AND | Ropd.INVERS_SRC, (s, d) => ~s & d],
        [Ropd.OP_OR, (s, d) => s | d],
      ];
      for (const [i, [ropd, formula]] of operations.entries()) {
        const shown = (x: number, y: number, before: number) => formula(pixelAt(picture, x, y), before);
        await screen.copy(boxAt(8 + 50 * i, 20, 40, 40), bitmapOf(picture), shown, { ropd });
      }
      await screen.mustShow();
    },
  })
  .client("outside", {
    title: "cuts an image at the edges of the surface",
    requirement: "The client SHOULD draw the part of an image that is inside the surface, unmoved",
    source: "spice-common canvas_base.c canvas_clip_pixman (canvas_region)",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(60, 60, 8);
      for (const [left, top] of [[-30, -20], [130, 70]] as const) {
        await screen.copy(boxAt(left, top, 60, 60), bitmapOf(picture), (x, y) => pixelAt(picture, x, y));
      }
      await screen.mustShow();
    },
  });

export const bitmapFaults = group("display/bitmap_faults", "Display: BITMAP images that lie");
const LIES: readonly (readonly [string, string, string, (image: SpiceImage) => SpiceImage])[] = [
  [
    "descriptor_larger",
    "whose descriptor says more pixels than the bitmap has",
    "spice.proto ImageDescriptor, BitmapData",
    (image) => ({ ...image, width: 4000, height: 4000 }),
  ],
  [
    "stride_short",
    "whose stride is shorter than a row",
    "spice-common pixman_utils.c bitmap_32_to_32",
    (image) => changed(image, ({ data }) => ({ stride: 16, data: data.subarray(0, 16 * 30) })),
  ],
  [
    "no_rows",
    "without rows",
    "spice-common pixman_utils.c spice_bitmap_to_pixman (spice_assert height > 0)",
    (image) => {
      return { ...changed(image, () => ({ y: 0, data: new Uint8Array(0) })), height: 0 };
    },
  ],
  ["format_unknown", "of a format that does not exist", "spice.proto bitmap_fmt", (image) => {
    return changed(image, () => ({ format: 77 }));
  }],
  ["no_palette", "of palette indexes without a palette", "spice-common pixman_utils.c bitmap_8_32_to_32", (image) => {
    return changed(image, ({ stride, data }) => ({ format: BitmapFmt["8BIT"], x: stride, data }));
  }],
];
for (const [name, what, source, lie] of LIES) {
  bitmapFaults.client(name, {
    title: `is not harmed by a bitmap ${what}`,
    requirement: "The client SHOULD pass over the message or hang up, and read nothing beyond the image",
    source,
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), image = lie(bitmapOf(noise(30, 30, 9)));
      await screen.send(DisplayDrawCopy, copyOf(boxAt(0, 0, 30, 30), image));
      await screen.copes();
    },
  });
}
bitmapFaults
  .client("no_palette_1bit", {
    title: "is not harmed by bitmaps of one bit, as masks have, that are drawn",
    requirement: "The client SHOULD pass over the message, hang up, or draw any two colours, and not crash",
    source: "spice-common pixman_utils.c bitmap_1be_32_to_32 (spice_error without a palette)",
    level: "should",
    covers: ["image/BITMAP/1BIT_BE/*/palette=absent", "image/BITMAP/1BIT_LE/*/palette=absent"],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      for (const format of [BitmapFmt["1BIT_BE"], BitmapFmt["1BIT_LE"]]) {
        for (const topDown of [true, false]) {
          const image = bitmapOf(indexes(30, 30, 2), { format, topDown });
          await screen.send(DisplayDrawCopy, copyOf(boxAt(0, 0, 30, 30), image));
          if (!await screen.copes()) return;
        }
      }
    },
  })
  .client("index_beyond", {
    title: "is not harmed by an index beyond the palette",
    requirement: "The client SHOULD pass over the message, hang up, or draw any colour, and not crash",
    source: "spice-common pixman_utils.c bitmap_8_32_to_32 (spice_error on a short palette)",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      const image = bitmapOf(indexes(30, 30, 256), { format: BitmapFmt["8BIT"], palette: paletteOf(1n, 4) });
      await screen.send(DisplayDrawCopy, copyOf(boxAt(0, 0, 30, 30), image));
      await screen.copes();
    },
  })
  .client("area_beyond", {
    title: "reads nothing beyond an image",
    requirement: "The client SHOULD draw nothing where src_area lies outside the image",
    source: "spice-common sw_canvas.c __blit_image, pixman_utils.c spice_pixman_blit",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(30, 30, 10);
      const srcArea = boxAt(-10, 20, 60, 40), box = boxAt(40, 30, 60, 40);
      await screen.copy(box, bitmapOf(picture), null, { srcArea });
      paint(screen.expected, box, (x, y, before) => {
        const fromX = x - box.left - 10, fromY = y - box.top + 20;
        return fromX >= 0 && fromX < 30 && fromY < 30 ? pixelAt(picture, fromX, fromY) : before;
      });
      await screen.mustNotBeHarmed();
    },
  })
  .client("data_missing", {
    title: "is not harmed by a message that ends before its bitmap does",
    requirement: "The client SHOULD pass over the message or hang up, and read nothing beyond the message",
    source: "spice.proto BitmapData (the generated demarshaller checks against message_end)",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      const body = encodeBytes(DisplayDrawCopy.wire, copyOf(boxAt(0, 0, 30, 30), bitmapOf(noise(30, 30, 11))));
      await screen.talk.sendBody(DisplayDrawCopy.id, body.subarray(0, body.length - 100), DisplayDrawCopy.name);
      await screen.mustNotBeHarmed();
    },
  });

/** A palette whose colours are not those of another. */
function paletteOf(unique: bigint, count: number): Palette {
  return { unique, ents: Array.from({ length: count }, (_, i) => noiseAt(i, count, Number(unique))) };
}

/** A picture of palette indexes. */
function indexes(width: number, height: number, count: number): Picture {
  return pictureOf(width, height, (x, y) => noiseAt(x, y, 77) % count);
}

function changed(image: SpiceImage, change: (data: BitmapData) => Partial<BitmapData>): SpiceImage {
  if (image.body.is !== "BITMAP") return image;
  const { value } = image.body;
  return { ...image, body: { is: "BITMAP", value: { ...value, ...change(value) } } };
}
