/** `codec verify`: every entry of a manifest. */
import type { Command } from "../../cli/command.ts";
import { ExitCode } from "../../cli/exit_code.ts";
import { MAX_PICTURE_PIXELS } from "../../cli/picture_error.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { CodecError } from "../errors.ts";
import { GlzDictionary, GlzWindow } from "../glz.ts";
import { CODEC_NAMES, type CodecName, codecOf, WINDOW_PIXELS } from "./codec.ts";
import { toRaw } from "./layouts.ts";
import { Manifest, type ManifestSequence, type ManifestStream, sha256 } from "./manifest.ts";

/** What became of an entry. */
type Outcome =
  | { readonly name: string; readonly verdict: "passed" }
  | { readonly name: string; readonly verdict: "failed" | "skipped"; readonly why: string };

/** Codecs whose encoder writes the very bytes that the reference writes. */
const BIT_EXACT: readonly string[] = ["quic", "lz", "jpeg"];

/** See {@link Command}. */
export const verify: Command = {
  name: "verify",
  summary: "Decode every entry of a manifest, and encode those of which only the stream's hash is kept",
  usage: "<manifest.json> [<name>]…",
  details: [
    "An entry is named by its name or file, a sequence by its name. A sequence is decoded in order through one window, and",
    "once more from its zlib streams, where they are kept. Streams of which only the hash is kept are skipped where an",
    "encoder is free to write other bytes (lz4). The last line is `N passed, N failed, N skipped`.",
  ],
  examples: ["verify conformance/vectors/codecs/reference/manifest.json", "verify manifest.json docs.quic mix"],
  options: [{ name: "json", about: "tell of each entry in JSON, one object a line" }],
  takes: [1, Infinity],
  prepare({ positionals: [path, ...names], ...args }) {
    const json = args.values["json"] === true;
    return async (world) => {
      const manifest = new Manifest(path!);
      const wanted = (...of: (string | undefined)[]) => names.length === 0 || names.some((name) => of.includes(name));
      const streams = manifest.streams.filter((one) => wanted(one.name, one.file, nameOf(one)));
      const sequences = manifest.sequences.filter(({ name }) => wanted(name));
      if (streams.length + sequences.length === 0) throw new UsageError(`${path} has no entry ${names.join(", ")}`);
      const counts = { passed: 0, failed: 0, skipped: 0 };
      for (const outcome of outcomes(manifest, streams, sequences)) {
        counts[outcome.verdict]++;
        if (json) await world.out(JSON.stringify(outcome));
        else if (outcome.verdict !== "passed") await world.out(`${outcome.verdict} ${outcome.name}: ${outcome.why}`);
      }
      await world.out(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
      return counts.failed === 0 ? ExitCode.DONE : ExitCode.FAILED;
    };
  },
};

function* outcomes(
  manifest: Manifest,
  streams: readonly ManifestStream[],
  sequences: readonly ManifestSequence[],
): Generator<Outcome> {
  for (const stream of streams) yield ofStream(manifest, stream);
  for (const sequence of sequences) yield* ofSequence(manifest, sequence);
}

function ofStream(manifest: Manifest, stream: ManifestStream): Outcome {
  const name = nameOf(stream), codec = CODEC_NAMES.find((name) => name === stream.codec);
  if (codec === undefined) return { name, verdict: "failed", why: `there is no codec "${stream.codec}"` };
  const bytes = manifest.streamBytes(stream);
  if (bytes === undefined) return ofHash(manifest, stream, codec);
  const { decodedFormat, decodedSha256, encodedSha256, width, height } = stream;
  if (sha256(bytes) !== encodedSha256) {
    return { name, verdict: "failed", why: "its bytes are not those of the manifest" };
  }
  return checked(name, decodedSha256, () => {
    const palette = manifest.palette(stream), window = new GlzWindow(WINDOW_PIXELS);
    const how = { maxPixels: MAX_PICTURE_PIXELS, topDown: stream.topDown, palette, width, height, window };
    return sha256(toRaw(codecOf(codec).decode(bytes, how).image, decodedFormat));
  });
}

/** Only the hash of the stream is kept: encodes the image that it was made of. */
function ofHash(manifest: Manifest, stream: ManifestStream, codec: CodecName): Outcome {
  const name = nameOf(stream), { topDown, typeName } = stream;
  if (!BIT_EXACT.includes(codec)) {
    return { name, verdict: "skipped", why: `only its hash is kept, and encoders of ${codec} may write other bytes` };
  }
  const image = manifest.source(stream);
  if (image === undefined) return { name, verdict: "failed", why: `there is no image "${stream.source}" to encode` };
  return checked(name, stream.encodedSha256, () => {
    const palette = manifest.palette(stream), dictionary = new GlzDictionary(1);
    return sha256(codecOf(codec).encode(image, { topDown, type: typeName?.toLowerCase(), palette, dictionary }));
  });
}

function* ofSequence(manifest: Manifest, sequence: ManifestSequence): Generator<Outcome> {
  const most = 2 * Math.max(sequence.dictionaryWindowPixels, WINDOW_PIXELS);
  for (const codec of ["glz", "zlib-glz"] as const) {
    const window = new GlzWindow(most), how = { maxPixels: MAX_PICTURE_PIXELS, topDown: true, window };
    for (const frame of sequence.frames) {
      const { id, decodedFormat, decodedSha256 } = frame, zlib = codec === "zlib-glz";
      if (zlib && frame.zlibOffset === undefined) continue;
      const [at, length] = zlib ? [frame.zlibOffset!, frame.zlibBytes] : [frame.offset, frame.glzBytes];
      const bytes = manifest.bytes(sequence.file, at, length);
      yield checked(`${sequence.name}/${id} (${codec})`, decodedSha256, () => {
        return sha256(toRaw(codecOf(codec).decode(bytes, how).image, decodedFormat));
      });
    }
  }
}

function checked(name: string, expected: string, find: () => string): Outcome {
  try {
    const found = find();
    return found === expected
      ? { name, verdict: "passed" }
      : { name, verdict: "failed", why: `expected ${expected}, found ${found}` };
  } catch (error) {
    if (!(error instanceof CodecError || error instanceof UsageError)) throw error;
    return { name, verdict: "failed", why: error.message };
  }
}

function nameOf({ name, file, source, typeName, codec }: ManifestStream): string {
  return name ?? file?.replace(/.*\//, "") ?? `${source}-${typeName}.${codec}`;
}
