/** From connecting to a finished 1080p picture: our client beside spice-gtk's, on the same QEMU, taking turns. */
import { makeGrubIso } from "../conformance/peers/grub_iso.ts";
import { type Picture, pictureDifference } from "../conformance/peers/picture.ts";
import { parsePpm } from "../conformance/peers/ppm.ts";
import { mustRunProcess } from "../conformance/peers/process.ts";
import { startQemu } from "../conformance/peers/qemu.ts";
import { makeTempDir } from "../conformance/peers/temp_dir.ts";
import { decodePng } from "../cli/png.ts";
import { channels, connect, type ConnectOptions, type Picture as LibraryPicture } from "../mod.ts";
import { childCpuMs } from "./child_cpu.ts";
import { summarize, type Summary } from "./summarize.ts";

/** One line of the table. */
export interface PictureResult {
  /** The server's `image-compression`. */
  readonly compression: string;
  readonly client: string;
  /** Milliseconds, wall clock. */
  readonly ms: Summary;
  /** Milliseconds of CPU time of the client's process, the mean; `null` when it has no process of its own. */
  readonly cpuMs: number | null;
}

const WIDTH = 1920, HEIGHT = 1080;

/** What the server uses; the last is its default. No client asks for another. */
const COMPRESSIONS = ["off", "lz", "auto_glz"];

/** A way to get a picture. */
interface Contestant {
  readonly client: string;
  readonly ownProcess: boolean;
  /** @returns Milliseconds, and the picture for checking; what reads it back is not measured. */
  take(): Promise<{ readonly ms: number; readonly picture: Picture }>;
}

/**
 * Measures every client on every compression.
 *
 * @param runs Pictures for each, at least 1; before them one that does not count.
 * @param progress Told before each server.
 * @throws {Error} A client's picture is not the machine's.
 */
export async function benchPicture(runs: number, progress: (text: string) => void): Promise<PictureResult[]> {
  await using iso = await makeGrubIso({ width: WIDTH, height: HEIGHT });
  await using dir = await makeTempDir("bench");
  const results: PictureResult[] = [];
  for (const server of COMPRESSIONS) {
    progress(`picture: image-compression=${server}`);
    await using qemu = await startQemu({
      vga: "qxl",
      boot: { kind: "iso", path: iso.path, readyText: iso.readyText },
      spice: `image-compression=${server}`,
    });
    const expected = await qemu.stopStill();
    if (expected.width !== WIDTH || expected.height !== HEIGHT) throw new Error("The machine is not in 1080p");
    results.push(...await compete(server, contestants(qemu.uri, dir.path), expected, runs));
  }
  return results;
}

/** @returns A table in Markdown; the ratio is to spicy-screenshot under the same compression. */
export function pictureTable(results: readonly PictureResult[]): string {
  const rows = results.map(({ compression, client, ms, cpuMs }) => {
    const peer = results.find((one) => one.compression === compression && one.client === SPICY)!;
    const cells = [
      `\`${compression}\``,
      client,
      ms.median.toFixed(0),
      ms.best.toFixed(0),
      (ms.median / peer.ms.median).toFixed(2),
      cpuMs === null ? "" : cpuMs.toFixed(0),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "| Server's compression | Client | ms, median | ms, best | Ratio | CPU ms, mean |",
    "| --- | --- | ---: | ---: | ---: | ---: |",
    ...rows,
  ].join("\n");
}

const SPICY = "spicy-screenshot, a process";

async function compete(
  compression: string,
  all: readonly Contestant[],
  expected: Picture,
  runs: number,
): Promise<PictureResult[]> {
  const found = all.map((contestant) => ({ ...contestant, ms: [] as number[], cpuMs: 0 }));
  for (let run = 0; run <= runs; run++) {
    for (const one of run % 2 === 0 ? found : found.toReversed()) {
      const cpuBefore = await childCpuMs();
      const { ms, picture } = await one.take();
      const cpuMs = await childCpuMs() - cpuBefore;
      const difference = pictureDifference(picture, expected);
      if (difference !== null) throw new Error(`${one.client}: ${difference}`);
      // The first fills caches of the disk and compiles code.
      if (run === 0) continue;
      one.ms.push(ms);
      one.cpuMs += cpuMs;
    }
  }
  return found.map(({ client, ownProcess, ms, cpuMs }) => {
    return { compression, client, ms: summarize(ms), cpuMs: ownProcess ? cpuMs / runs : null };
  });
}

function contestants(uri: string, dir: string): Contestant[] {
  const process = (
    client: string,
    command: string,
    args: readonly string[],
    file: string,
    parse: (bytes: Uint8Array) => Picture,
  ): Contestant => ({
    client,
    ownProcess: true,
    take: async () => {
      const { ms } = await mustRunProcess(command, args);
      const picture = parse(await Deno.readFile(file));
      await Deno.remove(file);
      return { ms, picture };
    },
  });
  const here = (client: string, options: ConnectOptions): Contestant => ({
    client,
    ownProcess: false,
    take: async () => {
      const start = performance.now();
      await using session = await connect(uri, options);
      const picture = await session.screen.screenshot({ quietMs: 0 });
      return { ms: performance.now() - start, picture: withoutAlpha(picture) };
    },
  });
  // The permissions of `deno task client`, without the time that `deno task` takes to read the tasks.
  const client = ["run", "--no-prompt", "--allow-net", "--allow-read", "--allow-write", "--allow-env=SPICE_PASSWORD"];
  client.push(new URL("../client/main.ts", import.meta.url).pathname);
  const options = ["--quiet-ms", "0"];
  const [ppm, png] = [`${dir}/picture.ppm`, `${dir}/picture.png`];
  const cli = (file: string) => [...client, "screenshot", uri, file, ...options];
  return [
    process(SPICY, "spicy-screenshot", ["--uri", uri, "--out-file", ppm], ppm, parsePpm),
    process("`client screenshot` to PPM, a process", Deno.execPath(), cli(ppm), ppm, parsePpm),
    process("`client screenshot` to PNG, a process", Deno.execPath(), cli(png), png, decodePng),
    here("`connect()` and `screenshot()`, all channels", {}),
    here("`connect()` and `screenshot()`, display alone", { channelTypes: [channels.display.type] }),
  ];
}

/** Our library's picture as the instruments have theirs. */
function withoutAlpha({ width, height, rgba }: LibraryPicture): Picture {
  const pixels = new Uint32Array(width * height);
  for (let i = 0, at = 0; i < pixels.length; i++, at += 4) {
    pixels[i] = rgba[at]! << 16 | rgba[at + 1]! << 8 | rgba[at + 2]!;
  }
  return { width, height, pixels };
}
