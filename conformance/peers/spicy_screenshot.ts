/** spice-gtk's spicy-screenshot: the reference client's first picture. */

import type { Picture } from "./picture.ts";
import { parsePpm } from "./ppm.ts";
import { runProcess } from "./process.ts";
import { makeTempDir } from "./temp_dir.ts";

/** The picture and what it took. */
export interface SpicyScreenshot {
  /** The first display's pixels. */
  readonly picture: Picture;
  /** Wall time in milliseconds, from the start of the program to its end. */
  readonly ms: number;
}

/**
 * Run spicy-screenshot.
 *
 * @param uri `spice://HOST:PORT` or `spice+unix://PATH`.
 * @param options Ticket; time limit, 10000 ms by default.
 * @returns The picture and the time.
 * @throws {Error} With its output, when it wrote no picture.
 */
export async function spicyScreenshot(
  uri: string,
  options: { readonly ticket?: string; readonly timeoutMs?: number } = {},
): Promise<SpicyScreenshot> {
  await using dir = await makeTempDir("spicy");
  const file = `${dir.path}/screen.ppm`;
  const ticket = options.ticket === undefined ? [] : ["--password", options.ticket];
  const result = await runProcess("spicy-screenshot", ["--uri", uri, "--out-file", file, ...ticket], {
    lifeMs: options.timeoutMs ?? 10_000,
  });
  // Its exit code is 0 in some failures: the file alone tells.
  const bytes = await Deno.readFile(file).catch(() => null);
  if (bytes === null) {
    throw new Error(`spicy-screenshot wrote no picture (code ${result.code}):\n${result.stdout}${result.stderr}`);
  }
  return { picture: parsePpm(bytes), ms: result.ms };
}
