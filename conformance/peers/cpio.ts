/** Writing cpio archives, which Linux unpacks into memory as its first file system. */

/** One entry of an archive. */
export interface CpioEntry {
  /** Path without a slash at the front. Its folder must come before it. */
  readonly path: string;
  /** Type and permissions, as in stat: 0o100755 a program, 0o040755 a folder, 0o120777 a link, 0o020600 a device. */
  readonly mode: number;
  /** The bytes of a file, or the target of a link. */
  readonly data?: Uint8Array;
  /** Major and minor number of a device. */
  readonly device?: readonly [number, number];
}

/**
 * Write an archive in the format `newc`, without compression.
 *
 * @param entries Its entries, folders before what is in them.
 * @returns The archive.
 *
 * Source: Linux Documentation/driver-api/early-userspace/buffer-format.rst.
 */
export function writeCpio(entries: readonly CpioEntry[]): Uint8Array<ArrayBuffer> {
  const all = [...entries, { path: "TRAILER!!!", mode: 0 }];
  const names = all.map(({ path }) => new TextEncoder().encode(`${path}\0`));
  const sizes = all.map((entry, i) => padded(HEADER_BYTES + names[i]!.length) + padded(entry.data?.length ?? 0));
  const archive = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  all.forEach((entry, i) => {
    const name = names[i]!;
    archive.set(new TextEncoder().encode(header(entry, i + 1, name.length)), at);
    archive.set(name, at + HEADER_BYTES);
    if (entry.data !== undefined) archive.set(entry.data, at + padded(HEADER_BYTES + name.length));
    at += sizes[i]!;
  });
  return archive;
}

/** Magic and 13 numbers of 8 hexadecimal digits. */
const HEADER_BYTES = 6 + 13 * 8;

function header(entry: CpioEntry, inode: number, nameBytes: number): string {
  const [major, minor] = entry.device ?? [0, 0];
  const links = 1, owner = 0, group = 0, time = 0, deviceMajor = 0, deviceMinor = 0, sum = 0;
  const bytes = entry.data?.length ?? 0;
  const fields = [inode, entry.mode, owner, group, links, time, bytes];
  return "070701" + [...fields, deviceMajor, deviceMinor, major, minor, nameBytes, sum]
    .map((value) => value.toString(16).padStart(8, "0")).join("");
}

/** Header with name, and data, are padded to 4 bytes each. */
function padded(bytes: number): number {
  return bytes + 3 & ~3;
}
