/** GLZ images, plain and inside zlib: references in the image and across images, the window, and streams that lie. */
import { deflateSync } from "node:zlib";
import { DisplayDrawCopy } from "../../../protocol/messages/draw.ts";
import type { SpiceImage } from "../../../protocol/messages/image.ts";
import { mustCope } from "../../suite/alive.ts";
import { blend, mustShowBlended, needsBlending, translucent } from "../../suite/blends.ts";
import { group } from "../../suite/case.ts";
import { ClientScreen, SCREEN } from "../../suite/client_screen.ts";
import { cachedImage, copyOf, through555 } from "../../suite/draws.ts";
import { type GlzOptions, GlzWriter } from "../../suite/glz_stream.ts";
import { LzImageType } from "../../suite/lz_stream.ts";
import { needsGlz } from "../../suite/needs_codec.ts";
import { copesWith, mustDrawStreams, packedImage, sizeFor, zlibGlzImage } from "../../suite/packed_images.ts";
import {
  blank,
  boxAt,
  mustBeSame,
  noise,
  noiseAt,
  type Picture,
  pictureOf,
  pixelAt,
  readShot,
} from "../../suite/pictures.ts";
import { referenceStreams } from "../../suite/reference_streams.ts";
import { must } from "../../suite/verdict.ts";

const DECODE = "spice-gtk src/decode-glz.c decode, src/decode-glz-tmpl.c";
const WINDOW = "spice-gtk src/decode-glz.c glz_decoder_window_add, glz_decoder_window_release";

const TYPES = ["RGB16", "RGB24", "RGB32", "RGBA"] as const;
const WIDTH = 37, HEIGHT = 21;

export const glz = group("codec/glz", "Codecs: GLZ");
for (const packing of ["GLZ_RGB", "ZLIB_GLZ_RGB"] as const) {
  for (const name of TYPES) {
    const zlib = packing === "ZLIB_GLZ_RGB", type = LzImageType[name];
    glz.client(`${zlib ? "zlib_" : ""}${name.toLowerCase()}`, {
      title: `draws ${packing} images of type ${name}`,
      requirement:
        "The client MUST decode literals, and references to the image itself and to one before it, in both " +
        "orders of rows",
      source: zlib ? `${DECODE}; spice-gtk src/decode-zlib.c decode` : DECODE,
      level: "must",
      covers: [`image/${packing}/${name}`],
      run: async (peer) => {
        const screen = await ClientScreen.open(peer), glz = new GlzWriter();
        await needsGlz(screen);
        const picture = pictureOf(WIDTH, HEIGHT, (x, y) => noiseAt(x < 18 ? x : x >> 4, x < 18 ? y : y >> 3, type));
        const shown = (x: number, y: number) => {
          const pixel = pixelAt(picture, x, y);
          return name === "RGB16" ? through555(pixel) : pixel;
        };
        // A reference goes by the order of the stream: one order refers to rows of the other only where they are alike.
        const ways: readonly GlzOptions[] = [
          { topDown: true },
          { topDown: true, reach: "inside" },
          { topDown: true, reach: 2 },
          { topDown: false },
          { topDown: false, reach: "inside" },
          { topDown: false, reach: 2 },
        ];
        for (const [i, way] of ways.entries()) {
          const data = glz.write(picture, { type, ...way });
          const image = zlib
            ? zlibGlzImage(picture, deflateSync(data), data.length)
            : packedImage("GLZ_RGB", picture, data);
          await screen.copy(boxAt(3 + i % 3 * 50, 5 + Math.floor(i / 3) * 50, WIDTH, HEIGHT), image, shown);
        }
        await screen.mustShow();
      },
    });
  }
}
glz
  .client("reference", {
    title: "draws what the reference's encoder writes",
    requirement: "The client MUST decode a sequence of images of mixed types, sizes and orders of rows",
    source: DECODE,
    level: "must",
    run: async (peer) => {
      const streams = referenceStreams("glz");
      const screen = await ClientScreen.open(peer, { size: sizeFor(streams) });
      await needsGlz(screen);
      await mustDrawStreams(screen, streams, (stream) => packedImage("GLZ_RGB", stream, stream.bytes));
    },
  })
  .client("mixed", {
    title: "keeps plain and zlib GLZ images in one window",
    requirement: "The client MUST let a GLZ image refer to a ZLIB_GLZ image, and the other way round",
    source: "spice-common canvas_base.c canvas_get_zlib_glz_rgb (canvas_get_glz_rgb_common)",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), glz = new GlzWriter(), picture = noise(WIDTH, HEIGHT, 1);
      await needsGlz(screen);
      for (let i = 0; i < 4; i++) {
        const data = glz.write(picture, i === 0 ? {} : { reach: 1 });
        const image = i % 2 === 1
          ? zlibGlzImage(picture, deflateSync(data), data.length)
          : packedImage("GLZ_RGB", picture, data);
        await screen.copy(boxAt(3 + 39 * i, 5, WIDTH, HEIGHT), image, colours(picture));
      }
      await screen.mustShow();
    },
  })
  .client("far", {
    title: "decodes offsets of every length",
    requirement: "The client MUST decode offsets of 12, 17 and 25 bits in the image and across images",
    source: `${DECODE} (pixel_flag, pixel_ofs)`,
    level: "must",
    timeoutMs: 40_000,
    run: async (peer) => {
      const size = { width: 400, height: 370 }, screen = await ClientScreen.open(peer, { size });
      await needsGlz(screen);
      const glz = new GlzWriter();
      // Rows come again 20 and 350 rows below: 8000 and 140000 pixels away.
      const picture = pictureOf(400, 370, (x, y) => {
        return y >= 350 ? noiseAt(x, y - 350, 3) : y < 40 ? noiseAt(x, y % 20, 3) : 0x30507 * (y >> 5);
      });
      const inside = packedImage("GLZ_RGB", picture, glz.write(picture, { reach: "inside" }));
      await screen.copy(boxAt(0, 0, 400, 370), inside, colours(picture));
      const across = packedImage("GLZ_RGB", picture, glz.write(picture, { reach: 1 }));
      await screen.fill(boxAt(0, 0, 400, 370), 0);
      await screen.copy(boxAt(0, 0, 400, 370), across, colours(picture));
      await screen.mustShow();
    },
  })
  .client("many", {
    title: "decodes references to images long ago",
    requirement: "The client MUST keep hundreds of images and decode distances of 6 and more bits",
    source: `${DECODE} (image_dist); ${WINDOW}`,
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), glz = new GlzWriter(), count = 300;
      await needsGlz(screen);
      for (let i = 0; i < count; i++) {
        const picture = noise(12, 3, i);
        await screen.copy(boxAt(0, 0, 12, 3), packedImage("GLZ_RGB", picture, glz.write(picture)), colours(picture));
      }
      for (const [i, back] of [1, 2, 63, 64, 255, 256, 300].entries()) {
        const picture = noise(12, 3, glz.nextId - back < count ? glz.nextId - back : 0);
        if (glz.nextId - back >= count) continue;
        const data = glz.write(picture, { reach: back });
        await screen.copy(boxAt(20, 4 + 6 * i, 12, 3), packedImage("GLZ_RGB", picture, data), colours(picture));
      }
      await screen.mustShow();
    },
  })
  .client("window", {
    title: "keeps the oldest image of the window",
    requirement: "The client MUST keep images back to `id - win_head_dist` of the newest image",
    source: `${WINDOW} (oldest = id - win_head_dist)`,
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), glz = new GlzWriter(), seen: Picture[] = [];
      await needsGlz(screen);
      for (let i = 0; i < 40; i++) {
        // The window is of 5 images; each 6th image is that at its very end.
        const winHeadDist = Math.min(i, 5), old = i % 6 === 5;
        const picture = old ? seen[i - winHeadDist]! : noise(20, 9, i);
        const data = glz.write(picture, { winHeadDist, ...(old && { reach: winHeadDist }) });
        seen.push(picture);
        const box = boxAt(i % 7 * 22, Math.floor(i / 7) * 12, 20, 9);
        await screen.copy(box, packedImage("GLZ_RGB", picture, data), colours(picture));
      }
      await screen.mustShow();
    },
  })
  .client("not_drawn", {
    title: "keeps images that are not drawn",
    requirement: "The client MUST decode and keep a GLZ image of which the clip leaves nothing",
    source: "spice-common canvas_base.c canvas_draw_copy, canvas_touch_image",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), glz = new GlzWriter(), picture = noise(WIDTH, HEIGHT, 2);
      await needsGlz(screen);
      const first = packedImage("GLZ_RGB", picture, glz.write(picture));
      await screen.copy(boxAt(0, 0, WIDTH, HEIGHT), first, null, { clip: [boxAt(100, 80, 9, 9)] });
      const second = packedImage("GLZ_RGB", picture, glz.write(picture, { reach: 1 }));
      await screen.copy(boxAt(50, 30, WIDTH, HEIGHT), second, colours(picture));
      await screen.mustShow();
    },
  })
  .client("cached", {
    title: "keeps a GLZ image in its cache, too",
    requirement: "The client MUST keep a GLZ image with CACHE_ME as it keeps a bitmap",
    source: "spice-common canvas_base.c canvas_get_image_internal",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), picture = noise(WIDTH, HEIGHT, 3);
      await needsGlz(screen);
      const image = packedImage("GLZ_RGB", picture, new GlzWriter().write(picture), { id: 4n, flags: 1 });
      await screen.copy(boxAt(0, 0, WIDTH, HEIGHT), image, colours(picture));
      await screen.copy(boxAt(80, 40, WIDTH, HEIGHT), cachedImage(4n, WIDTH, HEIGHT), colours(picture));
      await screen.mustShow();
    },
  })
  .client("alpha", {
    title: "keeps the alpha of a GLZ image, in both orders of rows",
    requirement: "The client MUST decode the alpha pass, and its references, in the order of rows of the colours",
    source: `${DECODE} (LZ_RGB_ALPHA); canvas_base.c canvas_draw_alpha_blend`,
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), glz = new GlzWriter(), type = LzImageType.RGBA;
      await needsGlz(screen);
      await needsBlending(screen);
      const shown = translucent(noise(WIDTH, HEIGHT, 4), (x, y) => y < 8 ? 0 : y < 12 ? 255 : 7 * x & 255);
      for (const [row, topDown] of [true, false].entries()) {
        for (const [column, reach] of (["none", "inside", 1] as const).entries()) {
          const data = glz.write(shown.colours, { type, topDown, reach, alpha: shown.alpha });
          const box = boxAt(10 + 50 * column, 10 + 40 * row, WIDTH, HEIGHT);
          await blend(screen, box, packedImage("GLZ_RGB", shown.colours, data), shown);
        }
      }
      await mustShowBlended(screen);
    },
  })
  .client("overtaken", {
    title: "waits for an image that another display channel brings",
    requirement:
      "The client MUST hold an image back until those that it refers to have come, on whatever display channel",
    source: "spice-gtk src/decode-glz.c glz_decoder_window_bits (g_coroutine_condition_wait)",
    level: "must",
    run: async (peer) => {
      const { first, second } = await twoDisplays(peer);
      await needsGlz(first);
      const glz = new GlzWriter(), picture = noise(WIDTH, HEIGHT, 5), box = boxAt(20, 10, WIDTH, HEIGHT);
      const early = glz.write(picture), late = glz.write(picture, { reach: 1 });
      await second.send(DisplayDrawCopy, copyOf(box, packedImage("GLZ_RGB", picture, late)));
      await second.fill(boxAt(0, 0, 9, 9), 0x123456);
      // What another channel says is not held back meanwhile.
      await first.fill(boxAt(0, 0, 9, 9), 0x654321);
      await first.mustShow();
      mustBeSame(
        await readShot(await peer.control.ask("shot", { display: 1 })),
        blank(SCREEN.width, SCREEN.height),
        "the second display, before its image can be decoded,",
      );
      await first.copy(box, packedImage("GLZ_RGB", picture, early), colours(picture));
      await first.mustShow();
      await second.handled();
      for (let y = 0; y < HEIGHT; y++) {
        for (let x = 0; x < WIDTH; x++) {
          second.expected.pixels[(y + 10) * SCREEN.width + x + 20] = pixelAt(picture, x, y);
        }
      }
      mustBeSame(await readShot(await peer.control.ask("shot", { display: 1 })), second.expected, "the second display");
    },
  })
  .client("shared", {
    title: "keeps one window for all display channels",
    requirement: "The client MUST close the window by ids, not by what one channel has brought",
    source: `${WINDOW} (tail_gap)`,
    level: "must",
    run: async (peer) => {
      const { first, second } = await twoDisplays(peer), glz = new GlzWriter(), seen: Picture[] = [];
      await needsGlz(first);
      for (let i = 0; i < 24; i++) {
        const screen = i % 3 === 2 ? second : first, winHeadDist = Math.min(i, 4), old = i > 4 && i % 5 === 0;
        const picture = old ? seen[i - winHeadDist]! : noise(20, 9, i);
        const data = glz.write(picture, { winHeadDist, ...(old && { reach: winHeadDist }) });
        seen.push(picture);
        const box = boxAt(i % 7 * 22, Math.floor(i / 7) * 12, 20, 9);
        await screen.copy(box, packedImage("GLZ_RGB", picture, data), colours(picture));
        // An image has come before the next one is sent elsewhere.
        await screen.handled();
      }
      await first.mustShow();
      mustBeSame(await readShot(await peer.control.ask("shot", { display: 1 })), second.expected, "the second display");
    },
  });

/** A client with two displays. */
async function twoDisplays(peer: Parameters<typeof ClientScreen.open>[0]) {
  const channels = [{ name: "display", id: 0 }, { name: "display", id: 1 }] as const;
  const first = await ClientScreen.open(peer, { size: SCREEN, channels, init: { displayChannelsHint: 2 } });
  const second = new ClientScreen(peer, await peer.channel("display", 1), SCREEN);
  await second.fill(boxAt(0, 0, SCREEN.width, SCREEN.height), 0);
  await second.handled();
  return { first, second };
}

function colours(picture: Picture): (x: number, y: number) => number {
  return (x, y) => pixelAt(picture, x, y);
}

const SMALL = blank(20, 20, 0x445566), LITERAL = Uint8Array.of(0, 1, 2, 3);
const small = (data: Uint8Array): SpiceImage => packedImage("GLZ_RGB", SMALL, data);
const zlibSmall = (data: Uint8Array, size: number): SpiceImage => zlibGlzImage(SMALL, data, size);

/** A first image that is good, and one that is not. */
function after(spoil: (glz: GlzWriter) => Uint8Array): () => SpiceImage[] {
  return () => {
    const glz = new GlzWriter();
    return [small(glz.write(noise(20, 20, 1))), small(spoil(glz))];
  };
}

/** Images that lie. */
const SPOILED: readonly (readonly [string, string, () => readonly SpiceImage[]])[] = [
  ["truncated", "a GLZ stream that ends too early", after((glz) => glz.write(noise(20, 20, 2)).subarray(0, 400))],
  ["header_short", "a GLZ stream that ends in its header", after((glz) => glz.write(SMALL).subarray(0, 30))],
  ["empty", "a GLZ stream of no bytes", after(() => new Uint8Array(0))],
  ["magic", "a GLZ stream without its magic", after((glz) => glz.write(SMALL, { header: { magic: 0x4c5a2020 } }))],
  ["version", "a GLZ stream of an unknown version", after((glz) => glz.write(SMALL, { header: { version: 2 } }))],
  ["type", "a GLZ stream of an unknown type", after((glz) => glz.write(SMALL, { header: { type: 15 } }))],
  [
    "indexed",
    "a GLZ stream of indexes, which has no palette",
    after((glz) => glz.write(SMALL, { header: { type: 5 } })),
  ],
  [
    "larger",
    "a GLZ stream whose header says more pixels than the descriptor",
    after((glz) => glz.write(SMALL, { header: { width: 3000, height: 3000, stride: 12000 } })),
  ],
  [
    "smaller",
    "a GLZ stream whose header says fewer pixels than the descriptor",
    after((glz) => glz.write(SMALL, { header: { width: 5, height: 5, stride: 20 } })),
  ],
  [
    "before_first",
    "a GLZ reference to before the first pixel",
    after((glz) => glz.tokens(SMALL, {}, [LITERAL, { length: 399, offset: 300, images: 0 }])),
  ],
  [
    "overrun",
    "a GLZ reference that ends beyond the last pixel",
    after((glz) => glz.tokens(SMALL, {}, [LITERAL, { length: 100_000, offset: 0, images: 0 }])),
  ],
  [
    "beyond_other",
    "a GLZ reference to beyond the other image",
    after((glz) => glz.tokens(SMALL, {}, [{ length: 400, offset: 2_000_000, images: 1 }])),
  ],
  [
    "past_other",
    "a GLZ reference that goes past the end of the other image",
    after((glz) => glz.tokens(SMALL, {}, [{ length: 400, offset: 390, images: 1 }])),
  ],
  [
    "before_window",
    "a GLZ reference to an image that the window has left",
    () => {
      const glz = new GlzWriter();
      return [
        ...[1, 2, 3, 4].map((seed) => small(glz.write(noise(20, 20, seed), { winHeadDist: Math.min(seed - 1, 1) }))),
        small(glz.tokens(SMALL, { winHeadDist: 1 }, [{ length: 400, offset: 0, images: 4 }])),
      ];
    },
  ],
  [
    "id_again",
    "two GLZ images of one id",
    () => [small(new GlzWriter().write(noise(20, 20, 1))), small(new GlzWriter().write(noise(20, 20, 2)))],
  ],
  [
    "window_negative",
    "a GLZ window that begins before the first image",
    after((glz) => glz.write(SMALL, { winHeadDist: 0xffffffff })),
  ],
];

export const glzFaults = group("codec/glz_faults", "Codecs: GLZ images that lie");
for (const [name, what, images] of SPOILED) glzFaults.client(name, copesWith(what, `${DECODE}; ${WINDOW}`, images));
glzFaults.client("missing", {
  title: "is not harmed by a GLZ reference to an image that never comes",
  requirement: "The client SHOULD wait, on that channel alone, or hang up, and neither crash nor hang as a whole",
  source: "spice-gtk src/decode-glz.c glz_decoder_window_bits (waits)",
  level: "should",
  run: async (peer) => {
    const main = await peer.main({ size: SCREEN, channels: [{ name: "display" }] });
    const screen = new ClientScreen(peer, await peer.channel("display"), SCREEN), glz = new GlzWriter();
    await screen.copy(boxAt(0, 0, 20, 20), small(glz.write(noise(20, 20, 1))), null);
    await screen.handled();
    glz.write(SMALL);
    await screen.copy(boxAt(0, 0, 20, 20), small(glz.tokens(SMALL, {}, [{ length: 400, offset: 0, images: 1 }])), null);
    // Its display may wait for ever; it may end the session, but in order.
    await mustCope(peer, main, "a reference to an image that never comes");
    must(peer.runs || main.wire.ended, "its program is gone");
  },
});

const ZLIB = "spice-common canvas_base.c canvas_get_zlib_glz_rgb; spice-gtk src/decode-zlib.c decode";
const ZLIB_SPOILED: readonly (readonly [string, string, () => readonly SpiceImage[]])[] = [
  ["zlib_garbage", "a zlib stream that is none", () => [zlibSmall(new Uint8Array(300).fill(0x5a), 1200)]],
  ["zlib_empty", "a zlib stream of no bytes", () => [zlibSmall(new Uint8Array(0), 1200)]],
  ["zlib_truncated", "a zlib stream that ends too early", () => {
    const data = new GlzWriter().write(noise(20, 20, 1));
    return [zlibSmall(deflateSync(data).subarray(0, 300), data.length)];
  }],
  ["zlib_checksum", "a zlib stream with a wrong checksum", () => {
    const data = new GlzWriter().write(noise(20, 20, 1)), packed = Uint8Array.from(deflateSync(data));
    packed[packed.length - 1] = packed.at(-1)! ^ 0xff;
    return [zlibSmall(packed, data.length)];
  }],
  ["zlib_longer", "a zlib stream that holds more than the message says", () => {
    const data = new GlzWriter().write(noise(20, 20, 1));
    return [zlibSmall(deflateSync(data), 100)];
  }],
  ["zlib_shorter", "a zlib stream that holds less than the message says", () => {
    const data = new GlzWriter().write(noise(20, 20, 1));
    return [zlibSmall(deflateSync(data), 5000)];
  }],
  ["zlib_bomb", "a zlib stream that inflates to 64 MB", () => {
    const data = new Uint8Array(64 << 20), head = new GlzWriter().write(SMALL).subarray(0, 33);
    data.set(head);
    return [zlibSmall(deflateSync(data), data.length), zlibSmall(deflateSync(data), 1200)];
  }],
  ["zlib_size_huge", "a zlib stream that is said to hold 4 GB", () => {
    return [zlibSmall(deflateSync(new GlzWriter().write(SMALL)), 0xfffffff0)];
  }],
];
for (const [name, what, images] of ZLIB_SPOILED) glzFaults.client(name, copesWith(what, ZLIB, images));
