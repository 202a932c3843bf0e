/** The files of the repository, for checks that read all of them. */

import { fileURLToPath } from "node:url";

/** Absolute path of the repository, without a slash at the end. */
export const repositoryRoot: string = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** Folders that hold what tools fetch or make; never part of the project. */
const NOT_OURS = new Set([".git", ".tools", ".cache", "node_modules", "coverage"]);

/**
 * Every file that git tracks or would track. Where git cannot say (no git, a plain copy), every file outside the
 * folders that tools make.
 *
 * @param root Folder to list.
 * @returns Paths from `root` with `/`, sorted.
 */
export async function repositoryFiles(root: string = repositoryRoot): Promise<string[]> {
  const found = await gitFiles(root) ?? await walk(root, "");
  return found.sort();
}

/**
 * Text of a file, or null where it is not UTF-8 text.
 *
 * @param path Path from `root`.
 * @param root Folder that the path starts at.
 * @returns The whole text.
 */
export async function readText(path: string, root: string = repositoryRoot): Promise<string | null> {
  const bytes = await Deno.readFile(`${root}/${path}`);
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

async function gitFiles(root: string): Promise<string[] | null> {
  try {
    const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    const { success, stdout } = await new Deno.Command("git", { args, cwd: root, stderr: "null" }).output();
    if (!success) return null;
    const names = new TextDecoder().decode(stdout).split("\0").filter((name) => name !== "");
    const present = await Promise.all(names.map((name) => isFile(`${root}/${name}`)));
    return names.filter((_, i) => present[i]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** A tracked file can be deleted and not yet committed; a link can point nowhere. */
async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

async function walk(root: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(`${root}/${folder}`)) {
    if (NOT_OURS.has(entry.name)) continue;
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await walk(root, path));
    else if (entry.isFile) found.push(path);
  }
  return found;
}
