/** The file system of a guest, put together from programs installed on this machine. */

import { type CpioEntry, writeCpio } from "./cpio.ts";
import { mustRunProcess } from "./process.ts";

/** What goes into a guest. */
export interface GuestTree {
  /** Programs and libraries by absolute path; the libraries they need come along. */
  readonly programs: readonly string[];
  /** Files and whole folders by absolute path. */
  readonly data: readonly string[];
  /** Files made for the guest: absolute path → text or bytes. They can be executed. */
  readonly made: Readonly<Record<string, string | Uint8Array>>;
  /** Links: absolute path → target. */
  readonly links: Readonly<Record<string, string>>;
  /** Empty folders by absolute path. */
  readonly folders: readonly string[];
}

/** On Debian these are links, and so they are in the guest. */
const MERGED = ["bin", "sbin", "lib", "lib64"];

/**
 * Pack a guest's file system as an archive that Linux takes as its first one.
 *
 * @param tree What goes in.
 * @returns The cpio archive.
 * @throws {Error} When a program or file is not there.
 */
export async function packGuestTree(tree: GuestTree): Promise<Uint8Array<ArrayBuffer>> {
  const files = new Map<string, CpioEntry>();
  const put = (path: string, mode: number, data: Uint8Array) => {
    const inside = merged(path);
    files.set(inside, { path: inside, mode, data });
  };
  for (const path of [...tree.programs, ...await librariesOf(tree.programs)]) {
    put(path, 0o100755, await Deno.readFile(path));
  }
  for (const path of tree.data) await putAll(path, put);
  for (const [path, content] of Object.entries(tree.made)) {
    put(path, 0o100755, typeof content === "string" ? encode(content) : content);
  }
  for (const [path, target] of Object.entries(tree.links)) put(path, 0o120777, encode(target));

  const folders = new Set(tree.folders.map((path) => path.slice(1)));
  for (const path of [...files.keys(), ...folders]) {
    for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) folders.add(path.slice(0, at));
  }
  return writeCpio([
    ...[...folders].sort().map((path) => ({ path, mode: 0o040755 })),
    ...MERGED.map((name) => ({ path: name, mode: 0o120777, data: encode(`usr/${name}`) })),
    // The kernel's first process has it as standard input and output.
    { path: "dev", mode: 0o040755 },
    { path: "dev/console", mode: 0o020600, device: [5, 1] },
    ...files.values(),
  ]);
}

async function librariesOf(programs: readonly string[]): Promise<Set<string>> {
  // A static program is named on standard error; it needs none.
  const { stdout } = await mustRunProcess("sh", ["-c", 'ldd "$@" || true', "sh", ...programs]);
  if (stdout.includes("not found")) throw new Error(`Cannot find all libraries:\n${stdout}`);
  return new Set([...stdout.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1]!));
}

/** Links are followed, so that the guest has what they lead to. */
async function putAll(path: string, put: (path: string, mode: number, data: Uint8Array) => void): Promise<void> {
  const info = await Deno.stat(path);
  if (!info.isDirectory) return put(path, 0o100000 | (info.mode ?? 0o644) & 0o777, await Deno.readFile(path));
  for await (const { name } of Deno.readDir(path)) await putAll(`${path}/${name}`, put);
}

function merged(path: string): string {
  const inside = path.slice(1);
  return MERGED.includes(inside.split("/")[0]!) ? `usr/${inside}` : inside;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
