/**
 * A program around another implementation's codecs, which `--reference` names. None is kept here: codecs in C are what
 * the targets are measured against, and whoever has them writes a main() around them. Its protocol:
 *
 * ```text
 * PROGRAM CODEC decode|encode WINDOW RUNS IN OUT
 * ```
 * See `REFERENCE_USAGE`.
 */
import { toRaw } from "../codecs/cli/layouts.ts";
import { LzType } from "../codecs/lz.ts";
import type { BenchFrame, BenchImage } from "./codec_images.ts";
import type { BenchCodec, BenchStream, Direction } from "./codec_list.ts";
import { readResults, writeRecords } from "./codec_records.ts";
import { streamsOf } from "./measure_codec.ts";

/** What such a program has to do, for `--help`. */
export const REFERENCE_USAGE = `A reference program is started as PROGRAM CODEC decode|encode WINDOW RUNS IN OUT:

  CODEC   quic, lz, glz, zlib-glz, lz4, jpeg, jpeg-alpha, bitmap; it ends with code 2 for one that it lacks
  WINDOW  pixels of the GLZ dictionary, which is new and empty in each run
  RUNS    how often to code all records of IN, in order; then it prints the CPU nanoseconds of each run, one a line
  IN      for each picture u32 type, width, height, topDown, bytes, little-endian, then the bytes:
          encode  pixels B G R X or B G R A, rows in stream order (GLZ type 6: u16 x1r5g5b5, 7: B G R)
                  type: the QUIC or LZ type, the bitmap format; JPEG is 4:2:0 of quality 85, zlib of level 3
          decode  the stream; type: that, too, but bytes of GLZ inside zlib (0: it is not), bytes of JPEG before alpha
  OUT     for each picture u32 bytes, then what it made: a stream, or pixels of four bytes, rows in stream order`;

/** What it found out. */
export interface ReferenceRun {
  readonly nsPerRun: readonly number[];
  /** Whether it made the same bytes as we do, or decoded to the same pixels. */
  readonly same: boolean;
  /** Of what it made. */
  readonly bytes: number;
}

/** These do not count: memory is new to the first, and caches are cold. */
const WARM_UPS = 3;

/**
 * Prepares the files for one codec, direction and image.
 *
 * @param program Path.
 * @param folder Where the files go.
 * @returns Starts it once; `null` when the program has no such codec.
 */
export async function referenceRunner(
  program: string,
  folder: string,
  codec: BenchCodec,
  direction: Direction,
  image: BenchImage,
): Promise<(runs: number) => Promise<ReferenceRun | null>> {
  const streams = streamsOf(codec, image.name);
  const base = `${folder}/${codec.name.replaceAll(/\W+/g, "-")}-${direction}-${image.name}`;
  const input = `${base}.in`, output = `${base}.out`;
  const records = streams.map((stream) => {
    const { frame, bytes, beside } = stream, { width, height, topDown } = frame;
    if (direction === "encode") return { type: codec.typeOf(frame), width, height, topDown, data: rawOf(codec, frame) };
    const named = codec.program === "zlib-glz" || codec.program === "jpeg-alpha";
    return { type: named ? beside : codec.typeOf(frame), width, height, topDown, data: bytes };
  });
  await Deno.writeFile(input, writeRecords(records));
  const decoder = codec.decoder(image);
  decoder.begin();
  const wanted = streams.map((stream) =>
    direction === "encode" ? stream.bytes : rowsOf(decoder.decode(stream).pixels, stream)
  );
  return async (runs) => {
    const args = [codec.program, direction, `${image.windowPixels}`, `${runs + WARM_UPS}`, input, output];
    const { code, stdout, stderr } = await new Deno.Command(program, { args }).output();
    if (code === 2) return null;
    if (code !== 0) {
      throw new Error(`${program} ${args.join(" ")} ended with code ${code}: ${new TextDecoder().decode(stderr)}`);
    }
    const nsPerRun = new TextDecoder().decode(stdout).trim().split("\n").map(Number).slice(WARM_UPS);
    if (nsPerRun.length !== runs || !nsPerRun.every((ns) => ns > 0)) throw new Error(`${program} printed no times`);
    const results = readResults(await Deno.readFile(output), streams.length);
    await Deno.remove(output);
    const same = results.every((result, i) =>
      equal(result, wanted[i]!, direction === "decode" && !streams[i]!.frame.alpha)
    );
    return { nsPerRun, same, bytes: results.reduce((sum, { length }) => sum + length, 0) };
  };
}

function rawOf({ program }: BenchCodec, { type, rows }: BenchFrame): Uint8Array {
  const glz = program.endsWith("glz");
  return toRaw(
    { pixels: rows },
    glz && type === LzType.RGB16 ? "RGB16LE" : glz && type === LzType.RGB24 ? "BGR" : "BGRA",
  );
}

/** Bytes of pixels, rows in stream order. */
function rowsOf(pixels: Uint32Array, { frame: { width, topDown } }: BenchStream): Uint8Array {
  const rows = new Uint32Array(pixels.length);
  for (let at = 0; at < pixels.length; at += width) {
    rows.set(pixels.subarray(at, at + width), topDown ? at : pixels.length - width - at);
  }
  return toRaw({ pixels: rows }, "BGRA");
}

/** @param opaque Each fourth byte means nothing. */
function equal(a: Uint8Array, b: Uint8Array, opaque: boolean): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i] || (opaque && i % 4 === 3));
}
