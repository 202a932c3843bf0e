/** LZ4 images: every format, several blocks, and streams that lie. */
import { BitmapFmt } from "../../../protocol/messages/enums.ts";
import { concat } from "../../../protocol/schema/encode.ts";
import { blend, mustShowBlended, needsBlending, translucent } from "../../suite/blends.ts";
import { group } from "../../suite/case.ts";
import { ClientScreen } from "../../suite/client_screen.ts";
import { through555 } from "../../suite/draws.ts";
import { blockHead, lz4Head, lz4Stream } from "../../suite/lz4_stream.ts";
import { needsLz4 } from "../../suite/needs_codec.ts";
import { copesWith, mustDrawStreams, packedImage, sizeFor } from "../../suite/packed_images.ts";
import { boxAt, noise, noiseAt, pictureOf, pixelAt } from "../../suite/pictures.ts";
import { referenceStreams } from "../../suite/reference_streams.ts";

const DECODE = "spice-common canvas_base.c canvas_get_lz4";

export const lz4 = group("codec/lz4", "Codecs: LZ4");
for (const name of ["16BIT", "24BIT", "32BIT", "RGBA"] as const) {
  const format = BitmapFmt[name];
  lz4.client(name.toLowerCase(), {
    title: `draws LZ4 images of format ${name}`,
    requirement:
      `The client MUST decode ${name} rows, from the top down or from the bottom up, of one block or several`,
    source: DECODE,
    level: "must",
    covers: [`image/LZ4/${name}`],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      needsLz4(screen);
      // Half of it noise, half of it runs; an odd width.
      const picture = pictureOf(43, 31, (x, y) => noiseAt(x < 20 ? x : x >> 3, x < 20 ? y : y >> 2, format));
      const ways = [true, false].flatMap((topDown) => [31, 10, 1].map((rowsPerBlock) => ({ topDown, rowsPerBlock })));
      for (const [i, way] of ways.entries()) {
        const image = packedImage("LZ4", picture, lz4Stream(picture, { format, ...way }));
        await screen.copy(boxAt(3 + i % 3 * 50, 4 + Math.floor(i / 3) * 50, 43, 31), image, (x, y) => {
          const pixel = pixelAt(picture, x, y);
          return name === "16BIT" ? through555(pixel) : pixel;
        });
      }
      await screen.mustShow();
    },
  });
}
lz4
  .client("8bit_a", {
    title: "is not harmed by an LZ4 image that is nothing but alpha",
    requirement: "The client MAY draw 8BIT_A as black or pass it over",
    source: `${DECODE} (unsupported bitmap format)`,
    level: "info",
    covers: ["image/LZ4/8BIT_A"],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = pictureOf(30, 20, (x, y) => 8 * x + y & 255);
      needsLz4(screen);
      for (const topDown of [true, false]) {
        const data = lz4Stream(picture, { format: BitmapFmt["8BIT_A"], topDown });
        await screen.copy(boxAt(0, 0, 30, 20), packedImage("LZ4", picture, data), () => 0);
      }
      await screen.mustNotBeHarmed();
    },
  })
  .client("reference", {
    title: "draws what the reference's encoder writes",
    requirement: "The client MUST decode streams of every format from the bottom up",
    source: DECODE,
    level: "must",
    run: async (peer) => {
      const streams = referenceStreams("lz4");
      const screen = await ClientScreen.open(peer, { size: sizeFor(streams) });
      needsLz4(screen);
      await mustDrawStreams(screen, streams, (stream) => packedImage("LZ4", stream, stream.bytes));
    },
  })
  .client("long", {
    title: "decodes literals and matches of any length",
    requirement: "The client MUST add all length bytes up to the first below 255",
    source: "LZ4 block format description; lz4.c LZ4_decompress_safe_continue",
    level: "must",
    run: async (peer) => {
      const size = { width: 300, height: 200 }, screen = await ClientScreen.open(peer, { size });
      needsLz4(screen);
      const picture = pictureOf(
        300,
        200,
        (x, y) => y < 8 ? noiseAt(x, y, 1) : y < 100 ? 0x336699 : noiseAt(x >> 6, y, 2),
      );
      for (const rowsPerBlock of [200, 3]) {
        await screen.fill(boxAt(0, 0, 300, 200), 0);
        const image = packedImage("LZ4", picture, lz4Stream(picture, { rowsPerBlock }));
        await screen.copy(boxAt(0, 0, 300, 200), image, (x, y) => pixelAt(picture, x, y));
      }
      await screen.mustShow();
    },
  })
  .client("alpha", {
    title: "keeps the alpha of an LZ4 image, in both orders of rows",
    requirement: "The client MUST blend RGBA by its alpha",
    source: `${DECODE} (SPICE_BITMAP_FMT_RGBA); canvas_base.c canvas_draw_alpha_blend`,
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      needsLz4(screen);
      await needsBlending(screen);
      const shown = translucent(noise(37, 23, 6), (x, y) => y < 8 ? 0 : y < 12 ? 255 : 7 * x & 255);
      for (const [i, topDown] of [true, false].entries()) {
        const data = lz4Stream(shown.colours, { format: BitmapFmt.RGBA, topDown, alpha: shown.alpha });
        await blend(screen, boxAt(10 + 60 * i, 10, 37, 23), packedImage("LZ4", shown.colours, data), shown);
      }
      await mustShowBlended(screen);
    },
  });

const SIZE = { width: 30, height: 30 }, HEAD = lz4Head(true, BitmapFmt["32BIT"]);
const good = () => lz4Stream(noise(30, 30, 7));
const block = (...bytes: number[]) => concat([HEAD, blockHead(bytes.length), Uint8Array.from(bytes)]);

const SPOILED: readonly (readonly [string, string, () => Uint8Array])[] = [
  ["truncated", "that ends too early", () => good().subarray(0, 500)],
  ["fewer_rows", "that holds fewer rows than the descriptor says", () => lz4Stream(noise(30, 11, 7))],
  ["more_rows", "that holds more rows than the descriptor says", () => lz4Stream(noise(30, 300, 7))],
  ["empty", "of no bytes", () => new Uint8Array(0)],
  ["no_blocks", "of no blocks", () => HEAD],
  ["block_empty", "of a block of no bytes", () => concat([HEAD, blockHead(0)])],
  ["block_short", "whose block ends beyond it", () => concat([HEAD, blockHead(0x7fffffff), Uint8Array.of(0x10, 1)])],
  ["block_negative", "whose block has 2³² - 1 bytes", () => concat([HEAD, blockHead(0xffffffff), new Uint8Array(9)])],
  ["format", "of an unknown format", () => concat([lz4Head(true, 99), good().subarray(2)])],
  ["indexed", "of indexes, which has no palette", () => concat([lz4Head(true, BitmapFmt["8BIT"]), good().subarray(2)])],
  ["distance_zero", "with a match of distance 0", () => block(0x1f, 7, 0, 0, 200, 0x50, 1, 2, 3, 4, 5)],
  ["before_first", "with a match from before the first byte", () => block(0x1f, 7, 99, 9, 200, 0x50, 1, 2, 3, 4, 5)],
  ["overrun", "with a match that ends beyond the last row", () => {
    return block(0x1f, 7, 1, 0, ...Array.from({ length: 4000 }, () => 255), 0, 0x50, 1, 2, 3, 4, 5);
  }],
];

export const lz4Faults = group("codec/lz4_faults", "Codecs: LZ4 images that lie");
for (const [name, what, spoil] of SPOILED) {
  lz4Faults.client(name, copesWith(`an LZ4 stream ${what}`, DECODE, () => [packedImage("LZ4", SIZE, spoil())]));
}
