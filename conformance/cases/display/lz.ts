/** DRAW_COPY of LZ_RGB and LZ_PLT images. */
import type { Palette, SpiceImage } from "../../../protocol/messages/image.ts";
import { group } from "../../suite/case.ts";
import { ClientScreen } from "../../suite/client_screen.ts";
import { cachedImage, through555 } from "../../suite/draws.ts";
import { LzImageType, type LzOptions, lzStream } from "../../suite/lz_stream.ts";
import { boxAt, noise, noiseAt, type Picture, pictureOf, pixelAt } from "../../suite/pictures.ts";

const DECODE = "spice-common canvas_base.c canvas_get_lz, lz.c lz_decode, lz_decompress_tmpl.c";

const TYPES: readonly (readonly [keyof typeof LzImageType, number])[] = [
  ["RGB32", 0],
  ["RGB24", 0],
  ["RGB16", 0],
  ["RGBA", 0],
  ["PLT1_LE", 2],
  ["PLT1_BE", 2],
  ["PLT4_LE", 16],
  ["PLT4_BE", 16],
  ["PLT8", 256],
];

export const lz = group("display/lz", "Display: LZ images");
for (const [name, colors] of TYPES) {
  lz.client(name.toLowerCase(), {
    title: `draws an LZ image of type ${name}`,
    requirement: `The client MUST decode literals and matches of ${name}, rows from the top down or from the bottom up`,
    source: DECODE,
    level: "must",
    covers: colors === 0 ? [`image/LZ_RGB/${name}`] : [`image/LZ_PLT/${name}/*/palette=inline`],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), type = LzImageType[name], palette = paletteOf(colors);
      const picture = pictureOf(43, 31, (x, y) => {
        // Half of it noise, half of it runs.
        const pixel = x < 20 ? noiseAt(x, y, type) : noiseAt(x >> 3, y >> 2, type);
        return colors === 0 ? pixel : pixel % colors;
      });
      for (const [i, topDown] of [true, false, true, false].entries()) {
        const image = imageOf(picture, { type, topDown, matches: i >= 2 }, colors === 0 ? null : palette);
        await screen.copy(boxAt(i % 2 * 80 + 3, i < 2 ? 4 : 60, 43, 31), image, (x, y) => {
          const pixel = pixelAt(picture, x, y);
          if (colors > 0) return palette.ents[pixel]!;
          return name === "RGB16" ? through555(pixel) : pixel;
        });
      }
      await screen.mustShow();
    },
  });
}
lz
  .client("a8", {
    title: "is not harmed by an LZ image that is nothing but alpha",
    requirement: "The client MAY draw A8 as black or not at all",
    source: "spice-common canvas_base.c canvas_get_lz (LZ_IMAGE_TYPE_A8)",
    level: "info",
    covers: ["image/LZ_RGB/A8"],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), type = LzImageType.A8;
      const picture = pictureOf(30, 30, (x, y) => noiseAt(x, y, 8) & 255);
      for (const topDown of [true, false]) {
        await screen.copy(boxAt(10, 10, 30, 30), imageOf(picture, { type, topDown }), () => 0);
      }
      await screen.mustNotBeHarmed();
    },
  })
  .client("long_matches", {
    title: "decodes matches of any length",
    requirement: "The client MUST add all length bytes up to the first below 255",
    source: "spice-common lz_decompress_tmpl.c (len == 7 - 1 … do code = *ip while code == 255)",
    level: "must",
    run: async (peer) => {
      const size = { width: 300, height: 200 }, screen = await ClientScreen.open(peer, { size });
      // Runs of 7, 8, 261, 262, 263 and more pixels: where another length byte begins.
      const ends: number[] = [];
      for (const run of [7, 8, 9, 261, 262, 263, 264, 516, 517, 518, 5000, 20000]) ends.push(run + (ends.at(-1) ?? 0));
      const picture = pictureOf(300, 200, (x, y) => noiseAt(ends.findIndex((end) => y * 300 + x < end), 0, 3));
      await screen.copy(boxAt(0, 0, 300, 200), imageOf(picture, { matches: true }), (x, y) => pixelAt(picture, x, y));
      await screen.mustShow();
    },
  })
  .client("far_matches", {
    title: "decodes matches from far away",
    requirement: "The client MUST take a distance of 13 set bits for 8192 more than the 16 bits behind it",
    source: "spice-common lz_common.h MAX_DISTANCE 8191, lz_decompress_tmpl.c (ofs == 31 << 8, code == 255)",
    level: "must",
    run: async (peer) => {
      const size = { width: 320, height: 260 }, screen = await ClientScreen.open(peer, { size });
      // A row comes again 26 and 200 rows below: 8320 and 64000 pixels away.
      const picture = pictureOf(320, 260, (x, y) => noiseAt(x, y >= 226 ? y - 200 : y % 26, 4));
      await screen.copy(boxAt(0, 0, 320, 260), imageOf(picture, { matches: true }), (x, y) => pixelAt(picture, x, y));
      await screen.mustShow();
    },
  })
  .client("cached", {
    title: "keeps an LZ image",
    requirement: "The client MUST keep an LZ image with CACHE_ME as it keeps a bitmap",
    source: "spice-common canvas_base.c canvas_get_image_internal",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(30, 30, 5), shown = colorsOf(picture);
      await screen.copy(boxAt(0, 0, 30, 30), { ...imageOf(picture, { topDown: false }), id: 4n, flags: 1 }, shown);
      await screen.copy(boxAt(80, 50, 30, 30), cachedImage(4n, 30, 30), shown);
      await screen.mustShow();
    },
  })
  .client("part", {
    title: "draws a part of an LZ image",
    requirement: "The client MUST draw the pixels of src_area",
    source: "spice-common canvas_base.c canvas_draw_copy",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(70, 50, 6), srcArea = boxAt(40, 10, 20, 30);
      const part = (x: number, y: number) => pixelAt(picture, x + 40, y + 10);
      await screen.copy(boxAt(5, 5, 20, 30), imageOf(picture, {}), part, { srcArea });
      await screen.copy(boxAt(100, 50, 20, 30), imageOf(picture, { topDown: false }), part, { srcArea });
      await screen.mustShow();
    },
  });

/** How a stream of 30 × 30 noise is spoiled. */
const SPOILED: readonly (readonly [string, string, (picture: Picture) => Uint8Array])[] = [
  ["truncated", "that ends too early", (picture) => lzStream(picture).subarray(0, 500)],
  ["empty", "of no bytes", () => new Uint8Array(0)],
  ["magic", "without its magic", (picture) => lzStream(picture, { header: { magic: 0x4c5a2020 } })],
  ["version", "of an unknown version", (picture) => lzStream(picture, { header: { version: 0x00020001 } })],
  ["type", "of an unknown type", (picture) => lzStream(picture, { header: { type: 99 } })],
  ["larger", "whose header says more pixels than the descriptor", (picture) => {
    return lzStream(picture, { header: { width: 3000, height: 3000, stride: 12000 } });
  }],
  ["smaller", "whose header says fewer pixels than the descriptor", (picture) => {
    return lzStream(picture, { header: { width: 10, height: 10, stride: 40 } });
  }],
  ["before_first", "with a match from before the first pixel", (picture) => {
    const stream = lzStream(picture);
    stream.set([0x3f, 0xff, 0xff, 0xff], 28);
    return stream;
  }],
  ["overrun", "with a match that ends beyond the last pixel", (picture) => {
    const head = lzStream(picture).subarray(0, 28), rest = new Uint8Array(4096).fill(255);
    rest.set([0, 1, 2, 3, 0xe0], 0);
    rest.set([0, 0], 4000);
    const stream = new Uint8Array(28 + rest.length);
    stream.set(head);
    stream.set(rest, 28);
    return stream;
  }],
];

export const lzFaults = group("display/lz_faults", "Display: LZ images that lie");
for (const [name, what, spoil] of SPOILED) {
  lzFaults.client(name, {
    title: `is not harmed by an LZ stream ${what}`,
    requirement: "The client SHOULD pass over the message or hang up, and neither crash nor hang",
    source: "spice-common lz.c lz_decode_begin, lz_decompress_tmpl.c (bounds), canvas_base.c canvas_get_lz",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      const image = rgbImage(30, 30, spoil(noise(30, 30, 7)));
      await screen.copy(boxAt(0, 0, 30, 30), image, null);
      await screen.copes();
    },
  });
}

function imageOf(picture: Picture, options: LzOptions, palette: Palette | null = null): SpiceImage {
  const { width, height } = picture, data = lzStream(picture, options);
  if (palette === null) return rgbImage(width, height, data);
  const value = { flags: 0, palette: { is: "otherwise", value: palette } as const, data };
  return { id: 0n, flags: 0, width, height, body: { is: "LZ_PLT", value } };
}

function rgbImage(width: number, height: number, data: Uint8Array): SpiceImage {
  return { id: 0n, flags: 0, width, height, body: { is: "LZ_RGB", value: { data } } };
}

function paletteOf(count: number): Palette {
  return { unique: 0n, ents: Array.from({ length: count }, (_, i) => noiseAt(i, count, 9)) };
}

function colorsOf(picture: Picture): (x: number, y: number) => number {
  return (x, y) => pixelAt(picture, x, y);
}
