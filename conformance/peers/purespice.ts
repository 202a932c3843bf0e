/** PureSpice, a client library in C that Looking Glass uses: other words than spice-gtk's for the same things. */

import { cacheDir } from "./cache_dir.ts";
import { mustRunProcess } from "./process.ts";

/** Where it comes from. It has no versions; its licence is GPL 2 or later, and nothing of it is kept here. */
const REPOSITORY = "https://github.com/gnif/PureSpice";

/** The commit that recordings are made with. */
export const PURESPICE_COMMIT = "4f0f5b5b9f513eba6b65b8f5e66bc30feb858436";

/**
 * Compile a client on PureSpice, and let it open all channels of a server, do one thing of each kind, and leave. Needs
 * gcc, pkg-config, nettle-dev, libgmp-dev and libspice-protocol-dev; and git, once, to fetch it.
 *
 * @param socketPath Of the server's unix socket.
 * @param ticket The password.
 * @throws {Error} With its output when it is not let in, or the session ends before it leaves.
 */
export async function runPureSpice(socketPath: string, ticket: string): Promise<void> {
  await mustRunProcess(await compile(await fetchSource()), [socketPath, ticket]);
}

/** @returns The folder of its source. */
async function fetchSource(): Promise<string> {
  const dir = cacheDir(`purespice/${PURESPICE_COMMIT}`);
  if (await exists(dir)) return dir;
  await Deno.mkdir(cacheDir("purespice"), { recursive: true });
  const work = await Deno.makeTempDir({ dir: cacheDir("purespice") });
  await mustRunProcess("git", ["clone", "--quiet", REPOSITORY, work], { lifeMs: 120_000 });
  await mustRunProcess("git", ["-C", work, "checkout", "--quiet", PURESPICE_COMMIT]);
  await Deno.rename(work, dir);
  return dir;
}

/** @returns The path of the program. */
async function compile(source: string): Promise<string> {
  const client = new URL("./purespice/client.c", import.meta.url).pathname;
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(client));
  const program = `${source}-${new Uint8Array(digest).toHex().slice(0, 16)}`;
  if (await exists(program)) return program;
  const packages = ["spice-protocol", "nettle", "hogweed"];
  const flags = (await mustRunProcess("pkg-config", ["--cflags", "--libs", ...packages])).stdout.trim().split(/\s+/);
  const files = [...Deno.readDirSync(`${source}/src`)].map(({ name }) => name).filter((name) => name.endsWith(".c"));
  await mustRunProcess("gcc", [
    ...["-std=gnu11", "-O1", "-DUSE_NETTLE", `-I${source}/include`, `-I${source}/src`, "-o", program, client],
    ...files.sort().map((name) => `${source}/src/${name}`),
    ...[...flags, "-lgmp", "-lm", "-pthread"],
  ]);
  return program;
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
