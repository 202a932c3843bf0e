/** JPEG images, alone and with alpha, and such that lie. */
import { JpegAlphaFlags } from "../../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../../protocol/messages/image.ts";
import { blend, needsBlending } from "../../suite/blends.ts";
import { group } from "../../suite/case.ts";
import { ClientScreen } from "../../suite/client_screen.ts";
import { LzImageType, lzStream } from "../../suite/lz_stream.ts";
import { mustBeAlike } from "../../suite/near.ts";
import { copesWith, jpegAlphaImage, packedImage, partAt } from "../../suite/packed_images.ts";
import { blank, boxAt, type Picture, pictureOf, pixelAt } from "../../suite/pictures.ts";
import { type ReferenceStream, referenceStream, referenceStreams } from "../../suite/reference_streams.ts";
import { fail } from "../../suite/verdict.ts";

const DECODE = "spice-common canvas_base.c canvas_get_jpeg; spice-gtk src/decode-jpeg.c";
const ALPHA = "spice-common canvas_base.c canvas_get_jpeg_alpha";

/** How far decoders are apart, on average, that smooth colours between pixels, or do not. */
const LOSS = 8;

const imageOf = (stream: ReferenceStream): SpiceImage => packedImage("JPEG", stream, stream.bytes);

/** What libjpeg-turbo makes of a stream. */
function pictureFrom({ name, width, height, pixels }: ReferenceStream): Picture {
  return pixels === null ? fail(`no pixels of ${name}`) : pictureOf(width, height, (x, y) => pixels[y * width + x]!);
}

export const jpeg = group("codec/jpeg", "Codecs: JPEG");
jpeg
  .client("sizes", {
    title: "draws JPEG images of any size",
    requirement:
      "The client MUST decode JPEG of sizes that fill no block, with colours at half the size and at the full",
    source: DECODE,
    level: "must",
    covers: ["image/JPEG"],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), streams = referenceStreams("jpeg");
      for (const [i, stream] of streams.entries()) {
        await screen.copy(boxAt(4 + 30 * i, 10, stream.width, stream.height), imageOf(stream), null);
      }
      const shot = await screen.shot();
      for (const [i, stream] of streams.entries()) {
        mustBeAlike(partAt(shot, 4 + 30 * i, 10, stream), pictureFrom(stream), LOSS, `of ${stream.name}, the client`);
      }
    },
  })
  .client("part", {
    title: "draws a part of a JPEG image",
    requirement: "The client MUST draw the pixels of src_area",
    source: "spice-common canvas_base.c canvas_draw_copy",
    level: "must",
    run: async (peer) => {
      const screen = await ClientScreen.open(peer), stream = referenceStream("jpeg", "420-16x16.jpg");
      const picture = pictureFrom(stream), srcArea = boxAt(5, 3, 9, 11);
      await screen.copy(boxAt(50, 40, 9, 11), imageOf(stream), null, { srcArea });
      const expected = pictureOf(9, 11, (x, y) => pixelAt(picture, x + 5, y + 3));
      mustBeAlike(partAt(await screen.shot(), 50, 40, expected), expected, LOSS, "the client");
    },
  });
for (const [name, flag] of [["top_down", JpegAlphaFlags.TOP_DOWN], ["bottom_up", 0]] as const) {
  jpeg.client(`alpha_${name}`, {
    title: `draws a JPEG_ALPHA image whose alpha is ${name.replace("_", "-")}`,
    requirement: "The client MUST decode the JPEG from the top down, whatever the order of rows of its alpha is",
    source: ALPHA,
    level: "must",
    covers: [`image/JPEG_ALPHA/${name.replace("_", "-")}`],
    run: async (peer) => {
      const screen = await ClientScreen.open(peer);
      const { image, picture } = withAlpha(flag, (x, y) => 8 * x + y & 255);
      await screen.copy(boxAt(20, 30, 16, 16), image, null);
      mustBeAlike(partAt(await screen.shot(), 20, 30, picture), picture, LOSS, "the client");
    },
  });
}
jpeg.client("alpha_blended", {
  title: "keeps the alpha of a JPEG_ALPHA image, in both orders of rows",
  requirement: "The client MUST blend JPEG_ALPHA by the alpha of its LZ part, rows in the order that the flag says",
  source: `${ALPHA} (alpha_top_down); canvas_base.c canvas_draw_alpha_blend`,
  level: "must",
  run: async (peer) => {
    const screen = await ClientScreen.open(peer);
    await needsBlending(screen);
    const { picture } = withAlpha(0, () => 0), alpha = pictureOf(16, 16, (_, y) => y < 5 ? 255 : 0);
    for (const [i, flag] of [JpegAlphaFlags.TOP_DOWN, 0].entries()) {
      const { image } = withAlpha(flag, (x, y) => pixelAt(alpha, x, y));
      await blend(screen, boxAt(20 + 40 * i, 30, 16, 16), image, { colours: picture, alpha });
    }
    const shot = await screen.shot();
    for (const i of [0, 1]) {
      const top = { width: 16, height: 5 }, opaque = pictureOf(16, 5, (x, y) => pixelAt(picture, x, y));
      mustBeAlike(partAt(shot, 20 + 40 * i, 30, top), opaque, LOSS, "where it is opaque, the client");
    }
    // Whatever the colours are there, added to white they stay white.
    for (const i of [0, 1]) {
      const clear = blank(16, 11, 0xffffff);
      mustBeAlike(partAt(shot, 20 + 40 * i, 35, clear), clear, LOSS, "where it is clear, the client");
    }
  },
});

/** A JPEG_ALPHA image of 16 × 16 pixels, and its colours. */
function withAlpha(flags: number, alpha: (x: number, y: number) => number): { image: SpiceImage; picture: Picture } {
  const stream = referenceStream("jpeg", "420-16x16.jpg"), topDown = flags !== 0;
  const lz = lzStream(pictureOf(16, 16, alpha), { type: LzImageType.XXXA, topDown });
  return { image: jpegAlphaImage(stream, stream.bytes, lz, flags), picture: pictureFrom(stream) };
}

const SIZE = { width: 16, height: 16 };
const bytes = () => referenceStream("jpeg", "420-16x16.jpg").bytes;
const jpegOf = (data: Uint8Array): SpiceImage => packedImage("JPEG", SIZE, data);

/** A copy whose frame header says another size. */
function sized(height: number, width: number): Uint8Array {
  const copy = bytes().slice(), at = copy.findIndex((byte, i) => byte === 0xff && copy[i + 1] === 0xc0);
  const view = new DataView(copy.buffer);
  view.setUint16(at + 5, height);
  view.setUint16(at + 7, width);
  return copy;
}

const alphaLz = (side = 16, type: number = LzImageType.XXXA, topDown = true): Uint8Array => {
  return lzStream(blank(side, side, 128), { type, topDown });
};

const SPOILED: readonly (readonly [string, string, string, () => SpiceImage])[] = [
  ["truncated", "a JPEG that ends too early", DECODE, () => jpegOf(bytes().subarray(0, -30))],
  ["header_only", "a JPEG that ends before its pixels", DECODE, () => jpegOf(bytes().subarray(0, 300))],
  ["empty", "a JPEG of no bytes", DECODE, () => jpegOf(new Uint8Array(0))],
  ["garbage", "a JPEG that is none", DECODE, () => jpegOf(new Uint8Array(500).fill(0x41))],
  ["larger", "a JPEG of more pixels than the descriptor says", DECODE, () => jpegOf(sized(400, 400))],
  ["smaller", "a JPEG of fewer pixels than the descriptor says", DECODE, () => jpegOf(sized(3, 3))],
  ["huge", "a JPEG of 65535 × 65535 pixels", DECODE, () => jpegOf(sized(65535, 65535))],
  ["size_zero", "a JPEG of no pixels", DECODE, () => jpegOf(sized(0, 0))],
  ["alpha_none", "a JPEG_ALPHA image without alpha", ALPHA, () => jpegAlphaImage(SIZE, bytes(), new Uint8Array(0), 1)],
  ["alpha_beyond", "a JPEG_ALPHA image whose JPEG ends beyond it", ALPHA, () => {
    const data = bytes();
    return { id: 0n, flags: 0, ...SIZE, body: { is: "JPEG_ALPHA", value: { flags: 1, jpegSize: 0x7fffffff, data } } };
  }],
  ["alpha_size", "a JPEG_ALPHA image whose alpha is of another size", ALPHA, () => {
    return jpegAlphaImage(SIZE, bytes(), alphaLz(40), 1);
  }],
  ["alpha_type", "a JPEG_ALPHA image whose alpha is RGB32", ALPHA, () => {
    return jpegAlphaImage(SIZE, bytes(), alphaLz(16, LzImageType.RGB32), 1);
  }],
  ["alpha_order", "a JPEG_ALPHA image whose flag denies the order of its alpha", ALPHA, () => {
    return jpegAlphaImage(SIZE, bytes(), alphaLz(16, LzImageType.XXXA, false), 1);
  }],
  ["alpha_truncated", "a JPEG_ALPHA image whose alpha ends too early", ALPHA, () => {
    return jpegAlphaImage(SIZE, bytes(), alphaLz().subarray(0, 60), 1);
  }],
];

export const jpegFaults = group("codec/jpeg_faults", "Codecs: JPEG images that lie");
for (const [name, what, source, image] of SPOILED) jpegFaults.client(name, copesWith(what, source, () => [image()]));
