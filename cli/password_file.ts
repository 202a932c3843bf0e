import { FileError } from "./file_error.ts";

/**
 * Reads a password: the first line of a file.
 *
 * @param file Its path; `-` is the standard input.
 * @param stdin Reads the standard input to its end.
 * @returns The line without its end.
 * @throws {FileError} The file cannot be read, or is no UTF-8.
 */
export async function readPasswordFile(file: string, stdin: () => Promise<Uint8Array>): Promise<string> {
  try {
    const bytes = file === "-" ? await stdin() : await Deno.readFile(file);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).split(/\r?\n/)[0] ?? "";
  } catch (error) {
    throw new FileError(file === "-" ? "the password" : file, "read", error);
  }
}
