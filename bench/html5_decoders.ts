/**
 * The decoders of spice-html5, which is LGPL: its package is fetched when they are measured, and no line of it stands here.
 */
import { WEB_CLIENTS } from "../conformance/adapters/web_client.ts";
import { npmPackage } from "../conformance/peers/npm_package.ts";
import { decodeLzHeader, LZ_HEADER_BYTES } from "../codecs/lz.ts";
import type { BenchStream } from "./codec_list.ts";

/** Decodes to what a canvas wants: R, G, B, alpha. */
export type Html5Decoder = (stream: BenchStream) => Uint8ClampedArray;

/** What of the modules is used. Source: spice-html5 0.2.1 src/quic.js, src/lz.js. */
interface Canvas {
  createImageData(width: number, height: number): { width: number; height: number; data: Uint8ClampedArray };
}

interface QuicModule {
  SpiceQuic: new () => { from_dv(view: DataView, at: number, message: ArrayBuffer): number; outptr?: Uint8Array };
  convert_spice_quic_to_web(canvas: Canvas, quic: unknown): { data: Uint8ClampedArray };
}

interface LzModule {
  convert_spice_lz_to_web(canvas: Canvas, image: unknown): { data: Uint8ClampedArray } | undefined;
}

const CANVAS: Canvas = {
  createImageData: (width, height) => ({ width, height, data: new Uint8ClampedArray(width * height * 4) }),
};

/** Version that is measured. */
export const HTML5_VERSION: string = WEB_CLIENTS["spice-html5"]!.version;

/**
 * @param program `quic` or `lz`; there are no others.
 * @returns `null` for a codec that it lacks.
 * @throws {Error} The package cannot be fetched.
 */
export async function html5Decoder(program: string): Promise<Html5Decoder | null> {
  switch (program) {
    case "quic": {
      const { SpiceQuic, convert_spice_quic_to_web } = await load<QuicModule>("quic.js");
      return ({ bytes }) => {
        const quic = new SpiceQuic();
        quic.from_dv(new DataView(messageOf(bytes)), 0, messageOf(bytes));
        if (quic.outptr === undefined) throw new Error("spice-html5 does not decode it");
        return convert_spice_quic_to_web(CANVAS, quic).data;
      };
    }
    case "lz": {
      const { convert_spice_lz_to_web } = await load<LzModule>("lz.js");
      return ({ bytes }) => {
        const { type, width, height, topDown } = decodeLzHeader(bytes);
        const data = bytes.slice(LZ_HEADER_BYTES).buffer;
        const image = convert_spice_lz_to_web(CANVAS, { type, width, height, top_down: topDown, data });
        if (image === undefined) throw new Error("spice-html5 does not decode it");
        return image.data;
      };
    }
    default:
      return null;
  }
}

/** @returns How many pixels differ from the picture's. */
export function wrongPixels(data: Uint8ClampedArray, { frame: { pixels, alpha } }: BenchStream): number {
  let wrong = 0;
  for (let i = 0; i < pixels.length; i++) {
    const pixel = (data[4 * i]! << 16 | data[4 * i + 1]! << 8 | data[4 * i + 2]! | data[4 * i + 3]! << 24) >>> 0;
    if (pixel !== (alpha ? pixels[i]! : (pixels[i]! | 0xff000000) >>> 0)) wrong++;
  }
  return wrong;
}

/** The size of the stream, and the stream: the message's part that `from_dv` takes. */
const messages = new WeakMap<Uint8Array, ArrayBuffer>();
function messageOf(bytes: Uint8Array): ArrayBuffer {
  const known = messages.get(bytes);
  if (known !== undefined) return known;
  const message = new Uint8Array(4 + bytes.length);
  new DataView(message.buffer).setUint32(0, bytes.length, true);
  message.set(bytes, 4);
  messages.set(bytes, message.buffer);
  return message.buffer;
}

async function load<Module>(file: string): Promise<Module> {
  const folder = await npmPackage(WEB_CLIENTS["spice-html5"]!);
  return await import(`file://${folder}/src/${file}`) as Module;
}
