/** QUIC images: streams of the reference's encoder, and streams that lie. */
import type { SpiceImage } from "../../../protocol/messages/image.ts";
import { blend, mustShowBlended, needsBlending } from "../../suite/blends.ts";
import { group } from "../../suite/case.ts";
import { ClientScreen } from "../../suite/client_screen.ts";
import { cachedImage } from "../../suite/draws.ts";
import { copesWith, mustDrawStreams, packedImage, sizeFor } from "../../suite/packed_images.ts";
import { boxAt, pictureOf } from "../../suite/pictures.ts";
import { type ReferenceStream, referenceStream, referenceStreams } from "../../suite/reference_streams.ts";
import { fail, Finding, lacks } from "../../suite/verdict.ts";

const DECODE = "spice-common canvas_base.c canvas_get_quic, quic.c quic_decode, quic_tmpl.c";

const imageOf = (stream: ReferenceStream): SpiceImage => packedImage("QUIC", stream, stream.bytes);

/** Sizes from one pixel to one row of runs. */
const SIZES = /^(1x1|3x1|1x9|7x2|16x12|2048x3)-/;

const TYPES = [["RGB16", 2], ["RGB24", 3], ["RGB32", 4], ["RGBA", 5]] as const;

export const quic = group("codec/quic", "Codecs: QUIC");
for (const [name, type] of TYPES) {
  quic.client(name.toLowerCase(), {
    title: `draws QUIC images of type ${name}`,
    requirement: `The client MUST decode ${name} of any size, a single pixel and rows of thousands`,
    source: DECODE,
    level: "must",
    covers: [`image/QUIC/${name}`],
    run: async (peer) => {
      const streams = referenceStreams("quic").filter((one) => one.type === type && SIZES.test(one.name));
      await mustDrawStreams(await ClientScreen.open(peer, { size: sizeFor(streams) }), streams, imageOf);
    },
  });
}
quic
  .client("gray", {
    title: "is not harmed by a QUIC image of type GRAY",
    requirement: "The client MAY draw GRAY or pass it over: no server sends it",
    source: `${DECODE} (QUIC_IMAGE_TYPE_GRAY)`,
    level: "info",
    covers: ["image/QUIC/GRAY"],
    run: async (peer) => {
      const streams = referenceStreams("quic").filter((one) => one.type === 1 && SIZES.test(one.name));
      const screen = await ClientScreen.open(peer, { size: sizeFor(streams) });
      for (const stream of streams) {
        await screen.copy(boxAt(0, 0, stream.width, stream.height), imageOf(stream), null);
      }
      if (!await screen.copes()) return;
      await mustDrawStreams(screen, streams, imageOf).catch((error) => {
        if (!(error instanceof Finding)) throw error;
        lacks("it does not draw GRAY");
      });
    },
  })
  .client("noise", {
    title: "draws a QUIC image that does not compress",
    requirement: "The client MUST decode codes that are escaped, of full length",
    source: `${DECODE}; quic_family_tmpl.c golomb_decoding (notGRcwlen)`,
    level: "must",
    run: async (peer) => {
      const streams = [referenceStream("quic", "noise64x64-RGB32.quic")];
      await mustDrawStreams(await ClientScreen.open(peer, { size: sizeFor(streams) }), streams, imageOf);
    },
  })
  .client("long_runs", {
    title: "decodes runs of tens of thousands of pixels",
    requirement: "The client MUST decode a run to the end of a row of 32768 pixels, and the row after it",
    source: "spice-common quic.c decode_run, quic_tmpl.c uncompress_row_seg",
    level: "must",
    run: async (peer) => await mustDrawParts(await ClientScreen.open(peer), "32768x3-RGB32.quic"),
  })
  .client("wide", {
    title: "decodes runs of more pixels than 16 bits count",
    requirement: "The client SHOULD decode a row of 70000 pixels",
    source: "spice-common quic.c decode_run (J[], 32768 pixels a step)",
    level: "should",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), stream = referenceStream("quic", "70000x4flat-RGB32.quic");
      await screen.copy(boxAt(0, 0, 4, 4), imageOf(stream), null);
      if (!await screen.copes()) lacks("it takes no image of 70000 pixels a row");
      await screen.fill(boxAt(0, 0, 4, 4), 0);
      await mustDrawParts(screen, stream.name);
    },
  })
  .client("alpha", {
    title: "keeps the alpha of a QUIC image",
    requirement: "The client MUST blend RGBA by the alpha that is coded behind the colours of each row",
    source: `${DECODE} (QUIC_IMAGE_TYPE_RGBA); canvas_base.c canvas_draw_alpha_blend`,
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      await needsBlending(screen);
      for (const [i, stream] of referenceStreams("quic").filter((one) => one.type === 5).entries()) {
        const { width, height, pixels } = stream;
        if (pixels === null || width > 99) continue;
        const colours = pictureOf(width, height, (x, y) => pixels[y * width + x]!);
        const alpha = pictureOf(width, height, (x, y) => pixels[y * width + x]! >>> 24);
        await blend(screen, boxAt(5 + 20 * i, 10, width, height), imageOf(stream), { colours, alpha });
      }
      await mustShowBlended(screen);
    },
  })
  .client("cached", {
    title: "keeps a QUIC image",
    requirement: "The client MUST keep a QUIC image with CACHE_ME as it keeps a bitmap",
    source: "spice-common canvas_base.c canvas_get_image_internal",
    level: "must",
    run: async (peer) => {
      const stream = referenceStream("quic", "7x2-RGB32.quic"), { width, height } = stream;
      const screen = await ClientScreen.open(peer);
      await screen.copy(boxAt(60, 50, width, height), { ...imageOf(stream), id: 9n, flags: 1 }, null);
      await mustDrawStreams(screen, [stream], () => cachedImage(9n, width, height));
    },
  });

/** Draws parts of a wide image from its left, its middle and its right end. */
async function mustDrawParts(screen: ClientScreen, name: string): Promise<void> {
  const stream = referenceStream("quic", name), { width, height, pixels } = stream;
  if (pixels === null) return fail(`the pixels of ${name} are not there`);
  for (const [i, left] of [0, 16000, width - 90].entries()) {
    const srcArea = boxAt(left, 0, 90, height), box = boxAt(10, 10 + 20 * i, 90, height);
    await screen.copy(box, imageOf(stream), (x, y) => pixels[y * width + left + x]!, { srcArea });
  }
  await screen.mustShow();
}

/** How a stream of 64 × 64 pixels is spoiled; the words of its header are little-endian. */
const SPOILED: readonly (readonly [string, string, (bytes: Uint8Array) => Uint8Array])[] = [
  ["truncated", "that ends too early", (bytes) => bytes.subarray(0, 4000)],
  ["header_only", "of nothing but its header", (bytes) => bytes.subarray(0, 20)],
  ["header_short", "that ends in its header", (bytes) => bytes.subarray(0, 11)],
  ["empty", "of no bytes", () => new Uint8Array(0)],
  ["magic", "without its magic", (bytes) => withWord(bytes, 0, 0x51554943)],
  ["version", "of an unknown version", (bytes) => withWord(bytes, 1, 0x00010001)],
  ["type", "of an unknown type", (bytes) => withWord(bytes, 2, 77)],
  ["invalid", "of type INVALID", (bytes) => withWord(bytes, 2, 0)],
  ["larger", "whose header says more pixels than the descriptor", (bytes) => withWord(bytes, 3, 4000)],
  ["smaller", "whose header says fewer pixels than the descriptor", (bytes) => withWord(bytes, 4, 3)],
  ["size_huge", "of 2³² - 1 pixels a side", (bytes) => withWord(withWord(bytes, 3, 0xffffffff), 4, 0xffffffff)],
  ["size_zero", "of no pixels", (bytes) => withWord(withWord(bytes, 3, 0), 4, 0)],
  ["ones", "of nothing but ones", (bytes) => Uint8Array.from(bytes, (byte, i) => i < 20 ? byte : 255)],
  ["zeros", "of nothing but zeros", (bytes) => Uint8Array.from(bytes, (byte, i) => i < 20 ? byte : 0)],
];

export const quicFaults = group("codec/quic_faults", "Codecs: QUIC images that lie");
for (const [name, what, spoil] of SPOILED) {
  quicFaults.client(
    name,
    copesWith(`a QUIC stream ${what}`, "spice-common quic.c quic_decode_begin, canvas_base.c canvas_get_quic", () => {
      const stream = referenceStream("quic", "noise64x64-RGB32.quic");
      return [packedImage("QUIC", stream, spoil(stream.bytes))];
    }),
  );
}

function withWord(bytes: Uint8Array, nth: number, word: number): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setUint32(4 * nth, word, true);
  return copy;
}
