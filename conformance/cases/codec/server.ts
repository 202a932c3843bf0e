/** What servers pack images into, after each PREFERRED_COMPRESSION. */
import { inflateSync } from "node:zlib";
import { DisplayCap, hasCap } from "../../../protocol/capabilities.ts";
import { BitmapFlags, BitmapFmt, ImageCompression, JpegAlphaFlags } from "../../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../../protocol/messages/image.ts";
import { group } from "../../suite/case.ts";
import { GlzReader } from "../../suite/glz_reader.ts";
import { readLzHead, readLzRgb } from "../../suite/lz_reader.ts";
import { LzImageType } from "../../suite/lz_stream.ts";
import { type Box, boxAt } from "../../suite/pictures.ts";
import type { ServerPeer } from "../../suite/server_peer.ts";
import { ServerScreen } from "../../suite/server_screen.ts";
import { fail, Finding, lacks, must, mustEqual } from "../../suite/verdict.ts";

const PACKING = "spice-server dcc.cpp dcc_compress_image";

/** Each preference, the address of its case, and where its images are made. */
const PREFERENCES: readonly (readonly [Exclude<keyof typeof ImageCompression, symbol>, string])[] = [
  ["OFF", "dcc-send.cpp fill_bits"],
  ["AUTO_GLZ", "dcc.cpp get_compression_for_bitmap"],
  ["AUTO_LZ", "dcc.cpp get_compression_for_bitmap"],
  ["QUIC", "image-encoders.cpp image_encoders_compress_quic"],
  ["GLZ", "image-encoders.cpp image_encoders_compress_glz"],
  ["LZ", "image-encoders.cpp image_encoders_compress_lz"],
  ["LZ4", "image-encoders.cpp image_encoders_compress_lz4"],
];

export const codecServer = group("codec/server", "Codecs: what a server sends");
for (const [name, source] of PREFERENCES) {
  codecServer.server(name.toLowerCase(), {
    title: `sends images that decode to a client that prefers ${name}`,
    requirement:
      "The server MUST send streams whose headers are right, whose sizes are those of their descriptors, and " +
      "which refer only to what the client has",
    source: `${PACKING}; ${source}`,
    level: "must",
    covers: [`display/client/DISPLAY_PREFERRED_COMPRESSION/imageCompression=${name}`],
    run: async (peer) => {
      const images = await imagesOf(peer, ImageCompression[name], [DisplayCap.LZ4_COMPRESSION]);
      const glz = new GlzReader();
      for (const image of images) judge(image, glz);
    },
  });
}
codecServer.server("lz4_unasked", {
  title: "sends no LZ4 to a client that cannot decode it",
  requirement: "The server MUST NOT send LZ4 images to a client without the capability LZ4_COMPRESSION",
  source: `${PACKING} (SPICE_DISPLAY_CAP_LZ4_COMPRESSION)`,
  level: "must",
  run: async (peer) => {
    for (const image of await imagesOf(peer, ImageCompression.LZ4, [])) {
      must(image.body.is !== "LZ4", "it sends LZ4");
    }
  },
});

/** The images that a server sends after a preference, the first picture included. */
async function imagesOf(peer: ServerPeer, preference: number, caps: readonly number[]): Promise<readonly SpiceImage[]> {
  const screen = await ServerScreen.open(await peer.session(), preference, { channelCaps: caps });
  await screen.marked();
  if (!hasCap(screen.talk.options.channelCaps, DisplayCap.PREF_COMPRESSION)) lacks("it has no PREF_COMPRESSION");
  await screen.settle();
  try {
    // The same pixels come again: what refers to images before has something to refer to.
    for (let i = 0; i < 6; i++) {
      await ask(peer, "paint", boxAt(8 + 20 * i, 10 + 9 * i, 64, 48), { seed: i % 2 });
      await ask(peer, "fill", boxAt(30, 12, 40, 30), { color: 0x336699 + i });
      await screen.settle(150, 500);
    }
  } catch (error) {
    if (!(error instanceof Finding && error.verdict === "unimplemented")) throw error;
    await screen.settle(1200, 2500);
  }
  const images = screen.images.map(({ image }) => image);
  if (!images.some(({ body }) => !["FROM_CACHE", "FROM_CACHE_LOSSLESS", "SURFACE"].includes(body.is))) {
    lacks("no image comes");
  }
  return images;
}

async function ask(peer: ServerPeer, verb: string, box: Box, more: Record<string, number>): Promise<void> {
  await peer.control.ask(verb, { ...box, ...more });
}

/** Fails at an image that is not well-formed. */
function judge(image: SpiceImage, glz: GlzReader): void {
  const { body } = image, size = [image.width, image.height];
  const same = (found: readonly number[]) => mustEqual(found, size, `the size of its ${body.is}`);
  switch (body.is) {
    case "BITMAP": {
      const { x, y, stride, data } = body.value;
      must(data.length >= stride * y, `its bitmap has ${data.length} bytes for ${y} rows of ${stride}`);
      return same([x, y]);
    }
    case "QUIC":
      return same(quicSize(body.value.data));
    case "LZ_RGB": {
      const { type, width, height } = readLzHead(body.value.data);
      must(type >= LzImageType.RGB16 && type !== LzImageType.XXXA, `its LZ_RGB is of type ${type}`);
      // What the suite can decode is decoded.
      readLzRgb(body.value.data);
      return same([width, height]);
    }
    case "LZ_PLT": {
      const { type, width, height } = readLzHead(body.value.data), { palette } = body.value;
      must(type >= LzImageType.PLT1_LE && type <= LzImageType.PLT8, `its LZ_PLT is of type ${type}`);
      must(palette.value !== null, "its LZ_PLT has no palette");
      must((body.value.flags & ~(BitmapFlags.PAL_CACHE_ME | BitmapFlags.TOP_DOWN)) === 0, "its LZ_PLT has odd flags");
      return same([width, height]);
    }
    case "GLZ_RGB": {
      const { width, height } = glz.read(body.value.data);
      return same([width, height]);
    }
    case "ZLIB_GLZ_RGB": {
      const data = inflated(body.value.data);
      mustEqual(data.length, body.value.glzDataSize, "the size of what its ZLIB_GLZ_RGB holds");
      const { width, height } = glz.read(data);
      return same([width, height]);
    }
    case "LZ4":
      return judgeLz4(body.value.data);
    case "JPEG":
      return same(jpegSize(body.value.data));
    case "JPEG_ALPHA": {
      const { data, jpegSize: bytes, flags } = body.value;
      must(bytes < data.length, `its JPEG_ALPHA has ${data.length} bytes, its JPEG ${bytes}`);
      same(jpegSize(data.subarray(0, bytes)));
      const { type, width, height, topDown } = readLzHead(data.subarray(bytes));
      must(type === LzImageType.XXXA, `the alpha of its JPEG_ALPHA is of LZ type ${type}`);
      mustEqual(topDown, (flags & JpegAlphaFlags.TOP_DOWN) !== 0, "the order of the rows of its alpha, by its flag,");
      return same([width, height]);
    }
  }
}

/** Source: spice-common quic.c quic_encode: magic, version, type, width, height, little-endian. */
function quicSize(data: Uint8Array): [number, number] {
  if (data.length < 20) return fail(`its QUIC stream has ${data.length} bytes`);
  const view = new DataView(data.buffer, data.byteOffset, 20), type = view.getUint32(8, true);
  must(view.getUint32(0, true) === 0x43495551, "its QUIC stream does not begin with QUIC");
  must(view.getUint32(4, true) === 0, `its QUIC stream is of version ${view.getUint32(4, true)}`);
  must(type >= 2 && type <= 5, `its QUIC stream is of type ${type}`);
  must(data.length % 4 === 0, `its QUIC stream has ${data.length} bytes, which are no whole words`);
  return [view.getUint32(12, true), view.getUint32(16, true)];
}

/** Source: spice-server lz4-encoder.c lz4_encode. */
function judgeLz4(data: Uint8Array): void {
  const formats: readonly number[] = [BitmapFmt["16BIT"], BitmapFmt["24BIT"], BitmapFmt["32BIT"], BitmapFmt.RGBA];
  must(data.length > 6, `its LZ4 image has ${data.length} bytes`);
  must(data[0]! <= 1 && formats.includes(data[1]!), `its LZ4 image begins with ${data[0]}, format ${data[1]}`);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let at = 2;
  while (at + 4 <= data.length) {
    const length = view.getUint32(at);
    must(length > 0, "its LZ4 image has a block of no bytes");
    at += 4 + length;
  }
  mustEqual(at, data.length, "where the blocks of its LZ4 image end");
}

/** Width and height by the frame header. Source: ITU-T T.81, B.2.2. */
function jpegSize(data: Uint8Array): [number, number] {
  must(data[0] === 0xff && data[1] === 0xd8, "its JPEG does not begin with SOI");
  for (let at = 2; at + 9 < data.length; at += 2 + (data[at + 2]! << 8 | data[at + 3]!)) {
    must(data[at] === 0xff, "its JPEG has no marker where one must be");
    const marker = data[at + 1]!;
    if (marker >= 0xc0 && marker <= 0xc2) {
      return [data[at + 7]! << 8 | data[at + 8]!, data[at + 5]! << 8 | data[at + 6]!];
    }
  }
  return fail("its JPEG has no frame header");
}

function inflated(data: Uint8Array): Uint8Array {
  try {
    return inflateSync(data, { maxOutputLength: 1 << 28 });
  } catch (error) {
    return fail(`its ZLIB_GLZ_RGB does not inflate: ${error instanceof Error ? error.message : error}`);
  }
}
