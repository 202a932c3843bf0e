/** `codec info`: what a stream says of itself. */
import type { Command } from "../../cli/command.ts";
import { ExitCode } from "../../cli/exit_code.ts";
import { CodecError } from "../errors.ts";
import { decodeGlzHeader } from "../glz.ts";
import { decodeJpegHeader } from "../jpeg.ts";
import { decodeLzHeader, LzType } from "../lz.ts";
import { decodeQuicHeader, QuicType } from "../quic.ts";
import { type CodecName, inflate, startOfLz } from "./codec.ts";
import { ofFile, readBytes } from "./files.ts";

/** What a stream says. */
type Facts = { readonly codec: CodecName } & Readonly<Record<string, string | number | boolean>>;

/** See {@link Command}. */
export const info: Command = {
  name: "info",
  summary: "Tell codec, type and size of streams",
  usage: "<file>…",
  details: ["Bitmaps and LZ4 images do not say what they are."],
  examples: ["info screen.quic", "info --json *.lz"],
  options: [{ name: "json", about: "one object a line" }],
  takes: [1, Infinity],
  prepare: (args) => async (world) => {
    for (const path of args.positionals) {
      const bytes = await readBytes(path);
      const facts = ofFile(path, () => factsOf(bytes));
      await world.out(
        args.flag("json")
          ? JSON.stringify({ file: path, bytes: bytes.length, ...facts })
          : `${path}: ${bytes.length} bytes, ${Object.entries(facts).map(([name, is]) => `${name} ${is}`).join(", ")}`,
      );
    }
    return ExitCode.DONE;
  },
};

/** @throws {CodecError} */
function factsOf(src: Uint8Array): Facts {
  const start = String.fromCharCode(...src.subarray(0, 4));
  if (start === "QUIC") {
    const { type, width, height } = decodeQuicHeader(src);
    return { codec: "quic", type: nameOf(QuicType, type), width, height };
  }
  // The type takes four bytes in LZ, and one in GLZ.
  if (start === "  ZL" && src[8] === 0) {
    const { type, width, height, topDown } = decodeLzHeader(src);
    return { codec: "lz", type: nameOf(LzType, type), width, height, topDown };
  }
  if (start === "  ZL") return { codec: "glz", ...glzFacts(src) };
  if (src[0] === 0xff && src[1] === 0xd8) {
    const { width, height } = decodeJpegHeader(src), lz = lzBehind(src);
    if (lz === null) return { codec: "jpeg", width, height };
    return { codec: "jpeg-alpha", width, height, topDown: decodeLzHeader(src.subarray(lz)).topDown, jpegBytes: lz };
  }
  if (src[0] === 0x78) {
    const glz = inflate(src);
    return { codec: "zlib-glz", ...glzFacts(glz), glzBytes: glz.length };
  }
  throw new CodecError("image", "bad-header", 0, "it begins as no stream does that says what it is");
}

function glzFacts(src: Uint8Array) {
  const { type, width, height, topDown, id, winHeadDist } = decodeGlzHeader(src);
  return { type: nameOf(LzType, type), width, height, topDown, id: Number(id), winHeadDist };
}

function lzBehind(src: Uint8Array): number | null {
  try {
    return startOfLz(src);
  } catch (error) {
    if (error instanceof CodecError) return null;
    throw error;
  }
}

function nameOf(types: Readonly<Record<string, number>>, type: number): string {
  return Object.entries(types).find(([, number]) => number === type)?.[0] ?? String(type);
}
