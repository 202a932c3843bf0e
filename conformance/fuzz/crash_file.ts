/** Crashes as files: an input that broke an oracle once is tried for ever. */
import type { Crash } from "./campaign.ts";

/** Folder of the crash files. */
export const CRASHES: URL = new URL("../crashes/", import.meta.url);

/** Crashes with the same target and reason that are kept. */
const MOST_ALIKE = 3;

/**
 * Writes a crash, unless enough of its kind are there.
 *
 * @returns The file's name, or `null`.
 */
export function writeCrash({ target, seed, index, reason, input }: Crash): string | null {
  Deno.mkdirSync(CRASHES, { recursive: true });
  const kind = reason.replace(/\d+/g, "#");
  const alike = readCrashes().filter((one) => one.target === target && one.reason.replace(/\d+/g, "#") === kind);
  if (alike.length >= MOST_ALIKE) return null;
  const name = `${target}-${seed}-${index}.json`;
  const file = { target, seed, index, reason, input: input.toBase64() };
  Deno.writeTextFileSync(new URL(name, CRASHES), JSON.stringify(file, null, 2) + "\n");
  return name;
}

/** @returns All crashes that are kept, with their file names. */
export function readCrashes(): (Crash & { readonly name: string })[] {
  return [...Deno.readDirSync(CRASHES)].map(({ name }) => name).filter((name) => name.endsWith(".json")).sort()
    .map((name) => {
      const { target, seed, index, reason, input } = JSON.parse(Deno.readTextFileSync(new URL(name, CRASHES)));
      return { name, target, seed, index, reason, input: Uint8Array.fromBase64(input) };
    });
}
