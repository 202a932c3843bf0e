/** A Linux kernel for guests: the one Debian has for this machine, fetched once and kept. */

import { cacheDir } from "./cache_dir.ts";
import { mustRunProcess } from "./process.ts";

/** A kernel with its modules, unpacked. */
export interface GuestKernel {
  /** Path of the bootable image. */
  readonly image: string;
  /**
   * The files of some modules and of all that they need, in an order in which they can be loaded.
   *
   * @param names Module names with underscores, as `virtio_gpu`. One that is built into the kernel needs no file.
   * @throws {Error} When the kernel has no such module.
   */
  modules(names: readonly string[]): Promise<string[]>;
}

const CACHE = cacheDir("kernels");

/** The parts of the kernel's package that guests here use; the rest is ten times as large. */
const PARTS = [
  ...["/boot/vmlinuz", "/modules.builtin", "/kernel/lib"],
  ...["gpu/drm", "hid", "usb", "input", "virtio", "char"].map((name) => `/kernel/drivers/${name}`),
];

/**
 * Find the kernel in the cache, or download Debian's package with the apt sources of this machine (70 MB) and unpack
 * the parts that guests use. Nothing is installed.
 *
 * @returns The kernel.
 * @throws {Error} With apt's output, when it cannot be had.
 */
export async function guestKernel(): Promise<GuestKernel> {
  await Deno.mkdir(`${CACHE}/lists/partial`, { recursive: true });
  const dir = await fetchKernel([]).catch(async () => {
    // The machine's package lists are old or not there. Lists of our own need no root.
    const ownLists = ["-o", `Dir::State::lists=${CACHE}/lists`];
    await mustRunProcess("apt-get", ["-qq", ...ownLists, "update"], { lifeMs: 120_000 });
    return await fetchKernel(ownLists);
  });
  const files = (await mustRunProcess("find", [dir, "-type", "f"])).stdout.trim().split("\n");
  const image = files.find((file) => file.includes("/boot/vmlinuz"));
  if (image === undefined) throw new Error(`Cannot find a kernel in ${dir}`);
  return { image, modules: (names) => inOrder(files, names) };
}

/** @returns The folder of the newest kernel in apt's lists. */
async function fetchKernel(aptOptions: readonly string[]): Promise<string> {
  const apt = async (program: string, ...args: string[]) =>
    (await mustRunProcess(program, [...aptOptions, ...args])).stdout;
  const depends = await apt("apt-cache", "depends", "linux-image-amd64");
  const name = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (name === undefined) throw new Error(`Cannot find Debian's kernel package:\n${depends}`);
  const [, version] = /^Version: (.*)$/m.exec(await apt("apt-cache", "show", "--no-all-versions", name)) ?? [];
  const dir = `${CACHE}/${name}_${version}`;
  if (await exists(dir)) return dir;

  // Beside its place first: another process may do the same at the same time.
  const work = await Deno.makeTempDir({ dir: CACHE });
  try {
    await mustRunProcess("apt-get", ["-qq", ...aptOptions, "download", name], { cwd: work, lifeMs: 120_000 });
    await Deno.mkdir(`${work}/tree`);
    const script = 'dpkg-deb --fsys-tarfile ./*.deb | tar -x -C tree --wildcards "$@"';
    const patterns = PARTS.map((part) => `*${part}*`);
    await mustRunProcess("sh", ["-c", script, "sh", ...patterns], { cwd: work, lifeMs: 60_000 });
    await Deno.rename(`${work}/tree`, dir).catch(async (error) => {
      if (!await exists(dir)) throw error;
    });
    return dir;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Modules after those they need. What they need stands in each file; there is no modules.dep before installation. */
async function inOrder(files: readonly string[], names: readonly string[]): Promise<string[]> {
  const paths = new Map(files.filter((file) => file.endsWith(".ko")).map((file) => [moduleName(file), file]));
  const builtinList = files.find((file) => file.endsWith("/modules.builtin"))!;
  const builtin = new Set((await Deno.readTextFile(builtinList)).trim().split("\n").map(moduleName));
  const order = new Set<string>();
  const add = async (name: string): Promise<void> => {
    const path = paths.get(name);
    if (path === undefined && builtin.has(name)) return;
    if (path === undefined) throw new Error(`Cannot find the kernel module ${name}`);
    if (order.has(path)) return;
    const text = new TextDecoder("latin1").decode(await Deno.readFile(path));
    const needs = /\0depends=([^\0]*)\0/.exec(text)?.[1] ?? "";
    for (const need of needs.split(",")) if (need !== "") await add(need.replaceAll("-", "_"));
    order.add(path);
  };
  for (const name of names) await add(name);
  return [...order];
}

function moduleName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.ko$/, "").replaceAll("-", "_");
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
