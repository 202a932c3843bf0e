/** Where to connect, from the word on the command line. */
import { FileError } from "../../cli/file_error.ts";
import { UsageError } from "../../cli/usage_error.ts";
import type { SpiceTarget } from "../../protocol/target.ts";
import { formatUri, parseUri } from "../../protocol/uri.ts";
import { parseVv } from "../../protocol/vv.ts";

/** What a target looks like, for help and errors. */
export const TARGET_FORMS = "spice://HOST:PORT, spice+unix:///PATH, or a file that ends in .vv";

/**
 * Reads a target.
 *
 * @param word A URI, or the path of a `.vv` file. A file that says `delete-this-file=1` is deleted once it is read, as
 * remote-viewer does: its ticket is for one use.
 * @returns The target.
 * @throws {UsageError} It is neither. What was said is not repeated: a password may be in it.
 * @throws {TargetError} The URI does not parse.
 * @throws {FileError} The file cannot be read, or is no `.vv` file for SPICE.
 */
export async function readTarget(word: string): Promise<SpiceTarget> {
  if (/^[a-z][a-z+.-]*:\/\//i.test(word)) return parseUri(word);
  if (word.endsWith(".vv")) {
    try {
      const { target, deleteThisFile } = parseVv(await Deno.readFile(word));
      if (deleteThisFile) await Deno.remove(word);
      return target;
    } catch (error) {
      throw new FileError(word, "read", error);
    }
  }
  const place = /^[\w.-]+:\d{1,5}$/.test(word) ? ` (did you mean spice://${word}?)` : "";
  throw new UsageError(`the target is no SPICE URI and no .vv file: want ${TARGET_FORMS}${place}`);
}

/** @returns The target for people: host and port, or path. No password is in it. */
export function showTarget(target: SpiceTarget): string {
  if (target.unixPath !== undefined) return target.unixPath;
  return formatUri(target).replace(/^spice(\+tls)?:\/\/([^@/]*@)?/, "");
}
