/** Packages of the npm registry at one version and one content, fetched when they are first needed. */
import { cacheDir } from "./cache_dir.ts";
import { mustRunProcess } from "./process.ts";

/** A package, as its page on the registry tells. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. Nothing of the package goes into this repository. */
  readonly licence: string;
  /** Hash of its archive, as lock files write it; another content is refused. */
  readonly integrity: string;
}

/**
 * Fetches a package, unless it is there from an earlier time. Its scripts are not run.
 *
 * @param wanted Name, version and hash.
 * @returns The folder with its `package.json`.
 * @throws {Error} When it cannot be fetched, or has another content.
 */
export async function npmPackage(wanted: NpmPackage): Promise<string> {
  const { name, version } = wanted, kept = cacheDir(`npm/${name.replace("/", "+")}@${version}`);
  const folder = `${kept}/node_modules/${name}`;
  if (await isThere(`${folder}/package.json`)) return folder;
  const made = `${kept}.${crypto.randomUUID()}`;
  await Deno.mkdir(made, { recursive: true });
  for (const [file, content] of Object.entries(project(wanted))) {
    await Deno.writeTextFile(`${made}/${file}`, JSON.stringify(content));
  }
  try {
    await mustRunProcess(Deno.execPath(), ["install", "--quiet", "--frozen"], { cwd: made, lifeMs: 60_000 });
    // Two may have fetched it at once.
    await Deno.rename(made, kept).catch((error) => isThere(folder).then((is) => is || Promise.reject(error)));
  } finally {
    await Deno.remove(made, { recursive: true }).catch(() => {});
  }
  return folder;
}

/** The files that make Deno install just that archive. */
function project({ name, version, integrity }: NpmPackage): Record<string, unknown> {
  const specifier = `npm:${name}@${version}`;
  return {
    "package.json": { dependencies: { [name]: version } },
    "deno.json": { nodeModulesDir: "manual" },
    "deno.lock": {
      version: "5",
      specifiers: { [specifier]: version },
      npm: { [`${name}@${version}`]: { integrity } },
      workspace: { packageJson: { dependencies: [specifier] } },
    },
  };
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
