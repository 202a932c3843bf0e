/** Options that decode and encode share. */
import type { Arguments } from "../../cli/arguments.ts";
import type { OptionSpec } from "../../cli/option.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { parseChoice } from "../../cli/values.ts";
import { CODEC_NAMES, type CodecName } from "./codec.ts";
import { type Layout, LAYOUT_NAMES } from "./layouts.ts";

/** Longest side of an image. */
const MOST_SIDE = 1 << 20;

/** See above. */
export const IMAGE_OPTIONS: readonly OptionSpec[] = [
  { name: "codec", value: "NAME", about: CODEC_NAMES.join(", ") },
  { name: "type", value: "TYPE", about: "pixel type of the codec: as rgb32, rgba, plt8 (lz), 16bit (bitmap, lz4)" },
  { name: "palette", value: "FILE", about: "colours of images with indexes: a line of RRGGBB each" },
  { name: "width", value: "W", about: "pixels a row, where the bytes do not say it (lz4, bitmap, .raw)" },
  { name: "height", value: "H", about: "rows, where the bytes do not say it" },
  { name: "stride", value: "N", about: "bitmap: bytes from row to row (default: as many as a row takes)" },
  { name: "bottom-up", about: "rows run from the bottom to the top (bitmap, and what is encoded)" },
  { name: "format", value: "LAYOUT", about: `of .raw: ${LAYOUT_NAMES.join(", ")} (default: what the type has)` },
  { name: "json", about: "tell of each image in JSON, one object a line" },
];

/** What these options say. */
export interface ImageOptions {
  readonly codec: CodecName;
  readonly type: string | undefined;
  readonly palettePath: string | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly strideBytes: number | undefined;
  readonly topDown: boolean;
  readonly layout: Layout | undefined;
  readonly json: boolean;
}

/** @throws {UsageError} A value is none, or --codec is missing. */
export function readImageOptions(args: Arguments): ImageOptions {
  const codec = args.read("codec", (what, text) => parseChoice(what, text, CODEC_NAMES));
  if (codec === undefined) throw new UsageError(`say --codec: ${CODEC_NAMES.join(", ")}`);
  const format = args.read("format", (what, text) => {
    return parseChoice(what, text, LAYOUT_NAMES.map((name) => name.toLowerCase()));
  });
  return {
    codec,
    type: args.text("type")?.toLowerCase(),
    palettePath: args.text("palette"),
    width: args.integer("width", 1, MOST_SIDE),
    height: args.integer("height", 1, MOST_SIDE),
    strideBytes: args.integer("stride", 1, MOST_SIDE * 4),
    topDown: !args.flag("bottom-up"),
    layout: LAYOUT_NAMES.find((name) => name.toLowerCase() === format),
    json: args.flag("json"),
  };
}

/** Arguments as pairs of an input and an output. @throws {UsageError} One is left over. */
export function pairs(positionals: readonly string[]): [string, string][] {
  if (positionals.length % 2 !== 0) throw new UsageError(`"${positionals.at(-1)}" has no output: want <in> <out> each`);
  return positionals.flatMap((path, i) => i % 2 === 0 ? [[path, positionals[i + 1]!] as [string, string]] : []);
}
