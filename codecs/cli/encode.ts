/** `codec encode`: pictures to streams. */
import type { Command } from "../../cli/command.ts";
import { ExitCode } from "../../cli/exit_code.ts";
import { GlzDictionary } from "../glz.ts";
import { codecOf, WINDOW_PIXELS } from "./codec.ts";
import { readPalette, readPicture, writeBytes } from "./files.ts";
import { sha256 } from "./manifest.ts";
import { IMAGE_OPTIONS, pairs, readImageOptions } from "./options.ts";

/** See {@link Command}. */
export const encode: Command = {
  name: "encode",
  summary: "Encode .png or .raw pictures; GLZ images in the order in which they are named, with one dictionary",
  usage: "--codec NAME <in> <out> [<in> <out>]…",
  details: ["The type is rgba for a picture with alpha, else rgb32 or 32bit, unless --type says another."],
  examples: [
    "encode --codec quic screen.png screen.quic",
    "encode --codec lz --type plt8 --palette colours.txt icon.png icon.lz",
    "encode --codec jpeg --quality 70 photo.png photo.jpg",
  ],
  options: [
    ...IMAGE_OPTIONS,
    { name: "quality", value: "Q", about: "jpeg, jpeg-alpha: 1 (worst) to 100 (default 85)" },
    { name: "rows-per-block", value: "N", about: "lz4: rows in a block (default: all)" },
  ],
  takes: [1, Infinity],
  prepare(args) {
    const options = readImageOptions(args), files = pairs(args.positionals);
    const quality = args.integer("quality", 1, 100), rowsPerBlock = args.integer("rows-per-block", 1, 1 << 20);
    return async (world) => {
      const { codec, type, palettePath, width, height, strideBytes, topDown, layout = "BGRX", json } = options;
      const palette = palettePath === undefined ? undefined : await readPalette(palettePath);
      const dictionary = new GlzDictionary(WINDOW_PIXELS);
      for (const [input, output] of files) {
        const image = await readPicture(input, { width, height, layout });
        const how = { palette, topDown, type, strideBytes, quality, rowsPerBlock, dictionary };
        const bytes = codecOf(codec).encode(image, how), bits = bytes.length * 8 / image.pixels.length;
        await writeBytes(output, bytes);
        await world.out(
          json
            ? JSON.stringify({ input, output, bytes: bytes.length, sha256: sha256(bytes) })
            : `${output}: ${bytes.length} bytes, ${bits.toFixed(2)} bits a pixel`,
        );
      }
      return ExitCode.DONE;
    };
  },
};
