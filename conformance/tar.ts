/** Reads and writes tar archives: as much of the format as our vectors need. */

/**
 * Reads the regular files of a tar archive.
 *
 *   512-byte header: name at 0 (100 bytes), size at 124 (12 bytes, octal), type at 156, prefix at 345 (155 bytes);
 *   then the contents, padded to 512. Two blocks of zeros end the archive.
 *
 * Source: POSIX.1-2017, pax, ustar Interchange Format.
 *
 * @param archive The archive, not compressed.
 * @returns File name to contents, which are views into `archive`.
 * @throws {RangeError} The archive is cut off, or a size is no number.
 */
export function readTar(archive: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const size = parseInt(fieldOf(header, 124, 12), 8);
    const start = at + BLOCK;
    if (!(size >= 0 && start + size <= archive.length)) {
      throw new RangeError(`Cannot read tar at byte ${at}: the file is cut off`);
    }
    const type = header[156]!;
    if (type === 0 || type === 0x30) {
      const prefix = fieldOf(header, 345, 155), name = fieldOf(header, 0, 100);
      files.set(prefix === "" ? name : `${prefix}/${name}`, archive.subarray(start, start + size));
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

/** A file to be archived. */
export interface TarFile {
  /** At most 100 bytes of ASCII. */
  readonly name: string;
  /** Bytes that {@link open} gives, exactly. */
  readonly size: number;
  /** Its contents, in pieces. */
  open(): AsyncIterable<Uint8Array<ArrayBufferLike>> | Iterable<Uint8Array<ArrayBufferLike>>;
}

/**
 * Writes a tar archive, a piece at a time. Owners and times are 0, so that the same files give the same bytes.
 *
 * @param files In their order.
 * @throws {RangeError} A name is too long, or a file has another size than it said.
 */
export async function* tarChunks(files: Iterable<TarFile>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (const { name, size, open } of files) {
    yield headerOf(name, size);
    let written = 0;
    for await (const piece of open()) {
      written += piece.length;
      yield Uint8Array.from(piece);
    }
    if (written !== size) throw new RangeError(`Cannot write tar: ${name} has ${written} bytes, said ${size}`);
    yield new Uint8Array((BLOCK - size % BLOCK) % BLOCK);
  }
  yield new Uint8Array(2 * BLOCK);
}

const BLOCK = 512;

function headerOf(name: string, size: number): Uint8Array<ArrayBuffer> {
  if (!/^[\x21-\x7e]{1,100}$/.test(name)) throw new RangeError(`Cannot write tar: "${name}" is no name`);
  const header = new Uint8Array(BLOCK), text = new TextEncoder();
  const put = (at: number, value: string) => header.set(text.encode(value), at);
  const octal = (at: number, digits: number, value: number) => put(at, value.toString(8).padStart(digits, "0"));
  put(0, name);
  octal(100, 7, 0o644);
  octal(108, 7, 0);
  octal(116, 7, 0);
  octal(124, 11, size);
  octal(136, 11, 0);
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\x0000");
  octal(148, 6, header.reduce((sum, byte) => sum + byte, 0));
  header[154] = 0;
  return header;
}

/** A text field ends at its first NUL or space. */
function fieldOf(header: Uint8Array, at: number, length: number): string {
  return new TextDecoder().decode(header.subarray(at, at + length)).replace(/[\0 ].*$/s, "");
}
