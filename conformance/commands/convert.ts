/** `conformance convert`: a capture as a folder, or as an archive. */
import { ExitCode } from "../../cli/exit_code.ts";
import { FileError } from "../../cli/file_error.ts";
import { isArchive, packFiles, packFolder, readCaptureFiles } from "../capture_files.ts";
import type { Command } from "../../cli/command.ts";

/** See {@link Command}. */
export const convert: Command = {
  name: "convert",
  summary: "Turn the folder of a capture into an archive, or the other way",
  usage: "<in> <out>",
  details: [
    "The same files give the same archive, byte for byte: its files are sorted, without times and owners. A folder must",
    "not be there yet. Other files than those of a capture are left out.",
  ],
  examples: ["convert boot boot.tar.gz", "convert boot.tar.gz boot"],
  options: [],
  takes: [2, 2],
  prepare: ({ positionals }) => async (world) => {
    const [from, to] = [positionals[0]!, positionals[1]!];
    const files = isArchive(from) || !isArchive(to) ? readCaptureFiles(from) : null;
    try {
      if (!isArchive(to)) writeFolder(files!, to);
      else if (files === null) await packFolder(from, to);
      else await packFiles(files, to);
    } catch (error) {
      if (error instanceof RangeError) throw error;
      throw new FileError(to, "write", error);
    }
    await world.out(`wrote ${to}`);
    return ExitCode.DONE;
  },
};

function writeFolder(files: ReadonlyMap<string, Uint8Array>, folder: string): void {
  Deno.mkdirSync(folder);
  for (const [name, bytes] of files) Deno.writeFileSync(`${folder}/${name}`, bytes, { createNew: true });
}
