/** `codec decode`: streams to pictures. */
import type { Command, CommandWorld } from "../../cli/command.ts";
import { ExitCode } from "../../cli/exit_code.ts";
import { MAX_PICTURE_PIXELS } from "../../cli/picture_error.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { GlzWindow } from "../glz.ts";
import { codecOf, type Decoded, type HowToDecode, WINDOW_PIXELS } from "./codec.ts";
import { checkPictureName, ofFile, pictureFile, readBytes, readPalette, writeBytes } from "./files.ts";
import { type Layout, toRaw } from "./layouts.ts";
import { Manifest, sha256 } from "./manifest.ts";
import { IMAGE_OPTIONS, type ImageOptions, pairs, readImageOptions } from "./options.ts";

/** See {@link Command}. */
export const decode: Command = {
  name: "decode",
  summary: "Decode streams to .png or .raw; GLZ images in the order in which they are named, through one window",
  usage: "--codec NAME <in> <out> [<in> <out>]…",
  details: [
    "A .raw picture has its rows from the top down, tightly packed. With --sequence the frames of a manifest's sequence are",
    "decoded, and a line tells the number and the SHA-256 of the pixels of each.",
  ],
  examples: [
    "decode --codec quic screen.quic screen.png",
    "decode --codec lz4 --width 640 --height 480 a.lz4 a.raw",
    "decode --codec glz --sequence conformance/vectors/codecs/reference/manifest.json type",
  ],
  options: [...IMAGE_OPTIONS, {
    name: "sequence",
    value: "MANIFEST",
    about: "glz, zlib-glz: decode the sequences that are named instead of files",
  }],
  takes: [1, Infinity],
  prepare(args) {
    const options = readImageOptions(args), sequence = args.text("sequence"), { positionals } = args;
    if (sequence !== undefined) {
      if (!options.codec.endsWith("glz")) throw new UsageError("--sequence is for --codec glz and zlib-glz");
      return (world) => decodeSequences(sequence, positionals, options, world);
    }
    const files = pairs(positionals);
    for (const [, out] of files) checkPictureName(out);
    return async (world) => {
      const how = await howToDecode(options);
      for (const [input, output] of files) {
        const bytes = await readBytes(input);
        const decoded = ofFile(input, () => codecOf(options.codec).decode(bytes, how));
        const layout = options.layout ?? decoded.layout;
        await writeBytes(output, pictureFile(output, decoded, layout));
        await world.out(lineOf(input, output, decoded, layout, options));
      }
      return ExitCode.DONE;
    };
  },
};

async function howToDecode(options: ImageOptions): Promise<HowToDecode> {
  const { palettePath, width, height, strideBytes, topDown, type } = options;
  const palette = palettePath === undefined ? undefined : await readPalette(palettePath);
  const window = new GlzWindow(WINDOW_PIXELS), maxPixels = MAX_PICTURE_PIXELS;
  return { maxPixels, palette, width, height, strideBytes, topDown, type, window };
}

function lineOf(input: string, output: string, { image }: Decoded, layout: Layout, { json }: ImageOptions): string {
  const { width, height, alpha } = image, hash = sha256(toRaw(image, layout));
  return json
    ? JSON.stringify({ input, output, width, height, alpha, format: layout, sha256: hash })
    : `${output}: ${width} × ${height}${alpha ? " with alpha" : ""}, ${layout} ${hash}`;
}

async function decodeSequences(
  path: string,
  names: readonly string[],
  { codec, json }: ImageOptions,
  world: CommandWorld,
): Promise<number> {
  const manifest = new Manifest(path), zlib = codec === "zlib-glz";
  for (const name of names) {
    const sequence = manifest.sequences.find((one) => one.name === name);
    const there = manifest.sequences.map(({ name }) => name).join(", ");
    if (sequence === undefined) throw new UsageError(`${path} has no sequence "${name}" (there are: ${there})`);
    const window = new GlzWindow(2 * Math.max(sequence.dictionaryWindowPixels, WINDOW_PIXELS));
    for (const { id, offset, glzBytes, zlibOffset, zlibBytes, decodedFormat } of sequence.frames) {
      if (zlib && zlibOffset === undefined) throw new UsageError(`${path}: the zlib streams of "${name}" are not kept`);
      const bytes = manifest.bytes(sequence.file, zlib ? zlibOffset! : offset, zlib ? zlibBytes : glzBytes);
      const { image } = codecOf(codec).decode(bytes, { maxPixels: MAX_PICTURE_PIXELS, topDown: true, window });
      const hash = sha256(toRaw(image, decodedFormat));
      await world.out(json ? JSON.stringify({ name, id, sha256: hash }) : `${id} ${hash}`);
    }
  }
  return ExitCode.DONE;
}
