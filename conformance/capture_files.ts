/** The files of a capture: in a folder, or in a `.tar.gz`. */
import { gunzipSync } from "node:zlib";
import { CaptureError } from "./capture_error.ts";
import { readTar, tarChunks } from "./tar.ts";

/** Most bytes that an archive may unpack to. */
const MOST_BYTES = 1024 ** 3;

/** What a file of a capture is called: the connection's number, and what is in it. */
const NAME = /^(\d{2,6})\.(?:c2s|s2c|idx|alt)$/;

/** @returns Whether a path is that of an archive; else it is a folder. */
export function isArchive(path: string): boolean {
  return path.endsWith(".tar.gz");
}

/** @returns The name of a capture: its path without folders and ending. */
export function captureName(path: string): string {
  return path.replace(/\/+$/, "").replace(/^.*\//, "").replace(/\.tar\.gz$/, "");
}

/**
 * Reads the files of a capture. Files of other names are left out.
 *
 * @param path A `.tar.gz`, or a folder.
 * @returns Contents by name, sorted by name.
 * @throws {CaptureError} `unreadable`, `missing-file`.
 */
export function readCaptureFiles(path: string): Map<string, Uint8Array> {
  const all = readAll(path);
  const files = [...all].map(([name, bytes]): [string, Uint8Array] => [name.replace(/^\.\//, ""), bytes])
    .filter(([name]) => NAME.test(name)).sort(([a], [b]) => a < b ? -1 : 1);
  if (files.length === 0) throw new CaptureError("missing-file", `no NN.c2s, NN.s2c and NN.idx in ${path}`);
  return new Map(files);
}

/** @returns The connections that the files tell of, as `00`, sorted. */
export function connectionNames(files: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...files.keys()].map((name) => NAME.exec(name)![1]!))].sort((a, b) => Number(a) - Number(b));
}

/**
 * Packs the files of a capture in a folder, without holding more than a piece of one.
 *
 * @param folder Where they are.
 * @param archive The `.tar.gz` to write. The same files give the same bytes.
 * @throws {CaptureError} `unreadable`, `missing-file`.
 */
export async function packFolder(folder: string, archive: string): Promise<void> {
  const names = namesIn(folder);
  if (names.length === 0) throw new CaptureError("missing-file", `no NN.c2s, NN.s2c and NN.idx in ${folder}`);
  const files = names.map((name) => ({
    name,
    size: Deno.statSync(`${folder}/${name}`).size,
    open: () => Deno.openSync(`${folder}/${name}`).readable,
  }));
  await writeArchive(archive, tarChunks(files));
}

/** Packs files that are in memory; see {@link packFolder}. */
export async function packFiles(files: ReadonlyMap<string, Uint8Array>, archive: string): Promise<void> {
  const sorted = [...files].sort(([a], [b]) => a < b ? -1 : 1);
  await writeArchive(
    archive,
    tarChunks(sorted.map(([name, bytes]) => ({ name, size: bytes.length, open: () => [bytes] }))),
  );
}

async function writeArchive(archive: string, chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<void> {
  const file = await Deno.open(archive, { write: true, create: true, truncate: true });
  await ReadableStream.from(evenly(chunks)).pipeThrough(new CompressionStream("gzip")).pipeTo(file.writable);
}

/** Cuts pieces of one size: what a compressor makes of bytes depends on how they come. */
async function* evenly(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(PIECE_BYTES), used = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + PIECE_BYTES - used);
      piece.set(part, used);
      at += part.length;
      used += part.length;
      if (used < PIECE_BYTES) continue;
      yield piece;
      piece = new Uint8Array(PIECE_BYTES);
      used = 0;
    }
  }
  yield piece.subarray(0, used);
}

const PIECE_BYTES = 64 * 1024;

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].filter(({ isFile, name }) => isFile && NAME.test(name)).map(({ name }) => name)
      .sort();
  } catch (error) {
    throw unreadable(folder, error);
  }
}

function readAll(path: string): Map<string, Uint8Array> {
  try {
    if (!isArchive(path)) return new Map(namesIn(path).map((name) => [name, Deno.readFileSync(`${path}/${name}`)]));
    return readTar(Uint8Array.from(gunzipSync(Deno.readFileSync(path), { maxOutputLength: MOST_BYTES })));
  } catch (error) {
    throw error instanceof CaptureError ? error : unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): CaptureError {
  if (error instanceof Deno.errors.NotFound) {
    return new CaptureError("unreadable", `${path}: no such file or folder`, error);
  }
  const why = error instanceof Error ? error.message.replace(/^Cannot [^:]*: /, "") : String(error);
  return new CaptureError("unreadable", `${path}: ${why}`, error);
}
