/**
 * Defects of clients in what they do with packed images: a stream is changed into one that gives what a defective decoder
 * would have made of it, or left out where such a decoder gives up.
 */
import { decodeLz, encodeLz, LzType } from "../../codecs/lz.ts";
import { DisplayDrawAlphaBlend, DisplayDrawCopy } from "../../protocol/messages/draw.ts";
import { BitmapFlags, JpegAlphaFlags } from "../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import type { ValueOf } from "../../protocol/schema/message.ts";
import type { Infer } from "../../protocol/schema/wire.ts";
import type { Defect } from "./defect.ts";
import { defect, patched } from "./mistakes.ts";
import { change, type Passing, type Tampering } from "./tamper.ts";

type Copy = ValueOf<typeof DisplayDrawCopy>;
type AlphaBlend = ValueOf<typeof DisplayDrawAlphaBlend>;
type Body = Infer<typeof SpiceImage>["body"];
type Packed = "QUIC" | "LZ_RGB" | "GLZ_RGB" | "JPEG" | "LZ4";

/** Where the headers say it. Source: lz.c lz_decode_begin, decode-glz.c decode_header, lz4-encoder.c lz4_encode. */
const LZ_TYPE = 11, LZ_TOP_DOWN = 27, LZ_HEADER = 28, GLZ_TYPE = 8, GLZ_WIN_HEAD_DIST = 29;

/** All of them. */
export const CODEC_DEFECTS: readonly Defect[] = [
  defect(
    "quic-run-16-bits",
    "counts runs of QUIC in 16 bits with a sign, and gives up beyond",
    without(({ width, body }) => body.is === "QUIC" && width >= 32768),
  ),
  defect(
    "quic-rgb16-missing",
    "does not know QUIC of 16 bits",
    without(({ body }) => body.is === "QUIC" && body.value.data[8] === 2),
  ),
  defect(
    "lz-rows-unflipped",
    "takes every LZ image as top-down",
    packed("LZ_RGB", (data) => patched(data, LZ_TOP_DOWN, 1)),
  ),
  defect(
    "lz-alpha-unflipped",
    "turns the colours of an LZ image from the bottom up, and leaves its alpha as it is",
    packed("LZ_RGB", (data) => data[LZ_TYPE] === LzType.RGBA && data[LZ_TOP_DOWN] === 0 ? turnAlpha(data) : data),
  ),
  defect(
    "lz-alpha-ignored",
    "does not read the alpha pass of an LZ image",
    packed("LZ_RGB", (data) => data[LZ_TYPE] === LzType.RGBA ? patched(data, LZ_TYPE, LzType.RGB32) : data),
  ),
  defect(
    "lz-rgb16-order",
    "reads the low byte of an LZ pixel of 16 bits first",
    packed("LZ_RGB", (data) => {
      return data[LZ_TYPE] === 6 ? swapLiterals(data) : data;
    }),
  ),
  defect(
    "lz-bits-reversed",
    "takes PLT1_BE for PLT1_LE and PLT4_BE for PLT4_LE, or the other way round",
    lzPlt((value) => {
      const type = value.data[LZ_TYPE]!;
      return type > 4 ? value : { ...value, data: patched(value.data, LZ_TYPE, (type - 1 ^ 1) + 1) };
    }),
  ),
  defect(
    "lz-palette-forgotten",
    "does not keep palettes of LZ images",
    lzPlt((value) => ({ ...value, flags: value.flags & ~BitmapFlags.PAL_CACHE_ME })),
  ),
  defect(
    "glz-rows-unflipped",
    "takes every GLZ image as top-down",
    packed("GLZ_RGB", (data) => {
      return patched(data, GLZ_TYPE, data[GLZ_TYPE]! | 16);
    }),
  ),
  defect(
    "glz-window-early",
    "drops the oldest image of the GLZ window",
    packed("GLZ_RGB", (data) => {
      const copy = data.slice(), view = new DataView(copy.buffer);
      view.setUint32(GLZ_WIN_HEAD_DIST, Math.max(0, view.getUint32(GLZ_WIN_HEAD_DIST) - 1));
      return copy;
    }),
  ),
  defect(
    "glz-window-per-display",
    "has a GLZ window for each display",
    without(({ body }, { channelId }) => body.is === "GLZ_RGB" && channelId !== 0),
  ),
  defect("glz-clipped-forgotten", "does not decode a GLZ image of which nothing is shown", {
    message: (passing) => {
      const isHidden = (value: Copy) => {
        const { box, clip: { shape } } = value.base;
        return value.data.srcBitmap?.body.is === "GLZ_RGB" && shape.is === "RECTS" &&
          shape.value.rects.every((one) => one.left >= box.right || one.top >= box.bottom);
      };
      return change("server", DisplayDrawCopy, (value) => isHidden(value) ? null : value).message!(passing);
    },
  }),
  defect(
    "zlib-glz-apart",
    "does not keep ZLIB_GLZ images in the GLZ window",
    without(({ body }) => body.is === "ZLIB_GLZ_RGB"),
  ),
  defect("lz4-rows-unflipped", "takes every LZ4 image as top-down", packed("LZ4", (data) => patched(data, 0, 1))),
  defect(
    "lz4-one-block",
    "decodes the first block of an LZ4 image alone",
    packed("LZ4", (data) => {
      return data.subarray(0, 6 + new DataView(data.buffer, data.byteOffset).getUint32(2));
    }),
  ),
  defect(
    "jpeg-colours-swapped",
    "takes red for blue in a JPEG",
    packed("JPEG", (data) => {
      const at = data.findIndex((byte, i) => byte === 0xff && data[i + 1] === 0xc0);
      // The ids of the second and third component: Cb and Cr.
      return patched(patched(data, at + 13, 3), at + 16, 2);
    }),
  ),
  defect(
    "jpeg-alpha-order",
    "takes the flag TOP_DOWN of a JPEG_ALPHA image for its opposite",
    images((body) => {
      if (body.is !== "JPEG_ALPHA") return body;
      return { is: "JPEG_ALPHA", value: { ...body.value, flags: body.value.flags ^ JpegAlphaFlags.TOP_DOWN } };
    }),
  ),
  defect(
    "jpeg-alpha-unflipped",
    "takes the alpha of every JPEG_ALPHA image as top-down",
    images((body) => {
      if (body.is !== "JPEG_ALPHA") return body;
      const { data, jpegSize, flags } = body.value;
      const topDown = { data: patched(data, jpegSize + LZ_TOP_DOWN, 1), flags: flags | JpegAlphaFlags.TOP_DOWN };
      return { is: "JPEG_ALPHA", value: { ...body.value, ...topDown } };
    }),
  ),
];

/** Changes the bodies of the images of DRAW_COPY and DRAW_ALPHA_BLEND. */
function images(to: (body: Body) => Body): Tampering {
  const changed = <T extends Copy | AlphaBlend>(value: T): T => {
    const { srcBitmap } = value.data;
    if (srcBitmap === null) return value;
    return { ...value, data: { ...value.data, srcBitmap: { ...srcBitmap, body: to(srcBitmap.body) } } };
  };
  const copies = change<Copy>("server", DisplayDrawCopy, changed);
  const blends = change<AlphaBlend>("server", DisplayDrawAlphaBlend, changed);
  return {
    message: (passing) => (passing.name === DisplayDrawAlphaBlend.name ? blends : copies).message!(passing),
  };
}

/** Changes the bytes of images of one type. */
function packed(is: Packed, to: (data: Uint8Array) => Uint8Array): Tampering {
  return images((body) =>
    body.is === is ? { is, value: { data: to((body.value as { data: Uint8Array }).data) } } : body
  );
}

/** Changes LZ images with palettes. */
function lzPlt(
  to: (value: Extract<Body, { is: "LZ_PLT" }>["value"]) => Extract<Body, { is: "LZ_PLT" }>["value"],
): Tampering {
  return images((body) => body.is === "LZ_PLT" ? { is: "LZ_PLT", value: to(body.value) } : body);
}

/** Leaves out what draws some images. */
function without(isLost: (image: Infer<typeof SpiceImage>, passing: Passing) => boolean): Tampering {
  return change("server", DisplayDrawCopy, (value: Copy, passing) => {
    return value.data.srcBitmap !== null && isLost(value.data.srcBitmap, passing) ? null : value;
  });
}

/** Turns the alpha of an LZ stream of type RGBA upside down. */
function turnAlpha(data: Uint8Array): Uint8Array {
  const { width, height, pixels } = decodeLz(data, { maxPixels: 1 << 20 });
  const turned = pixels.map((pixel, i) => {
    const x = i % width, y = Math.floor(i / width);
    return pixel & 0xffffff | pixels[(height - 1 - y) * width + x]! & 0xff000000;
  });
  return encodeLz({ type: LzType.RGBA, width, height, pixels: turned, topDown: false });
}

/** Swaps the bytes of each literal of an LZ stream of 16 bits. Source: lz_decompress_tmpl.c. */
function swapLiterals(data: Uint8Array): Uint8Array {
  const copy = data.slice();
  for (let at = LZ_HEADER; at < copy.length;) {
    const control = copy[at++]!;
    if (control < 32) {
      for (const end = at + 2 * (control + 1); at < end; at += 2) copy.set([data[at + 1]!, data[at]!], at);
      continue;
    }
    if (control >> 5 === 7) { while (copy[at++] === 255); }
    at += (control & 31) === 31 && copy[at] === 255 ? 3 : 1;
  }
  return copy;
}
