/** An X display of this machine: programs on it, and the picture that X holds. */

import type { Picture } from "./picture.ts";
import { mustRunProcess, startProcess } from "./process.ts";
import { makeTempDir } from "./temp_dir.ts";
import { type XDesktop, xDesktop } from "./x_desktop.ts";
import { parseXwd } from "./xwd.ts";

/** A display. Disposing ends the programs that were started on it; the X server stays. */
export interface XDisplay extends XDesktop, AsyncDisposable {
  /** Run a program to its end and return what it wrote. Throws when it fails. */
  run(program: string, args: readonly string[]): Promise<string>;
  /** Start a program that stays. */
  start(program: string, args: readonly string[]): Promise<void>;
  /** What X itself holds on its screen, without a pointer that is drawn elsewhere. */
  screendump(): Promise<Picture>;
}

/**
 * Use a display of an X server that runs.
 *
 * @param display As `:3`.
 * @param env Variables for its programs, beside DISPLAY and a UTF-8 locale.
 * @returns The display. Own it with `await using`, after the server.
 */
export async function openXDisplay(display: string, env: Readonly<Record<string, string>> = {}): Promise<XDisplay> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await makeTempDir("x")).path;
  const all = { DISPLAY: display, LC_ALL: "C.UTF-8", ...env };
  const run = async (program: string, args: readonly string[]) =>
    (await mustRunProcess(program, args, { env: all, lifeMs: 10_000 })).stdout;
  const start = (program: string, args: readonly string[], outputPath = "/dev/null") => {
    owned.use(startProcess("sh", ["-c", 'exec "$@" >"$0" 2>&1', outputPath, program, ...args], { env: all }));
    return Promise.resolve();
  };
  const owned = stack.move();
  return {
    ...xDesktop({ folder, run, start, readText: (path) => Deno.readTextFile(path) }),
    run,
    start,
    screendump: async () => {
      const path = `${folder}/${crypto.randomUUID()}.xwd`;
      await run("xwd", ["-root", "-silent", "-out", path]);
      return parseXwd(await Deno.readFile(path));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
