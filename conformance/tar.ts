/** Reads tar archives: as much of the format as our vectors need. */

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
    if (!(start + size <= archive.length)) throw new RangeError(`Cannot read tar at byte ${at}: the file is cut off`);
    const type = header[156]!;
    if (type === 0 || type === 0x30) {
      const prefix = fieldOf(header, 345, 155), name = fieldOf(header, 0, 100);
      files.set(prefix === "" ? name : `${prefix}/${name}`, archive.subarray(start, start + size));
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

const BLOCK = 512;

/** A text field ends at its first NUL or space. */
function fieldOf(header: Uint8Array, at: number, length: number): string {
  return new TextDecoder().decode(header.subarray(at, at + length)).replace(/[\0 ].*$/s, "");
}
