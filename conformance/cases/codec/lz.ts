/** LZ images: streams of the reference's encoder, palettes that are kept, and alpha. */
import { BitmapFlags } from "../../../protocol/messages/enums.ts";
import type { Palette } from "../../../protocol/messages/image.ts";
import { blend, mustShowBlended, needsBlending, translucent } from "../../suite/blends.ts";
import { group } from "../../suite/case.ts";
import { ClientScreen } from "../../suite/client_screen.ts";
import { LzImageType, lzStream } from "../../suite/lz_stream.ts";
import { lzPltImage, mustDrawStreams, packedImage, sizeFor } from "../../suite/packed_images.ts";
import { boxAt, noise, noiseAt, pictureOf, pixelAt } from "../../suite/pictures.ts";
import { paletteOf, referenceStreams } from "../../suite/reference_streams.ts";

const DECODE = "spice-common canvas_base.c canvas_get_lz, lz.c lz_decode, lz_decompress_tmpl.c";

const INDEXED = [["PLT1_LE", 2], ["PLT1_BE", 2], ["PLT4_LE", 16], ["PLT4_BE", 16], ["PLT8", 256]] as const;
/** Palettes by the type of a stream of the reference. */
const PALETTE_OF: Readonly<Record<number, string>> = {
  1: "PLT1_LE",
  2: "PLT1_LE",
  3: "PLT4_LE",
  4: "PLT4_LE",
  5: "PLT8",
};

export const lzCodec = group("codec/lz", "Codecs: LZ");
for (const [name, count] of INDEXED) {
  lzCodec.client(`${name.toLowerCase()}_palettes`, {
    title: `draws an LZ image of type ${name} with a palette that it keeps, and one that it kept`,
    requirement: "The client MUST keep a palette with PAL_CACHE_ME, and find it for PAL_FROM_CACHE",
    source: "spice-common canvas_base.c canvas_get_palette, canvas_get_lz",
    level: "must",
    covers: ["inline-kept", "from-cache"].map((palette) => `image/LZ_PLT/${name}/*/palette=${palette}`),
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), type = LzImageType[name];
      const palette: Palette = { unique: 77n, ents: Array.from({ length: count }, (_, i) => noiseAt(i, count, 5)) };
      const picture = pictureOf(33, 19, (x, y) => noiseAt(x >> 1, y, type) % count);
      const shown = (x: number, y: number) => palette.ents[pixelAt(picture, x, y)]!;
      for (const [row, topDown] of [true, false].entries()) {
        const data = lzStream(picture, { type, topDown, matches: true });
        const kept = lzPltImage(picture, data, palette, BitmapFlags.PAL_CACHE_ME);
        await screen.copy(boxAt(2, 3 + 40 * row, 33, 19), kept, shown);
        await screen.copy(boxAt(50, 3 + 40 * row, 33, 19), lzPltImage(picture, data, 77n), shown);
      }
      await screen.mustShow();
    },
  });
}
lzCodec
  .client("reference", {
    title: "draws what the reference's encoder writes",
    requirement: "The client MUST decode streams of every type with colours",
    source: DECODE,
    level: "must",
    run: async (peer) => {
      const types: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
      const streams = referenceStreams("lz").filter((one) => types.includes(one.type));
      const screen = await ClientScreen.open(peer, { size: sizeFor(streams) });
      await mustDrawStreams(screen, streams, (stream) => {
        const name = PALETTE_OF[stream.type];
        if (name === undefined) return packedImage("LZ_RGB", stream, stream.bytes);
        return lzPltImage(stream, stream.bytes, { unique: 0n, ents: [...paletteOf(name)] });
      });
    },
  })
  .client("rgba_alpha", {
    title: "keeps the alpha of an LZ image, in both orders of rows",
    requirement: "The client MUST decode the alpha pass in the order of rows of the colours, and blend by it",
    source: `${DECODE} (LZ_IMAGE_TYPE_RGBA: rgb, then alpha); canvas_base.c canvas_draw_alpha_blend`,
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await needsBlending(screen);
      const shown = translucent(noise(37, 23, 6), (x, y) => y < 8 ? 0 : y < 12 ? 255 : 7 * x & 255);
      for (const [i, topDown] of [true, false].entries()) {
        for (const [j, matches] of [false, true].entries()) {
          const data = lzStream(shown.colours, { type: LzImageType.RGBA, topDown, matches, alpha: shown.alpha });
          const box = boxAt(10 + 60 * i, 10 + 40 * j, 37, 23);
          await blend(screen, box, packedImage("LZ_RGB", shown.colours, data), shown);
        }
      }
      await mustShowBlended(screen);
    },
  })
  .client("index_beyond", {
    title: "is not harmed by indexes beyond the palette",
    requirement: "The client SHOULD draw something or nothing, and neither crash nor read beyond the palette",
    source: "spice-common lz_decompress_tmpl.c COPY_COMP_PIXEL (PLT4: modulo num_ents; PLT8: unchecked)",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      for (const [name, count] of INDEXED) {
        const picture = pictureOf(32, 16, (x) => x % count), ents = [0x112233];
        const data = lzStream(picture, { type: LzImageType[name] });
        await screen.copy(boxAt(0, 0, 32, 16), lzPltImage(picture, data, { unique: 0n, ents }), null);
      }
      await screen.copes();
    },
  })
  .client("xxxa", {
    title: "is not harmed by an LZ image of type XXXA",
    requirement: "The client MAY draw XXXA as black or not at all: it belongs in a JPEG_ALPHA image",
    source: "spice-common canvas_base.c canvas_get_lz (LZ_IMAGE_TYPE_XXXA)",
    level: "info",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = pictureOf(30, 30, (x, y) => 8 * x + y & 255);
      const data = lzStream(picture, { type: LzImageType.XXXA });
      await screen.copy(boxAt(0, 0, 30, 30), packedImage("LZ_RGB", picture, data), null);
      await screen.copes();
    },
  });
