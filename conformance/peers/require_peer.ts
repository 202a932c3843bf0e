/** Tests that need a real peer: what happens when it is not installed. */

/** A `Deno.test` whose body may use the Debian packages it names. */
export interface PeerTest {
  /** Test name, as for `Deno.test`. */
  readonly name: string;
  /** Debian packages from `_tools/peers.packages`. */
  readonly needs: readonly string[];
  /** The test. */
  readonly fn: (t: Deno.TestContext) => void | Promise<void>;
  /** Time limit in milliseconds, 60000 by default. */
  readonly timeoutMs?: number;
}

/**
 * Register a test that needs real peers. When one is missing, the test fails in CI (`CI=true`), naming the package;
 * elsewhere it is shown as ignored, with the package in its name.
 *
 * @param test Name, packages and body.
 * @param list Package name → proving file; the list that CI installs, unless told.
 * @throws {Error} When a package is not in the list: CI would not install it.
 */
export function peerTest(test: PeerTest, list: ReadonlyMap<string, string> = readPackageList()): void {
  const missing = missingPackages(test.needs, list);
  const { name, fn } = test;
  const timeout = test.timeoutMs ?? 60_000;
  if (missing.length === 0) Deno.test({ name, fn, timeout });
  else if (Deno.env.get("CI") === "true") Deno.test({ name, fn: () => fail(missing) });
  else Deno.test({ name: `${name} (not installed: ${missing.join(" ")})`, ignore: true, fn });
}

/**
 * Which packages are not installed.
 *
 * @param needs Package names.
 * @param list Package name → proving file.
 * @returns Those whose proving file is not there.
 * @throws {Error} When a package is not in the list.
 */
export function missingPackages(needs: readonly string[], list: ReadonlyMap<string, string>): string[] {
  return needs.filter((name) => {
    const proof = list.get(name);
    if (proof === undefined) throw new Error(`Cannot require ${name}: it is not in _tools/peers.packages`);
    return !exists(proof);
  });
}

/**
 * Read the list that CI installs.
 *
 * @returns Package name → the file that proves it is installed.
 */
export function readPackageList(): Map<string, string> {
  const text = Deno.readTextFileSync(new URL("../../_tools/peers.packages", import.meta.url));
  const proofs = new Map<string, string>();
  for (const line of text.split("\n")) {
    const parts = /^([a-z0-9][a-z0-9+.-]*)\s+#\s+(\/\S+)$/.exec(line);
    if (parts) proofs.set(parts[1]!, parts[2]!);
    else if (!/^(#.*)?$/.test(line)) throw new Error(`Cannot read _tools/peers.packages: "${line}"`);
  }
  return proofs;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function fail(missing: readonly string[]): never {
  throw new Error(`A peer is missing: apt-get install ${missing.join(" ")}`);
}
